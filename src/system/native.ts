// The few calls that neither Bun nor node:fs offers: flock, the flushes that reach the medium, and local time without ICU.

import { dlopen, FFIType, read } from "bun:ffi";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fail } from "../errors.ts";
import { Said } from "../rollback-error.ts";

const mac = process.platform === "darwin";
const LOCK_EX = 2;
const LOCK_NB = 4;
/** fcntl(2) on macOS: ask the drive itself to write its cache. */
const F_FULLFSYNC = 51;

const { i32, ptr } = FFIType;
const flock = { args: [i32, i32], returns: i32 } as const;
const errnoAt = { args: [], returns: ptr } as const;
const localtime = { args: [ptr, ptr], returns: ptr } as const;

/** The C library's whole path. */
export const systemLibrary = (): string => (mac ? "/usr/lib/libSystem.B.dylib" : loadedLibc());

/**
 * Whole paths only: a bare name is looked for in the current folder first (macOS, dlopen.3), where anybody's file may lie.
 * On macOS no file is at this path, but dyld's cache has it.
 */
function load() {
  if (mac) {
    const { symbols } = dlopen(systemLibrary(), {
      flock,
      fcntl: { args: [i32, i32], returns: i32 },
      __error: errnoAt,
      localtime_r: localtime,
    });
    const { flock: lock, localtime_r } = symbols;
    return {
      flock: lock,
      barrier: (fd: number) => symbols.fcntl(fd, F_FULLFSYNC),
      errnoAt: symbols.__error,
      localtime_r,
    };
  }
  const { symbols } = dlopen(systemLibrary(), {
    flock,
    syncfs: { args: [i32], returns: i32 },
    __errno_location: errnoAt,
    localtime_r: localtime,
  });
  const { flock: lock, localtime_r } = symbols;
  return { flock: lock, barrier: symbols.syncfs, errnoAt: symbols.__errno_location, localtime_r };
}

/** Where the C library lies that this program was started with: each distribution has its own place. */
function loadedLibc(): string {
  const path = /\/.*\/libc\.so\.6$/m.exec(readFileSync("/proc/self/maps", "latin1"))?.[0];
  if (path === undefined) throw new Said("this program has no libc.so.6");
  return path;
}

let loaded: ReturnType<typeof load> | undefined;

/** Throws `failed` where the program may not make these calls: bun:ffi needs the JIT, which a hardened runtime forbids. */
function native() {
  try {
    loaded ??= load();
  } catch (cause) {
    throw fail.noSystemCalls(process.execPath, cause);
  }
  return loaded;
}

/**
 * Takes an exclusive flock(2) without waiting. Null where it is ours now, which ends when the descriptor closes; else the errno:
 * EAGAIN where another open file holds it, and others (ENOTSUP, ENOLCK) where the file system has no locks.
 */
export function tryFlock(fd: number): string | null {
  const calls = native();
  if (calls.flock(fd, LOCK_EX | LOCK_NB) === 0) return null;
  const at = calls.errnoAt();
  const errno = at === null ? 0 : read.i32(at, 0);
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

/**
 * The barrier: everything handed to this descriptor's file system before is on the medium when this returns true.
 * Linux: syncfs(2), which takes along all files. macOS: F_FULLFSYNC, which takes along what fsync handed over before it
 * (fcntl(2)). False where the file system knows neither.
 */
export function barrier(fd: number): boolean {
  return native().barrier(fd) === 0;
}

/** A moment in this machine's zone; the month is 1 to 12. */
export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/**
 * What localtime_r(3) makes of ms since the epoch. A Date's own getters load ICU's zones for it, which takes 4 ms; they answer where the
 * call can't be made, since reading a store needs no other.
 */
export function localTime(ms: number): LocalTime {
  const time = new BigInt64Array([BigInt(Math.floor(ms / 1000))]);
  // struct tm begins with nine ints on both systems (sec, min, hour, mday, mon, year, …), and takes 56 bytes.
  const tm = new Int32Array(16);
  try {
    if (native().localtime_r(time, tm) === null) return dated(ms);
  } catch {
    return dated(ms);
  }
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = tm;
  return { year: year + 1900, month: month + 1, day, hour, minute, second };
}

function dated(ms: number): LocalTime {
  const at = new Date(ms);
  const [hour, minute, second] = [at.getHours(), at.getMinutes(), at.getSeconds()];
  return { year: at.getFullYear(), month: at.getMonth() + 1, day: at.getDate(), hour, minute, second };
}
