// Agents that somebody put out of the way by moving their plist into another folder of LaunchAgents: a restore would bring them back.
import type { AbsPath } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { entriesIn, exists, ifReadable } from "../system/files.ts";

export interface Retired {
  /** Where it was, and is not. */
  path: AbsPath;
  /** Where a plist of its name stands now. */
  at: AbsPath;
}

const DEEPEST = 3;
const AGENTS = /LaunchAgents/i;

/** Those of these plists that are gone, and stand elsewhere by the same name: in LaunchAgents, beside it or in the system's. */
export function retired(plists: readonly AbsPath[]): Retired[] {
  const gone = plists.filter((path) => ifReadable(() => ({ isThere: exists(path) }))?.isThere === false);
  const known = new Map<AbsPath, Map<string, AbsPath>>();
  return gone.flatMap((path) => {
    const top = topOf(path);
    const byName = known.get(top) ?? plistsAround(top);
    known.set(top, byName);
    const at = byName.get(nameOf(path));
    return at === undefined ? [] : [{ path, at }];
  });
}

/** The outermost folder above it that is called LaunchAgents; else the one that it is in. */
function topOf(path: AbsPath): AbsPath {
  let top = parentOf(path);
  for (let at = top; at !== "/"; at = parentOf(at)) if (/^LaunchAgents$/i.test(nameOf(at))) top = at;
  return top;
}

/** Every plist below it, in folders beside it that are called after LaunchAgents, and in the system's LaunchAgents. */
function plistsAround(top: AbsPath): Map<string, AbsPath> {
  const beside = foldersIn(parentOf(top)).filter((folder) => AGENTS.test(nameOf(folder)));
  const byName = new Map<string, AbsPath>();
  for (const folder of new Set([top, ...beside, "/Library/LaunchAgents" as AbsPath])) addPlists(folder, 0, byName);
  return byName;
}

function addPlists(folder: AbsPath, depth: number, byName: Map<string, AbsPath>): void {
  for (const entry of ifReadable(() => entriesIn(folder)) ?? [])
    if (!entry.isDirectory() && /^(?!\._).*\.plist$/s.test(entry.name) && !byName.has(entry.name))
      byName.set(entry.name, below(folder, entry.name));
  if (depth < DEEPEST) for (const inner of foldersIn(folder)) addPlists(inner, depth + 1, byName);
}

const foldersIn = (folder: AbsPath): AbsPath[] =>
  (ifReadable(() => entriesIn(folder)) ?? [])
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => below(folder, name))
    .sort();
