// Writing: new files with the right mode before the first byte, and flushes. Nothing here ever writes into an existing file
// except `appendLine`. Errors are the system's own.
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsPath } from "../model.ts";
import { parentOf } from "../paths.ts";
import { codeOf, reasonOf, Said } from "../rollback-error.ts";
import { look, type ReadOptions, readStable } from "./files.ts";
import { barrier } from "./native.ts";

const NEW_FILE = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_WRONLY;

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}

/** What a new file is to carry once its bytes are in it; it is 0600 until then. Times in ms since the epoch. */
export interface Attributes {
  mode: number;
  mtimeMs: number | null;
  owner: { uid: number; gid: number } | null;
}
/** 0600, of the moment, ours. */
export const PRIVATE: Attributes = { mode: 0o600, mtimeMs: null, owner: null };

function dress(fd: number, { mode, mtimeMs, owner }: Attributes): void {
  // Owner first: chown clears the set-id bits.
  if (owner !== null) fchownSync(fd, owner.uid, owner.gid);
  // It was made so.
  if (mode !== PRIVATE.mode || owner !== null) fchmodSync(fd, mode);
  // One microsecond more, so that the seconds' rounding never lands in the millisecond before.
  // A number below zero would count as now; a date before 1970 does not.
  if (mtimeMs !== null) futimesSync(fd, Date.now() / 1000, mtimeMs < 0 ? new Date(mtimeMs) : (mtimeMs + 0.001) / 1000);
}

/** Writes a file that must not exist yet (EEXIST), and leaves nothing behind when it fails. Not flushed. */
export function writeNew(path: AbsPath, content: string | Uint8Array, attributes: Attributes = PRIVATE): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  make(openNew(path), path, (fd) => {
    writeAll(fd, bytes);
    dress(fd, attributes);
  });
}

/** Thrown by `copyNew` where the copy could not be written; `cause` is the system's error. All else it throws is about the source. */
export class NotWritten extends Said {
  override readonly name = "NotWritten";
}

function writing<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new NotWritten(reasonOf(cause), { cause });
  }
}

const openNew = (path: AbsPath): number => openSync(path, NEW_FILE, 0o600);

function make<T>(fd: number, path: AbsPath, fill: (fd: number) => T): T {
  try {
    return fill(fd);
  } catch (cause) {
    unlinkSync(path);
    throw cause;
  } finally {
    closeSync(fd);
  }
}

/** A new file that is written piece by piece; `end` gives it its attributes, `discard` removes it. One of the two closes it. */
export interface Sink {
  take(bytes: Uint8Array): void;
  end(attributes?: Attributes): void;
  discard(): void;
}

/** Opens a file that must not exist yet (NotWritten with EEXIST). Not flushed. */
export function openSink(path: AbsPath): Sink {
  const fd = writing(() => openNew(path));
  return {
    take: (bytes) => writing(() => writeAll(fd, bytes)),
    end(attributes = PRIVATE) {
      writing(() => dress(fd, attributes));
      closeSync(fd);
    },
    discard() {
      closeSync(fd);
      unlinkSync(path);
    },
  };
}

const ZEROS = 64 << 10;
let zeros: Uint8Array | undefined;

