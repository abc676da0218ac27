// Some of the hunks that lead from one text to another. Pure.
import { applyPatch, reversePatch, structuredPatch } from "diff";
import { CONTEXT_LINES, LONGEST_EDIT } from "./lines.ts";

/** `after` with those hunks taken back that are wanted, by the numbers that `diff --hunks` shows; null where the texts can't be compared. */
export function takeBackHunks(
  before: string,
  after: string,
  wanted: (number: number, lines: string[]) => boolean,
  context = CONTEXT_LINES,
): string | null {
  const patch = structuredPatch("", "", before, after, "", "", { context, maxEditLength: LONGEST_EDIT });
  if (patch === undefined) return null;
  const hunks = patch.hunks.filter(({ lines }, index) => wanted(index + 1, lines));
  // What was left out stands in `after` all the same, so each hunk lies where it lies there.
  const taken = applyPatch(after, reversePatch({ ...patch, hunks }), { autoConvertLineEndings: false });
  return taken === false ? null : taken;
}

/** How many hunks lead from one text to another, by the numbers above; null where the texts can't be compared. */
export const countHunks = (before: string, after: string): number | null =>
  structuredPatch("", "", before, after, "", "", { context: CONTEXT_LINES, maxEditLength: LONGEST_EDIT })?.hunks
    .length ?? null;
