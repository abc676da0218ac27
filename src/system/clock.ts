// The moment, in the forms that a manifest holds.

export interface Moment {
  /** ms since the epoch, UTC. */
  ms: number;
  /** Local time, YYYYMMDD_HHMMSS. */
  id: string;
  /** Local time with microseconds and no zone, as Python's isoformat() writes it. */
  local: string;
  /** UTC with microseconds and Z. */
  utc: string;
}

/** Now. Microseconds come from the process clock, so two moments of one process differ. */
export function now(): Moment {
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000);
  const ms = Math.floor(micros / 1000);
  const date = new Date(ms);
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())];
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())];
  return {
    ms,
    id: `${day.join("")}_${time.join("")}`,
    local: `${day.join("-")}T${time.join(":")}.${fraction}`,
    utc: `${date.toISOString().slice(0, 19)}.${fraction}Z`,
  };
}
