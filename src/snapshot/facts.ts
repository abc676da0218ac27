// What lists and pages say about one snapshot, from its manifest and a look at its folder's names.
import { RollbackError } from "../errors.ts";
import type { AbsPath, Manifest, SnapshotId } from "../model.ts";
import type { Listed } from "../outcome.ts";
import { below } from "../paths.ts";
import { ifReadable, look } from "../system/files.ts";
import { countFiles } from "./manifest.ts";
import type { Entry } from "./store.ts";
import { missingFiles, tryManifestOf, type Vault } from "./vault.ts";

/**
 * One row of a list. Reads the manifest and three folder listings, never a stored file; a sealed archive is not opened. `nowMs` is
 * ms since the epoch, UTC.
 */
export async function describeEntry(
  { id, forms }: Entry,
  open: () => Promise<Vault>,
  pinned: ReadonlySet<SnapshotId>,
  nowMs: number,
): Promise<Listed> {
  const unread = (status: "damaged" | "sealed"): Listed => ({
    id,
    pinned: pinned.has(id),
    forms,
    description: null,
    category: null,
    createdAt: null,
    ageSeconds: null,
    files: countFiles([]),
    sizeBytes: null,
    complete: false,
    status,
  });
  if (forms[0] === "zip.age") return unread("sealed");
  let vault: Vault;
  try {
    vault = await open();
  } catch (cause) {
    if (cause instanceof RollbackError) return unread("damaged");
    throw cause;
  }
  const read = await tryManifestOf(vault);
  if ("broken" in read) return unread("damaged");
  const { manifest } = read;
  const missing = missingFiles(vault, manifest).length > 0;
  return {
    id,
    pinned: pinned.has(id),
    forms,
    description: manifest.description,
    category: manifest.category,
    createdAt: manifest.createdAt,
    ageSeconds: ageSeconds(manifest, nowMs),
    files: countFiles(manifest.files),
    sizeBytes: sizeOf(manifest, vault.at),
    complete: manifest.complete,
    status: missing ? "damaged" : manifest.complete ? "ok" : "incomplete",
  };
}

/** Whole seconds since the snapshot was taken; 0 for one dated in the future. */
export const ageSeconds = (manifest: Manifest, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - manifest.createdAtMs) / 1000));

/** Bytes of all stored files: as recorded, or as they lie there where the original tool recorded none. Null where one is missing. */
export function sizeOf(manifest: Manifest, folder: AbsPath): number | null {
  let sum = 0;
  for (const { size, stored } of manifest.files) {
    const bytes = size ?? ifReadable(() => look(below(folder, stored)))?.size;
    if (bytes === undefined) return null;
    sum += bytes;
  }
  return sum;
}
