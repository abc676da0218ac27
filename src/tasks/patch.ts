// What a restore changes inside the files it modifies, from its plan: what was there on one side, what it writes on the other.
import type { Comparison } from "../comparison.ts";
import { compareVersions, hideKnown, type Version } from "../diff/compare.ts";
import type { AbsPath, Change, Plan, StoredRef } from "../model.ts";
import { observe } from "../restore/observe.ts";
import { readStored } from "../restore/stored-ref.ts";
import { knownSecrets } from "../secrets/known.ts";
import type { Vault } from "../snapshot/vault.ts";
import { liveVersion, storedVersion } from "./states.ts";

export type Patch = Pick<Comparison, "files" | "problems">;

/** Before the restore, the live files are what was there. */
export const patchOf = (plan: Plan, vault: Vault): Promise<Patch> =>
  compare(plan, vault, ({ path, name, kind }) => {
    const seen = liveVersion(observe(path as AbsPath, null), name, kind);
    return "version" in seen ? seen.version : null;
  });

/** Afterwards, its auto-backup holds them. */
export async function patchDone(plan: Plan, vault: Vault, backup: Vault | null, files: Backup): Promise<Patch> {
  if (backup === null) return { files: [], problems: [] };
  const kept = new Map(files.map((file) => [file.original, file]));
  return compare(plan, vault, ({ path }) => {
    const file = kept.get(path);
    return file === undefined ? null : storedVersion(backup, file, path);
  });
}
type Backup = Parameters<typeof storedVersion>[1][];

async function compare(plan: Plan, vault: Vault, wasAt: (change: Change) => Version | null): Promise<Patch> {
  const patch: Patch = { files: [], problems: [] };
  const known = knownSecrets();
  for (const change of plan.changes) {
    if (change.action !== "modify") continue;
    const before = wasAt(change);
    if (before === null) continue;
    const { diff, problems } = await compareVersions(before, written(change, before, vault), known);
    if (diff !== null) patch.files.push(diff);
    patch.problems.push(...problems);
  }
  return { ...patch, files: hideKnown(patch.files, known) };
}

/** The file as the plan's writes leave it; what they do not touch stays. */
function written({ writes, kind }: Change, before: Version, vault: Vault): Version {
  const after = { ...before, kind, mtimeMs: undefined };
  for (const write of writes) {
    if (write.type === "link") after.link = write.target;
    else {
      const { from, hash, mode } = write;
      Object.assign(after, { hash, mode, size: undefined, read: async (limit: number) => read(from, vault, limit) });
    }
  }
  return after;
}

async function read(from: StoredRef, vault: Vault, limit: number) {
  try {
    return await readStored(from, vault, limit);
  } catch (cause) {
    if (cause instanceof RangeError) return "large";
    throw cause;
  }
}
