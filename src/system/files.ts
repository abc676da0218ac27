// Reading: every look at the disk goes through here. Errors are the system's own, with their errno in `code`.
import {
  accessSync,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { CryptoHasher } from "bun";
import type { AbsPath, Digest, FileFacts } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { codeOf, Said } from "../rollback-error.ts";

export const CHUNK = 1 << 20;
let chunk: Uint8Array | undefined;
/** One buffer of 1 MiB for all reads: memory stays flat whatever a file's size. */
const sharedChunk = (): Uint8Array => {
  // Not filled with zeros: that would touch each of its pages.
  chunk ??= Buffer.allocUnsafeSlow(CHUNK);
  return chunk;
};

/** An error that is thrown costs ten times the call that it is about. */
const QUIET = { throwIfNoEntry: false } as const;

/** What a path is, its own last link not followed; null where nothing is there. Other errors are thrown. */
export function look(path: string): Stats | null {
  return absentIsNull(() => lstatSync(path, QUIET) ?? null);
}

/** What a path leads to, links followed; null where nothing is there or a link dangles. */
export function lookThrough(path: string): Stats | null {
  return absentIsNull(() => statSync(path, QUIET) ?? null);
}

function absentIsNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw cause;
  }
}

export const isFolder = (path: string): boolean => lookThrough(path)?.isDirectory() ?? false;
export const exists = (path: string): boolean => look(path) !== null;

/** Whether this process may read a folder, and make and remove names in it. */
export const isOpenFolder = (path: string): boolean => refusalIn(path) === null;

/** The errno for which this process may not do so; null where it may. */
export function refusalIn(path: string): string | null {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (cause) {
    return codeOf(cause) ?? "EACCES";
  }
}

/** Whose permission is missing to read a path: the uid that owns it, or owns the folder in the way. Null where it can be read, or is not there. */
export function ownerInTheWay(path: AbsPath): number | null {
  try {
    accessSync(path, constants.R_OK);
    return null;
  } catch (cause) {
    if (!["EACCES", "EPERM"].includes(codeOf(cause) ?? "")) return null;
  }
  for (let at = path; ; at = parentOf(at)) {
    const stats = ifReadable(() => look(at));
    if (stats !== null || at === "/") return stats?.uid ?? null;
  }
}

/** The names in a folder, unsorted; null where there is no such folder. */
export function namesIn(folder: string): string[] | null {
  return absentIsNull(() => readdirSync(folder));
}

/** What is in a folder, unsorted; nothing where there is no such folder. */
export function entriesIn(folder: string): Dirent[] {
  return absentIsNull(() => readdirSync(folder, { withFileTypes: true })) ?? [];
}

/** Whether an entry is a folder or a link to one. */
export function leadsToFolder(path: string, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A link that can't be followed is met again, and named, by whoever reads it.
  return ifReadable(() => lookThrough(path)?.isDirectory()) ?? false;
}

/** A link's target as it was written. */
export const linkTarget = (path: string): string => readlinkSync(path);

const MOST_LINKS = 40;

/**
 * Where a path leads once every link in it is followed, also where its end is not there yet: the deepest existing folder is
 * resolved, the rest appended. A dangling link counts as leading to its target. A file keeps the name it was asked by, and is not
 * opened: realpath opens what it resolves, which on a Mac needs a grant, and may answer with another name of a hard link.
 */
export function resolved(path: AbsPath, followed = { links: 0 }): AbsPath {
  if (path === "/") return path;
  const stats = look(path);
  if (stats?.isDirectory()) {
    try {
      return realpathSync.native(path) as AbsPath;
    } catch (cause) {
      // A folder that may be passed through, but not be opened.
      if (!["EACCES", "EPERM", "ENOENT", "ENOTDIR"].includes(codeOf(cause) ?? "")) throw cause;
    }
  }
  const parent = resolved(parentOf(path), followed);
  if (!stats?.isSymbolicLink()) return below(parent, nameOf(path));
  followed.links++;
  if (followed.links > MOST_LINKS) throw Object.assign(new Error("too many links"), { code: "ELOOP" });
  const target = linkTarget(path);
  // Part by part: `..` after a link leads out of where that link leads.
  let at = target.startsWith("/") ? ("/" as AbsPath) : parent;
  for (const part of target.split("/")) {
    if (part === "..") at = parentOf(at);
    else if (part !== "" && part !== ".") at = resolved(below(at, part), followed);
  }
  return at;
}

