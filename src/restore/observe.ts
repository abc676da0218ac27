// What stands at a live path now: the link, the content behind it, and the folders on the way.

import type { AbsPath, Observed, Owner, Target } from "../model.ts";
import { absolute, below, nameOf, parentOf } from "../paths.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { hashFile, ifReadable, inodeOf, kindOf, linkTarget, look, lookThrough, resolved } from "../system/files.ts";
import { quote } from "../text.ts";

/** What is known of a folder once one path in it was looked at: where it is, and the nearest one that exists. */
export type Folders = Map<AbsPath, { place: AbsPath; nearest: ReturnType<typeof nearestFolder> }>;

type WhyNot = (real: AbsPath) => string | null;

/**
 * Looks at one path and reads its content once. `recordedLink` is the snapshot's link there, if it has one; `folders` is shared by the
 * looks of one plan; `whyNot` says why a place's content is not to be read. Never throws for what it meets.
 */
export function observe(
  path: AbsPath,
  recordedLink: string | null | undefined,
  folders: Folders = new Map(),
  whyNot: WhyNot = () => null,
): Target {
  const nothing = {
    path,
    place: path,
    real: path,
    link: null,
    inode: null,
    behind: null,
    folderOwner: { uid: 0, gid: 0 },
    obstacles: [],
  };
  try {
    const inside = parentOf(path);
    const known = folders.get(inside) ?? lookAtFolder(inside);
    folders.set(inside, known);
    const place = known.place === inside ? path : below(known.place, nameOf(path));
    const folder = known.nearest;
    if (!folder.isFolder)
      return {
        ...nothing,
        place,
        real: place,
        now: { state: "other", what: `${folder.path}, which is not a folder, stands in the way of` },
      };
    const plain = recordedLink == null ? plainFile(place) : null;
    if (plain !== null) {
      const { hash, facts, links, inode } = plain;
      const now: Observed = { state: "file", hash, facts, names: links };
      return { ...nothing, place, real: place, inode, now, folderOwner: folder.owner };
    }
    const stats = look(place);
    const link = stats?.isSymbolicLink() ? linkTarget(place) : null;
    const real = link === null ? place : throughLink(place);
    const recorded = recordedLink == null || recordedLink === link ? null : absolute(recordedLink, parentOf(place));
    return {
      path,
      place,
      real: real ?? place,
      link,
      inode: stats === null ? null : inodeOf(stats),
      now: real === null ? CIRCLE : contentBehind(place, link, real, stats, whyNot),
      behind: recorded === null ? null : lookBehind(recorded, whyNot),
      folderOwner: folder.owner,
      obstacles: [],
    };
  } catch (cause) {
    if (codeOf(cause) === "ENAMETOOLONG") return { ...nothing, now: { state: "absent" } };
    return { ...nothing, now: { state: "unreadable", reason: reasonOf(cause) } };
  }
}

/** What nearly always stands there, read at once: a regular file. Null for all else, which is looked at more closely. */
function plainFile(place: AbsPath): ReturnType<typeof hashFile> | null {
  return ifReadable(() => hashFile(place, { noFollow: true }));
}

const CIRCLE: Observed = { state: "other", what: "a link that leads round in a circle stands at" };

/** Where a link leads in the end; null where it leads round in a circle. */
function throughLink(place: AbsPath): AbsPath | null {
  try {
    return resolved(place);
  } catch (cause) {
    if (codeOf(cause) === "ELOOP") return null;
    throw cause;
  }
}

function lookBehind(path: AbsPath, whyNot: WhyNot): Target["behind"] {
  const real = throughLink(path);
  return real === null ? { real: path, now: CIRCLE } : { real, now: content(real, look(real), whyNot) };
}

function contentBehind(
  place: AbsPath,
  link: string | null,
  real: AbsPath,
  stats: ReturnType<typeof look>,
  whyNot: WhyNot,
): Observed {
  if (link === null) return content(real, stats, whyNot);
  return lookThrough(place) === null ? { state: "dangling" } : content(real, look(real), whyNot);
}

function content(real: AbsPath, stats: ReturnType<typeof look>, whyNot: WhyNot): Observed {
  if (stats === null) return { state: "absent" };
  if (!stats.isFile()) return { state: "other", what: `${kindOf(stats)} stands at` };
  const reason = whyNot(real);
  if (reason !== null) return { state: "unreadable", reason };
  try {
    const { hash, facts, links } = hashFile(real, { noFollow: true });
    return { state: "file", hash, facts, names: links };
  } catch (cause) {
    return { state: "unreadable", reason: reasonOf(cause, quote(real)) };
  }
}

function lookAtFolder(path: AbsPath) {
  const place = resolved(path);
  return { place, nearest: nearestFolder(place) };
}

function nearestFolder(from: AbsPath): { path: AbsPath; isFolder: boolean; owner: Owner } {
  for (let at = from; ; at = parentOf(at)) {
    const stats = lookThrough(at);
    if (stats !== null) return { path: at, isFolder: stats.isDirectory(), owner: { uid: stats.uid, gid: stats.gid } };
  }
}
