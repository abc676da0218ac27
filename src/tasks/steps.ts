// What changed from one snapshot to the next: from manifests alone.
import { type Column, matrix } from "../diff/matrix.ts";
import type { Entry } from "../snapshot/store.ts";
import { tryOpen } from "./open.ts";
import { columnOf } from "./states.ts";

/** How a snapshot differs from the one before it; `first` has none before it, and null is what nobody can tell. */
export type Step = { new: number; modified: number; gone: number } | "first" | null;

/** The steps to those of `wanted`; `all` are the store's, newest first. A sealed or damaged one is passed over. */
export async function stepsTo(all: Entry[], wanted: ReadonlySet<string>): Promise<Map<string, Step>> {
  const inTime = all.filter(({ ahead }) => !ahead);
  const read = new Map<string, Column | null>();
  const columnAt = async (entry: Entry): Promise<Column | null> => {
    const known = read.get(entry.id);
    if (known !== undefined) return known;
    const opened = await tryOpen(entry);
    const column = opened === null ? null : columnOf(opened.manifest.files, opened.manifest.skipped);
    read.set(entry.id, column);
    return column;
  };
  const before = async (index: number): Promise<Column | "none" | null> => {
    const earlier = inTime.slice(index + 1);
    for (const entry of earlier) {
      const column = await columnAt(entry);
      if (column !== null) return column;
    }
    return earlier.length === 0 ? "none" : null;
  };
  const steps = new Map<string, Step>();
  for (const [index, entry] of inTime.entries()) {
    if (!wanted.has(entry.id)) continue;
    const now = await columnAt(entry);
    const then = now === null ? null : await before(index);
    if (then === "none") steps.set(entry.id, "first");
    else steps.set(entry.id, now === null || then === null ? null : stepFrom(then, now));
  }
  return steps;
}

function stepFrom(before: Column, after: Column): Step {
  const cells = matrix([before, after]).map((row) => row.cells[1]);
  const count = (wanted: string) => cells.filter((cell) => cell === wanted).length;
  return { new: count("added"), modified: count("changed"), gone: count("removed") };
}
