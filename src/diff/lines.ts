// Two texts → a unified diff of them, made of masked lines: compared as they are, shown as they may be.
import { structuredPatch } from "diff";
import type { LinesDiff } from "../comparison.ts";
import type { Known } from "../secrets/known.ts";
import { maskLines } from "../secrets/line-secrets.ts";

export const CONTEXT_LINES = 3;
/** Lines that come and go at most: what one diff costs grows with its square. */
export const LONGEST_EDIT = 3000;

/** Null where the texts have so little in common that a diff of them would be of no use. */
export function compareLines(
  before: string,
  after: string,
  secretFile: boolean,
  name: string,
  known: Known,
): LinesDiff | null {
  const patch = structuredPatch("", "", before, after, "", "", { context: CONTEXT_LINES, maxEditLength: LONGEST_EDIT });
  if (patch === undefined) return null;
  const shown = {
    before: maskLines(before.split("\n"), secretFile, name),
    after: maskLines(after.split("\n"), secretFile, name),
  };
  for (const [original, masked] of [
    [before.split("\n"), shown.before],
    [after.split("\n"), shown.after],
  ] as const)
    for (const [index, line] of original.entries()) known.note(line, masked[index] ?? line, false);
  const tally = { added: 0, removed: 0 };
  const hunks = patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => {
    const at = { before: oldStart - 1, after: newStart - 1 };
    return {
      header: `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      lines: lines.map((line) => {
        const sign = line.charAt(0);
        if (sign === "\\") return line;
        if (sign === "-") {
          tally.removed++;
          return `-${shown.before[at.before++]}`;
        }
        if (sign === "+") tally.added++;
        else at.before++;
        const text = shown.after[at.after++];
        return sign + text;
      }),
    };
  });
  return { type: "lines", hunks, ...tally };
}
