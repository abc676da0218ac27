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
  try {
    const there = want === "folders" ? lookThrough(literal)?.isDirectory() : look(literal) !== null;
    if (there) return { paths: [literal], failures: [] };
  } catch (cause) {
    return { paths: [], failures: [{ path: literal, reason: reasonOf(cause) }] };
  }
  const { default: glob } = await import("fast-glob");
  if (!glob.isDynamicPattern(pattern)) return { paths: [], failures: [] };
  const failures: Skipped[] = [];
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
    fs: globSource((path, cause) => failures.push({ path, reason: `the folder can't be read: ${reasonOf(cause)}` })),
  });
  const paths: AbsPath[] = [];
  for (const entry of entries) {
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
