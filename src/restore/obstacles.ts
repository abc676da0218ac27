// What the system would not let a restore do at a path, told before anything is tried. Looks, and changes nothing.
import type { AbsPath } from "../model.ts";
import { parentOf } from "../paths.ts";
import { codeOf } from "../rollback-error.ts";
import { ifReadable, look, lookThrough, refusalIn } from "../system/files.ts";
import { unlockCommand } from "../system/locked.ts";
import { quote } from "../text.ts";

/** Why a folder's names can't be changed; null where they can. Filled as paths are looked at. */
export type FolderObstacles = Map<AbsPath, string | null>;

/** Why a new file can't be given this name, with the way out; null where nothing is known against it. */
export function obstacleAt(at: AbsPath, uid: number, folders: FolderObstacles = new Map()): string | null {
  try {
    const stats = look(at);
    if (stats !== null) {
      const unlock = unlockCommand(at);
      if (unlock !== null) return `is locked against every change; unlock it: ${unlock.map(quote).join(" ")}`;
    }
    const folder = nearestFolder(parentOf(at));
    const known = folders.get(folder);
    const why = known === undefined ? folderObstacle(folder, uid) : known;
    folders.set(folder, why);
    return why ?? (stats === null ? null : stickyObstacle(folder, stats.uid, uid));
  } catch (cause) {
    // What can't be looked at is told as such by whoever reads it.
    return codeOf(cause) === "ENAMETOOLONG" ? "has a longer path than this system knows" : null;
  }
}

function nearestFolder(from: AbsPath): AbsPath {
  let at = from;
  while (lookThrough(at) === null) at = parentOf(at);
  return at;
}

function folderObstacle(folder: AbsPath, uid: number): string | null {
  const unlock = unlockCommand(folder);
  if (unlock !== null) return `lies in ${folder}, which is locked; unlock it: ${unlock.map(quote).join(" ")}`;
  const refusal = refusalIn(folder);
  if (refusal === null) return null;
  if (refusal === "EROFS") return `lies in ${folder}, on a disk that is read-only`;
  const stats = lookThrough(folder);
  // A folder of ours without write permission gets it for as long as the restore takes.
  if (stats === null || !stats.isDirectory() || stats.uid === uid) return null;
  const mend = `sudo chown ${uid} ${quote(folder)}`;
  return `lies in ${folder}, which belongs to ${ownerName(stats.uid)} and is not yours to write to; if it should be: ${mend}`;
}

/** In a folder such as /tmp only its owner, or the file's, may give a file's name away. */
function stickyObstacle(folder: AbsPath, owner: number, uid: number): string | null {
  if (uid === 0 || owner === uid) return null;
  const stats = ifReadable(() => lookThrough(folder));
  if (stats === null || (stats.mode & 0o1000) === 0 || stats.uid === uid) return null;
  return `belongs to ${ownerName(owner)} in ${folder}, where only its owner may replace it`;
}

export const ownerName = (uid: number): string => (uid === 0 ? "root" : `another user (uid ${uid})`);
