// A LaunchAgent's plist, understood as far as rollback needs it: bytes → checked facts. Pure. Keys: launchd.plist(5).
import type { Kind } from "../model.ts";
import { nameOf } from "../paths.ts";
import { isFields, isList, isText, isTexts } from "../shape.ts";
import { judgePlist } from "./judge.ts";

/** Whether launchd could load it: `._NAME.plist` is what Finder leaves beside NAME.plist on a foreign disk, and the original tool captured it. */
export const isAgentFile = ({ kind, path }: { kind: Kind; path: string }): boolean =>
  kind === "plist" && !nameOf(path).startsWith("._");

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
  /** StartInterval, in seconds; null where it is not given. */
  interval: number | null;
  /** KeepAlive without conditions. */
  keepAlive: boolean;
  /** Whether it starts as soon as it is loaded: RunAtLoad, or KeepAlive without conditions. */
  runAtLoad: boolean;
  /** WatchPaths: what starts it when it changes. */
  watchPaths: string[];
  /** EnvironmentVariables. */
  variables: Record<string, string>;
  /** Where it listens, as `port 8080`: by Sockets, or by `--port` among its words. */
  ports: string[];
  /** ExitTimeOut: how many seconds launchd waits for its end; null where it is not given. 0 is for ever. */
  exitTimeOut: number | null;
}

/** An agent's plist, XML or binary; null where the bytes are not a plist with a dictionary at its top. */
export async function parseAgent(bytes: Uint8Array): Promise<Agent | null> {
  const judged = judgePlist(bytes);
  return judged.ok ? agentOf(judged.value) : null;
}

/** What a plist's value says of an agent; null where it is not a dictionary. */
export function agentOf(value: unknown): Agent | null {
  if (!isFields(value)) return null;
  const words = isTexts(value.ProgramArguments) ? value.ProgramArguments : [];
  const interval = value.StartCalendarInterval;
  const intervals = isList(interval) ? interval : [interval];
  return {
    label: textOf(value.Label),
    program: textOf(value.Program) ?? words[0] ?? null,
    words: words.slice(1),
    workingDirectory: textOf(value.WorkingDirectory),
    logs: { out: textOf(value.StandardOutPath), error: textOf(value.StandardErrorPath) },
    watchPaths: isTexts(value.WatchPaths) ? value.WatchPaths : [],
    calendar: intervals.every(isFields) ? intervals.map(timesOf) : [],
    variables: isFields(value.EnvironmentVariables) ? textsOf(value.EnvironmentVariables) : {},
    ports: [...socketPorts(value.Sockets), ...wordPorts(words)],
    interval: typeof value.StartInterval === "number" && value.StartInterval > 0 ? value.StartInterval : null,
    keepAlive: value.KeepAlive === true,
    runAtLoad: value.RunAtLoad === true || value.KeepAlive === true,
    exitTimeOut: typeof value.ExitTimeOut === "number" ? value.ExitTimeOut : null,
  };
}

const textsOf = (fields: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((pair): pair is [string, string] => isText(pair[1])));

/** Sockets: each is a dictionary or a list of them; one that is not passive connects, and one without a service is not of the net. */
function socketPorts(sockets: unknown): string[] {
  if (!isFields(sockets)) return [];
  const each = Object.values(sockets).flatMap((one) => (isList(one) ? one : [one]));
  return each.filter(isFields).flatMap(({ SockServiceName: name, SockNodeName: node, SockType: type, SockPassive }) => {
    if (SockPassive === false || !(isText(name) || typeof name === "number")) return [];
    return [`${type === "dgram" ? "UDP port" : "port"} ${name}${isText(node) ? ` of ${node}` : ""}`];
  });
}

const wordPorts = (words: readonly string[]): string[] =>
  [...words.join(" ").matchAll(/(?:^|\s)--?port[= ](\d+)(?=\s|$)/g)].map(([, port]) => `port ${port}`);

// What is of another type is as if it were not there.
const textOf = (value: unknown): string | null => (isText(value) ? value : null);
const TIMES = ["Minute", "Hour", "Day", "Weekday", "Month"] as const;
const timesOf = (interval: Record<string, unknown>): Agent["calendar"][number] =>
  Object.fromEntries(TIMES.flatMap((key) => (typeof interval[key] === "number" ? [[key, interval[key]]] : [])));

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
