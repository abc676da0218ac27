// What a change in a LaunchAgent's plist means, in the user's terms. Keys: launchd.plist(5).
import type { KeyChange } from "../comparison.ts";
import { maskWords } from "../secrets/word-secrets.ts";
import { changeBetween, compareKeys, type Sight, sightOf, write } from "./keys.ts";
import { Bare, same, type Tree } from "./value.ts";

type Agent = Map<string, Tree>;
type Teller = (before: Tree | undefined, after: Tree | undefined) => string | null;

/** The changes of an agent's plist, those that launchd gives a meaning to in words. */
export function compareAgents(before: Agent, after: Agent, sight: Sight): KeyChange[] {
  const program = sight.hidden ? null : programWords(before, after);
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (same(old, now)) return [];
    const plain = () => compareKeys(pick(before, key), pick(after, key), sight);
    if (key === "EnvironmentVariables") return plain().map(withVariableWords);
    if (key === "Program" || key === "ProgramArguments")
      return program === null ? plain() : [asOne(key, old, now, sight, program)];
    const words = sight.hidden ? null : (TELLERS[key]?.(old, now) ?? null);
    return words === null ? plain() : [asOne(key, old, now, sight, words)];
  });
}

const pick = (agent: Agent, key: string): Agent => {
  const value = agent.get(key);
  return new Map(value === undefined ? [] : [[key, value]]);
};

function asOne(key: string, before: Tree | undefined, after: Tree | undefined, sight: Sight, words: string): KeyChange {
  const below = sightOf(key, [], sight);
  return {
    path: [key],
    change: changeBetween(before, after),
    before: write(before, below),
    after: write(after, below),
    hidden: false,
    words,
  };
}

function withVariableWords(change: KeyChange): KeyChange {
  const name = change.path.slice(1).join(".");
  const sign = { added: "+ ", removed: "- ", modified: "" }[change.change];
  const values = change.hidden ? " changed" : `: ${change.before} → ${change.after}`;
  const words = `environment: ${sign}${name}${change.change === "modified" ? values : ""}`;
  return name === "" ? change : { ...change, words };
}

/** The command line of an agent; null where it is not made of texts. */
function commandOf(agent: Agent): string[] | null {
  const [program, list] = [agent.get("Program"), agent.get("ProgramArguments")];
  const words = Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  if (Array.isArray(list) && words.length < list.length) return null;
  if (typeof program === "string") return [program, ...words.slice(1)];
  return words.length === 0 ? null : words;
}

/** `runs …/new.py instead of …/old.py`; where more than one word differs, both command lines. */
function programWords(before: Agent, after: Agent): string | null {
  const [old, now] = [commandOf(before), commandOf(after)];
  if (old === null || now === null) return null;
  const shown = { old: maskWords(old), now: maskWords(now) };
  const differing = now.flatMap((word, index) => (word === old[index] ? [] : [index]));
  const [only] = differing;
  if (old.length !== now.length || differing.length !== 1 || only === undefined)
    return `runs ${shown.now.join(" ")} instead of ${shown.old.join(" ")}`;
  const [from = "", to = ""] = [shown.old[only], shown.now[only]];
  if (from === to) return "runs with another word that is not shown";
  const short = shorten(from, to);
  return `runs ${only === 0 || to.includes("/") ? "" : "with "}${short.to} instead of ${short.from}`;
}

/** Two paths without the folders that they share. */
function shorten(from: string, to: string): { from: string; to: string } {
  const [a, b] = [from.split("/"), to.split("/")];
  let shared = 0;
  while (shared < Math.min(a.length, b.length) - 1 && a[shared] === b[shared]) shared++;
  const tail = (parts: string[]) => `…/${parts.slice(shared).join("/")}`;
  return shared < 2 ? { from, to } : { from: tail(a), to: tail(b) };
}

const numberOf = (value: Tree | undefined): number | null => {
  const number = value instanceof Bare && /^-?\d+$/.test(value.shown) ? Number(value.shown) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
};
function truthOf(value: Tree | undefined): boolean | null {
  if (value === undefined) return false;
  return value instanceof Bare && /^(true|false)$/.test(value.shown) ? value.shown === "true" : null;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `5 minutes`, `1 hour 30 minutes`. */
export function duration(seconds: number): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
    rest -= count * size;
  }
  return parts.join(" ") || "0 seconds";
}

