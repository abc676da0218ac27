// The few system calls that neither Bun nor node:fs offers: flock, and the flushes that reach the medium.
import { dlopen, FFIType } from "bun:ffi";

const mac = process.platform === "darwin";
const LOCK_EX = 2;
const LOCK_NB = 4;
/** fcntl(2) on macOS: ask the drive itself to write its cache. */
const F_FULLFSYNC = 51;

const i32 = FFIType.i32;
const load = () =>
  mac
    ? dlopen("libSystem.B.dylib", {
        flock: { args: [i32, i32], returns: i32 },
        fcntl: { args: [i32, i32], returns: i32 },
      }).symbols
    : dlopen("libc.so.6", { flock: { args: [i32, i32], returns: i32 }, syncfs: { args: [i32], returns: i32 } }).symbols;

let symbols: ReturnType<typeof load> | undefined;
const native = () => {
  symbols ??= load();
  return symbols;
};

/** Takes an exclusive flock(2) without waiting; false where another open file holds it. It ends when the descriptor closes. */
export function tryFlock(fd: number): boolean {
  return native().flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/**
 * The barrier: everything handed to this descriptor's file system before is on the medium when this returns true.
 * Linux: syncfs(2), which takes along all files. macOS: F_FULLFSYNC, which takes along what fsync handed over before it
 * (fcntl(2)). False where the file system knows neither.
 */
export function barrier(fd: number): boolean {
  const calls = native();
  return "syncfs" in calls ? calls.syncfs(fd) === 0 : calls.fcntl(fd, F_FULLFSYNC) === 0;
}
