import type { LeaksOutcome } from "../tasks/leaks.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const leaks: Face<LeaksOutcome> = {
  quiet: ({ leaks: found }) => found.map(({ path }) => printable(path)),
  text({ checked, leaks: found }) {
    if (!checked) return [];
    if (found.length === 0) return ["✅ git's index holds no secret that rollback knows"];
    return [
      ...found.map(({ path, why }) => `❌ ${printable(path)}: ${printable(why)}`),
      "   Take it out: git rm --cached FILE. Was it ever pushed? Then change that key: whoever has a clone has it.",
    ];
  },
  json: ({ checked, leaks: found }) => ({ checked, leaks: found }),
};
