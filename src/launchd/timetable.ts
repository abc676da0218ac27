// When an agent is started, for a timetable: by the clock, or otherwise. Pure. Keys: launchd.plist(5).
import type { Agent } from "./agent.ts";

export interface Timetable {
  /** `on` is empty for every day, else its days: `Mon`, `day 1`. */
  at: { hour: number; minute: number; on: string }[];
  /** What goes by no hour of the day: `every 15 min`, `always on`, `at login`. */
  otherwise: string[];
}

export function timetableOf(agent: Agent): Timetable {
  const at: Timetable["at"] = [];
  const otherwise: string[] = [];
  for (const interval of agent.calendar) {
    const { Hour: hour, Minute: minute } = interval;
    const on = daysOf(interval);
    if (hour !== undefined && minute !== undefined) at.push({ hour, minute, on });
    else otherwise.push([openTime(hour, minute), on].filter((words) => words !== "").join(" "));
  }
  if (agent.interval !== null) otherwise.push(`every ${spanOf(agent.interval)}`);
  if (agent.keepAlive) otherwise.push("always on");
  else if (agent.runAtLoad) otherwise.push("at login");
  if (agent.watchPaths.length > 0) otherwise.push("when a file changes");
  if (at.length === 0 && otherwise.length === 0) otherwise.push("when it is asked for");
  return { at, otherwise: [...new Set(otherwise)] };
}

const two = (number: number): string => String(number).padStart(2, "0");

/** A part that is missing means every one of them. */
function openTime(hour: number | undefined, minute: number | undefined): string {
  if (hour !== undefined) return `every minute from ${two(hour)}:00`;
  return minute === undefined ? "every minute" : `every hour at :${two(minute)}`;
}

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** launchd starts it on a weekday and on a day of the month, where both are given. */
function daysOf({ Weekday, Day, Month }: Agent["calendar"][number]): string {
  const days = [
    ...(Weekday === undefined ? [] : [DAYS[Weekday % 7] ?? ""]),
    ...(Day === undefined ? [] : [`day ${Day}`]),
  ].join(" and ");
  const month = Month === undefined ? "" : (MONTHS[Month - 1] ?? "");
  return [days, month].filter((words) => words !== "").join(" ");
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["min", 60],
] as const;

/** `15 min`, `hour`, `90 s`: in the largest unit that fits. */
function spanOf(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? ["s", 1];
  const count = seconds / size;
  if (unit === "min" || unit === "s") return count === 1 && unit === "min" ? "minute" : `${count} ${unit}`;
  return count === 1 ? unit : `${count} ${unit}s`;
}
