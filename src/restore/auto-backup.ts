// The second stage of a restore: a snapshot of all that it will overwrite.
import type { AbsPath, Change, Digest, Found, Notify, Plan, Skipped, Write } from "../model.ts";
import { type Captured, type Circumstances, capture } from "../snapshot/capture.ts";
import { AUTO_BACKUP } from "../snapshot/manifest.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { folderVault, tryManifestOf } from "../snapshot/vault.ts";

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

/** Whether one other snapshot holds all that the backup does, sound: the same files with the same content, mode and link. */
export async function isHeldElsewhere({ id, files, skipped }: Captured, store: AbsPath): Promise<boolean> {
  if (skipped.length > 0) return false;
  for (const { id: other, at, forms } of listSnapshots(store)) {
    if (other === id || !forms.includes("folder")) continue;
    const vault = folderVault(other, at);
    const read = await tryManifestOf(vault);
    if ("broken" in read) continue;
    const known = new Map(read.manifest.files.map((file) => [file.original, file]));
    const isHeld = files.every(({ original, hash, mode, symlink }) => {
      const file = known.get(original);
      return file?.hash === hash && file.mode === mode && file.symlink === symlink;
    });
    if (!isHeld) continue;
    const checked = await Promise.all(
      files
        .map(({ original }) => known.get(original))
        .map(async (file) => (file === undefined ? "missing" : (await vault.check(file.stored, file.hash)).state)),
    );
    if (checked.every((state) => state === "ok")) return true;
  }
  return false;
}
