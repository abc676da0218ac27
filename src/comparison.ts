// What differs between two states of the protected files, as a value. Every secret was taken out where it was made (diff/), so
// whoever renders it can't show one. Imports the model alone.
import type { Kind } from "./model.ts";

export interface Both<T> {
  before: T;
  after: T;
}

/** One end of a comparison: a snapshot, or with `id` null the live files. */
export interface Side {
  id: string | null;
  /** The snapshot's own words; null for the live files. */
  description: string | null;
}

export interface Comparison extends Both<Side> {
  /** Files that differ, and those that were touched alone; in the order of kinds, then of paths. */
  files: FileDiff[];
  /** How many files are alike in content, mode and link. */
  unchanged: number;
  problems: Problem[];
}

/** A file of which one end could not be read: nothing is said of what changed in it. */
export interface Problem {
  path: string;
  side: "before" | "after";
  /** A stored file that is not what its manifest says is damaged. */
  problem: "damaged" | "unreadable";
  reason: string;
}

/** What became of one file. Both ends of a fact are null where it is not known; a fact that is alike is null as a whole. */
export interface FileDiff {
  path: string;
  name: string;
  kind: Kind;
  /** `touched`: nothing but the time of its last change, which does not count as a difference. */
  change: "added" | "removed" | "modified" | "touched";
  /** Bytes; null on the side where there is no file, or where they are not recorded. */
  size: Both<number | null>;
  /** The low 12 bits. */
  mode: Both<number> | null;
  /** What the path links to, as written; null on the side where it is not a link. */
  link: Both<string | null> | null;
  /** ms since the epoch, UTC. */
  mtimeMs: Both<number> | null;
  /** Null where the bytes are the same, and for files that came or went. */
  content: ContentDiff | null;
}

export type ContentDiff = KeysDiff | LinesDiff | SizesDiff;

/** A plist, JSON or YAML by its keys; no change at all means that only its formatting differs. */
export interface KeysDiff {
  type: "keys";
  format: Format;
  changes: KeyChange[];
}
export type Format = "plist" | "json" | "yaml";

export interface KeyChange {
  /** Keys and indices from the top; what looks like a secret in them is masked. */
  path: (string | number)[];
  change: "added" | "removed" | "modified";
  /** The values as JSON writes them, secrets masked; null on the side where there is none, and on both where they are hidden. */
  before: string | null;
  after: string | null;
  /** The value is, or may hold, a secret: all that is told is that it changed. */
  hidden: boolean;
  /** What the change means to launchd; null for other files, and for keys that speak for themselves. Never holds a secret. */
  words: string | null;
}

/** A text by its lines, as a unified diff. */
export interface LinesDiff {
  type: "lines";
  hunks: Hunk[];
  added: number;
  removed: number;
}

export interface Hunk {
  /** `@@ -1,3 +1,4 @@` */
  header: string;
  /** Each begins with ` `, `-`, `+` or `\`, as patches write them; secrets are masked, and a line that may hold one is hidden whole. */
  lines: string[];
}

/** The content differs, and its sizes are all that is told. */
export interface SizesDiff {
  type: "sizes";
  why: "binary" | "large" | "secret" | "unreadable-form" | "too-different";
}

/** Whether it counts as a difference, for exit codes and totals. */
export const counts = ({ change }: Pick<FileDiff, "change">): boolean => change !== "touched";

/** Keys and indices as people write them: `mcpServers.gmail.args[0]`. */
export const keyText = (path: KeyChange["path"]): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");

/** What a change means, with its key where the words do not tell it; null where the values speak for themselves. */
export function meaning({ path, words }: Pick<KeyChange, "path" | "words">): string | null {
  if (words === null || path[0] === "EnvironmentVariables") return words;
  return `${keyText(path)}: ${words}`;
}

/** Why no content is shown. */
export const WHY = {
  binary: "the content differs; it is not text",
  large: "the content differs; the file is too large to show",
  secret: "the content differs; it is a secret, and not shown",
  "unreadable-form": "the content differs; it can't be read as what its name says",
  "too-different": "the content differs all over",
} as const satisfies Record<SizesDiff["why"], string>;
