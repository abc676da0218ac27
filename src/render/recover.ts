import type { RecoverOutcome } from "../tasks/recover.ts";
import { printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import { asJson, type Face, PIPE } from "./face.ts";
import { restore } from "./restore.ts";
import { earlierNotes } from "./restore-lines.ts";

export const recover: Face<RecoverOutcome> = {
  quiet: ({ outcome }) => [outcome],
  text: (outcome, paint) => [...toldRestore(outcome), ...toldGuard(outcome, paint)],
  json: ({ outcome, why, snapshot, autoBackup, kept, stuck, earlier, guard, next }) => ({
    outcome,
    why,
    snapshot,
    auto_backup: autoBackup,
    kept,
    ...(stuck.length === 0 ? {} : { stuck }),
    ...(earlier.length === 0 ? {} : { earlier_secrets: earlier }),
    guard:
      guard === null
        ? null
        : {
            snapshot: guard.snapshot,
            description: guard.description,
            program: guard.program,
            since: guard.since,
            rolled_back: guard.rolledBack === null ? null : asJson(restore, guard.rolledBack),
          },
    next,
  }),
};

function toldGuard({ guard, next }: RecoverOutcome, paint: Paint): string[] {
  if (guard === null) return [];
  const what = `${printable(guard.program)} (${printable(guard.description)}), begun ${guard.since}`;
  if (guard.rolledBack !== null)
    return [
      `🔄 A guard of ${what}, was cut off while it rolled back. That is done now:`,
      ...restore.text(guard.rolledBack, paint, PIPE),
    ];
  return [
    `⚠️  A guard of ${what}, was cut off. The state before it: ${guard.snapshot}`,
    "   To look at the way back, and to take it:",
    ...next.map((words) => `   ${words.map(quote).join(" ")}`),
  ];
}

function toldRestore({ outcome, why, snapshot, autoBackup, kept, stuck, earlier, guard }: RecoverOutcome): string[] {
  if (outcome === "nothing") return guard === null ? [`✅ Nothing to recover: ${why}`] : [];
  const what = { finished: "finished", undone: "undone", cleaned: "complete; what was left of it is cleaned up" }[
    outcome
  ];
  return [
    `✅ The restore${snapshot === null ? "" : ` of ${snapshot}`} is ${what}: ${printable(why)}`,
    ...(autoBackup === null ? [] : [`   What was there before: ${autoBackup}`]),
    ...earlierNotes({ earlier, dryRun: false }).map((note) => `⚠️  ${note}`),
    ...kept.map((path) => `⚠️  Left as it is now: ${printable(path)} (changed since)`),
    ...stuck.flatMap(({ path, holds, error }) => {
      if (outcome !== "undone") return [`⚠️  Could not be removed: ${printable(holds ?? path)}: ${printable(error)}`];
      return [
        `❌ Could not be put back: ${printable(path)}: ${printable(error)}`,
        ...(holds === null ? [] : [`   What was there is in ${printable(holds)}`]),
      ];
    }),
  ];
}