/** Whether there is nothing but zeros in it: such a piece is left out where it is written, and stays a hole. */
function isHole(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0 || bytes.length < ZEROS) return false;
  zeros ??= new Uint8Array(ZEROS);
  for (let at = 0; at < bytes.length; at += ZEROS) {
    const part = bytes.subarray(at, at + ZEROS);
    if (Buffer.compare(part, zeros.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

/** Copies a file's bytes to a new file and returns the hash of the very bytes that it then holds. Not flushed. */
export function copyNew(from: string, to: AbsPath, options: ReadOptions, attributes: Attributes = PRIVATE) {
  return make(
    writing(() => openNew(to)),
    to,
    (fd) => {
      let written = 0;
      let endsInHole = false;
      const read = readStable(from, options, {
        restart() {
          if (written > 0) ftruncateSync(fd, 0);
          written = 0;
          endsInHole = false;
        },
        take(bytes) {
          endsInHole = isHole(bytes);
          if (endsInHole) {
            written += bytes.length;
            return;
          }
          writing(() => {
            for (let at = 0; at < bytes.length; ) {
              const count = writeSync(fd, bytes, at, bytes.length - at, written);
              at += count;
              written += count;
            }
          });
        },
      });
      writing(() => {
        if (endsInHole) ftruncateSync(fd, written);
        dress(fd, attributes);
      });
      return read;
    },
  );
}

/** Runs `work` in a folder of the temporary folder that nobody else can open, and removes it with all that is in it. */
export async function inTemporary<T>(work: (folder: AbsPath) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "rollback-")) as AbsPath;
  try {
    return await work(folder);
  } finally {
    removeTree(folder);
  }
}

/** Makes the missing folders down to `path` and returns those it made, outermost first; another process may make some. Modes are exact: the umask has no say. */
export function makeFolders(path: AbsPath, mode: number): AbsPath[] {
  const missing: AbsPath[] = [];
  for (let at = path; look(at) === null; at = parentOf(at)) missing.unshift(at);
  return missing.filter((folder) => tolerate(["EEXIST"], () => makeFolder(folder, mode)));
}

/** Makes one folder with exactly this mode; EEXIST where the name is taken. */
export function makeFolder(path: AbsPath, mode: number): void {
  mkdirSync(path, { mode: mode & 0o700 });
  if (mode !== (mode & 0o700)) chmodSync(path, mode);
}

/** Makes a symbolic link; EEXIST where the name is taken. */
export function makeLink(target: string, path: AbsPath): void {
  symlinkSync(target, path);
}

/** A second name for a file that exists; the way to keep it while its first name is given to another. */
export function hardLink(existing: AbsPath, path: AbsPath): void {
  linkSync(existing, path);
}

/** Atomic: whoever looks sees the old or the new. */
export function rename(from: AbsPath, to: AbsPath): void {
  renameSync(from, to);
}

/** Removes a file or link; nothing there is fine, and at a path that is too long there is nothing. */
export function removeFile(path: AbsPath): void {
  tolerate(["ENOENT", "ENOTDIR", "ENAMETOOLONG"], () => unlinkSync(path));
}

/** Removes a folder if it is there and empty; true where it is gone. */
export function removeEmptyFolder(path: AbsPath): boolean {
  tolerate(["ENOENT", "ENOTDIR", "ENOTEMPTY", "EEXIST"], () => rmdirSync(path));
  return look(path) === null;
}

/** Removes a folder of ours with all that is in it; links are not followed. */
export function removeTree(path: AbsPath): void {
  rmSync(path, { recursive: true, force: true });
}

/** Sets the mode of a folder that can be opened now, and flushes that: afterwards its mode may forbid opening it. */
export function setModeFlushed(path: AbsPath, mode: number): void {
  withDescriptor(path, (fd) => {
    fchmodSync(fd, mode);
    fsyncSync(fd);
    barrier(fd);
  });
}

/** Sets a folder's or file's permissions. */
export function setMode(path: AbsPath, mode: number): void {
  chmodSync(path, mode);
}

/** Whether `act` ended well; false where it failed with one of these errors. */
function tolerate(codes: string[], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (cause) {
    if (!codes.includes(codeOf(cause) ?? "")) throw cause;
    return false;
  }
}

/** Appends to a file (0600 when new), in one write, and flushes it. */
export function append(path: AbsPath, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    writeAll(fd, new TextEncoder().encode(text));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Cuts `bytes` off a file's end. */
export function shorten(path: AbsPath, bytes: number): void {
  truncateSync(path, lstatSync(path).size - bytes);
}

/**
 * When this returns, everything written to these files and folders is on the medium: one barrier per file system, after an
 * fsync of each path where the barrier asks for that (macOS) or where there is none; `flushed` is told of each of those. `made` are files
 * of our own making, so each is on its folder's disk, and one look tells for all in that folder; what others made may be another disk's
 * mount point.
 */
export function flush(paths: AbsPath[], made: AbsPath[] = [], flushed: (path: AbsPath) => void = () => {}): void {
  const devices = new Map<number, Set<AbsPath>>();
  const add = (path: AbsPath, device: number) => {
    const known = devices.get(device);
    if (known === undefined) devices.set(device, new Set([path]));
    else known.add(path);
  };
  const folders = new Map<AbsPath, number>();
  for (const path of made) {
    const folder = parentOf(path);
    const device = folders.get(folder) ?? statSync(folder).dev;
    folders.set(folder, device);
    add(path, device);
  }
  for (const path of paths) add(path, lstatSync(path).dev);
  for (const [, group] of devices) {
    const [first] = group;
    if (first === undefined) continue;
    if (process.platform === "linux" && withDescriptor(first, barrier)) continue;
    for (const path of group) {
      withDescriptor(path, fsyncSync);
      flushed(path);
    }
    // Where the barrier is not known the fsyncs are all there is, as for SQLite (os_unix.c, full_fsync); they report what fails.
    withDescriptor(first, barrier);
  }
}

function withDescriptor<T>(path: AbsPath, use: (fd: number) => T): T {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
