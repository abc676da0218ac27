// A REF → the snapshot it names, open for reading.
import type { AbsPath, Manifest } from "../model.ts";
import { findSnapshot, type Located, standingAt } from "../snapshot/ref.ts";
import { folderVault, manifestOf, tryManifestOf, type Vault } from "../snapshot/vault.ts";

export interface Opened {
  located: Located;
  vault: Vault;
  manifest: Manifest;
  text: string;
}

/** Finds and opens a snapshot and reads its manifest. Throws `not-found`, `usage` or `damaged`. */
export async function openSnapshot(ref: string, findStore: () => Promise<AbsPath>, cwd: AbsPath): Promise<Opened> {
  const located = await locate(ref, findStore, cwd);
  const vault = await openVault(located);
  return { located, vault, ...(await manifestOf(vault)) };
}

/** Finds a snapshot without opening it. The store is asked for only where the REF is no path: a fresh Mac has none. */
export async function locate(ref: string, findStore: () => Promise<AbsPath>, cwd: AbsPath): Promise<Located> {
  const standing = standingAt(ref, cwd);
  if (standing !== null) return standing;
  return findSnapshot(ref, await findStore(), async (entry) => {
    const read = await tryManifestOf(await openVault(entry));
    return "manifest" in read ? read.manifest.category : null;
  });
}

/** Opens a snapshot for reading. */
export async function openVault({ id, at }: Located): Promise<Vault> {
  return folderVault(id, at);
}
