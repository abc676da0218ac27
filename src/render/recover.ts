import type { RecoverOutcome } from "../tasks/recover.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const recover: Face<RecoverOutcome> = {
  quiet: ({ outcome }) => [outcome],
  text({ outcome, why, snapshot, autoBackup, kept, stuck }) {
    if (outcome === "nothing") return [`✅ Nothing to recover: ${why}`];
    const what = { finished: "finished", undone: "undone", cleaned: "complete; what was left of it is cleaned up" }[
      outcome
    ];
    return [
      `✅ The restore${snapshot === null ? "" : ` of ${snapshot}`} is ${what}: ${printable(why)}`,
      ...(autoBackup === null ? [] : [`   What was there before: ${autoBackup}`]),
      ...kept.map((path) => `⚠️  Left as it is now: ${printable(path)} (changed since)`),
      ...stuck.flatMap(({ path, holds, error }) => [
        `❌ Could not be put back: ${printable(path)}: ${printable(error)}`,
        ...(holds === null ? [] : [`   What was there is in ${printable(holds)}`]),
      ]),
    ];
  },
  json: ({ outcome, why, snapshot, autoBackup, kept, stuck }) => ({
    outcome,
    why,
    snapshot,
    auto_backup: autoBackup,
    kept,
    ...(stuck.length === 0 ? {} : { stuck }),
  }),
};
