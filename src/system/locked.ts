// Locks that no mode shows: the flags `immutable` and `append-only` of a file or folder, which neither Bun nor node:fs tells of.
import { dlopen, FFIType, ptr } from "bun:ffi";
import type { AbsPath } from "../model.ts";
import { systemLibrary } from "./native.ts";

const { i32, u32, ptr: pointer } = FFIType;

/** The command that lifts the lock of what stands at a path, its own last link not followed. Null where there is none, or nobody can tell. */
export function unlockCommand(path: AbsPath): string[] | null {
  look ??= load();
  return look?.(path) ?? null;
}

type Look = (path: AbsPath) => string[] | null;
/** Null where the library can't be asked: then the system itself says no, later. */
let look: Look | null | undefined;

function load(): Look | null {
  try {
    return process.platform === "darwin" ? lookOnMac() : lookOnLinux();
  } catch {
    return null;
  }
}

const named = (path: string): Uint8Array => Buffer.from(`${path}\0`);

/** statx(2): the attributes are the eight bytes after the mask and the block size. */
function lookOnLinux(): Look {
  const AT_FDCWD = -100;
  const AT_SYMLINK_NOFOLLOW = 0x100;
  const IMMUTABLE = 0x10;
  const APPEND = 0x20;
  const { symbols } = dlopen(systemLibrary(), { statx: { args: [i32, pointer, i32, u32, pointer], returns: i32 } });
  const facts = new DataView(new ArrayBuffer(256));
  return (path) => {
    if (symbols.statx(AT_FDCWD, ptr(named(path)), AT_SYMLINK_NOFOLLOW, 0, ptr(facts)) !== 0) return null;
    const flags = facts.getUint32(8, true) & (IMMUTABLE | APPEND);
    return flags === 0 ? null : ["sudo", "chattr", "-ia", path];
  };
}

/** stat(2) with 64-bit inodes: st_flags stands behind st_blksize. */
function lookOnMac(): Look {
  const OWNERS = 0x2 | 0x4;
  const SYSTEMS = 0x20000 | 0x40000;
  const name = process.arch === "x64" ? "lstat$INODE64" : "lstat";
  const { symbols } = dlopen(systemLibrary(), { [name]: { args: [pointer, pointer], returns: i32 } });
  const lstat = symbols[name];
  const facts = new DataView(new ArrayBuffer(256));
  return (path) => {
    if (lstat?.(ptr(named(path)), ptr(facts)) !== 0) return null;
    const flags = facts.getUint32(116, true);
    if ((flags & SYSTEMS) !== 0) return ["sudo", "chflags", "noschg,nosappnd,nouchg,nouappnd", path];
    return (flags & OWNERS) === 0 ? null : ["chflags", "nouchg,nouappnd", path];
  };
}
