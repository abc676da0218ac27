// The daily job and the one that starts when a file changes: their plists, the crontab line, and when a job comes next. Pure. Keys: launchd.plist(5).
import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";
import { quote } from "../text.ts";

export interface Job {
  label: string;
  /** The binary, and its words: all absolute. */
  argv: string[];
  log: AbsPath;
}

export interface DailyJob extends Job {
  hour: number;
  minute: number;
}

/** Starts when one of these changes: a file, or what a folder holds right in it. */
export interface WatchJob extends Job {
  paths: AbsPath[];
}

/** `08:00` → hour and minute; null where it is not a time of day. */
export function timeOfDay(text: string): { hour: number; minute: number } | null {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hour === undefined || minute === undefined ? null : { hour: Number(hour), minute: Number(minute) };
}

/** The job's plist as XML. No KeepAlive: a backup job that fails is not to run again and again. */
export const dailyPlist = ({ hour, minute, ...job }: DailyJob): Promise<string> =>
  plistOf(job, { StartCalendarInterval: { Hour: hour, Minute: minute } });

/** A program that writes a file again and again starts it once in so many seconds. */
const THROTTLE_SECONDS = 300;

/** The same of the job that watches. */
export const watchPlist = ({ paths, ...job }: WatchJob): Promise<string> =>
  plistOf(job, { ThrottleInterval: THROTTLE_SECONDS, WatchPaths: paths });

async function plistOf({ label, argv, log }: Job, starts: Record<string, unknown>): Promise<string> {
  const { build } = await import("plist");
  const keys = { Label: label, ProgramArguments: argv, ...starts, StandardOutPath: log, StandardErrorPath: log };
  return `${build(keys as Parameters<typeof build>[0])}\n`;
}

/** The folder in which the name with a pattern's first wildcard would stand; null for a pattern without one. */
export function folderBefore(pattern: AbsPath): string | null {
  const at = pattern.search(/[*?[{(\\]/);
  return at < 0 ? null : pattern.slice(0, pattern.lastIndexOf("/", at)) || "/";
}

/** The same job for cron, which knows no time zones and needs its output sent somewhere. `%` means a newline there. */
export function crontabLine({ argv, hour, minute, log }: DailyJob): string {
  return `${minute} ${hour} * * * ${argv.map(quote).join(" ").replaceAll("%", "\\%")} >> ${quote(log).replaceAll("%", "\\%")} 2>&1`;
}

/** When the job comes next after a moment, local time. */
export function nextRun(hour: number, minute: number, now: Date): Date {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate(), hour, minute);
  return today > now ? today : new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, hour, minute);
}

/** Why a binary that lies here would not be found any more one day; null where it stays. */
export function whyNotStable(binary: string, home: string): string | null {
  const places = [
    `${home}/Downloads`,
    `${home}/Desktop`,
    `${home}/.Trash`,
    "/tmp",
    "/private/tmp",
    "/var/folders",
    "/private/var/folders",
    "/Volumes",
  ];
  const place = places.find((folder) => isWithin(binary, folder));
  return place === undefined ? null : `it lies in ${place}, where nothing stays for long`;
}
