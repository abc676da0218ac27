// What a command did, as one value: render/ renders it as text or as JSON. Nothing here prints.
import type { Comparison, FileDiff, Problem } from "./comparison.ts";
import type { AbsPath, Counts, Kind, LaunchdState, Manifest, Plan, Skipped, Summary } from "./model.ts";

/** `exit` is the program's exit code; `ok` in JSON is "exit 0". */
interface Base {
  exit: number;
}

export interface CreateOutcome extends Base {
  command: "create";
  id: string;
  description: string;
  category: string;
  location: AbsPath;
  root: AbsPath;
  files: Counts;
  complete: boolean;
  skipped: Skipped[];
  unchanged: boolean;
  /** Only with --pack. */
  archive: AbsPath | undefined;
}

/** `sealed`: there is a sealed archive alone, which a list does not open. */
export type Status = "ok" | "damaged" | "incomplete" | "sealed";

/** One snapshot of a list. What a damaged manifest does not tell is null. */
export interface Listed {
  id: string;
  description: string | null;
  category: string | null;
  createdAt: string | null;
  ageSeconds: number | null;
  files: Counts;
  sizeBytes: number | null;
  complete: boolean;
  pinned: boolean;
  status: Status;
  forms: string[];
}

export interface ListOutcome extends Base {
  command: "list";
  /** How many there are, shown or not. */
  total: number;
  snapshots: Listed[];
}

export interface ShowOutcome extends Base {
  command: "show" | "latest";
  id: string;
  folder: AbsPath;
  forms: string[];
  manifest: Manifest;
  ageSeconds: number;
  sizeBytes: number | null;
  missing: string[];
  from: Origin | null;
  /** Null where there is no project to compare with, or only the essential datum is wanted. */
  since: Since | null;
}

/** Where a snapshot comes from, when that is not here; `original` is one of the original tool, whose places are inferred. */
export interface Origin {
  host: string | null;
  home: AbsPath | null;
  root: AbsPath | null;
  original: boolean;
}

/** Commit and branch at the snapshot and now; the distance is null where git can't tell it. */
export interface GitDrift {
  before: string;
  now: string;
  ahead: number | null;
  behind: number | null;
}

/** What differs now from what a snapshot recorded. */
export interface Since {
  git: GitDrift | null;
  /** Whether the checkout has uncommitted changes now; null where nobody can tell. */
  dirty: boolean | null;
  venvs: VenvDrift[];
  agents: { label: string; before: LaunchdState; now: LaunchdState }[] | null;
  /** `change` is `content`, `mode`, `link`, `gone`, or a sentence. */
  files: { path: AbsPath; name: string; kind: Kind; change: string }[];
}

export interface VenvDrift {
  key: string;
  before: string | null;
  now: string | null;
  /** In words: `is gone`, `its python is missing`, `Python 3.12.12 then, 3.13.0 now`. */
  change: string;
}

export interface RestoreOutcome extends Base {
  command: "restore";
  dryRun: boolean;
  plan: Plan;
  summary: Summary;
  autoBackup: string | null;
  restored: { path: string; name: string; kind: Kind }[];
  failed: { path: string; error: string }[];
  /** The command that does what a preview shows. */
  next: string[];
  venvs: VenvDrift[];
  git: GitDrift | null;
  /** What a preview says about agents whose plist would change. */
  agents: string[];
  /** The lines that reload agents whose plist was replaced; none where --reload did it. */
  reload: string[];
  /** Only with --reload. */
  reloaded: Reloads | null;
  /** Only with --patch: what differs inside the files, from what was there to what the snapshot holds. */
  patch: Patch | null;
  from: Origin | null;
}

export type Patch = Pick<Comparison, "files" | "problems">;

export interface VerifyOutcome extends Base {
  command: "verify";
  snapshots: {
    id: string;
    status: Status;
    filesChecked: number;
    bytesChecked: number;
    problems: { path: string; problem: string; reason: string }[];
    healed: string[];
  }[];
  audit: { ok: boolean; firstBadLine?: number };
  /** Snapshots that could not be looked at: sealed, and no identity at hand opens them. */
  unverified: number;
}

