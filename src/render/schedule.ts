// The daily job, as it is or would be.
import type { ScheduleOutcome } from "../outcome.ts";
import { printable, quote } from "../text.ts";

/** Previews show the whole plist; without launchd the crontab line that does the same. */
export function scheduleText(outcome: ScheduleOutcome): string[] {
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
    `✅ Installed: ${name}`,
    `   First run: ${run}${outcome.lastExit === 0 ? "" : " (its log says why; under launchd it has none of Terminal's privacy grants)"}`,
    `   Next: ${outcome.next ?? "unknown"}`,
  ];
}

function status({ installed, loaded, lastExit, lastCreate, next }: ScheduleOutcome, name: string): string[] {
  if (!installed) return [`⚠️  Not installed: ${name}`];
  return [
    `${loaded === true ? "✅" : "⚠️ "} ${name}: ${loaded === null ? "launchd can't be asked" : loaded ? "loaded" : "not loaded"}`,
    `   Last run: ${lastExit === null ? "none known" : `ended with ${lastExit}`}`,
    `   Last snapshot: ${lastCreate ?? "none"}`,
    `   Next: ${next ?? "unknown"}`,
  ];
}
