// Putting a damaged or missing stored file back from a healthy copy of the same bytes in another snapshot.
import { fail } from "../errors.ts";
import type { AbsPath, StoredFile, StoredPath } from "../model.ts";
import { copyNew, flush, makeFolders, removeFile, rename } from "../system/durable.ts";
import { below, parentOf } from "../system/files.ts";
import { innerFolder, tryManifest } from "./store.ts";
import { checkStored, type healthyCopies } from "./stored.ts";

/**
 * Mends what can be mended in one snapshot and returns it. Each file is replaced atomically, and only after its copy was
 * hashed. A link that stands in a file's place is left for a person to judge.
 */
export function healSnapshot(store: AbsPath, folder: AbsPath, copies: ReturnType<typeof healthyCopies>): StoredPath[] {
  const read = tryManifest(folder);
  if ("broken" in read) return [];
  return read.manifest.files.filter((file) => healFile(store, folder, file, copies)).map(({ stored }) => stored);
}

function healFile(
  store: AbsPath,
  folder: AbsPath,
  { stored, hash }: StoredFile,
  copies: ReturnType<typeof healthyCopies>,
): boolean {
  const { state } = checkStored(folder, stored, hash);
  if (state !== "missing" && state !== "modified" && state !== "unreadable") return false;
  const copy = copies(hash, folder);
  if (copy === null) return false;
  const target = below(folder, stored);
  // Out of sight of whoever lists the snapshot, and on the same file system.
  const temp = below(innerFolder(store), "healed");
  try {
    removeFile(temp);
    const { hash: copied } = copyNew(
      copy.at,
      temp,
      { noFollow: true },
      { mode: 0o600, mtimeMs: copy.facts.mtimeMs, owner: null },
    );
    if (copied !== hash) {
      removeFile(temp);
      return false;
    }
    makeFolders(parentOf(target), 0o700);
    flush([temp]);
    rename(temp, target);
    flush([parentOf(target)]);
    return true;
  } catch (cause) {
    throw fail.io("mend", target, cause);
  }
}
