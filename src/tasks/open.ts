// A REF → the snapshot it names, open for reading, whatever its form.

import type { SecretKey } from "../archive/seal.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Manifest } from "../model.ts";
import { below } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { notedAutoBackups } from "../snapshot/audit-read.ts";
import { type Glance, glance } from "../snapshot/glance.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import { AUTO_BACKUP } from "../snapshot/manifest.ts";
import { findSnapshot, type Located, standingAt, type Tell } from "../snapshot/ref.ts";
import type { Form } from "../snapshot/store.ts";
import { folderVault, manifestOf, type Vault } from "../snapshot/vault.ts";

export interface Opened {
  located: Located;
  vault: Vault;
  manifest: Manifest;
}

/** Gives the secret keys that open sealed archives; asked only where one is met. */
export type Keys = () => SecretKey[];

/** Finds and opens a snapshot and reads its manifest. Throws `not-found`, `usage`, `damaged` or `refused`. */
export async function openSnapshot(
  ref: string,
  findStore: () => Promise<AbsPath>,
  cwd: AbsPath,
  keys: Keys,
): Promise<Opened> {
  const located = await locate(ref, findStore, cwd);
  const vault = await openVault(located, keys);
  return { located, vault, manifest: (await manifestOf(vault)).manifest };
}

/** Finds a snapshot without opening it. The store is asked for only where the REF is not a path: a fresh Mac has none. */
export async function locate(ref: string, findStore: () => Promise<AbsPath>, cwd: AbsPath): Promise<Located> {
  const standing = standingAt(ref, cwd);
  if (standing !== null) return standing;
  const store = await findStore();
  return findSnapshot(ref, store, tellOf(store));
}

/** What a snapshot says of itself; of one that is sealed or damaged the audit trail knows whether a restore took it. */
function tellOf(store: AbsPath): Tell {
  let backups: Set<string> | undefined;
  return async (entry) => {
    const seen = await glanceAt(entry);
    if (seen !== null) return seen;
    backups ??= notedAutoBackups(store);
    return backups.has(entry.id) ? { category: AUTO_BACKUP } : null;
  };
}

/** The same without a key and without an error: null where it is sealed or damaged. */
export async function tryOpen(located: Located): Promise<{ vault: Vault; manifest: Manifest } | null> {
  if (formOf(located) === "zip.age") return null;
  try {
    const vault = await openVault(located, () => []);
    return { vault, manifest: (await manifestOf(vault)).manifest };
  } catch (cause) {
    if (cause instanceof RollbackError) return null;
    throw cause;
  }
}

/** Opens a snapshot in its first form: the folder, else the plain archive, else the sealed one; of that `onBytes` is told what was opened. */
export async function openVault(located: Located, keys: Keys, onBytes?: (count: number) => void): Promise<Vault> {
  const { id, at } = located;
  if (formOf(located) === "folder") return folderVault(id, at);
  const { openSealed, openZip } = await import("../archive/vault.ts");
  const archive = await (formOf(located) === "zip" ? openZip(id, at) : openSealed(id, at, keys(), onBytes));
  // Elsewhere than in a store an archive may have any name, but an id as a name says what is in it.
  if (isSnapshotId(id) && archive.top !== id) throw fail.archiveOfAnother(at, archive.top);
  return archive;
}

/** The manifest of a snapshot that stands in the store as a folder. */
export const readManifestOf = (id: string, store: AbsPath) => manifestOf(folderVault(id, below(store, id)));

/** Glances that are read once each, for a work that asks several times. */
export function rememberGlances(): (entry: Located) => Promise<Glance | null> {
  const seen = new Map<string, Promise<Glance | null>>();
  return (entry) => {
    const glance = seen.get(entry.at) ?? glanceAt(entry);
    seen.set(entry.at, glance);
    return glance;
  };
}

/** A snapshot's row of a list; null where it can't be used at all, or is sealed. */
export async function glanceAt(entry: Located): Promise<Glance | null> {
  try {
    return formOf(entry) === "zip.age" ? null : await glance(await openVault(entry, () => []));
  } catch (cause) {
    if (cause instanceof RollbackError) return null;
    throw cause;
  }
}

/** The form that `openVault` opens. */
export const formOf = ({ forms }: Pick<Located, "forms">): Form => forms[0] ?? "folder";
