// The moment, in the forms that a manifest holds.
import { localTime } from "./native.ts";

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
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  const two = (value: number) => String(value).padStart(2, "0");
  const { year, month, day: monthday, hour, minute, second } = localTime(ms);
  const day = [year, two(month), two(monthday)];
  const time = [two(hour), two(minute), two(second)];
  return {
    ms,
    id: `${day.join("")}_${time.join("")}`,
    local: `${day.join("-")}T${time.join(":")}.${fraction}`,
    utc: `${new Date(ms).toISOString().slice(0, 19)}.${fraction}Z`,
  };
}
