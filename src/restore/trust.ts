// A snapshot that others may have written to is not a snapshot to restore from; and nothing is restored where no auto-backup can be made.
import { fail } from "../errors.ts";
import { type AbsPath, type Env, FOLDER } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import type { RollbackError } from "../rollback-error.ts";
import { fileSystemOf, keepsModes } from "../system/file-system.ts";
import { ifReadable, look, lookThrough, refusalIn, resolved } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import { STATES } from "./journal.ts";
import { ownerName } from "./obstacles.ts";

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
export async function demandTrusted(paths: AbsPath[], store: AbsPath, env: Env): Promise<void> {
  const distrust = await whyDistrusted(paths, store, env);
  if (distrust !== null) throw distrust;
}

/** The error that `demandTrusted` would throw; null where there is none. Where `chmod` mends nothing, `store` is to be copied. */
export async function whyDistrusted(paths: AbsPath[], store: AbsPath, env: Env): Promise<RollbackError | null> {
  const { uid } = whoAmI();
  for (const path of paths) {
    const found = distrustOf(path, uid);
    if (found === null) continue;
    const type = (await fileSystemOf(path, env))?.type;
    if (isOnReadOnlyDisk(path)) return fail.storeToCopy(path, `${found.why}, and its disk is read-only`, quote(store));
    if (type === undefined || keepsModes(type)) return fail.storeUnsafe(path, found.why, found.mend);
    return fail.storeToCopy(path, `${found.why}, and its file system (${type}) keeps no permissions`, quote(store));
  }
  return null;
}

function distrustOf(path: AbsPath, uid: number): { why: string; mend: string } | null {
  const link = ifReadable(() => look(path));
  if (link?.isSymbolicLink() && link.uid !== uid) return foreign(path, link.uid, uid);
  // Where a link leads is what is written to.
  const stats = ifReadable(() => lookThrough(path));
  if (stats == null) return null;
  if (stats.uid !== uid) return foreign(path, stats.uid, uid);
  if ((stats.mode & 0o022) === 0) return null;
  return { why: "others can write to it", mend: `chmod -R go-w ${quote(path)}` };
}

/** The same of an archive that is named by its path: of the file, and of its folder, where somebody may put another in its place. */
export function whyArchiveDistrusted(archive: AbsPath): RollbackError | null {
  const { uid } = whoAmI();
  for (const at of new Set([archive, ifReadable(() => resolved(archive)) ?? archive])) {
    const found = distrustOf(at, uid);
    if (found !== null) return fail.archiveUntrusted(at, found.why, quote(archive));
    const folder = parentOf(at);
    const stats = ifReadable(() => lookThrough(folder));
    // Of a folder with the sticky bit, as /tmp has it, everybody's files are their own.
    const isOpen = stats != null && (stats.mode & 0o022) !== 0 && (stats.mode & 0o1000) === 0;
    if (isOpen) return fail.archiveUntrusted(folder, "others can put another archive in its place", quote(archive));
    if (stats != null && stats.uid !== uid && stats.uid !== 0)
      return fail.archiveUntrusted(folder, `it belongs to ${ownerName(stats.uid)}`, quote(archive));
  }
  return null;
}

/** Root takes nobody's store away: what it is told is to act as its owner. */
const foreign = (path: AbsPath, owner: number, uid: number) => ({
  why: `it belongs to ${ownerName(owner)}`,
  mend: uid === 0 ? `run rollback as that user: sudo -u '#${owner}' rollback …` : `sudo chown -R ${uid} ${quote(path)}`,
});

/** Whether a store, or where it would be made, lies on a disk that can only be read. */
export function isOnReadOnlyDisk(store: AbsPath): boolean {
  for (let at = store; ; at = parentOf(at)) {
    const stats = ifReadable(() => lookThrough(at));
    if (stats != null || at === "/") return refusalIn(at) === "EROFS";
  }
}
