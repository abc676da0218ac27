// The stored bytes of a snapshot, checked against its manifest.
import { codeOf, reasonOf } from "../errors.ts";
import type { AbsPath, Digest, FileFacts, StoredFile, StoredPath } from "../model.ts";
import { below } from "../paths.ts";
import { hashFile, look, NotAFile } from "../system/files.ts";
import { listSnapshots, tryManifest } from "./store.ts";

export type Checked =
  | { state: "ok"; at: AbsPath; facts: FileFacts }
  | { state: "missing" | "modified" | "unreadable" | "link"; reason: string };

/** Re-hashes one stored file. No link is followed, neither in the file's place nor in its folder's. */
export function checkStored(folder: AbsPath, stored: StoredPath, hash: Digest): Checked {
  const at = below(folder, stored);
  try {
    const outer = look(below(folder, stored.slice(0, stored.indexOf("/"))));
    if (outer?.isSymbolicLink() || look(at)?.isSymbolicLink())
      return { state: "link", reason: "a link stands where the stored file belongs" };
    const read = hashFile(at, { noFollow: true });
    return read.hash === hash
      ? { state: "ok", at, facts: read.facts }
      : { state: "modified", reason: "its bytes do not match the manifest's hash" };
  } catch (cause) {
    if (cause instanceof NotAFile) return { state: "modified", reason: cause.message };
    if (codeOf(cause) === "ENOENT") return { state: "missing", reason: "the stored file is gone" };
    return { state: "unreadable", reason: reasonOf(cause) };
  }
}

/**
 * Looks for the same bytes in other snapshots of a store. Manifests are read at the first question, stored files hashed
 * before they are offered.
 */
export function healthyCopies(
  store: AbsPath,
): (hash: Digest, notIn: AbsPath) => { at: AbsPath; id: string; facts: FileFacts } | null {
  let index: Map<Digest, { id: string; folder: AbsPath; file: StoredFile }[]> | undefined;
  return (hash, notIn) => {
    index ??= indexByHash(store);
    for (const { id, folder, file } of index.get(hash) ?? []) {
      if (folder === notIn) continue;
      const checked = checkStored(folder, file.stored, hash);
      if (checked.state === "ok") return { at: checked.at, id, facts: checked.facts };
    }
    return null;
  };
}

function indexByHash(store: AbsPath) {
  const index = new Map<Digest, { id: string; folder: AbsPath; file: StoredFile }[]>();
  for (const { id, folder } of listSnapshots(store)) {
    const read = tryManifest(folder);
    if ("broken" in read) continue;
    for (const file of read.manifest.files) {
      const copies = index.get(file.hash);
      if (copies === undefined) index.set(file.hash, [{ id, folder, file }]);
      else copies.push({ id, folder, file });
    }
  }
  return index;
}