/** `resolved` for many paths at one moment: what leads to a folder is followed once for all that lie in it. */
export function resolver(): (path: AbsPath) => AbsPath {
  const folders = new Map<AbsPath, AbsPath>();
  return (path) => {
    const folder = parentOf(path);
    const known = folders.get(folder) ?? resolved(folder);
    folders.set(folder, known);
    const place = below(known, nameOf(path));
    return look(place)?.isSymbolicLink() ? resolved(place) : place;
  };
}

/** A word for what is not a regular file. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  if (stats.isSymbolicLink()) return "a link";
  if (stats.isFile()) return "a file";
  return "a device";
}

export const factsOf = (stats: Stats): FileFacts => ({
  size: stats.size,
  mode: stats.mode & 0o7777,
  mtimeMs: Math.floor(stats.mtimeMs),
  uid: stats.uid,
  gid: stats.gid,
});

/** Thrown by `readStable` where the path leads to no regular file. */
export class NotAFile extends Said {
  override readonly name = "NotAFile";
}

/** Thrown by `readStable` where a file went on changing while it was read. */
class Unstable extends Said {
  override readonly name = "Unstable";
}

export interface ReadOptions {
  /** Refuse to read through a link in the last part of the path (ELOOP). */
  noFollow?: boolean;
  /** Told how many bytes were read, piece by piece; a file that changes meanwhile is told again. */
  onBytes?: ((count: number) => void) | undefined;
}

/** Opens for reading, never waiting for a pipe's other end, and hands over the descriptor; throws NotAFile for all but regular files. */
function withFile<T>(path: string, options: ReadOptions, use: (fd: number, stats: Stats) => T): T {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (options.noFollow ? constants.O_NOFOLLOW : 0);
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch (cause) {
    if (codeOf(cause) === "ENXIO") throw new NotAFile("is a socket or a device");
    throw cause;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new NotAFile(`is ${kindOf(stats)}, not a file`);
    return use(fd, stats);
  } finally {
    closeSync(fd);
  }
}

/** A file's content in one hash, and what it was read from. */
export interface Content {
  hash: Digest;
  facts: FileFacts;
  /** How many names the file has. */
  links: number;
  inode: string;
}

/** Tells a file from any other on this machine. */
export const inodeOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

const ATTEMPTS = 4;
/** What states no size and holds more than this is no file to keep. */
const ENDLESS = 64 << 20;

/**
 * Reads a file once from end to end in chunks of at most 1 MiB, each handed to `take` (valid until the next one), and hashes
 * the very bytes it hands over. Where size or mtime changed meanwhile it begins again (`restart`), four times at most.
 */
export function readStable(
  path: string,
  options: ReadOptions,
  sink: { restart(): void; take(bytes: Uint8Array): void },
): Content {
  return withFile(path, options, (fd, first) => {
    let before = first;
    const buffer = sharedChunk();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      sink.restart();
      const hasher = new CryptoHasher("sha256");
      let size = 0;
      // What was appended meanwhile shows in the size afterwards. Some file systems, such as /proc, state no size: those are read to the end.
      while (size < before.size || before.size === 0) {
        const count = readSync(fd, buffer, 0, buffer.length, size);
        if (count === 0) break;
        const bytes = buffer.subarray(0, count);
        hasher.update(bytes);
        sink.take(bytes);
        options.onBytes?.(count);
        size += count;
        if (before.size === 0 && size > ENDLESS) throw new Unstable("states no size, and does not end");
      }
      const after = fstatSync(fd);
      const isStated = after.size === size && before.size === size;
      const isUnstated = after.size === 0 && before.size === 0;
      if ((isStated || isUnstated) && after.mtimeMs === before.mtimeMs)
        return {
          hash: hasher.digest("hex") as Digest,
          facts: { ...factsOf(after), size },
          links: after.nlink,
          inode: inodeOf(after),
        };
      before = after;
    }
    throw new Unstable("went on changing while it was read");
  });
}

const nowhere = { restart() {}, take() {} };

/** SHA-256 and facts of a file's content, in flat memory. Throws NotAFile, Unstable, or the system's error. */
export function hashFile(path: string, options: ReadOptions = {}) {
  return readStable(path, options, nowhere);
}

export const digestOf = (bytes: string | Uint8Array): Digest =>
  new CryptoHasher("sha256").update(bytes).digest("hex") as Digest;

