// The daily job, as it is or would be.
import type { ScheduledRunOutcome, ScheduleOutcome } from "../tasks/schedule.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const schedule: Face<ScheduleOutcome> = {
  quiet: ({ installed }) => [installed ? "installed" : "not installed"],
  /** Previews show the whole plist; without launchd the crontab line that does the same. */
  text(outcome) {
    const { action, dryRun, label, plist, installed, crontab, content, commandToRun } = outcome;
    if (crontab !== null)
      return ["There is no launchd here. This crontab line does the same (crontab -e):", `   ${printable(crontab)}`];
    const name = `${printable(label)} (${printable(plist)})`;
    if (action === "status") return status(outcome, name);
    if (dryRun)
      return [
        `DRY RUN: would ${action === "install" ? "write and load" : "unload and remove"} ${name}`,
        ...(content === null
          ? []
          : content
              .trimEnd()
              .split("\n")
              .map((line) => `   ${printable(line)}`)),
        "",
        "⚠️  This is a dry run. Use --force to actually do it:",
        `   ${commandToRun.map(quote).join(" ")}`,
      ];
    if (action === "remove") return [installed ? `❌ Still there: ${name}` : `✅ Removed: ${name}`];
    const run = outcome.lastExit === null ? "it has not ended yet" : `it ended with ${outcome.lastExit}`;
    return [
      outcome.wasSame ? `✅ Installed already, and left as it is: ${name}` : `✅ Installed: ${name}`,
      `   First run: ${run}${outcome.lastExit === 0 ? "" : " (its log says why; under launchd it has none of Terminal's privacy grants)"}`,
      `   Next: ${outcome.next ?? "unknown"}`,
    ];
  },
  json({ action, dryRun, label, plist, installed, loaded, lastExit, lastCreate, next, crontab }) {
    const facts = { label, plist, installed, loaded, last_exit: lastExit, last_create: lastCreate, next, crontab };
    return { action, dry_run: dryRun, ...facts };
  },
};

export const scheduledRun: Face<ScheduledRunOutcome> = {
  quiet: () => [],
  text: ({ steps }) =>
    steps.map(({ command, exit, message }) => {
      const why = message === null ? "" : ` (${printable(message)})`;
      return exit === 0 ? `✅ ${command}: done${why}` : `❌ ${command}: ended with ${exit}${why}`;
    }),
  json: ({ steps }) => ({ steps }),
};

const LOADED = { true: "loaded", false: "not loaded", null: "launchd can't be asked" } as const;

function status({ installed, loaded, lastExit, lastCreate, next }: ScheduleOutcome, name: string): string[] {
  if (!installed) return [`⚠️  Not installed: ${name}`];
  return [
    `${loaded === true ? "✅" : "⚠️ "} ${name}: ${LOADED[`${loaded}`]}`,
    `   Last run: ${lastExit === null ? "none known" : `ended with ${lastExit}`}`,
    `   Last snapshot: ${lastCreate ?? "none"}`,
    `   Next: ${next ?? "unknown"}`,
  ];
}
