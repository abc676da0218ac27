// What a command did, as one value: render/ renders it as text or as JSON. Nothing here prints.

import type { AgentsOutcome } from "./tasks/agents.ts";
import type { AuditOutcome } from "./tasks/audit.ts";
import type { Ending } from "./tasks/context.ts";
import type { CreateOutcome } from "./tasks/create.ts";
import type { DiffOutcome } from "./tasks/diff.ts";
import type { DoctorOutcome } from "./tasks/doctor.ts";
import type { GuardOutcome } from "./tasks/guard.ts";
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
import type { RecoverOutcome } from "./tasks/recover.ts";
import type { ReloadOutcome } from "./tasks/reload.ts";
import type { ReportOutcome } from "./tasks/report.ts";
import type { RestoreOutcome } from "./tasks/restore.ts";
import type { ScheduledRunOutcome, ScheduleOutcome } from "./tasks/schedule.ts";
import type { ShowOutcome } from "./tasks/show.ts";
import type { UnpackOutcome } from "./tasks/unpack.ts";
import type { VenvCheckOutcome, VenvRepairOutcome } from "./tasks/venv.ts";
import type { VerifyOutcome } from "./tasks/verify.ts";

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
  | DoctorOutcome
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
