// One writer at a time per snapshots folder: an flock(2), which the kernel drops with its owner, however that ends.
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { fileSystemOf } from "./file-system.ts";
import { look } from "./files.ts";
import { checkpoint } from "./interrupt.ts";
import { tryFlock } from "./native.ts";

const RETRY_MS = 25;

export interface Lock {
  release(): void;
}

/**
 * Takes the lock file, making it (0600) where it is missing. Waits up to `waitMs`, then throws `locked` with the holder's
 * pid, command and age. Throws `failed` at once where the file system has no locks. The caller releases.
 */
export async function takeLock(path: AbsPath, command: string, waitMs: number): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    // The name may have been given to another file between open and flock: then the lock is on the wrong one.
    const refused = attempt(fd);
    if (refused === null && look(path)?.ino === fstatSync(fd).ino) {
      describe(fd, { pid: process.pid, command, since: Date.now() });
      return { release: () => closeSync(fd) };
    }
    closeSync(fd);
    if (refused !== null && !HELD.includes(refused))
      throw fail.noLocks(path, (await fileSystemOf(path, {}))?.type, refused);
    if (performance.now() >= deadline) throw fail.locked(holder(path), waitMs);
    await Bun.sleep(RETRY_MS);
    await checkpoint("nothing was changed");
  }
}

/** Whether somebody holds a lock file now. */
export function isHeld(path: AbsPath): boolean {
  if (look(path) === null) return false;
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  const errno = attempt(fd);
  closeSync(fd);
  return errno !== null;
}

/** What flock(2) says while another has it, or while a signal came in between. */
const HELD = ["EAGAIN", "EWOULDBLOCK", "EINTR"];

function attempt(fd: number): string | null {
  try {
    return tryFlock(fd);
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }
}

function describe(fd: number, owner: { pid: number; command: string; since: number }): void {
  try {
    ftruncateSync(fd, 0);
    writeSync(fd, `${JSON.stringify(owner)}\n`, 0);
  } catch {
    // Only for the message that others show; on a full disk the lock holds without it.
  }
}

function sinceWords(ms: number): string {
  const seconds = Math.round((Date.now() - ms) / 1000);
  return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m`;
}

/** What an earlier rollback wrote is its whole line. */
const commandOf = (written: string): string => written.replace(/^rollback /, "").split(" ")[0] ?? "";

function holder(path: AbsPath): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof owner === "object" && owner !== null && "pid" in owner && "command" in owner && "since" in owner)
      return `${commandOf(String(owner.command))}, pid ${owner.pid}, since ${sinceWords(Number(owner.since))}`;
  } catch {
    // It may just be writing its line.
  }
  return "it has not said who it is";
}
