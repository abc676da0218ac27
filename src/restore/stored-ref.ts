// The checked bytes that a plan's write takes: of a stored file, or what was made of them.
import type { AbsPath, Digest, StoredRef } from "../model.ts";
import { nameOf } from "../paths.ts";
import { folderVault, type Vault } from "../snapshot/vault.ts";
import { type Attributes, writeNew } from "../system/durable.ts";
import { digestOf } from "../system/files.ts";

/** The snapshot that is being restored, or the one in whose folder `at` a damaged file's bytes were found. */
export const vaultAt = (at: AbsPath, restored: Vault): Vault =>
  at === restored.at ? restored : folderVault(nameOf(at), at);

/** At most `limit` bytes; throws a RangeError where there are more. */
export async function readStored({ at, stored, content }: StoredRef, vault: Vault, limit: number): Promise<Uint8Array> {
  if (content === undefined) return vaultAt(at, vault).read(stored, limit);
  if (content.length > limit) throw new RangeError(`${stored} has more than ${limit} bytes`);
  return content;
}

/** As a new file; returns the hash of what was written. Not flushed. */
export async function copyStored(
  { at, stored, content }: StoredRef,
  to: AbsPath,
  attributes: Attributes,
  { vault, onBytes }: { vault: Vault; onBytes?: (count: number) => void },
): Promise<Digest> {
  if (content === undefined) return vaultAt(at, vault).copy(stored, to, attributes, onBytes);
  writeNew(to, content, attributes);
  return digestOf(content);
}
