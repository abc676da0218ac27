// What looks as if it should be captured, and is not: what was seen and what the rules reach → what is missed, each with its rule. Pure.
import type { PathList } from "../config.ts";
import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";
import type { Anchors } from "./anchors.ts";

/** Why a thing looks as if it should be captured. */
export type Group =
  | "credential"
  | "agent"
  | "named-by-plist"
  | "mcp"
  | "assistant"
  | "retired-agent"
  | "unit"
  | "crontab";

/** A thing that was seen by its name, and more that is to be said of it. */
export interface Seen {
  path: AbsPath;
  group: Group;
  /** The label of the plist that names it, or words for people; null where the group says it all. */
  about: string | null;
}

export interface Missed {
  /** As rollback.yaml would name it. */
  path: string;
  group: Group;
  about: string | null;
  /** The list of rollback.yaml that would hold it; null where no line helps. */
  list: PathList | null;
}

const LISTS: Record<Group, PathList | null> = {
  credential: "credentials.files",
  agent: "plists",
  "named-by-plist": "configs",
  mcp: "configs",
  assistant: "configs",
  "retired-agent": "configs",
  unit: "configs",
  crontab: null,
};
/** What is said first wins where a thing was seen for two reasons. */
const ORDER: Group[] = ["credential", "agent", "mcp", "assistant", "named-by-plist", "retired-agent", "unit"];

type Ends = Pick<Anchors, "home" | "root">;

/** What is missed of the things that were seen, in the order of their groups. `captured` are the files that the rules reach. */
export function missedOf(seen: Seen[], captured: ReadonlySet<string>, anchors: Ends): Missed[] {
  const missed = new Map<string, Missed>();
  const sorted = seen.toSorted((a, b) => ORDER.indexOf(a.group) - ORDER.indexOf(b.group) || compare(a.path, b.path));
  for (const { path, group, about } of sorted)
    if (!captured.has(path) && !missed.has(path))
      missed.set(path, { path: asRule(path, anchors), group, about, list: LISTS[group] });
  return [...missed.values()];
}

const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** A path as rollback.yaml names it: below the root as it is, below the home with `~/`, else whole. */
function asRule(path: AbsPath, { home, root }: Ends): string {
  if (path !== root && isWithin(path, root)) return literal(path.slice(root.length + 1));
  return path !== home && isWithin(path, home) ? `~/${path.slice(home.length + 1)}` : path;
}

/** A path that stands for itself: a pattern may not begin with `!`, and `~` would be the home. */
export const literal = (path: string): string => (/^[!~]/.test(path) && !path.startsWith("~/") ? `./${path}` : path);
