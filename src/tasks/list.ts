// `list`: the snapshots, newest first.
import { fail } from "../errors.ts";
import { EXIT } from "../rollback-error.ts";
import { describeEntry, type Listed } from "../snapshot/facts.ts";
import { pinnedIds } from "../snapshot/pins.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { exists } from "../system/files.ts";
import { quote } from "../text.ts";
import type { Context, Ending } from "./context.ts";
import { openVault } from "./open.ts";
import { findStoreAlone } from "./site.ts";
import { type Step, stepsTo } from "./steps.ts";
import { unfinishedRestore, warnOfCutOffGuard } from "./unfinished.ts";

export interface ListRequest {
  /** How many are shown. */
  limit: number;
  /** Only those of this category; undefined is every one. */
  category: string | undefined;
  /** Whether each is told in one row, with what changed against the one before; `many`: where there are more than three. */
  rows: boolean | "many";
}

const FEW = 3;
/** Of so many of the newest the manifests are read for what changed: of thousands that would take seconds. */
const COMPARED = 200;

export interface ListOutcome extends Ending {
  command: "list";
  /** How many there are, shown or not. */
  total: number;
  snapshots: Listed[];
  /** By id; null where not rows were asked for, but all of each one's facts. */
  steps: Map<string, Step> | null;
}

export async function list(
  { limit, category, rows }: ListRequest,
  { world, named, notify }: Context,
): Promise<ListOutcome> {
  const store = await findStoreAlone(world, named);
  if (named.snapshots !== undefined && !exists(store)) throw fail.noStore(store);
  const entries = listSnapshots(store);
  const categories = new Map<string, number>();
  const pinned = pinnedIds(store);
  const nowMs = Date.now();
  const snapshots: Listed[] = [];
  let total = category === undefined ? entries.length : 0;
  for (const entry of entries) {
    // The few that are dated ahead are always shown.
    if (category === undefined && snapshots.length >= limit && !entry.ahead) continue;
    const row = await describeEntry(entry, () => openVault(entry, () => []), pinned, nowMs);
    if (row.category !== null) categories.set(row.category, (categories.get(row.category) ?? 0) + 1);
    if (category !== undefined && row.category !== category) continue;
    if (category !== undefined) total++;
    if (snapshots.length < limit || entry.ahead) snapshots.push(row);
  }
  if (category !== undefined && total === 0) {
    const { closestMatch } = await import("leven");
    const name = closestMatch(category, [...categories.keys()], { maxDistance: 3 });
    const count = name === undefined ? 0 : (categories.get(name) ?? 0);
    throw fail.noSuchCategory(category, name === undefined ? undefined : { name, count, shown: quote(name) });
  }
  await unfinishedRestore(store, notify);
  warnOfCutOffGuard(store, notify);
  const inRows = rows === "many" ? total > FEW : rows;
  const steps = inRows ? await stepsTo(entries, new Set(snapshots.slice(0, COMPARED).map(({ id }) => id))) : null;
  return { command: "list", exit: EXIT.done, total, snapshots, steps };
}
