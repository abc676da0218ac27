// How long: `26h`, `7d`, `1y6mo`, as rollback.yaml and flags write it. Pure; the calendar is that of the process's zone.

const FORM = /^(?:\d+(?:s|min|h|d|w|mo|y))+$/;
const PART = /(\d+)(s|min|h|d|w|mo|y)/g;
const CLOCK_MS: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000 };

/**
 * What is wrong with a text as a duration, or null. A bare `m` has two readings that lie far apart: six months of snapshots must
 * never become six minutes of them, so both are named and none is taken.
 */
export function durationProblem(text: string): string | null {
  const minutesOrMonths = /(\d+)m(?![a-z])/.exec(text);
  if (minutesOrMonths !== null)
    return `${minutesOrMonths[0]} can mean two things: write ${minutesOrMonths[1]}min for minutes or ${minutesOrMonths[1]}mo for months`;
  if (!FORM.test(text) || !/[1-9]/.test(text)) return "expected a duration such as 90min, 26h, 7d, 4w, 6mo or 1y";
  return null;
}

/**
 * The moment a duration before another, both in ms since the epoch: days and more by the local calendar, hours and less by the
 * clock. A day that the earlier month lacks is its last. Minus infinity where it lies before all time.
 */
export function before(ms: number, duration: string): number {
  const at = new Date(ms);
  let clock = 0;
  for (const [, count = "0", unit = "s"] of duration.matchAll(PART)) {
    const n = Number(count);
    clock += n * (CLOCK_MS[unit] ?? 0);
    if (unit === "d") at.setDate(at.getDate() - n);
    if (unit === "w") at.setDate(at.getDate() - 7 * n);
    if (unit === "mo") backMonths(at, n);
    if (unit === "y") backMonths(at, 12 * n);
  }
  const moment = at.getTime() - clock;
  return Number.isNaN(moment) ? Number.NEGATIVE_INFINITY : moment;
}

/** A span in ms as durations are written, in its largest whole unit: `43min`, `31h`, `3d`. Two days and less are told in hours. */
export function spelled(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min`;
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

function backMonths(at: Date, months: number): void {
  const day = at.getDate();
  at.setMonth(at.getMonth() - months);
  if (at.getDate() !== day) at.setDate(0);
}