export interface RecoverOutcome extends Base {
  command: "recover";
  outcome: "nothing" | "finished" | "undone" | "cleaned";
  why: string;
  snapshot: string | null;
  autoBackup: string | null;
  kept: AbsPath[];
}

export interface KeyOutcome extends Base {
  command: "key";
  action: "new" | "show";
  /** Where the identity is; its secret key is never part of an outcome. */
  path: AbsPath;
  recipients: string[];
}

export interface LeaksOutcome extends Base {
  command: "leaks";
  /** False where there was no git to ask. */
  checked: boolean;
  leaks: { path: string; why: string }[];
}

export interface PackOutcome extends Base {
  command: "pack";
  /** `written` is false where the same archive stood there already; `moved` where its folder is gone now. */
  packed: { id: string; path: AbsPath; bytes: number; written: boolean; moved: boolean }[];
}

export interface UnpackOutcome extends Base {
  command: "unpack";
  id: string;
  folder: AbsPath;
  files: number;
}

export interface PruneOutcome extends Base {
  command: "prune";
  dryRun: boolean;
  verdicts: { id: string; category: string | null; keep: boolean; reasons: string[] }[];
  /** The command that does what a preview shows. */
  next: string[];
}

export interface PinOutcome extends Base {
  command: "pin" | "unpin";
  id: string;
  changed: boolean;
}

export interface HealthOutcome extends Base {
  command: "health";
  level: "ok" | "warning" | "critical" | "unknown";
  findings: { check: string; level: "ok" | "warning" | "critical" | "unknown"; message: string }[];
}

export interface InitOutcome extends Base {
  command: "init";
  path: AbsPath;
  written: boolean;
  content: string;
  /** What was seen, as a config would name it; `unreached` look like credentials and are in comments alone. */
  found: Record<"agents" | "configs" | "mcp" | "credentials" | "venvs" | "unreached", string[]>;
}

export interface DiffOutcome extends Base {
  command: "diff";
  comparison: Comparison;
  /** One line for each file. */
  stat: boolean;
}

/** What a snapshot did to one file. `first`: the oldest one that holds it has nothing to compare with. */
export interface HistoryEvent {
  id: string;
  description: string;
  category: string;
  /** Local time, as the manifest has it. */
  createdAt: string;
  event: "first" | "added" | "changed" | "removed" | "unreadable";
  size: number | null;
  /** Only with --patch, and where there is something to compare. */
  patch: FileDiff | null;
}

export interface PushOutcome extends Base {
  command: "push";
  /** One for each destination; those that could not be opened come first. */
  places: {
    /** Its name in the config, or null. */
    name: string | null;
    to: string;
    archives: { id: string; bytes: number; sent: boolean }[];
    /** Why not all got there; null where they did. */
    failed: string | null;
  }[];
}

export interface PullOutcome extends Base {
  command: "pull";
  from: string;
  /** `pulled` is false where that archive was here already, or `failed` says why it was not taken. */
  archives: { id: string; host: string; path: AbsPath; pulled: boolean; failed: string | null }[];
}

/** `list --from`. */
export interface CopiesOutcome extends Base {
  command: "copies";
  from: string;
  /** How many there are, shown or not. */
  total: number;
  /** `here`: the snapshot is in the snapshots folder, too, in whatever form. */
  copies: { id: string; host: string; form: string; bytes: number | null; here: boolean }[];
}

export interface HistoryOutcome extends Base {
  command: "history";
  /** Newest event first. */
  files: { path: string; name: string; kind: Kind; events: HistoryEvent[] }[];
  problems: Problem[];
}

export interface ReportOutcome extends Base {
  command: "report";
  /** Null where the page goes to stdout. */
  path: AbsPath | null;
  snapshots: number;
  content: string;
}

export interface AuditOutcome extends Base {
  command: "audit";
  /** How many there are, shown or not. */
  total: number;
  /** Newest first; what a line does not say is null. `time` is UTC; `cutOffBytes` were lost in a crash in front of this line. */
  events: {
    line: number;
    time: string | null;
    user: string | null;
    host: string | null;
    command: string | null;
    description: string | null;
    id: string | null;
    files: number | null;
    result: string | null;
    cutOffBytes: number | null;
  }[];
  chain: { ok: boolean; firstBadLine?: number };
}

