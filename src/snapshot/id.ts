// Snapshot ids: one form, unique, in the order of creation. Calendar arithmetic without a zone; pure.
import type { SnapshotId } from "../model.ts";

const FORM = /^(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})$/;
/** Clocks go back by an hour when daylight saving ends; further back, the newest snapshot was dated wrongly. */
const BACKWARDS_MS = 2 * 60 * 60 * 1000;

/** Every id, and days that a month may lack: the 29th to the 31st. */
const LIKELY = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])_(?:[01]\d|2[0-3])[0-5]\d[0-5]\d$/;

/** True for YYYYMMDD_HHMMSS of a day and time that there are. Asked for every name of a store, so for most of them without a Date. */
export const isSnapshotId = (text: string): text is SnapshotId =>
  LIKELY.test(text) && (text.slice(6, 8) <= "28" || toId(toMs(text)) === text);

/**
 * The id for a snapshot made at local time `now`: that very second, or the second after the newest where that is taken or
 * less than two hours ahead. `taken` holds every id of the store.
 */
export function nextId(now: string, taken: ReadonlySet<string>): SnapshotId {
  let newest = "";
  for (const id of taken) if (id > newest) newest = id;
  let next = now;
  if (newest !== "" && newest >= now && toMs(newest) - toMs(now) < BACKWARDS_MS) next = plusSecond(newest);
  while (taken.has(next)) next = plusSecond(next);
  return next as SnapshotId;
}

function toMs(id: string): number {
  const [, year, month, day, hour, minute, second] = (FORM.exec(id) ?? []).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

const plusSecond = (id: string): string => toId(toMs(id) + 1000);

function toId(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10).replaceAll("-", "")}_${text.slice(11, 19).replaceAll(":", "")}`;
}
