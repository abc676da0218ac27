// The daily job: its plist, its crontab line, and when it comes next. Pure. Keys: launchd.plist(5).
import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";
import { quote } from "../text.ts";

export interface Job {
  label: string;
  /** The binary, and its words: all absolute. */
  argv: string[];
  hour: number;
  minute: number;
  log: AbsPath;
}

/** `08:00` → hour and minute; null where it is not a time of day. */
export function timeOfDay(text: string): { hour: number; minute: number } | null {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hour === undefined || minute === undefined ? null : { hour: Number(hour), minute: Number(minute) };
}

/** The job's plist as XML. No KeepAlive: a backup job that fails is not to run again and again. */
export async function jobPlist({ label, argv, hour, minute, log }: Job): Promise<string> {
  const { build } = await import("plist");
  return `${build({
    Label: label,
    ProgramArguments: argv,
    StartCalendarInterval: { Hour: hour, Minute: minute },
    StandardOutPath: log,
    StandardErrorPath: log,
  })}\n`;
}

/** The same job for cron, which knows no time zones and needs its output sent somewhere. `%` means a newline there. */
export function crontabLine({ argv, hour, minute, log }: Job): string {
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
