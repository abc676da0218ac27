// Times in an archive: two fields of DOS form, read and written as UTC here, and seconds since 1970 in an extra field.

/** The DOS fields of 1980-01-01 00:00, the earliest they can hold; also stands for "none" below. */
const EARLIEST = Date.UTC(1980, 0, 1);
const LATEST = Date.UTC(2107, 11, 31, 23, 59, 58);

/** A time in milliseconds as DOS time (lower 16 bits) and date (upper 16), UTC, held to 1980 to 2107, even seconds. */
export function toDosTime(mtimeMs: number): number {
  const at = new Date(Math.min(Math.max(mtimeMs, EARLIEST), LATEST));
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}

/** The milliseconds that DOS fields mean as UTC. Zeros, which many tools write for "none", mean 1980-01-01. */
export function fromDosTime(fields: number): number {
  const date = fields >>> 16;
  const time = fields & 0xffff;
  const ms = Date.UTC(
    1980 + (date >>> 9),
    ((date >>> 5) & 15) - 1,
    date & 31,
    time >>> 11,
    (time >>> 5) & 63,
    (time & 31) * 2,
  );
  return Math.min(Math.max(ms, EARLIEST), LATEST);
}

/** Whole seconds since 1970 where an extended timestamp can hold them (signed, 32 bits), else null. */
export function toSeconds(mtimeMs: number): number | null {
  const seconds = Math.floor(mtimeMs / 1000);
  return seconds === (seconds | 0) ? seconds : null;
}
