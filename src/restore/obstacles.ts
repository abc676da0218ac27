// What the system would not let a restore do at a path, told before anything is tried. Looks, and changes nothing.
import type { AbsPath, Env } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { codeOf } from "../rollback-error.ts";
import { ifReadable, look, lookThrough, refusalIn, resolved, resolver } from "../system/files.ts";
import { type Locks, readLocks } from "../system/locked.ts";
import { quote } from "../text.ts";

/** What is known of many paths at once: their locks, and why a folder's names can't be changed (null where they can), filled as paths are looked at. */
export interface Obstacles {
  locks: Locks;
  folders: Map<AbsPath, string | null>;
}

/** Asks once for all these paths, for what they lead to, and for the folders that these lie in. */
export async function obstaclesAround(paths: readonly AbsPath[], env: Env): Promise<Obstacles> {
  return { locks: await readLocks(around(paths), env), folders: new Map() };
}

/** Followed only where the system is asked about all of them beforehand. */
function* around(paths: readonly AbsPath[]): Generator<AbsPath, void> {
  const follow = resolver();
  const folders = new Set<AbsPath>();
  for (const path of paths)
    for (const place of ifReadable(() => placesOf(path, follow)) ?? []) {
      yield place;
      folders.add(parentOf(place));
    }
  for (const folder of folders) {
    const nearest = ifReadable(() => nearestFolder(folder));
    if (nearest !== null) yield nearest;
  }
}

/** Where a file's link stands, if it is one, and where its content goes. `follow` is one `resolver` for many files. */
export function placesOf(path: AbsPath, follow: (path: AbsPath) => AbsPath): Set<AbsPath> {
  const end = follow(path);
  // As a rule a file has the name that it is asked by, and no link leads to it.
  return end === path ? new Set([path]) : new Set([below(resolved(parentOf(path)), nameOf(path)), end]);
}

const spelled = (command: string[]): string => command.map(quote).join(" ");

/** Why the content at a place is better not read; null where it may be. */
export function whyNotRead(at: AbsPath, { locks }: Pick<Obstacles, "locks">): string | null {
  const download = locks.evicted(at);
  return download === null ? null : `is in iCloud and not on this disk; fetch it: ${spelled(download)}`;
}

/** Why a new file can't be given this name, with the way out; null where nothing is known against it. */
export function obstacleAt(at: AbsPath, uid: number, obstacles: Obstacles): string | null {
  const { locks, folders } = obstacles;
  try {
    const stats = look(at);
    if (stats !== null) {
      const unlock = locks.flag(at);
      if (unlock !== null) return `is locked against every change; unlock it: ${spelled(unlock)}`;
      const chmod = locks.acl(at, "delete");
      if (chmod !== null) return `has an ACL that forbids to replace it; take that off: ${spelled(chmod)}`;
      const evicted = whyNotRead(at, obstacles);
      if (evicted !== null) return evicted;
    }
    const folder = nearestFolder(parentOf(at));
    const known = folders.get(folder);
    const why = known === undefined ? folderObstacle(folder, uid, locks) : known;
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

function folderObstacle(folder: AbsPath, uid: number, locks: Locks): string | null {
  const unlock = locks.flag(folder);
  if (unlock !== null) return `lies in ${folder}, which is locked; unlock it: ${spelled(unlock)}`;
  const chmod = locks.acl(folder, "add_file", "delete_child");
  if (chmod !== null) return `lies in ${folder}, which has an ACL against that; take it off: ${spelled(chmod)}`;
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
