// What each of many snapshots changed, when they come one by one, oldest first. Work and memory go with the files of one snapshot and
// with the changes, not with files × snapshots. Says the same as matrix.ts. Pure.
import { cellOf, type Held } from "./matrix.ts";

export interface Turn<H extends Held> {
  path: string;
  change: "added" | "changed" | "removed";
  before: H | null;
  after: H | null;
}

export interface Course<H extends Held> {
  /** The next snapshot: its files by path, and the files and folders that it could not read. */
  next(files: ReadonlyMap<string, H>, unread: readonly string[]): Turn<H>[];
  /** What was there last, of every file that was not removed. */
  last: ReadonlyMap<string, H>;
}

export function follow<H extends Held>(): Course<H> {
  const last = new Map<string, H>();
  /** What no snapshot so far could read; null from the first one on that read everything. */
  let blind: Map<string, ReadonlySet<string>> | null = new Map();
  const seenFirst = (path: string): boolean =>
    blind !== null && [...blind.values()].every((places) => isBelow(path, places));
  return {
    last,
    next(files, unread) {
      const places = new Set(unread);
      const turns: Turn<H>[] = [];
      for (const [path, after] of files) {
        const before = last.get(path) ?? null;
        // What the first one holds was not added by it.
        const change = before === null && seenFirst(path) ? "same" : cellOf(before ?? undefined, after);
        if (change === "added" || change === "changed") turns.push({ path, change, before, after });
        last.set(path, after);
      }
      // A file that could not be read is neither there nor gone.
      for (const [path, before] of last) {
        if (files.has(path) || isBelow(path, places)) continue;
        turns.push({ path, change: "removed", before, after: null });
        last.delete(path);
      }
      if (places.size === 0) blind = null;
      blind?.set([...places].join("\0"), places);
      return turns;
    },
  };
}

/** Whether a path is one of these, or below one of them. */
function isBelow(path: string, places: ReadonlySet<string>): boolean {
  if (places.size === 0) return false;
  for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) if (places.has(path.slice(0, at))) return true;
  return places.has("/");
}
