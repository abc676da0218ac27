// A LaunchAgent's plist, understood as far as rollback needs it: bytes → checked facts. Pure. Keys: launchd.plist(5).
import * as v from "valibot";
import { readPlain } from "./plain-plist.ts";

export interface Agent {
  /** Null where there is none. */
  label: string | null;
  /** Program, else the first of ProgramArguments. */
  program: string | null;
  /** ProgramArguments without the first. */
  words: string[];
  workingDirectory: string | null;
  /** StandardOutPath and StandardErrorPath, as far as they are given. */
  logs: { out: string | null; error: string | null };
  /** StartCalendarInterval as a list; a missing part means every one of them. */
  calendar: { Minute?: number; Hour?: number; Day?: number; Weekday?: number; Month?: number }[];
  runAtLoad: boolean;
}

const text = v.fallback(v.nullable(v.string()), null);
const number = v.fallback(v.optional(v.number()), undefined);
const Interval = v.object({ Minute: number, Hour: number, Day: number, Weekday: number, Month: number });
const Schema = v.object({
  Label: v.optional(text, null),
  Program: v.optional(text, null),
  ProgramArguments: v.optional(v.fallback(v.array(v.string()), []), []),
  WorkingDirectory: v.optional(text, null),
  StandardOutPath: v.optional(text, null),
  StandardErrorPath: v.optional(text, null),
  StartCalendarInterval: v.optional(v.fallback(v.union([v.array(Interval), Interval]), []), []),
  RunAtLoad: v.optional(v.fallback(v.boolean(), false), false),
});

/** An agent's plist, XML or binary; null where the bytes are no plist with a dictionary at its top. */
export async function parseAgent(bytes: Uint8Array): Promise<Agent | null> {
  const value = await parsePlist(bytes);
  if (Array.isArray(value)) return null;
  const parsed = v.safeParse(Schema, value);
  if (!parsed.success) return null;
  const { Label, Program, ProgramArguments, WorkingDirectory, StandardOutPath, StandardErrorPath } = parsed.output;
  const { StartCalendarInterval: interval, RunAtLoad } = parsed.output;
  return {
    label: Label,
    program: Program ?? ProgramArguments[0] ?? null,
    words: ProgramArguments.slice(1),
    workingDirectory: WorkingDirectory,
    logs: { out: StandardOutPath, error: StandardErrorPath },
    calendar: (Array.isArray(interval) ? interval : [interval]).map(withoutUndefined),
    runAtLoad: RunAtLoad,
  };
}

const withoutUndefined = (interval: v.InferOutput<typeof Interval>): Agent["calendar"][number] =>
  Object.fromEntries(Object.entries(interval).filter(([, value]) => value !== undefined));

/** Any plist's value; undefined where the bytes are none. */
export async function parsePlist(bytes: Uint8Array): Promise<unknown> {
  const content = new TextDecoder().decode(bytes);
  const plain = readPlain(content);
  if (plain !== undefined) return plain;
  const { parse } = await import("plist");
  // The XML parser below `plist` prints what it stumbles over, and that may be a secret.
  const { error, warn } = console;
  console.error = console.warn = () => {};
  try {
    if (content.startsWith("bplist")) return parse(bytes);
    // The library reads OpenStep's form too, which launchd does not.
    return /^\s*</.test(content) ? parse(content) : undefined;
  } catch {
    return undefined;
  } finally {
    Object.assign(console, { error, warn });
  }
}

/** Whether a calendar entry comes due within `minutes` of a moment, in local time. */
export function isDue(agent: Agent, from: Date, minutes: number): boolean {
  return agent.calendar.some((interval) => {
    if (Object.keys(interval).length === 0) return false;
    for (let step = 0; step <= minutes; step++) {
      const at = new Date(from.getTime() + step * 60_000);
      const fits = (want: number | undefined, is: number) => want === undefined || want === is;
      // Sunday is 0 and 7.
      const weekday = interval.Weekday === undefined ? undefined : interval.Weekday % 7;
      if (
        fits(interval.Minute, at.getMinutes()) &&
        fits(interval.Hour, at.getHours()) &&
        fits(interval.Day, at.getDate()) &&
        fits(weekday, at.getDay()) &&
        fits(interval.Month, at.getMonth() + 1)
      )
        return true;
    }
    return false;
  });
}
