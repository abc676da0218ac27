import type { LeaksOutcome } from "../tasks/leaks.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export const leaks: Face<LeaksOutcome> = {
  quiet: ({ leaks: found }) => [...new Set(found.map(({ path }) => printable(path)))],
  text({ checked, leaks: found, values, snapshots, files }) {
    if (!checked) return [];
    const compared = `${counted(values, "secret value")} of the live files and ${counted(snapshots, "snapshot")}`;
    if (found.length > 0)
      return [
        ...found.map((leak) => `❌ ${placeOf(leak)}: ${printable(leak.why)}`),
        "   Take it out: git rm --cached FILE. Was it ever pushed? Then change that key: whoever has a clone has it.",
      ];
    if (snapshots === 0)
      return [
        "⚠️  No snapshot to compare with",
        `   ${counted(files, "file")} of git looked into for ${counted(values, "secret value")} of the live files alone: none found.`,
        '   Take one: rollback create "First snapshot". In another checkout name its folder: --snapshots DIR',
      ];
    return [
      "✅ git's index holds no secret that rollback knows",
      `   ${counted(files, "file")} looked into for ${compared}`,
    ];
  },
  json: ({ checked, leaks: found, files, values, snapshots, unread }) => ({
    checked,
    leaks: found.map(({ heldBy, ...leak }) => ({
      ...leak,
      held_by: heldBy && {
        path: heldBy.path,
        name: heldBy.name,
        key: heldBy.key,
        live: heldBy.live,
        snapshots: heldBy.snapshots,
      },
    })),
    ...(checked ? { compared: { files, values, snapshots }, not_looked_into: unread } : {}),
  }),
};

/** `PATH:LINE`, and the entry of an archive. */
function placeOf({ path, line, inside }: LeaksOutcome["leaks"][number]): string {
  if (inside === null) return line === null ? printable(path) : `${printable(path)}:${line}`;
  return `${printable(path)} (${printable(inside)}${line === null ? "" : `:${line}`})`;
}
