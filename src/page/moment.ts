// A snapshot's id as a moment of the page's clock, and in words. Ids are local time; what is reckoned here is reckoned as if that were
// UTC, so that the page says the same wherever it is made. Pure.

export const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const LONG_MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
export const DAY_MS = 86_400_000;

export const two = (number: number): string => String(number).padStart(2, "0");

/** ms of an id's local time, reckoned as UTC. */
export function momentOf(id: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (
    /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)/.exec(id) ?? []
  )
    .slice(1)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** `25 Nov`; of another year than `beside`, `25 Nov 2024`. */
export function dayOf(ms: number, beside: number = ms): string {
  const [at, other] = [new Date(ms), new Date(beside)];
  const year = at.getUTCFullYear() === other.getUTCFullYear() ? "" : ` ${at.getUTCFullYear()}`;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year}`;
}

/** `Wed 25 Nov`. */
export const weekdayOf = (ms: number, beside: number): string =>
  `${DAYS[new Date(ms).getUTCDay()]} ${dayOf(ms, beside)}`;

/** `03:35`. */
export const hourOf = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

/** `2026-11-25`. */
export const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `November 2026`, out of the first six digits of an id. */
export const monthOf = (id: string): string => `${LONG_MONTHS[Number(id.slice(4, 6)) - 1] ?? ""} ${id.slice(0, 4)}`;
