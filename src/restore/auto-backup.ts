// The second stage of a restore: a snapshot of all that it will overwrite.
import type { AbsPath, Change, Digest, Found, Notify, Plan, Skipped, Write } from "../model.ts";
import { type Captured, type Circumstances, capture } from "../snapshot/capture.ts";
import { AUTO_BACKUP } from "../snapshot/manifest.ts";

export interface BackupRequest {
  store: AbsPath;
  /** The live files that the inventory finds, and what it could not look at. */
  found: Found[];
  skipped: Skipped[];
  circumstances: Circumstances;
}

/** A full snapshot, and in it every file that the plan overwrites, whether the config names it or not. */
export function backUp(
  { store, found, skipped, circumstances }: BackupRequest,
  plan: Plan,
  notify: Notify,
): Promise<Captured> {
  const all = new Map(found.map((item) => [item.path, item]));
  for (const item of plan.changes.flatMap((change) => overwrittenBy(change, plan.snapshot)))
    if (!all.has(item.path)) all.set(item.path, item);
  return capture(
    {
      store,
      found: [...all.values()],
      skipped,
      description: backupDescription(plan.snapshot),
      category: AUTO_BACKUP,
      circumstances,
      ifChanged: false,
      mayBeEmpty: true,
      unfinishedRestore: undefined,
      beforeRestoreOf: plan.snapshot,
    },
    notify,
  );
}

export const backupDescription = (snapshot: string): string => `Auto-backup before restoring ${snapshot}`;

/** The live files that one change replaces. Where a link changes, what the new one leads to is overwritten as well. */
function overwrittenBy({ path, kind, name, writes }: Change, snapshot: string): Found[] {
  if (writes.every(({ was }) => was.state === "absent")) return [];
  const relinked = writes.some(({ type }) => type === "link");
  const behind = relinked ? writes.filter(({ was }) => was.state === "file").map(({ at }) => at) : [];
  const foundBy = [`overwritten by the restore of ${snapshot}`];
  return [path as AbsPath, ...behind].map((at) => ({ path: at, kind, name, foundBy }));
}

/** The writes of a plan that replace something. */
export const overwriting = (plan: Plan): Write[] =>
  plan.changes.flatMap(({ writes }) => writes).filter(({ was }) => was.state !== "absent");

/** Writes whose old content the backup does not hold. A link's target text stands in the backup's manifest or its skipped list. */
export function notCovered(plan: Plan, { files }: Captured): Write[] {
  const held = new Set<Digest>(files.map(({ hash }) => hash));
  return overwriting(plan).filter(
    ({ was }) => was.state === "unknown" || (was.state === "file" && !held.has(was.hash)),
  );
}
