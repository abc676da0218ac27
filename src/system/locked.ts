// What stands in the way of a file and no mode shows: the flags `immutable` and `append-only`, on a Mac ACLs and files that iCloud keeps.
// Neither Bun nor node:fs tells of them.
import { dlopen, FFIType, ptr } from "bun:ffi";
import type { AbsPath, Env } from "../model.ts";
import { whoAmI } from "./machine.ts";
import { systemLibrary } from "./native.ts";
import { childEnvironment, run, which } from "./process.ts";

/** What stands in the way at a path, its own last link not followed, with the command that helps; null where nothing does, or nobody can tell. */
export interface Locks {
  /** A flag forbids every change. */
  flag(path: AbsPath): string[] | null;
  /** An ACL denies us one of these rights, as ls(1) names them. */
  acl(path: AbsPath, ...rights: string[]): string[] | null;
  /** The content is in iCloud and not on this disk: reading it waits for the network, or fails. */
  evicted(path: AbsPath): string[] | null;
}

const nothing = () => null;
/** The paths that are asked about at once: more would not fit on a command line. */
const AT_ONCE = 500;
const LIMIT_MS = 5000;

/** Asks about all these paths at once: on a Mac by one `stat` and one `ls`. Elsewhere each path is asked about when somebody wants to know. */
export async function readLocks(paths: Iterable<AbsPath>, env: Env): Promise<Locks> {
  if (process.platform !== "darwin") return { flag: unlockOnLinux, acl: nothing, evicted: nothing };
  const all = [...new Set(paths)];
  const flags = new Map<AbsPath, number>();
  const acls = new Map<AbsPath, string[]>();
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    const [stat, ls] = await Promise.all([say("stat", ["-f", "%Xf %N"], some, env), say("ls", ["-lde"], some, env)]);
    for (const [path, value] of flagsIn(stat, some)) flags.set(path, value);
    for (const [path, entries] of aclsIn(ls, some)) acls.set(path, entries);
  }
  const { user } = whoAmI();
  return {
    flag: (path) => chflags(path, flags.get(path) ?? 0),
    acl: (path, ...rights) => (isDenied(acls.get(path) ?? [], user, rights) ? ["chmod", "-N", path] : null),
    evicted: (path) => (((flags.get(path) ?? 0) & DATALESS) === 0 ? null : ["brctl", "download", path]),
  };
}

/** What it prints also where some of the paths are not there. */
async function say(name: string, words: string[], paths: AbsPath[], env: Env): Promise<string> {
  const program = which(name, env);
  if (program === null || paths.length === 0) return "";
  const ran = await run([program, ...words, ...paths], { env: childEnvironment(env), timeoutMs: LIMIT_MS });
  return ran?.stdout ?? "";
}

// sys/stat.h
const OWNERS = 0x2 | 0x4;
const SYSTEMS = 0x20000 | 0x40000;
const DATALESS = 0x40000000;

/** `FLAGS NAME` lines, the flags in hex, as `stat -f '%Xf %N'` prints them. */
export function flagsIn(text: string, paths: readonly AbsPath[]): Map<AbsPath, number> {
  const known = new Set<string>(paths);
  const lines = text.split("\n").map((line) => /^(?:0x)?([0-9a-f]+) (.+)$/i.exec(line));
  return new Map(
    lines.flatMap((match): [AbsPath, number][] =>
      match?.[1] !== undefined && known.has(match[2] ?? "")
        ? [[match[2] as AbsPath, Number.parseInt(match[1], 16)]]
        : [],
    ),
  );
}

function chflags(path: AbsPath, flags: number): string[] | null {
  if ((flags & SYSTEMS) !== 0) return ["sudo", "chflags", "noschg,nosappnd,nouchg,nouappnd", path];
  return (flags & OWNERS) === 0 ? null : ["chflags", "nouchg,nouappnd", path];
}

/** Each path's ACL, entry by entry, as `ls -lde` prints it: ` 0: group:everyone deny delete` below the path's own line. */
export function aclsIn(text: string, paths: readonly AbsPath[]): Map<AbsPath, string[]> {
  const acls = new Map<AbsPath, string[]>();
  let entries: string[] = [];
  for (const line of text.split("\n")) {
    const entry = /^ \d+: (.+)$/.exec(line)?.[1];
    if (entry !== undefined) {
      entries.push(entry);
      continue;
    }
    entries = [];
    const path = paths.find((one) => line.endsWith(` ${one}`));
    if (path !== undefined) acls.set(path, entries);
  }
  return acls;
}

/** Whether one of these rights is denied to a user: the first entry that speaks of it decides. Groups but `everyone` are not looked into. */
export function isDenied(entries: readonly string[], user: string, rights: readonly string[]): boolean {
  const parsed = entries.flatMap((entry) => {
    const match = /^(.+?) (?:inherited )?(allow|deny) (.+)$/.exec(entry);
    const isOurs = match?.[1] === "group:everyone" || match?.[1] === `user:${user}`;
    return isOurs ? [{ denies: match[2] === "deny", rights: match[3]?.split(",") ?? [] }] : [];
  });
  return rights.some((right) => parsed.find((entry) => entry.rights.includes(right))?.denies === true);
}

const { i32, u32, ptr: pointer } = FFIType;
type Look = (path: AbsPath) => string[] | null;
/** Null where the library can't be asked: then the system itself says no, later. */
let look: Look | null | undefined;

function unlockOnLinux(path: AbsPath): string[] | null {
  try {
    look ??= lookOnLinux();
  } catch {
    look = nothing;
  }
  return look(path);
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
