// Every venv that there is or was, and what the snapshots say of each.
import { fail } from "../errors.ts";
import { expand } from "../inventory/patterns.ts";
import { findVenvs, type Venv, venvKey, venvPath } from "../inventory/venv.ts";
import type { AbsPath, SnapshotId, VenvState } from "../model.ts";
import { absolute, below, nameOf, parentOf } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { keptByRepairs } from "../snapshot/audit-read.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { manifestOf } from "../snapshot/vault.ts";
import { entriesIn, exists, ifReadable, isFolder } from "../system/files.ts";
import { keptFor } from "../upkeep/venv-plan.ts";
import { isHalfMade } from "../upkeep/venv-repair.ts";
import type { Context } from "./context.ts";
import { formOf, openVault } from "./open.ts";
import type { Site } from "./site.ts";

export interface KnownVenv extends Venv {
  /** Where a repair that was cut off keeps the venv from before. */
  leftover: AbsPath | null;
}

/** The venv at `named`, else all: those that match now, those that the newest snapshot has, those that a cut-off repair moved away. */
export async function knownVenvs(
  named: string | undefined,
  site: Site,
  history: VenvHistory,
  { world, notify }: Pick<Context, "world" | "notify">,
): Promise<KnownVenv[]> {
  if (named !== undefined) {
    const path = absolute(named, world.cwd);
    const key = venvKey(path, site);
    const leftover = leftoverOf(path, site.store);
    const isRecorded = async () => (await history(() => true))?.venvs[key]?.exists === true;
    if (!isFolder(path) && leftover === null && !(await isRecorded())) throw fail.noVenv(path);
    return [{ key, path, leftover }];
  }
  const { venvs, warnings } = await findVenvs(site.config, site);
  for (const message of warnings) notify({ type: "warning", message });
  const paths = new Set(venvs.map(({ path }) => path));
  for (const pattern of site.config.venvs)
    for (const kept of (await expand(`${pattern}.backup_*`, site, "folders")).paths) {
      const name = keptFor(nameOf(kept));
      const path = below(parentOf(kept), name ?? "");
      if (name !== null && leftoverOf(path, site.store) !== null) paths.add(path);
    }
  const newest = await history(() => true);
  for (const [key, state] of Object.entries(newest?.venvs ?? {})) if (state.exists) paths.add(venvPath(key, site));
  return [...paths].sort().map((path) => ({ key: venvKey(path, site), path, leftover: leftoverOf(path, site.store) }));
}

/** The newest of the kept folders, where the venv itself is missing or half made; not one that is kept by a repair that went well. */
function leftoverOf(path: AbsPath, store: AbsPath): AbsPath | null {
  if (exists(path) && !isHalfMade(path)) return null;
  const names = (ifReadable(() => entriesIn(parentOf(path))) ?? [])
    .filter((entry) => entry.isDirectory() && keptFor(entry.name) === nameOf(path))
    .map(({ name }) => name);
  const newest = names.sort().at(-1);
  const kept = newest === undefined ? null : below(parentOf(path), newest);
  return kept === null || keptByRepairs(store).has(kept) ? null : kept;
}

interface VenvRecord {
  id: SnapshotId;
  venvs: Record<string, VenvState>;
}
/** The newest snapshot whose record fits; null where there is none. */
export type VenvHistory = (fits: (venvs: VenvRecord["venvs"]) => boolean) => Promise<VenvRecord | null>;

/** Reads manifests from the newest on, each once and only as far back as is asked. Sealed and damaged ones are passed over. */
export function venvHistory(store: AbsPath): VenvHistory {
  const unread = listSnapshots(store);
  const read: VenvRecord[] = [];
  return async (fits) => {
    const known = read.find(({ venvs }) => fits(venvs));
    if (known !== undefined) return known;
    for (let entry = unread.shift(); entry !== undefined; entry = unread.shift()) {
      if (formOf(entry) === "zip.age") continue;
      try {
        const { manifest } = await manifestOf(await openVault(entry, () => []));
        const record = { id: entry.id, venvs: manifest.venvs };
        read.push(record);
        if (fits(record.venvs)) return record;
      } catch (cause) {
        if (!(cause instanceof RollbackError)) throw cause;
      }
    }
    return null;
  };
}

/** Whether the record says that the venv's own python ran. The original tool noted a version only then. */
export const ranThen = (state: VenvState | undefined): boolean =>
  state?.exists === true &&
  state.healthy !== false &&
  state.python_version !== null &&
  state.version_from !== "pyvenv.cfg";
