// A pattern of the config → the paths that it matches now. A folder that can't be read is a failure, never an empty one.

import type { AbsPath, Skipped } from "../model.ts";
import { absolute, below, nameOf, parentOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { globSource, leadsToFolder, look, lookThrough } from "../system/files.ts";
import { asSpelled, asSpelledFolder, ignoresCase } from "../system/naming.ts";
import { type Anchors, anchored } from "./anchors.ts";
import { plainNames, walk } from "./plain-pattern.ts";

export interface Matches {
  paths: AbsPath[];
  failures: Skipped[];
  /** Whether the pattern has no wildcard. */
  plain: boolean;
  /** The pattern as a path. */
  literal: AbsPath;
}

/**
 * What matches `pattern`, sorted. `files`: all but folders, so that a pipe or a dangling link is met and named later;
 * `folders`: folders alone. A pattern without wildcards, or one whose very name exists, is a path. Linked folders are entered,
 * except by `**`. Names match in every Unicode form, and in any case where the file system ignores it; the paths are as the disk spells them.
 */
export async function expand(pattern: string, anchors: Anchors, want: "files" | "folders"): Promise<Matches> {
  const literal = asSpelled(anchored(pattern, anchors));
  const [cwd, rest] = split(pattern, anchors);
  const names = plainNames(rest);
  const dynamic = names === null ? await isDynamic(pattern) : names.some((name) => typeof name !== "string");
  try {
    const there = want === "folders" ? lookThrough(literal)?.isDirectory() : look(literal) !== null;
    if (there) return { paths: [literal], failures: [], plain: !dynamic, literal };
  } catch (cause) {
    // A folder that a wildcard stands in names itself when it is listed.
    if (!dynamic) return { paths: [], failures: [{ path: literal, reason: reasonOf(cause) }], plain: true, literal };
  }
  if (!dynamic) return { paths: [], failures: [], plain: true, literal };
  const failures: Skipped[] = [];
  const failed = (path: string, cause: unknown) =>
    failures.push({ path, reason: `the folder can't be read: ${reasonOf(cause)}` });
  const paths = names === null ? await glob(rest, cwd, want, failed) : walk(cwd, names, want, failed);
  return { paths: paths.sort(), failures, plain: false, literal };
}

const isDynamic = async (pattern: string): Promise<boolean> =>
  (await import("fast-glob")).default.isDynamicPattern(pattern);

async function glob(
  pattern: string,
  cwd: AbsPath,
  want: "files" | "folders",
  failed: (folder: string, cause: unknown) => void,
): Promise<AbsPath[]> {
  const { default: fastGlob } = await import("fast-glob");
  let odd = false;
  const entries = fastGlob.sync([...new Set([pattern, pattern.normalize("NFC"), pattern.normalize("NFD")])], {
    cwd,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    caseSensitiveMatch: !ignoresCase(cwd),
    followSymbolicLinks: !pattern.includes("**"),
    fs: globSource((name) => {
      odd ||= name.includes("\n");
    }, failed),
  });
  const paths = entries
    .filter(({ path, dirent }) => leadsToFolder(absolute(path, cwd), dirent) === (want === "folders"))
    .map(({ path }) => below(asSpelledFolder(parentOf(absolute(path, cwd))), nameOf(path)));
  // One path may be met by both.
  return odd ? [...new Set([...paths, ...oddPaths(pattern, cwd, want)])] : paths;
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

/** Where a pattern is looked for, and what is looked for there. */
function split(pattern: string, { home, root }: Anchors): [AbsPath, string] {
  if (pattern.startsWith("~/")) return [home, pattern.slice(2)];
  return pattern.startsWith("/") ? ["/" as AbsPath, pattern.slice(1)] : [root, pattern];
}
