// What a command did, as one value: render/ renders it as text or as JSON. Nothing here prints.

import type { AbsPath, Summary } from "./model.ts";
import type { AgentsOutcome } from "./tasks/agents.ts";
import type { AuditOutcome } from "./tasks/audit.ts";
import type { Ending } from "./tasks/context.ts";
import type { CreateOutcome } from "./tasks/create.ts";
import type { DiffOutcome } from "./tasks/diff.ts";
import type { HealthOutcome } from "./tasks/health.ts";
import type { HistoryOutcome } from "./tasks/history.ts";
import type { InitOutcome } from "./tasks/init.ts";
import type { KeyOutcome } from "./tasks/key.ts";
import type { LeaksOutcome } from "./tasks/leaks.ts";
import type { ListOutcome } from "./tasks/list.ts";
import type { CopiesOutcome } from "./tasks/list-copies.ts";
import type { PackOutcome } from "./tasks/pack.ts";
import type { PinOutcome } from "./tasks/pin.ts";
import type { PruneOutcome } from "./tasks/prune.ts";
import type { PullOutcome } from "./tasks/pull.ts";
import type { PushOutcome } from "./tasks/push.ts";
import type { ReloadOutcome } from "./tasks/reload.ts";
import type { ReportOutcome } from "./tasks/report.ts";
import type { RestoreOutcome } from "./tasks/restore.ts";
import type { ShowOutcome } from "./tasks/show.ts";
import type { UnpackOutcome } from "./tasks/unpack.ts";
import type { VerifyOutcome } from "./tasks/verify.ts";

export interface RecoverOutcome extends Ending {
  command: "recover";
  outcome: "nothing" | "finished" | "undone" | "cleaned";
  why: string;
  snapshot: string | null;
  autoBackup: string | null;
  kept: AbsPath[];
}

/** What `venv check` found; `state` in words of monitoring, `recorded` is the version in the newest snapshot that has one. */
export interface VenvCheckOutcome extends Ending {
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
export interface VenvRepairOutcome extends Ending {
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

export interface GuardOutcome extends Ending {
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

export interface ScheduleOutcome extends Ending {
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
export interface ScheduledRunOutcome extends Ending {
  command: "scheduled-run";
  steps: { command: string; exit: number; message: string | null }[];
}

/** A completion script, or the answer to one. */
export interface CompletionsOutcome extends Ending {
  command: "completions";
  text: string;
}

/** `--help` and `--version`. */
export interface TextOutcome extends Ending {
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
