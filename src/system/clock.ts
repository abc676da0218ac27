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
  const { day, time } = partsOf(ms);
  return {
    ms,
    id: `${day.join("")}_${time.join("")}`,
    local: `${day.join("-")}T${time.join(":")}.${fraction}`,
    utc: `${new Date(ms).toISOString().slice(0, 19)}.${fraction}Z`,
  };
}

/** The local time of a moment (ms since the epoch, UTC), in the form of an id. */
export function idOf(ms: number): string {
  const { day, time } = partsOf(ms);
  return `${day.join("")}_${time.join("")}`;
}

function partsOf(ms: number): { day: string[]; time: string[] } {
  const two = (value: number) => String(value).padStart(2, "0");
  const { year, month, day, hour, minute, second } = localTime(ms);
  return { day: [String(year), two(month), two(day)], time: [two(hour), two(minute), two(second)] };
}
