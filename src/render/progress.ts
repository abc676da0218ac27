// What is shown of long work, and when. Pure: whoever asks says what time it is.
import type { Progress } from "../model.ts";
import { printable, span } from "../text.ts";
import { byteRange, bytes } from "./words.ts";

/** Who reads it: a person, whose line is drawn over itself; a log, which gets a line now and then; nobody. */
export type Watcher = "person" | "log" | "nobody";

const FIRST_AFTER_MS = { person: 1000, log: 30_000 };
const EVERY_MS = { person: 100, log: 30_000 };
/** A rate of less than this is a guess. */
const MEASURED_MS = 300;

/** One sort of work: how far it is, and what is known of its rate. */
interface Phase {
  done: number;
  total: number;
  /** The time that was spent on it, and the bytes that went by meanwhile. */
  ms: number;
  bytes: number;
}

/** Hears of progress, with times in ms of one clock; gives the line to show, null where none is due. */
export function pace(beganMs: number): (notice: Progress, nowMs: number, watcher: Watcher) => string | null {
  const phases = new Map<string, Phase>();
  let shownMs: number | null = null;
  let shownWhat = "";
  let heard: { what: string; atMs: number } | null = null;
  return (notice, nowMs, watcher) => {
    const { what, bytes: counted } = notice;
    if (counted !== undefined) {
      const known = phases.get(what) ?? { done: counted.done, total: counted.total, ms: 0, bytes: 0 };
      // What came between belongs to other work.
      const isSame = heard?.what === what && counted.done >= known.done;
      const ms = known.ms + (isSame ? nowMs - (heard?.atMs ?? nowMs) : 0);
      phases.set(what, { ...counted, ms, bytes: known.bytes + (isSame ? counted.done - known.done : 0) });
    }
    heard = { what, atMs: nowMs };
    if (watcher === "nobody" || nowMs - beganMs < FIRST_AFTER_MS[watcher]) return null;
    const isNew = watcher === "person" && what !== shownWhat;
    if (shownMs !== null && !isNew && nowMs - shownMs < EVERY_MS[watcher]) return null;
    shownMs = nowMs;
    shownWhat = what;
    return lineOf(notice, phases);
  };
}

/** `Sealing 15 of 33 · 1.2 of 2.6 GiB · 88 MiB/s · 16s left · 20261120_164031` */
function lineOf({ what, done, total, bytes: counted, name }: Progress, phases: ReadonlyMap<string, Phase>): string {
  const parts = [total > 1 ? `${what} ${Math.min(done + 1, total)} of ${total}` : what];
  if (counted !== undefined && counted.total > 0) {
    const rate = rateOf(phases.get(what));
    parts.push(byteRange(counted.done, counted.total));
    if (rate !== null) parts.push(`${rateText(rate)}/s`, `${span(Math.ceil(secondsLeft(phases)))} left`);
  }
  if (name !== undefined && name !== "") parts.push(printable(name));
  return parts.join(" · ");
}

/** Of a rate nobody reads the tenths: `88 MiB`, and `8.2 MiB`. */
const rateText = (rate: number): string => bytes(Math.round(rate)).replace(/^(\d{2,})\.\d/, "$1");

/** Bytes a second; null where it was not watched for long enough. */
const rateOf = (phase: Phase | undefined): number | null =>
  phase === undefined || phase.ms < MEASURED_MS || phase.bytes === 0 ? null : (phase.bytes * 1000) / phase.ms;

/** Where work of several sorts goes round, all of it is left. */
function secondsLeft(phases: ReadonlyMap<string, Phase>): number {
  let seconds = 0;
  for (const phase of phases.values()) {
    const rate = rateOf(phase);
    if (rate !== null) seconds += (phase.total - phase.done) / rate;
  }
  return seconds;
}
