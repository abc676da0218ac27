// A line of the table, and the kinds of it.
import type { Timed } from "./timing.ts";
import type { World } from "./worlds.ts";

/** One line of the table. */
export interface Line {
  work: string;
  /** ms, or a text where it is not a time. */
  ours: number | string;
  peer: string;
  theirs: number | string;
  /** Ours by theirs. */
  ratio: number | null;
  asked: string;
  met: boolean | null;
}

export const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

export function atMost(work: string, ours: number, peer: string, theirs: number, limit: number): Line {
  const ratio = ours / theirs;
  return { work, ours, peer, theirs, ratio, asked: `≤ ${Number(limit.toFixed(2))} ×`, met: ratio <= limit };
}

/** Ours has to be at most one `limit`th of theirs. */
export function fractions(work: string, ours: number, peer: string, theirs: number, limit: number | null): Line[] {
  const ratio = ours / theirs;
  const asked = limit === null ? "" : `≤ 1/${limit}`;
  return [{ work, ours, peer, theirs, ratio, asked, met: limit === null ? null : ratio <= 1 / limit }];
}

export const atMostBytes = (work: string, peak: number, limit: number): Line => ({
  work,
  ours: mib(peak),
  peer: "",
  theirs: "",
  ratio: null,
  asked: `≤ ${limit} MiB`,
  met: peak <= limit * 2 ** 20,
});
export const told = (work: string, ours: number | string): Line => ({
  work,
  ours,
  peer: "",
  theirs: "",
  ratio: null,
  asked: "",
  met: null,
});
export const missing = (work: string, peer: string): Line => ({ ...told(work, ""), peer: `${peer}: not installed` });

/** A command of ours as it is timed. */
export const ours_ = (w: World, ...words: string[]): Timed => ({ argv: w.rollback(...words) });
