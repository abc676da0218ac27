// An archive → the snapshot's folder, byte for byte, whole or not at all.
import { fail } from "../errors.ts";
import type { AbsPath, Counts, SnapshotId } from "../model.ts";
import { below } from "../paths.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { CREDENTIAL_MANIFEST_NAME } from "../snapshot/credential-manifest.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import { countFiles, MANIFEST_NAME } from "../snapshot/manifest.ts";
import { flushStaged, inStaging } from "../snapshot/store.ts";
import { flush, makeFolder, NotWritten, openSink, PRIVATE, rename, writeNew } from "../system/durable.ts";
import { freeBytes, look } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import type { ArchiveVault } from "./vault.ts";

const CHECK_EVERY = 16;

/**
 * Unpacks into the store under the id that the archive holds; SHA256SUMS and RESTORE.txt stay behind. The caller is the store's
 * writer. Throws `failed` where that snapshot's folder is there already or the disk is too small, `damaged` where a file does not match.
 */
export async function unpack(
  store: AbsPath,
  archive: ArchiveVault,
): Promise<{ id: SnapshotId; folder: AbsPath; files: Counts }> {
  const { top: id, manifest, text, entries } = archive;
  if (!isSnapshotId(id))
    throw fail.archiveUnsafe(archive.at, `its folder ${JSON.stringify(id)} is not a snapshot's id`);
  const folder = below(store, id);
  if (look(folder) !== null) throw fail.alreadyThere(folder, "you want the archive's in its place");
  const needed = [...entries.values()].reduce((sum, { size }) => sum + size, 0);
  const free = freeBytes(store);
  if (free !== null && needed > free) throw fail.diskTooSmall(store, needed, free);
  try {
    await inStaging(store, async (staging) => {
      const written: AbsPath[] = [];
      for (const kind of ["plist", "config", "credentials"]) makeFolder(below(staging, kind), 0o700);
      // One stored file may stand in an edited manifest twice.
      const once = new Map(manifest.files.map((file) => [file.stored, file]));
      for (const { stored, hash, mtimeMs } of once.values()) {
        if (written.length % CHECK_EVERY === 0) await checkpoint("no snapshot was unpacked");
        const to = below(staging, stored);
        // The original tool's stored files carry the modes; ours are 0600, and their own modes stand in the manifest.
        const entry = entries.get(stored);
        const mode = manifest.format === 1 ? (entry?.mode ?? 0o600) : 0o600;
        const attributes = { ...PRIVATE, mode, mtimeMs: mtimeMs ?? entry?.mtimeMs ?? null };
        if ((await archive.copy(stored, to, attributes)) !== hash)
          throw fail.archiveBroken(archive.at, `${stored} does not match the manifest's hash`);
        written.push(to);
      }
      const manifestAt = below(staging, MANIFEST_NAME);
      writeNew(manifestAt, text);
      written.push(manifestAt);
      if (entries.has(CREDENTIAL_MANIFEST_NAME)) {
        const at = below(staging, CREDENTIAL_MANIFEST_NAME);
        const sink = openSink(at);
        await archive.extract(CREDENTIAL_MANIFEST_NAME, sink.take);
        sink.end();
        written.push(at);
      }
      flushStaged(staging, written);
      rename(staging, folder);
      flush([store]);
    });
  } catch (cause) {
    if (cause instanceof RollbackError) throw cause;
    if (cause instanceof NotWritten) throw fail.storeNotWritable(store, cause.cause);
    throw codeOf(cause) === undefined ? cause : fail.storeNotWritable(store, cause);
  }
  return { id, folder, files: countFiles(manifest.files) };
}
