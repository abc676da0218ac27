// The values that travel between the stages. Nothing here reads a disk or a clock.

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** An absolute, normalised path on this machine. */
export type AbsPath = Branded<string, "AbsPath">;
/** A process's environment. */
export type Env = Record<string, string | undefined>;
/** `plist|config|credentials/NAME`: where a file lies inside its snapshot's folder. */
export type StoredPath = Branded<string, "StoredPath">;
/** SHA-256 as 64 lower-case hex digits. */
export type Digest = Branded<string, "Digest">;
/** YYYYMMDD_HHMMSS, local time of the machine that made it. */
export type SnapshotId = Branded<string, "SnapshotId">;

export const KINDS = ["plist", "config", "credential"] as const;
export type Kind = (typeof KINDS)[number];

/** The folder inside a snapshot in which files of a kind are stored. */
export const FOLDER = { plist: "plist", config: "config", credential: "credentials" } as const satisfies Record<
  Kind,
  string
>;

/** How many files of each kind. */
export type Counts = Record<Kind, number> & { total: number };

/** A path that could not be captured, and why in words that a person can act on. */
export interface Skipped {
  path: string;
  reason: string;
}

/** A file that the last complete snapshot held and that is gone, holds nothing, or can't be parsed now. */
export interface Loss {
  path: string;
  kind: Kind;
  name: string;
  reason: (typeof LOSSES)[number];
}
export const LOSSES = ["gone", "empty", "unparsable"] as const;

/** Losses, and the snapshot that held the files, with how many of each kind it held. */
export interface Gone {
  files: Loss[];
  from: { id: string; counts: Counts } | null;
}

/** A live file that the inventory found and capture is to store. */
export interface Found {
  path: AbsPath;
  kind: Kind;
  /** A credential's display name (`mcp/SERVER/credentials.json`, `~/.google-ads/…`, `oauth/NAME`); else the file's name. */
  name: string;
  /** Every pattern or variable that led to it. */
  foundBy: string[];
}

/** What the inventory brings back: files, the failures it met on the way, and remarks that are not failures. */
export interface Malformed extends Skipped {
  /** The pattern of rollback.yaml that leads to it. */
  pattern: string;
}

export interface Inventory {
  found: Found[];
  skipped: Skipped[];
  /** Files that lead to others and can't be understood, wholly or in part: what is wrong with each. They are in `found` all the same. */
  malformed: Malformed[];
  warnings: string[];
}

/** Facts of one live file at one moment. Times in ms since the epoch (UTC), `mode` the low 12 bits. */
export interface FileFacts {
  size: number;
  mode: number;
  mtimeMs: number;
  uid: number;
  gid: number;
}

/** One stored file as its manifest describes it. What the original format does not record is undefined. */
export interface StoredFile {
  kind: Kind;
  /** Where it came from, as the manifest says: a stranger may have written it, so it is not an AbsPath before the planner looked. */
  original: string;
  stored: StoredPath;
  hash: Digest;
  size?: number | undefined;
  mode?: number | undefined;
  mtimeMs?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** The live path's link target as it was written, null where the live path was not a link. */
  symlink?: string | null | undefined;
  name?: string | undefined;
  foundBy?: string[] | undefined;
  /** A plist's Label; null where it did not parse or has none. */
  label?: string | null | undefined;
  /** What launchd said of the label when it was captured. */
  launchd?: LaunchdState | undefined;
}

export interface LaunchdState {
  loaded: boolean;
  disabled: boolean;
}

export interface GitState {
  commit: string | null;
  branch: string | null;
  /** Local time with microseconds, as the original tool wrote it. */
  timestamp: string | null;
  dirty?: boolean | null | undefined;
}

export interface VenvState {
  exists: boolean;
  /** As python prints it: `Python 3.12.12`. */
  python_version: string | null;
  /** Which of the two said so. */
  version_from?: "python" | "pyvenv.cfg" | null | undefined;
  /** Whether its python ran; null where nobody could tell. */
  healthy?: boolean | null | undefined;
}

/** A checked manifest. */
export interface Manifest {
  /** 1 is the original tool's. */
  format: 1 | 2;
  createdAt: string;
  /** ms since the epoch, UTC; for format 1 its local time is read in this machine's zone. */
  createdAtMs: number;
  description: string;
  category: string;
  complete: boolean;
  /** The snapshot whose restore this auto-backup precedes; null for any other snapshot. */
  beforeRestoreOf: string | null;
  skipped: Skipped[];
  gone: Gone;
  host: string | null;
  home: AbsPath | null;
  root: AbsPath | null;
  files: StoredFile[];
  git: GitState | null;
  venvs: Record<string, VenvState>;
}

