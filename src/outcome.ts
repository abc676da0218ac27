// What a command did, as one value: render/ renders it as text or as JSON. Nothing here prints.

import type { AgentsOutcome } from "./tasks/agents.ts";
import type { AuditOutcome } from "./tasks/audit.ts";
import type { BisectOutcome } from "./tasks/bisect.ts";
import type { Ending } from "./tasks/context.ts";
import type { CoverageOutcome } from "./tasks/coverage.ts";
import type { CreateOutcome } from "./tasks/create.ts";
import type { ScheduledRunOutcome } from "./tasks/daily-job.ts";
import type { DiffOutcome } from "./tasks/diff.ts";
import type { DoctorOutcome } from "./tasks/doctor.ts";
import type { DrillOutcome } from "./tasks/drill.ts";
import type { GuardOutcome } from "./tasks/guard.ts";
import type { HealthOutcome } from "./tasks/health.ts";
import type { HealthCopiesOutcome } from "./tasks/health-copies.ts";
import type { HistoryOutcome } from "./tasks/history.ts";
import type { InitOutcome } from "./tasks/init.ts";
import type { InstallOutcome } from "./tasks/install-completions.ts";
import type { KeyOutcome } from "./tasks/key.ts";
import type { WhereOutcome } from "./tasks/leak-where.ts";
import type { LeaksOutcome } from "./tasks/leaks.ts";
import type { ListOutcome } from "./tasks/list.ts";
import type { CopiesOutcome } from "./tasks/list-copies.ts";
import type { PackOutcome } from "./tasks/pack.ts";
import type { PinOutcome } from "./tasks/pin.ts";
import type { PruneOutcome } from "./tasks/prune.ts";
import type { PullOutcome } from "./tasks/pull.ts";
import type { PushOutcome } from "./tasks/push.ts";
import type { RecoverOutcome } from "./tasks/recover.ts";
import type { ReloadOutcome } from "./tasks/reload.ts";
import type { VenvRepairOutcome } from "./tasks/repair-venvs.ts";
import type { ReportOutcome } from "./tasks/report.ts";
import type { RestoreOutcome } from "./tasks/restore-terms.ts";
import type { ScheduleOutcome } from "./tasks/schedule.ts";
import type { ShowOutcome } from "./tasks/show.ts";
import type { StatusOutcome } from "./tasks/status.ts";
import type { UnpackOutcome } from "./tasks/unpack.ts";
import type { VenvCheckOutcome } from "./tasks/venv.ts";
import type { VerifyOutcome } from "./tasks/verify.ts";
import type { VerifyCopiesOutcome } from "./tasks/verify-copies.ts";

/** The commands that fit, each with what it is for. */
export interface NextSteps {
  next: { why: string; words: string[] }[];
}

/** A completion script, or the answer to one. */
export interface CompletionsOutcome extends Ending {
  command: "completions";
  text: string;
}

export interface VersionOutcome extends Ending {
  command: "version";
  version: string;
  commit: string | null;
  target: string;
  bun: string;
  builtAt: string | null;
}

/** One command as help, its man page and `--help --json` tell it. */
export interface CommandPage {
  name: string;
  group: string;
  description: string;
  usage: string;
  /** Whether it only shows what it would do, unless --force or --write is given; -n says so in a word. */
  preview: boolean;
  /** `values` are the only ones that may stand there, where it has such. */
  words: { name: string; required: boolean; repeatable: boolean; values: string[]; description: string }[];
  flags: {
    name: string;
    short: string | null;
    /** The hint for its value; null for a switch. */
    value: string | null;
    repeatable: boolean;
    section: string | null;
    description: string;
  }[];
  exits: { code: number; meaning: string }[];
  example: string;
}

/** The page that names every command. `commands` is empty where nobody asked for the whole grammar. */
export interface MainPage {
  version: string;
  groups: { name: string; cells: { label: string; about: string }[] }[];
  topics: { name: string; about: string }[];
  flags: CommandPage["flags"];
  commands: CommandPage[];
}

/** What to know beside the commands. */
export interface Topic {
  name: string;
  about: string;
  /** A text is wrapped, rows are names and what they mean, code stands as it is. */
  body: ({ text: string } | { rows: [string, string][] } | { code: string[] })[];
}

export interface HelpOutcome extends Ending {
  command: "help";
  page: { main: MainPage } | { command: CommandPage } | { topic: Topic };
}

export type Outcome =
  | CreateOutcome
  | (ListOutcome & { allWords: string[] })
  | ShowOutcome
  | RestoreOutcome
  | VerifyOutcome
  | RecoverOutcome
  | PackOutcome
  | UnpackOutcome
  | PruneOutcome
  | PinOutcome
  | HealthOutcome
  | HealthCopiesOutcome
  | DoctorOutcome
  | (AgentsOutcome & { all: boolean; placeWords: string[] })
  | ReloadOutcome
  | GuardOutcome
  | ScheduleOutcome
  | ScheduledRunOutcome
  | AuditOutcome
  | BisectOutcome
  | ReportOutcome
  | DiffOutcome
  | PushOutcome
  | PullOutcome
  | CopiesOutcome
  | VerifyCopiesOutcome
  | DrillOutcome
  | HistoryOutcome
  | CoverageOutcome
  | InitOutcome
  | CompletionsOutcome
  | InstallOutcome
  | VenvCheckOutcome
  | VenvRepairOutcome
  | KeyOutcome
  | LeaksOutcome
  | WhereOutcome
  | (StatusOutcome & NextSteps)
  | VersionOutcome
  | HelpOutcome;
