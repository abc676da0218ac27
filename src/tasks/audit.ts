// `audit`: who did what to the snapshots, when and why.
import { fail } from "../errors.ts";
import { below } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { type AuditLine, readAudit } from "../snapshot/audit-read.ts";
import type { Context, Ending } from "./context.ts";
import { findStoreAlone } from "./site.ts";
import { runsIn } from "./undoable.ts";

export interface AuditRequest {
  /** How many events are shown. */
  limit: number;
}

export interface AuditOutcome extends Ending {
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
    /** The number by which `undo` takes it back; null where it can't. */
    undo: number | null;
  }[];
  chain: { ok: boolean; firstBadLine?: number };
}

export async function audit({ limit }: AuditRequest, { world, named }: Context): Promise<AuditOutcome> {
  const store = await findStoreAlone(world, named);
  let lines: AuditLine[];
  try {
    lines = readAudit(store);
  } catch (cause) {
    throw fail.io("read", below(store, "audit.jsonl"), cause);
  }
  const firstBadLine = lines.find(({ follows }) => !follows)?.line;
  const undoable = new Set(runsIn(store, lines).flatMap(({ line, can }) => (can ? [line] : [])));
  const events = lines.toReversed().flatMap(({ line, event }) => (event === null ? [] : [{ line, event }]));
  return {
    command: "audit",
    exit: firstBadLine === undefined ? EXIT.done : EXIT.damaged,
    total: events.length,
    events: events.slice(0, limit).map(({ line, event }) => ({
      line,
      time: event.time ?? null,
      user: event.user ?? null,
      host: event.host ?? null,
      command: event.command ?? null,
      description: event.description ?? null,
      id: event.id ?? null,
      files: event.files ?? null,
      result: event.result ?? null,
      cutOffBytes: event.cut_off_bytes ?? null,
      undo: undoable.has(line) ? line : null,
    })),
    chain: { ok: firstBadLine === undefined, ...(firstBadLine === undefined ? {} : { firstBadLine }) },
  };
}
