// The daily job, as it is or would be.
import type { ScheduledRunOutcome, ScheduleOutcome } from "../tasks/schedule.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const schedule: Face<ScheduleOutcome> = {
  quiet: ({ installed }) => [installed ? "installed" : "not installed"],
  /** Previews show the whole plist; without launchd the crontab line that does the same. */
  text(outcome) {
    const { action, dryRun, label, plist, installed, crontab, content, commandToRun } = outcome;
    if (crontab !== null) return byCron(action, installed, crontab);
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
    return [
      outcome.wasSame ? `✅ Installed already, and left as it is: ${name}` : `✅ Installed: ${name}`,
      outcome.ran ? firstRun(outcome.lastExit) : lastRun(outcome),
      `   Next: ${outcome.next ?? "unknown"}`,
    ];
  },
  json({ action, dryRun, label, plist, installed, loaded, lastExit, trouble, lastCreate, next, crontab }) {
    const facts = {
      label,
      plist,
      installed,
      loaded,
      last_exit: lastExit,
      trouble,
      last_create: lastCreate,
      next,
      crontab,
    };
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
  json: ({ steps }) => ({ command: "schedule", action: "run", steps }),
};

function firstRun(lastExit: number | null): string {
  const ran = lastExit === null ? "it has not ended yet" : `it ended with ${lastExit}`;
  const why = lastExit === 0 ? "" : " (its log says why; under launchd it has none of Terminal's privacy grants)";
  return `   First run: ${ran}${why}`;
}

/** There is no launchd: what to do by hand, or whether it was done. */
function byCron(action: ScheduleOutcome["action"], installed: boolean, crontab: string): string[] {
  const line = `   ${printable(crontab)}`;
  const there = installed ? "✅ In your crontab" : "⚠️  Not in your crontab";
  if (action === "status") return [`${there}: the daily job. The line for it (crontab -e):`, line];
  if (action === "install" && installed) return ["It is in your crontab already. The line for it:", line];
  if (action === "install")
    return ["There is no launchd here, and the crontab is yours to edit: crontab -e. Add this line:", line];
  if (!installed) return ["There is no launchd here, and no such line is in your crontab."];
  return ["There is no launchd here, and the crontab is yours to edit: crontab -e. Remove the line with:", line];
}

const lastRun = ({ lastExit, trouble }: Pick<ScheduleOutcome, "lastExit" | "trouble">): string =>
  `   Last run: ${printable(trouble ?? (lastExit === null ? "none known" : `ended with ${lastExit}`))}`;

const LOADED = { true: "loaded", false: "not loaded", null: "launchd can't be asked" } as const;

function status({ installed, loaded, lastExit, trouble, lastCreate, next }: ScheduleOutcome, name: string): string[] {
  if (!installed) return [`⚠️  Not installed: ${name}`];
  const well = loaded === true && trouble === null;
  return [
    `${well ? "✅" : "⚠️ "} ${name}: ${LOADED[`${loaded}`]}`,
    lastRun({ lastExit, trouble }),
    `   Last snapshot: ${lastCreate ?? "none"}`,
    `   Next: ${next ?? "unknown"}`,
  ];
}
