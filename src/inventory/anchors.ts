// What the patterns of rollback.yaml are anchored at, and what is never captured whatever a pattern says.
import type { AbsPath } from "../model.ts";
import { absolute, below, isWithin, nameOf, parentOf } from "../paths.ts";
import { exists, ifReadable } from "../system/files.ts";
import { asSpelled } from "../system/naming.ts";

export interface Anchors {
  home: AbsPath;
  root: AbsPath;
  store: AbsPath;
}

/** A path or pattern of the config as an absolute one: `~/…` below the home, relative ones below the root. */
export function anchored(pattern: string, { home, root }: Pick<Anchors, "home" | "root">): AbsPath {
  return pattern === "~" || pattern.startsWith("~/") ? absolute(pattern.slice(2), home) : absolute(pattern, root);
}

/**
 * A test that says why a path is never captured, or null. `folders` are those that the config names under `never`. It remembers which
 * folders hold a `pyvenv.cfg`.
 */
export function neverCaptured(anchors: Anchors, folders: string[]): (path: AbsPath) => string | null {
  const { home, root, store } = anchors;
  const shut = [store, ...folders.map((folder) => anchored(folder, anchors))].map(asSpelled);
  const venvs = new Map<AbsPath, boolean>();
  // The home and the root themselves are not venvs, also where somebody made one right there: all else would be lost.
  const inVenv = (folder: AbsPath): boolean => {
    if (folder === home || folder === root || folder === "/") return false;
    const known = venvs.get(folder);
    if (known !== undefined) return known;
    const holds = ifReadable(() => exists(below(folder, "pyvenv.cfg"))) === true;
    const answer = holds || inVenv(parentOf(folder));
    venvs.set(folder, answer);
    return answer;
  };
  return (path) => {
    const folder = shut.find((candidate) => isWithin(path, candidate));
    if (folder !== undefined) return `lies in ${folder}, which is never captured`;
    const name = nameOf(path);
    if (name.endsWith(".log")) return "is a log";
    if (name.startsWith("._") || name === ".DS_Store") return "is what the Finder leaves";
    return inVenv(parentOf(path)) ? "lies in a Python venv" : null;
  };
}
