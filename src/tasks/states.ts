// The ends of a comparison: a snapshot as it is stored, and the live files as they are now.
import type { Problem } from "../comparison.ts";
import type { State, Version } from "../diff/compare.ts";
import type { Column } from "../diff/matrix.ts";
import { discover } from "../inventory/discover.ts";
import type { AbsPath, Kind, Skipped, StoredFile, Target } from "../model.ts";
import { type Folders, observe } from "../restore/observe.ts";
import { type PathMap, targetPath } from "../restore/target.ts";
import { codeOf, RollbackError, reasonOf } from "../rollback-error.ts";
import type { Vault } from "../snapshot/vault.ts";
import { digestOf, readBytes } from "../system/files.ts";
import { displayName } from "../text.ts";
import type { Opened } from "./open.ts";
import type { Site } from "./site.ts";

/** A snapshot's files by the paths that they have at the other end: `maps` leads from its home and root to that one's. */
export function storedState({ located, vault, manifest }: Opened, maps: PathMap[]): State {
  const files = new Map<string, Version>();
  const moved = (original: string): string => {
    const target = targetPath(original, maps);
    return "path" in target ? target.path : original;
  };
  for (const file of manifest.files) {
    const path = moved(file.original);
    if (!files.has(path)) files.set(path, storedVersion(vault, file, path));
  }
  return {
    side: { id: located.id, description: manifest.description },
    files,
    problems: new Map(),
    unseen: manifest.skipped.map(({ path, reason }) => ({ path: moved(path), reason: `was not captured: ${reason}` })),
  };
}

/** What a snapshot says of some of its files, for a matrix. */
export function columnOf(files: StoredFile[], skipped: Skipped[]): Column {
  const held = files.map((file) => {
    const { original, kind, hash, mode, symlink } = file;
    return [original, { name: displayName(file), kind, hash, mode, link: symlink }] as const;
  });
  return { files: new Map(held), unread: skipped.map(({ path }) => path) };
}
/** A snapshot of which nothing is known. */
export const UNKNOWN: Column = { files: null, unread: [] };

/** One stored file as an end of a comparison. */
export function storedVersion(vault: Vault, file: StoredFile, path: string): Version {
  const { kind, hash, size, mode, mtimeMs, symlink, stored } = file;
  return {
    path,
    name: displayName(file),
    kind,
    hash,
    size,
    mode,
    link: symlink,
    mtimeMs,
    async read(limit) {
      try {
        // Bytes that have the hash need no other look: they are what was stored, wherever they were read.
        const read = size !== undefined && size <= limit ? await vault.read(stored, limit).catch(() => null) : null;
        if (read !== null && digestOf(read) === hash) return read;
        const checked = await vault.check(stored, hash);
        if (checked.state !== "ok") return { problem: "damaged", reason: `${stored}: ${checked.reason}` };
        if (checked.facts.size > limit) return "large";
        const bytes = await vault.read(stored, limit);
        return digestOf(bytes) === hash ? bytes : { problem: "damaged", reason: `${stored} changed while it was read` };
      } catch (cause) {
        if (!(cause instanceof RollbackError || cause instanceof RangeError || codeOf(cause) !== undefined))
          throw cause;
        return { problem: "damaged", reason: `${stored}: ${reasonOf(cause)}` };
      }
    },
  };
}

/** The live files: those that the inventory finds, and those that stand where the other end's files came from. */
export async function liveState(site: Site, recorded: State): Promise<State> {
  const { found, skipped } = await discover(site.config, site);
  const wanted = new Map<string, { name: string; kind: Kind }>([
    ...recorded.files,
    ...found.map((file) => [file.path, file] as const),
  ]);
  const files = new Map<string, Version>();
  const problems = new Map<string, Omit<Problem, "path" | "side">>();
  const unreadable = (path: string, reason: string) => problems.set(path, { problem: "unreadable", reason });
  const folders: Folders = new Map();
  for (const [written, { name, kind }] of wanted) {
    const target = targetPath(written, []);
    if ("refused" in target) {
      unreadable(written, `its path ${target.refused}, so it was not looked at`);
      continue;
    }
    const seen = liveVersion(observe(target.path, null, folders), name, kind);
    if ("reason" in seen) unreadable(written, seen.reason);
    else if (seen.version !== null) files.set(written, seen.version);
  }
  for (const { path, reason } of skipped) if (!files.has(path)) unreadable(path, reason);
  return { side: { id: null, description: null }, files, problems, unseen: skipped };
}

/** What stands at a live path; null where nothing does. */
export function liveVersion(
  { path, real, link, now }: Target,
  name: string,
  kind: Kind,
): { version: Version | null } | { reason: string } {
  if (now.state === "absent") return { version: null };
  if (now.state === "dangling") return { reason: "is a link that leads nowhere" };
  if (now.state === "other") return { reason: `${now.what} this path` };
  if (now.state === "unreadable") return { reason: now.reason };
  const { hash, facts } = now;
  const { size, mode, mtimeMs } = facts;
  return {
    version: { path, name, kind, hash, size, mode, link, mtimeMs, read: async (limit) => readLive(real, hash, limit) },
  };
}

function readLive(real: AbsPath, hash: Version["hash"], limit: number): Awaited<ReturnType<Version["read"]>> {
  try {
    const bytes = readBytes(real, limit, { noFollow: true });
    return digestOf(bytes) === hash ? bytes : { problem: "unreadable", reason: "changed while it was read" };
  } catch (cause) {
    return cause instanceof RangeError ? "large" : { problem: "unreadable", reason: reasonOf(cause) };
  }
}
