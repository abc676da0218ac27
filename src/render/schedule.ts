// The daily job and the one that watches, as they are or would be.
import type { ScheduledRunOutcome } from "../tasks/daily-job.ts";
import type { JobOutcome, ScheduleOutcome, WatchOutcome } from "../tasks/schedule.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const schedule: Face<ScheduleOutcome> = {
  quiet: ({ installed }) => [installed ? "installed" : "not installed"],
  /** Previews show the whole plist; without launchd the crontab line that does the same. */
  text(outcome) {
    const { action, dryRun, crontab, watch, commandToRun } = outcome;
    if (crontab !== null) return byCron(outcome, crontab);
    const jobs = watch === null ? [outcome] : [outcome, watch];
    if (action === "status") return status(outcome);
    if (dryRun)
      return [
        ...jobs.flatMap((job) => preview(action, job)),
        "",
        "⚠️  This is a dry run. Use --force to actually do it:",
        `   ${commandToRun.map(quote).join(" ")}`,
      ];
    if (action === "remove")
      return jobs.map((job) => `${job.installed ? "❌ Still there" : "✅ Removed"}: ${nameOf(job)}`);
    return [
      done(outcome),
      outcome.ran ? firstRun(outcome.lastExit) : lastRun(outcome),
      `   Next: ${outcome.next ?? "unknown"}`,
      ...(watch === null ? [] : [done(watch), watches(watch)]),
    ];
  },
  json({ action, dryRun, lastCreate, next, crontab, watch, ...job }) {
    const facts = { ...factsOf(job), last_create: lastCreate, next, crontab };
    const watching = watch === null ? null : { ...factsOf(watch), paths: watch.paths, current: watch.isCurrent };
    return { action, dry_run: dryRun, ...facts, watch: watching };
  },
};

const factsOf = ({ label, plist, installed, loaded, lastExit, trouble }: JobOutcome) => ({
  ...{ label, plist, installed, loaded, last_exit: lastExit, trouble },
});

export const scheduledRun: Face<ScheduledRunOutcome> = {
  quiet: () => [],
  text: ({ steps }) =>
    steps.map(({ command, exit, message }) => {
      const why = message === null ? "" : ` (${printable(message)})`;
      return exit === 0 ? `✅ ${command}: done${why}` : `❌ ${command}: ended with ${exit}${why}`;
    }),
  json: ({ steps }) => ({ command: "schedule", action: "run", steps }),
};

const nameOf = ({ label, plist }: JobOutcome): string => `${printable(label)} (${printable(plist)})`;

function preview(action: ScheduleOutcome["action"], job: JobOutcome): string[] {
  const what = action === "install" ? "write and load" : "unload and remove";
  const lines = job.content === null ? [] : job.content.trimEnd().split("\n");
  return [`DRY RUN: would ${what} ${nameOf(job)}`, ...lines.map((line) => `   ${printable(line)}`)];
}

const done = (job: JobOutcome): string =>
  job.wasSame ? `✅ Installed already, and left as it is: ${nameOf(job)}` : `✅ Installed: ${nameOf(job)}`;

const watches = ({ paths }: WatchOutcome): string =>
  `   Starts when one of ${paths.length} files and folders changes, once in five minutes at most`;

function firstRun(lastExit: number | null): string {
  const ran = lastExit === null ? "it has not ended yet" : `it ended with ${lastExit}`;
  const why = lastExit === 0 ? "" : " (its log says why; under launchd it has none of Terminal's privacy grants)";
  return `   First run: ${ran}${why}`;
}

/** There is no launchd: what to do by hand, or whether it was done. */
function byCron({ action, installed, watchAsked }: ScheduleOutcome, crontab: string): string[] {
  const line = `   ${printable(crontab)}`;
  const there = installed ? "✅ In your crontab" : "⚠️  Not in your crontab";
  if (action === "status") return [`${there}: the daily job. The line for it (crontab -e):`, line];
  const watching = watchAsked
    ? ["--watch needs launchd, which sees when a file changes: cron goes by the time alone."]
    : [];
  if (action === "install" && installed) return ["It is in your crontab already. The line for it:", line, ...watching];
  if (action === "install")
    return [
      "There is no launchd here, and the crontab is yours to edit: crontab -e. Add this line:",
      line,
      ...watching,
    ];
  if (!installed) return ["There is no launchd here, and no such line is in your crontab."];
  return ["There is no launchd here, and the crontab is yours to edit: crontab -e. Remove the line with:", line];
}

const lastRun = ({ lastExit, trouble }: Pick<JobOutcome, "lastExit" | "trouble">): string =>
  `   Last run: ${printable(trouble ?? (lastExit === null ? "none known" : `ended with ${lastExit}`))}`;

const LOADED = { true: "loaded", false: "not loaded", null: "launchd can't be asked" } as const;

function status(outcome: ScheduleOutcome): string[] {
  const { installed, lastCreate, next, watch } = outcome;
  const daily = installed
    ? [...stateOf(outcome), `   Last snapshot: ${lastCreate ?? "none"}`, `   Next: ${next ?? "unknown"}`]
    : [`⚠️  Not installed: ${nameOf(outcome)}`];
  if (watch === null) return daily;
  const old = "   It watches other files than it should by now: rollback schedule install --watch --force";
  return [...daily, ...stateOf(watch), watch.isCurrent ? watches(watch) : old];
}

function stateOf(job: JobOutcome): string[] {
  const well = job.loaded === true && job.trouble === null;
  return [`${well ? "✅" : "⚠️ "} ${nameOf(job)}: ${LOADED[`${job.loaded}`]}`, lastRun(job)];
}
