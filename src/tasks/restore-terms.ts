// What a restore is asked for, and what comes of it.
import type { AbsPath, Found, Kind, Plan, Summary } from "../model.ts";
import type { LookRequest, Settle } from "../restore/look.ts";
import type { PathMap } from "../restore/target.ts";
import type { Ending } from "./context.ts";
import type { Differing } from "./differing.ts";
import type { GitDrift, Origin, VenvDrift } from "./drift.ts";
import type { EarlierSecret } from "./earlier-secrets.ts";
import type { NextStep } from "./next-step.ts";
import type { Opened } from "./open.ts";
import { type Part, WHOLE } from "./part.ts";
import type { Patch } from "./patch.ts";
import type { Reloads } from "./reload.ts";
import type { Findings } from "./settle.ts";
import type { Site } from "./site.ts";

/** What to restore and how. Absent lists mean everything, nowhere moved, nothing more allowed. */
export interface RestoreRequest {
  ref: string;
  only: string[];
  except: string[];
  maps: PathMap[];
  /** Move what lay below the recorded home and root to this one's, also inside plists and JSON configs. */
  relocate: boolean;
  /** Folders outside home and root below which it may write. */
  allow: AbsPath[];
  /** The age identity that opens a sealed snapshot; undefined means the default one. */
  identity: string | undefined;
  /** Then reload the agents whose plist changed. */
  reload: boolean;
  /** Also tell what differs inside the files. */
  patch: boolean;
  /** Name each file, also the unchanged ones. */
  all: boolean;
  /** Also name what our own commands make needless. */
  verbose: boolean;
  /** Each file on its own instead of all or none. */
  keepGoing: boolean;
  lockWaitMs: number;
  /** Which part of each file; all of it where it is whole. */
  part: Part;
  words: RestoreWords;
}

/** The commands that do what an outcome or an error suggests, in the caller's spelling. */
export interface RestoreWords {
  /**
   * The command itself, of these snapshots or this number, with allowed folders beside those that were given, and another snapshots
   * folder. With `relocate` it is the preview of one that also moves the snapshot to this home.
   */
  restore(named: string[], more: { allow: AbsPath[]; relocate: boolean; snapshots?: AbsPath }): string[];
  reload(ref: string): string[];
  /** What takes back what was just done. */
  undo(): string[];
}

/** The change that an undo or a revert takes back. */
export type TakenBack =
  /** An event of the trail, by its line there. `time` is RFC 3339, UTC. */
  | {
      type: "event";
      line: number;
      command: string;
      id: string;
      description: string | null;
      time: string | null;
      ageSeconds: number | null;
    }
  | { type: "between"; from: Named; to: Named };
interface Named {
  id: string;
  description: string;
}

/** The restore of the whole snapshot, with a reload. */
export const wholeRestore = (ref: string, words: RestoreWords): RestoreRequest => ({
  ref,
  only: [],
  except: [],
  part: WHOLE,
  maps: [],
  relocate: false,
  allow: [],
  identity: undefined,
  reload: true,
  patch: false,
  all: false,
  verbose: false,
  keepGoing: false,
  lockWaitMs: 10_000,
  words,
});

export interface RestoreOutcome extends Ending {
  command: "restore" | "undo" | "revert";
  dryRun: boolean;
  plan: Plan;
  summary: Summary;
  autoBackup: string | null;
  restored: { path: string; name: string; kind: Kind }[];
  failed: { path: string; error: string }[];
  /** The command that comes after a preview, or after a restore of a snapshot from elsewhere. */
  next: NextStep;
  /** The preview that also moves what --map alone left as it was inside the files; null where nothing is left, or it can't be moved. */
  moveInside: string[] | null;
  venvs: VenvDrift[];
  git: GitDrift | null;
  /** What a preview says about agents whose plist would change. */
  agents: string[];
  /** The command that takes back what was done; null where nothing was written. */
  back: string[] | null;
  /** What reloads agents whose plist was replaced; null where there are none, or --reload did it. */
  reload: { command: string[]; launchctl: string[] } | null;
  /** Only with --reload. */
  reloaded: Reloads | null;
  /** Only with --patch: what differs inside the files, from what was there to what the snapshot holds. */
  patch: Patch | null;
  /** What changes inside the files, in a preview. */
  stats: Patch;
  /** How many files the snapshot holds, chosen or not. */
  held: number;
  /** Where nothing would change: the newest snapshot that is not like this one. */
  differing: Differing | null;
  /** Name each file, also the unchanged ones. */
  all: boolean;
  verbose: boolean;
  /** The host's name only where the snapshot is from elsewhere. */
  here: { host: string | null; home: AbsPath; root: AbsPath };
  /** Where files were moved from, by --map and --relocate. */
  places: string[];
  from: Origin | null;
  of: TakenBack | null;
  /** Secrets of which it brings an earlier one back. */
  earlier: EarlierSecret[];
  /** Why --force would refuse all that a preview shows; null where it would not. */
  refusal: { message: string; hint: string } | null;
  /** What a merge found; null where files are taken as they are stored. */
  findings: Findings | null;
}

/** A snapshot that is open for a restore. */
export interface OpenedRestore extends Opened {
  command: RestoreOutcome["command"];
  /** What the trail is to say of it. */
  note: string;
  /** What is taken back; null for a restore. */
  of: TakenBack | null;
  site: Site;
  maps: PathMap[];
  /** The id, or the words that the user named it by where those name a file or folder. */
  ref: string;
  /** What the command is to be given again. */
  typed: string[];
  request(found: Found[]): Omit<LookRequest, "env">;
  /** What decides of each file what it is to hold, afresh for each plan. */
  settling(): { settle: Settle | undefined; findings: Findings | null; demandFound(): void };
}
