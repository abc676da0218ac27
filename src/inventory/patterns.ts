// A pattern of the config → the paths that it matches now. A folder that can't be read is a failure, never an empty one.

import { reasonOf } from "../errors.ts";
import type { AbsPath, Skipped } from "../model.ts";
import { absolute, relativeTo } from "../paths.ts";
import type { Dirent } from "../system/files.ts";
import { globSource, ifReadable, look, lookThrough } from "../system/files.ts";
import { anchored, type Places } from "./places.ts";

export interface Matches {
  paths: AbsPath[];
  failures: Skipped[];
}

/**
 * What matches `pattern`, sorted. `files`: all but folders, so that a pipe or a dangling link is met and named later;
 * `folders`: folders alone. A pattern without wildcards, or one whose very name exists, is a path. Linked folders are entered,
 * except by `**`.
 */
export async function expand(pattern: string, places: Places, want: "files" | "folders"): Promise<Matches> {
  const literal = anchored(pattern, places);
  const { default: glob } = await import("fast-glob");
  const dynamic = glob.isDynamicPattern(pattern);
  try {
    const there = want === "folders" ? lookThrough(literal)?.isDirectory() : look(literal) !== null;
    if (there) return { paths: [literal], failures: [] };
  } catch (cause) {
    // A folder that a wildcard stands in names itself when it is listed.
    if (!dynamic) return { paths: [], failures: [{ path: literal, reason: reasonOf(cause) }] };
  }
  if (!dynamic) return { paths: [], failures: [] };
  const failures: Skipped[] = [];
  const odd: { path: string; dirent: Dirent }[] = [];
  const [cwd, rest] = pattern.startsWith("~/")
    ? [places.home, pattern.slice(2)]
    : pattern.startsWith("/")
      ? (["/", pattern.slice(1)] as const)
      : [places.root, pattern];
  const entries = glob.sync(rest, {
    cwd,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    followSymbolicLinks: !rest.includes("**"),
    fs: globSource(odd, (path, cause) =>
      failures.push({ path, reason: `the folder can't be read: ${reasonOf(cause)}` }),
    ),
  });
  const paths: AbsPath[] = [];
  // fast-glob's expressions stop at a newline; names with one are matched by Bun's own.
  const known = new Set(entries.map(({ path }) => absolute(path, cwd)));
  const matcher = new Bun.Glob(rest);
  const missed = odd
    .map(({ path, dirent }) => ({ path: relativeTo(cwd, absolute(path, cwd)), dirent }))
    .filter(({ path }) => !known.has(absolute(path, cwd)) && matcher.match(path));
  for (const entry of [...entries, ...missed]) {
    const path = absolute(entry.path, cwd);
    if (leadsToFolder(path, entry.dirent) === (want === "folders")) paths.push(path);
  }
  return { paths: paths.sort(), failures };
}

function leadsToFolder(path: AbsPath, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A link that can't be followed is met again, and named, by whoever reads it.
  return ifReadable(() => lookThrough(path)?.isDirectory()) ?? false;
}
