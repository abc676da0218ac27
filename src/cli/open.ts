// A REF → the snapshot it names, open for reading.
import type { AbsPath, Manifest } from "../model.ts";
import { findSnapshot, type Located } from "../snapshot/ref.ts";
import { folderVault, manifestOf, tryManifestOf, type Vault } from "../snapshot/vault.ts";

export interface Opened {
  located: Located;
  vault: Vault;
  manifest: Manifest;
  text: string;
}

/** Finds and opens a snapshot and reads its manifest. Throws `not-found`, `usage` or `damaged`. */
export async function openSnapshot(ref: string, store: AbsPath, cwd: AbsPath): Promise<Opened> {
  const located = await locate(ref, store, cwd);
  const vault = await openVault(located);
  return { located, vault, ...(await manifestOf(vault)) };
}

/** Finds a snapshot without opening it. */
export function locate(ref: string, store: AbsPath, cwd: AbsPath): Promise<Located> {
  return findSnapshot(ref, store, cwd, async (entry) => {
    const read = await tryManifestOf(await openVault(entry));
    return "manifest" in read ? read.manifest.category : null;
  });
}

/** Opens a snapshot for reading. */
export async function openVault({ id, at }: Located): Promise<Vault> {
  return folderVault(id, at);
}
