// Snapshot ids: one form, unique, in the order of creation. Calendar arithmetic without a zone; pure.
import type { SnapshotId } from "../model.ts";

const FORM = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;
const HOUR_MS = 3_600_000;
/** Zones run from 12 hours behind UTC to 14 ahead: whoever travels finds ids of his own at most so far ahead of the clock. */
const ZONES_APART_MS = 26 * HOUR_MS;
/** How far ids may get by making way for each other: one that is made within the second of another takes the next. */
const DODGED_MS = 5 * 60_000;
/** How far the zone ahead of all others is from UTC. */
const EASTMOST_MS = 14 * HOUR_MS;

/** Every id, and days that a month may lack: the 29th to the 31st. */
const LIKELY = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])_(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/;

/** True for YYYYMMDD_HHMMSS of a day and time that there are. Asked for every name of a store, so for most of them without a Date. */
export const isSnapshotId = (text: string): text is SnapshotId =>
  LIKELY.test(text) && (text.slice(6, 8) <= "28" || toId(toMs(text)) === text);

/** False where no id can lie ahead, whatever the zone: it saves asking for the local time. `utcMs` is now, in ms since the epoch. */
export const mayLieAhead = (id: string, utcMs: number): boolean => toMs(id) - utcMs > EASTMOST_MS;

/**
 * How many of a store's ids, given newest first, lie ahead of the local time `now`, an id too, further than any journey explains: a
 * clock was wrong when they were made.
 */
export function countAhead(newestFirst: readonly string[], now: string): number {
  const clock = toMs(now);
  const first = newestFirst.findIndex((id) => id <= now || toMs(id) - clock <= ZONES_APART_MS + DODGED_MS);
  return first < 0 ? newestFirst.length : first;
}

/**
 * The id for a snapshot made at local time `now`: that very second, or the second after the newest where that is not earlier. So ids
 * ascend in the order of creation, whatever zone their maker was in. Those that lie ahead do not count.
 */
export function nextId(now: string, newestFirst: readonly string[]): SnapshotId {
  const newest = newestFirst[countAhead(newestFirst, now)] ?? "";
  return (newest >= now ? plusSecond(newest) : now) as SnapshotId;
}

/** An id's digits as if they were UTC. */
function toMs(id: string): number {
  const [, year, month, day, hour, minute, second] = (FORM.exec(id) ?? []).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

/** How long after `id` the local time `later`, an id too, is: in ms, as if both were of one zone. */
export const msBetween = (id: string, later: string): number => toMs(later) - toMs(id);

const plusSecond = (id: string): string => toId(toMs(id) + 1000);

function toId(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10).replaceAll("-", "")}_${text.slice(11, 19).replaceAll(":", "")}`;
}