/** What `venv check` found; `state` in words of monitoring, `recorded` is the version in the newest snapshot that has one. */
export interface VenvCheckOutcome extends Base {
  command: "venv";
  action: "check";
  venvs: {
    key: string;
    path: AbsPath;
    state: "healthy" | "degraded" | "broken" | "unknown";
    problem: string | null;
    version: string | null;
    recorded: string | null;
    recordedIn: string | null;
  }[];
}

/** What `venv repair` would do or did. `failed` says why a repair was undone; `good` is the last snapshot that has the venv healthy. */
export interface VenvRepairOutcome extends Base {
  command: "venv";
  action: "repair";
  dryRun: boolean;
  repairs: {
    key: string;
    path: AbsPath;
    problem: string;
    aside: AbsPath | null;
    resumes: boolean;
    python: AbsPath;
    version: string;
    insteadOf: string | null;
    requirements: AbsPath | null;
    failed: string | null;
    good: string | null;
    /** The command that restores the configs of `good`. */
    recover: string[];
    /** The configs were restored from `good`, and the repair tried once more. */
    restoredConfigs: boolean;
  }[];
  /** Venvs that can't be repaired, and why. */
  impossible: { key: string; path: AbsPath; problem: string }[];
  next: string[];
}

export interface AgentsOutcome extends Base {
  command: "agents";
  /** What launchd could not be asked is null. */
  agents: {
    label: string;
    path: AbsPath;
    loaded: boolean | null;
    pid: number | null;
    lastExit: number | null;
    disabled: boolean | null;
    problems: string[];
  }[];
}

/** What became of each agent; `byHand` holds the commands to type where launchd could not be reached. */
export interface Reloads {
  agents: { label: string; result: string; reason?: string }[];
  byHand: string[];
}

export interface ReloadOutcome extends Base, Reloads {
  command: "reload";
}

export interface GuardOutcome extends Base {
  command: "guard";
  /** The snapshot that was taken before. */
  id: string;
  /** The command's own code; null where it could not be started. */
  code: number | null;
  failures: string[];
  /** What a restore would change, where something failed. */
  changes: Summary | null;
  /** The restore that was done by itself. */
  recovered: RestoreOutcome | null;
  /** The commands to look at it and to do it, where it was not done by itself. */
  next: string[][];
}

export interface ScheduleOutcome extends Base {
  command: "schedule";
  action: "install" | "remove" | "status";
  dryRun: boolean;
  label: string;
  plist: AbsPath;
  installed: boolean;
  loaded: boolean | null;
  /** The exit code of its last run under launchd; null where it is not known. */
  lastExit: number | null;
  /** When the last snapshot was taken or found unneeded, and when the job comes next: ISO, UTC. */
  lastCreate: string | null;
  next: string | null;
  /** The job's plist, for a preview; the crontab line that does the same where there is no launchd. */
  content: string | null;
  crontab: string | null;
  /** The command that does what a preview shows. */
  commandToRun: string[];
}

/** What the daily job did: each of its commands with its exit code. */
export interface ScheduledRunOutcome extends Base {
  command: "scheduled-run";
  steps: { command: string; exit: number; message: string | null }[];
}

/** A completion script, or the answer to one. */
export interface CompletionsOutcome extends Base {
  command: "completions";
  text: string;
}

/** `--help` and `--version`. */
export interface TextOutcome extends Base {
  command: "help" | "version";
  text: string;
  json: Record<string, unknown>;
}

export type Outcome =
  | CreateOutcome
  | ListOutcome
  | ShowOutcome
  | RestoreOutcome
  | VerifyOutcome
  | RecoverOutcome
  | PackOutcome
  | UnpackOutcome
  | PruneOutcome
  | PinOutcome
  | HealthOutcome
  | AgentsOutcome
  | ReloadOutcome
  | GuardOutcome
  | ScheduleOutcome
  | ScheduledRunOutcome
  | AuditOutcome
  | ReportOutcome
  | DiffOutcome
  | PushOutcome
  | PullOutcome
  | CopiesOutcome
  | HistoryOutcome
  | InitOutcome
  | CompletionsOutcome
  | VenvCheckOutcome
  | VenvRepairOutcome
  | KeyOutcome
  | LeaksOutcome
  | TextOutcome;