/** A file's bytes, at most `limit`; throws a RangeError where it is larger. */
export function readBytes(path: string, limit: number, options: ReadOptions = {}): Uint8Array {
  return withFile(path, options, (fd, stats) => {
    const tooLarge = () => new RangeError(`is larger than ${limit} bytes`);
    if (stats.size > limit) throw tooLarge();
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const part = new Uint8Array(Math.max(1, size === 0 ? stats.size + 1 : 65536));
      const count = readSync(fd, part, 0, part.length, size);
      if (count === 0) break;
      size += count;
      if (size > limit) throw tooLarge();
      parts.push(part.subarray(0, count));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  });
}

/** A text file as UTF-8, its byte order mark dropped; at most `limit` bytes. */
export function readText(path: string, limit: number, options: ReadOptions = {}): string {
  return new TextDecoder().decode(readBytes(path, limit, options));
}

/** Bytes of all files in a folder and the folders in it, by their sizes; links are not followed. */
export function treeSize(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? treeSize(path) : lstatSync(path).size;
  }
  return sum;
}

/** Bytes that an ordinary user can still write where `path` is; null where the system does not say. */
export function freeBytes(path: string): number | null {
  const stats = ifReadable(() => statfsSync(path));
  return stats === null ? null : stats.bavail * stats.bsize;
}

/** The first and the last `length` bytes of a file as UTF-8 (all of it, twice, where it is shorter); null where it can't be read. */
export function readEnds(path: string, length: number): { head: string; tail: string } | null {
  return ifReadable(() =>
    withFile(path, { noFollow: true }, (fd, { size }) => {
      const bytes = Buffer.alloc(Math.min(size, length));
      const head = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0)).toString();
      if (size <= length) return { head, tail: head };
      return { head, tail: bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, size - length)).toString() };
    }),
  );
}

/** The first `length` bytes of a file, or all of it where it is shorter; null where it can't be read. */
export function readBeginning(path: string, length: number): Uint8Array | null {
  return ifReadable(() =>
    withFile(path, { noFollow: true }, (fd, { size }) => {
      const bytes = new Uint8Array(Math.min(size, length));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    }),
  );
}

/** The last `length` bytes of a file as UTF-8; null where it can't be read. */
export function readTail(path: string, length: number): string | null {
  return readEnds(path, length)?.tail ?? null;
}

/** The last whole line of a file (null where there is none), and how many bytes stand behind it without a newline. */
export function lastLine(path: string): { line: string | null; tornBytes: number } {
  return withFile(path, { noFollow: true }, (fd, { size }) => {
    for (let length = 65536; ; length *= 4) {
      const tail = Buffer.alloc(Math.min(size, length));
      const bytes = tail.subarray(0, readSync(fd, tail, 0, tail.length, size - tail.length));
      const end = bytes.lastIndexOf(10);
      const start = end <= 0 ? -1 : bytes.lastIndexOf(10, end - 1);
      if (start < 0 && bytes.length < size) continue;
      return {
        line: end < 0 ? null : bytes.subarray(start + 1, end).toString(),
        tornBytes: bytes.length - (end + 1),
      };
    }
  });
}

/** Null instead of a system error (or a file over its limit): for facts that are welcome but not needed. */
export function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    if (codeOf(cause) === undefined && !(cause instanceof RangeError) && !(cause instanceof NotAFile)) throw cause;
    return null;
  }
}

/** The file system as fast-glob wants it: every name goes to `saw`; a folder that can't be read goes to `failed` and counts as empty. */
export function globSource(saw: (name: string) => void, failed: (folder: string, cause: unknown) => void) {
  const list = (folder: string): Dirent[] => {
    try {
      const entries = entriesIn(folder);
      for (const { name } of entries) saw(name);
      return entries;
    } catch (cause) {
      failed(folder, cause);
      return [];
    }
  };
  // To fast-glob whatever is not ENOENT is the end, also where a part of the path is a file.
  const at = (ask: (path: string) => Stats) => (path: string) => {
    let cause: unknown;
    try {
      const stats = absentIsNull(() => ask(path));
      if (stats !== null) return stats;
    } catch (caught) {
      failed(parentOf(path as AbsPath), caught);
      cause = caught;
    }
    throw Object.assign(new Error("not there", { cause }), { code: "ENOENT" });
  };
  // fast-glob asks for entries with types and whole stats alone, but its types want node's overloads too.
  return {
    lstatSync: at(lstatSync) as typeof lstatSync,
    statSync: at(statSync) as typeof statSync,
    readdirSync: list as unknown as typeof readdirSync,
  };
}
