// A snapshot that others may have written to is not a snapshot to restore from.
import { fail } from "../errors.ts";
import { type AbsPath, FOLDER } from "../model.ts";
import { below } from "../paths.ts";
import { ifReadable, look, lookThrough } from "../system/files.ts";
import { quote } from "../text.ts";
import { STATES } from "./journal.ts";

/** The folders and files by which a store would be tampered with. */
export function storeParts(store: AbsPath): AbsPath[] {
  const inner = below(store, ".rollback");
  return [store, inner, below(inner, "lock"), ...STATES.map((state) => below(inner, `journal.${state}`))];
}

/** The same of a snapshot's folder; its stored files are checked by their hashes. */
export function snapshotParts(snapshot: AbsPath): AbsPath[] {
  const folders = Object.values(FOLDER).map((folder) => below(snapshot, folder));
  return [snapshot, below(snapshot, "manifest.json"), ...folders];
}

/** Throws `refused`, with the command that mends it, where one of these is writable by others or belongs to somebody else. */
export function demandTrusted(paths: AbsPath[], uid: number): void {
  for (const path of paths) {
    const link = ifReadable(() => look(path));
    if (link?.isSymbolicLink() && link.uid !== uid) throw foreign(path, link.uid, uid);
    // Where a link leads is what is written to.
    const stats = ifReadable(() => lookThrough(path));
    if (stats == null) continue;
    if (stats.uid !== uid) throw foreign(path, stats.uid, uid);
    if ((stats.mode & 0o022) !== 0)
      throw fail.storeUnsafe(path, "others can write to it", `chmod -R go-w ${quote(path)}`);
  }
}

/** Root takes nobody's store away: what it is told is to act as its owner. */
const foreign = (path: AbsPath, owner: number, uid: number) =>
  fail.storeUnsafe(
    path,
    `it belongs to ${owner === 0 ? "root" : `another user (uid ${owner})`}`,
    uid === 0 ? `run rollback as that user: sudo -u '#${owner}' rollback …` : `sudo chown -R ${uid} ${quote(path)}`,
  );
