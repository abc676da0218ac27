// The same bytes often stand in several snapshots: a healthy spare of what one of them has lost.
import type { AbsPath, Digest, FileFacts, StoredPath } from "../model.ts";
import { listSnapshots } from "./store.ts";
import { folderVault, tryManifestOf, type Vault } from "./vault.ts";

export interface Spare {
  vault: Vault;
  stored: StoredPath;
  facts: FileFacts;
}
export type FindSpare = (hash: Digest, notIn: AbsPath) => Promise<Spare | null>;

/** Looks among a store's folders. Manifests are read at the first question, and a spare is hashed before it is offered. */
export function healthySpares(store: AbsPath): FindSpare {
  let index: Map<Digest, { vault: Vault; stored: StoredPath }[]> | undefined;
  return async (hash, notIn) => {
    index ??= await indexByHash(store);
    for (const { vault, stored } of index.get(hash) ?? []) {
      if (vault.at === notIn) continue;
      const checked = await vault.check(stored, hash);
      if (checked.state === "ok") return { vault, stored, facts: checked.facts };
    }
    return null;
  };
}

async function indexByHash(store: AbsPath) {
  const index = new Map<Digest, { vault: Vault; stored: StoredPath }[]>();
  for (const { id, at, forms } of listSnapshots(store)) {
    if (!forms.includes("folder")) continue;
    const vault = folderVault(id, at);
    const read = await tryManifestOf(vault);
    if ("broken" in read) continue;
    for (const { hash, stored } of read.manifest.files) {
      const spares = index.get(hash);
      if (spares === undefined) index.set(hash, [{ vault, stored }]);
      else spares.push({ vault, stored });
    }
  }
  return index;
}