/** What a live path is now, links resolved. */
export type Observed =
  | { state: "absent" }
  | { state: "file"; hash: Digest; facts: FileFacts; names: number }
  | { state: "dangling" }
  | { state: "other"; what: string }
  | { state: "unreadable"; reason: string };

/** All that the planner needs to know about one target path. */
export interface Target {
  path: AbsPath;
  /** The path with its folder's links followed, its own last part not. */
  place: AbsPath;
  /** Where the content lives once every link is followed; equals `place` where the path is not a link. */
  real: AbsPath;
  /** What the path itself links to, as written; null where it is not a link. */
  link: string | null;
  /** Tells files apart that share a name on some file systems; null where nothing is there. */
  inode: string | null;
  now: Observed;
  /** Where the recorded link would lead, when that is not the link that is there now. */
  behind: { real: AbsPath; now: Observed } | null;
  /** Who owns the nearest folder that exists. */
  folderOwner: Owner;
  /** What the system would not let be written of `place`, `real` and what is behind it, and why. */
  obstacles: { at: AbsPath; why: string }[];
}

export interface Owner {
  uid: number;
  gid: number;
}

/** Checked bytes to take: a stored file of the snapshot whose folder or archive is at `at`. */
export interface StoredRef {
  at: AbsPath;
  stored: StoredPath;
  /** What is taken in place of the stored bytes: made of them for another home, or merged with what is there. */
  content?: Uint8Array | undefined;
}

/** One value inside a file that is rewritten for another home; `key` is the nearest key above it. Null where it may be a secret. */
export interface Rewritten {
  key: string;
  before: string | null;
  after: string | null;
}

/** What a stored file turned out to be when its bytes were checked. */
export type StoredState =
  | { state: "ok"; from: StoredRef; facts: FileFacts }
  | { state: "missing"; reason: string }
  | { state: "damaged"; reason: string }
  | { state: "link"; reason: string };

/** What a write replaces. */
export type Was =
  | { state: "absent" }
  | { state: "file"; hash: Digest }
  | { state: "link"; target: string }
  | { state: "unknown" };

/** One change of one path on disk. A file is written whole; a link is made anew. */
export type Write = { at: AbsPath; was: Was; folderMode: number } & (
  | {
      type: "file";
      from: StoredRef;
      hash: Digest;
      mode: number;
      mtimeMs: number | null;
      owner: Owner | null;
    }
  | { type: "link"; target: string }
);

export type Action = "unchanged" | "modify" | "create" | "extra" | "missing-backup" | "damaged-backup" | "refused";

export interface Change {
  /** Absolute, except where it is refused for not being so. */
  path: string;
  name: string;
  kind: Kind;
  action: Action;
  reason?: string | undefined;
  /** Only for `refused`: the folder that `--allow` would have to name, where that would help. */
  allow?: AbsPath | undefined;
  /** Only for `refused`: the system would not let it be written; nothing is unsafe. */
  obstructed?: boolean | undefined;
  /** What --relocate changes inside the file. */
  rewritten?: Rewritten[] | undefined;
  /** Where the file, as it is to be, names a place that was moved: `line 12`, a key. Never a value. */
  still?: string[] | undefined;
  writes: Write[];
}

/** What a restore will do: rendered by the preview, executed by apply, built from literals in tests. */
export interface Plan {
  snapshot: string;
  description: string;
  category: string;
  changes: Change[];
}

export interface Summary {
  unchanged: number;
  modify: number;
  create: number;
  extra: number;
  skipped: number;
  refused: number;
}

/** How far long work has come. */
export interface Progress {
  type: "progress";
  /** The work in a word or two: `Storing`. */
  what: string;
  /** How many items are done, of how many; where there is one alone they are not counted. */
  done: number;
  total: number;
  /** The same in bytes, where they are known. */
  bytes?: { done: number; total: number };
  /** The file or snapshot that is at work. */
  name?: string;
}

/** What the stages tell while they work; the report decides who hears it. */
export type Notice =
  | { type: "warning"; message: string }
  /** An agent that would not run as it is: told in one line for all of them. */
  | { type: "dangling"; label: string; problem: string }
  | Progress;
export type Notify = (notice: Notice) => void;
