// REF → one snapshot: an id, a unique beginning of one, a local date or time, latest, latest~N, latest:CATEGORY, a snapshot's folder, or
// an archive.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute, nameOf } from "../paths.ts";
import { ifReadable, lookThrough } from "../system/files.ts";
import { age } from "../text.ts";
import { ageSeconds } from "./facts.ts";
import { AUTO_BACKUP, MANIFEST_NAME } from "./manifest.ts";
import { type Entry, type Form, listSnapshots } from "./store.ts";

/** A snapshot that a REF named. One elsewhere on the disk has its own name for an id, whatever that is. */
export interface Located {
  id: string;
  at: AbsPath;
  forms: Form[];
}

/** What a REF may have to know of a snapshot; ms since the epoch, UTC, and undefined where only its id tells. */
export interface About {
  category: string;
  createdAtMs?: number | undefined;
}
/** Null where it can't be told: a sealed or a damaged one. */
export type Tell = (entry: Entry) => Promise<About | null>;

const LATEST = /^latest(?:~(\d+)|:(.+))?$/s;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const ID_OR_BEGINNING = /^\d[\d_]*$/;

/** Whether a word is a REF by its form alone, so that it never names a file or a place. */
export const isRefWord = (word: string): boolean =>
  /^latest([~:].*)?$/s.test(word) || DATE.test(word) || ID_OR_BEGINNING.test(word);

/**
 * Finds the one snapshot of a store. A date, `latest` and `latest~N` never mean an auto-backup, and no form but an id means one that is
 * dated ahead of the clock. Throws `not-found`, or `usage` where a beginning fits several or a date is none.
 */
export async function findSnapshot(ref: string, store: AbsPath, tell: Tell): Promise<Located> {
  const all = listSnapshots(store);
  const inTime = all.filter(({ ahead }) => !ahead);
  const latest = LATEST.exec(ref);
  const until = latest === null ? endOf(ref) : null;
  if (latest !== null || until !== null) {
    if (inTime.length === 0) throw all[0] === undefined ? fail.noSnapshots(store) : fail.allAhead(all[0].id);
    const category = latest?.[2];
    if (category !== undefined) {
      for (const entry of inTime) if ((await tell(entry))?.category === category) return entry;
    } else {
      const wanted = await meant(inTime, Number(latest?.[1] ?? 0), until, tell);
      if (wanted !== null) return wanted;
    }
    throw fail.noSuchSnapshot(ref, await aged(inTime[0], tell));
  }
  if (ID_OR_BEGINNING.test(ref)) {
    const matching = all.filter(({ id }) => id.startsWith(ref));
    const [only] = matching;
    if (matching.length === 1 && only !== undefined) return only;
    if (matching.length > 1)
      throw fail.ambiguousSnapshot(
        ref,
        matching.map(({ id }) => id),
      );
  }
  throw fail.noSuchSnapshot(ref, await aged(inTime[0], tell));
}

/** A snapshot and how old it is, for people. */
async function aged(entry: Entry | undefined, tell: Tell): Promise<{ id: string; age: string | null } | undefined> {
  if (entry === undefined) return undefined;
  const createdAtMs = (await tell(entry))?.createdAtMs;
  return { id: entry.id, age: createdAtMs === undefined ? null : age(ageSeconds(createdAtMs, Date.now())) };
}

/** The one after `skip` others, newest first, that is not an auto-backup and was not made after `until`. */
async function meant(entries: Entry[], skip: number, until: number | null, tell: Tell): Promise<Entry | null> {
  let left = skip;
  for (const entry of entries) {
    const about = await tell(entry);
    if (about?.category === AUTO_BACKUP) continue;
    if (until !== null && (about?.createdAtMs ?? idMs(entry.id)) > until) continue;
    if (left === 0) return entry;
    left--;
  }
  return null;
}

/** The last millisecond of the day, minute or second that a date names, in this zone; null where it has another form. */
function endOf(ref: string): number | null {
  const [, year, month, day, hour, minute, second] = DATE.exec(ref) ?? [];
  if (year === undefined) return null;
  const from = new Date(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0));
  const isDay = from.getMonth() === Number(month) - 1 && from.getDate() === Number(day);
  const isTime = Number(hour ?? 0) < 24 && Number(minute ?? 0) < 60 && Number(second ?? 0) < 60;
  if (!isDay || !isTime) throw fail.badValue("REF", ref, "a day or time that there is, such as 2026-11-20T14:30");
  if (hour === undefined) return new Date(Number(year), Number(month) - 1, Number(day) + 1).getTime() - 1;
  return from.getTime() + (second === undefined ? 60_000 : 1000 * (Number(second) + 1)) - 1;
}

/** When a snapshot was made as its id tells, read in this zone. */
function idMs(id: string): number {
  const part = (from: number, to: number) => Number(id.slice(from, to));
  return new Date(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(11, 13), part(13, 15)).getTime();
}

/** The snapshot's folder or the archive that a REF names by its path, wherever that is; null where nothing of the kind is there. */
export function standingAt(ref: string, cwd: AbsPath): Located | null {
  if (ref === "" || /^latest/.test(ref) || DATE.test(ref) || /^\d{8}_\d{6}$/.test(ref)) return null;
  const at = absolute(ref, cwd);
  const isFile = (path: string) => ifReadable(() => lookThrough(path)?.isFile()) === true;
  if (isFile(`${at}/${MANIFEST_NAME}`)) return { id: nameOf(at), at, forms: ["folder"] };
  const form = formByName(at);
  if (form === null || !isFile(at)) return null;
  return { id: nameOf(at).slice(0, -form.length - 1), at, forms: [form] };
}

function formByName(path: string): Form | null {
  if (path.endsWith(".zip.age")) return "zip.age";
  return path.endsWith(".zip") ? "zip" : null;
}