const every: Teller = (before, after) => {
  const [old, now] = [numberOf(before), numberOf(after)];
  if ((before !== undefined && (old === null || old < 1)) || (after !== undefined && (now === null || now < 1)))
    return null;
  if (old === null) return `runs every ${duration(now ?? 0)}`;
  return now === null
    ? `no longer runs every ${duration(old)}`
    : `runs every ${duration(now)} instead of every ${duration(old)}`;
};

const flag =
  (on: string, off: string): Teller =>
  (before, after) => {
    const [old, now] = [truthOf(before), truthOf(after)];
    if (old === null || now === null || old === now) return null;
    return now ? on : off;
  };

const DAYS = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];
const MONTHS = "January February March April May June July August September October November December".split(" ");
const PARTS = ["Minute", "Hour", "Day", "Weekday", "Month"];

interface Time {
  at: string;
  on: string;
}

const two = (number: number): string => String(number).padStart(2, "0");

function timeText(hour: number | null, minute: number | null): string {
  if (hour === null) return minute === null ? "every minute" : `every hour at :${two(minute)}`;
  return minute === null ? `every minute from ${two(hour)}:00 to ${two(hour)}:59` : `${two(hour)}:${two(minute)}`;
}

/** One entry of StartCalendarInterval; null where it holds anything but launchd's five numbers within their bounds. */
function timeOf(entry: Tree): Time | null {
  if (!(entry instanceof Map)) return null;
  const numbers = new Map([...entry].map(([key, value]) => [key, numberOf(value)]));
  if ([...numbers].some(([key, value]) => !PARTS.includes(key) || value === null || value < 0)) return null;
  const [minute, hour, day, weekday, month] = PARTS.map((part) => numbers.get(part) ?? null);
  const at = timeText(hour ?? null, minute ?? null);
  const days = [
    ...(weekday == null ? [] : [DAYS[weekday % 7] ?? ""]),
    ...(day == null ? [] : [`on day ${day}${month == null ? " of the month" : ""}`]),
    ...(month == null ? [] : [`${day == null ? "in " : "of "}${MONTHS[month - 1] ?? `month ${month}`}`]),
  ];
  // launchd starts it on either of the two.
  const on = weekday != null && day != null ? `${days[0]} and ${days.slice(1).join(" ")}` : days.join(" ");
  return { at, on: on === "" && hour != null ? "daily" : on };
}

const calendar: Teller = (before, after) => {
  const times = (value: Tree | undefined) =>
    value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(timeOf);
  const [old, now] = [times(before), times(after)];
  const told = (list: (Time | null)[]): Time[] => list.filter((time) => time !== null);
  if (told(old).length < old.length || told(now).length < now.length) return null;
  const words = (list: (Time | null)[]) =>
    told(list)
      .map(({ at, on }) => (on === "" ? at : `${at} ${on}`))
      .join(", ") || "never";
  const [first, second] = [old[0], now[0]];
  if (
    old.length === 1 &&
    now.length === 1 &&
    first != null &&
    second != null &&
    first.on === second.on &&
    first.on !== ""
  )
    return `${first.at} → ${second.at} ${second.on}`;
  if (old.length === 0) return `runs ${words(now)}`;
  return now.length === 0 ? `no longer runs ${words(old)}` : `runs ${words(now)} instead of ${words(old)}`;
};

const seconds =
  (what: string): Teller =>
  (before, after) => {
    const [old, now] = [numberOf(before), numberOf(after)];
    if (old === null || now === null || old < 0 || now < 0) return null;
    return `${what}: ${duration(old)} → ${duration(now)}`;
  };

const TELLERS: Record<string, Teller> = {
  StartCalendarInterval: calendar,
  StartInterval: every,
  RunAtLoad: flag("runs when it is loaded", "no longer runs when it is loaded"),
  KeepAlive: flag("is kept running", "is no longer kept running"),
  Disabled: flag("is disabled", "is no longer disabled"),
  ThrottleInterval: seconds("time between two starts"),
  ExitTimeOut: seconds("time to end before it is killed"),
};
