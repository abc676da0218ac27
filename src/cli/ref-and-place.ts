// `[REF] [DEST]`, of which either may be left out.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { isSnapshotWord } from "../tasks/destinations.ts";

/** One word alone is a destination unless it can only be a snapshot. Throws `usage` for a REF beside `--all`. */
export function refAndPlace(
  { ref, dest }: { ref?: string | undefined; dest?: string | undefined },
  all: boolean,
  cwd: AbsPath,
): { ref: string | undefined; dest: string | undefined } {
  const isRef = dest !== undefined || (ref !== undefined && isSnapshotWord(ref, cwd));
  if (all && isRef && ref !== undefined) throw fail.badValue("--all", ref, "no REF beside it");
  return isRef ? { ref, dest } : { ref: undefined, dest: ref };
}
