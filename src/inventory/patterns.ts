// A pattern of the config → the paths that it matches now. A folder that can't be read is a failure, never an empty one.

import { reasonOf } from "../errors.ts";
import type { AbsPath, Skipped } from "../model.ts";
import { absolute } from "../paths.ts";
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
  let odd = false;
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
    fs: globSource(
      (name) => {
        odd ||= name.includes("\n");
      },
      (path, cause) => failures.push({ path, reason: `the folder can't be read: ${reasonOf(cause)}` }),
    ),
  });
  const paths = entries
    .filter(({ path, dirent }) => leadsToFolder(absolute(path, cwd), dirent) === (want === "folders"))
    .map(({ path }) => absolute(path, cwd));
  if (odd) paths.push(...oddPaths(rest, cwd, want));
  // One path may be met by both.
  return { paths: [...new Set(paths)].sort(), failures };
}

/** What fast-glob's expressions stop at: paths with a newline in them, matched by Bun's own. */
function oddPaths(pattern: string, cwd: string, want: "files" | "folders"): AbsPath[] {
  const all = new Bun.Glob(pattern).scanSync({ cwd, dot: true, onlyFiles: false, followSymlinks: false });
  return [...all]
    .filter((path) => path.includes("\n"))
    .map((path) => absolute(path, cwd))
    .filter((path) => {
      const stats = look(path);
      return stats !== null && leadsToFolder(path, stats) === (want === "folders");
    });
}

function leadsToFolder(path: AbsPath, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  // A link that can't be followed is met again, and named, by whoever reads it.
  return ifReadable(() => lookThrough(path)?.isDirectory()) ?? false;
}
