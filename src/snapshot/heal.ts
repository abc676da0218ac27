// Putting a damaged or missing stored file back from a healthy copy of the same bytes in another snapshot.
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Manifest } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { flush, makeFolders, NotWritten, PRIVATE, rename, writeNew } from "../system/durable.ts";
import { digestOf, look } from "../system/files.ts";
import { CREDENTIAL_MANIFEST_NAME, credentialManifest } from "./credential-manifest.ts";
import type { FindSpare, Spare } from "./spares.ts";
import { inStaging } from "./store.ts";
import { tryManifestOf, type Vault } from "./vault.ts";

/**
 * Mends what can be mended in one snapshot and returns it. Each file is replaced atomically, and only after its spare was
 * hashed. A link that stands in a file's place is left for a person to judge, and so is a snapshot whose manifest is not the
 * one that `noted` says.
 */
export async function healSnapshot(
  store: AbsPath,
  vault: Vault,
  noted: Digest | undefined,
  findSpare: FindSpare,
): Promise<string[]> {
  const read = await tryManifestOf(vault);
  if ("broken" in read || (noted !== undefined && digestOf(read.text) !== noted)) return [];
  const healed: string[] = [];
  for (const { stored, hash } of read.manifest.files) {
    const { state } = await vault.check(stored, hash);
    const spare = state === "ok" || state === "link" ? null : await findSpare(hash, vault.at);
    if (spare !== null && (await replaceStored(store, below(vault.at, stored), spare, hash))) healed.push(stored);
  }
  if (await healCredentialManifest(store, vault, read)) healed.push(CREDENTIAL_MANIFEST_NAME);
  return healed;
}

/** It is made anew from the manifest. One of the original tool's, and one that can't be read, is left alone. */
async function healCredentialManifest(
  store: AbsPath,
  vault: Vault,
  { manifest, text }: { manifest: Manifest; text: string },
): Promise<boolean> {
  const credentials = manifest.files.filter(({ kind }) => kind === "credential");
  const [paper] = await vault.papers(manifest, text);
  const target = below(vault.at, CREDENTIAL_MANIFEST_NAME);
  if (paper === undefined || manifest.format === 1 || credentials.length === 0) return false;
  if (paper.state === "unreadable" || look(target)?.isSymbolicLink()) return false;
  return inStaging(store, async (staging) => {
    const fresh = below(staging, "file");
    try {
      writeNew(fresh, credentialManifest(vault.id, manifest.createdAt, credentials));
      flush([fresh]);
      rename(fresh, target);
      flush([vault.at]);
      return true;
    } catch (cause) {
      throw fail.io("mend", target, cause instanceof NotWritten ? cause.cause : cause);
    }
  });
}

function replaceStored(store: AbsPath, target: AbsPath, spare: Spare, hash: Digest): Promise<boolean> {
  return inStaging(store, async (staging) => {
    const fresh = below(staging, "file");
    try {
      if ((await spare.vault.copy(spare.stored, fresh, PRIVATE)) !== hash) return false;
      makeFolders(parentOf(target), 0o700);
      flush([fresh]);
      rename(fresh, target);
      flush([parentOf(target), parentOf(parentOf(target))]);
      return true;
    } catch (cause) {
      throw fail.io("mend", target, cause instanceof NotWritten ? cause.cause : cause);
    }
  });
}
