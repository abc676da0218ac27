import type { RecoverOutcome } from "../tasks/recover.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const recover: Face<RecoverOutcome> = {
  quiet: ({ outcome }) => [outcome],
  text({ outcome, why, snapshot, autoBackup, kept }) {
    if (outcome === "nothing") return [`✅ Nothing to recover: ${why}`];
    const what = { finished: "finished", undone: "undone", cleaned: "complete; what was left of it is cleaned up" }[
      outcome
    ];
    return [
      `✅ The restore${snapshot === null ? "" : ` of ${snapshot}`} is ${what}: ${printable(why)}`,
      ...(autoBackup === null ? [] : [`   What was there before: ${autoBackup}`]),
      ...kept.map((path) => `⚠️  Left as it is now: ${printable(path)} (changed since)`),
    ];
  },
  json: ({ outcome, why, snapshot, autoBackup, kept }) => ({ outcome, why, snapshot, auto_backup: autoBackup, kept }),
};
