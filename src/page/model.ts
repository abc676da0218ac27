// What the page of `report` is made from. Secrets were taken out before: nothing in here can show one.
import type { FileDiff, Problem } from "../comparison.ts";
import type { Kind, Skipped } from "../model.ts";

export type Level = "ok" | "warning" | "critical";

/** What a snapshot did to one file. */
export interface Change {
  path: string;
  name: string;
  kind: Kind;
  change: "added" | "changed" | "removed";
  /** What changed inside; null where it was not looked at, or could not be. */
  diff: FileDiff | null;
}

export interface PageSnapshot {
  /** `YYYYMMDD_HHMMSS`, local time: the page's clock. */
  id: string;
  /** Null where its manifest can't be read: it is damaged, or sealed. */
  description: string | null;
  category: string | null;
  status: "ok" | "incomplete" | "damaged" | "sealed";
  pinned: boolean;
  files: number;
  /** `main at 1a2b3c4d5`; null where none was noted. */
  git: string | null;
  /** What could not be read when it was taken. */
  skipped: Skipped[];
  /** What differs from the snapshot before it. */
  changes: Change[];
  /** Stored files that could not be compared. */
  problems: Problem[];
  /** What `undo` would take back of what came after it: `restore`, `guard run`; null where it is another's. */
  undo: string | null;
}

/** A file that some snapshot holds. */
export interface PageFile {
  path: string;
  name: string;
  kind: Kind;
}

/** When an agent is started. */
export interface Times {
  /** By the clock. `on` is empty for every day, else its days: `Mon`, `1st`. */
  at: { hour: number; minute: number; on: string }[];
  /** What goes by no hour: `every 15 min`, `always on`, `at login`. */
  otherwise: string[];
}

export interface PageAgent extends Times {
  path: string;
  /** Its plist's name. */
  name: string;
  /** Why it is not up; null where it is, or nobody can tell. */
  down: string | null;
}

export interface Tile {
  label: string;
  /** `unknown`: nobody can tell, or there is none and none is asked for. */
  level: Level | "unknown";
  value: string;
  unit: string;
  note: string;
}

/** What somebody has to look at, the worst first. */
export interface Need {
  level: Level;
  message: string;
  /** What mends it, or tells more; null where nothing is known. */
  command: string | null;
  /** The file that is in trouble: its last change is the first suspect. */
  path: string | null;
}

export interface Page {
  /** Local time, `YYYYMMDD_HHMMSS`, and the same moment as RFC 3339. */
  madeAt: { id: string; utc: string };
  root: string;
  /** The tool's name and version. */
  tool: string;
  /** The flags that lead every command to this project, as a shell reads them; empty where none is needed. */
  places: string;
  /** Small print: name and value. */
  facts: [string, string][];
  tiles: Tile[];
  needs: Need[];
  /** The checks that are fine. */
  checks: string[];
  /** Oldest first. */
  snapshots: PageSnapshot[];
  files: PageFile[];
  agents: PageAgent[];
}
