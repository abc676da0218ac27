// Which events of the trail can be undone: restores, undos, reverts and guard runs of which both states are still there.
import type { AbsPath } from "../model.ts";
import { hasRecord } from "../restore/record.ts";
import { type AuditLine, readAudit } from "../snapshot/audit-read.ts";
import { innerFolder, takenIds } from "../snapshot/store.ts";

/** One of them; `can` is false where a snapshot that it needs is gone. */
export interface Run {
  /** The event's line in the trail, by which `undo N` names it. */
  line: number;
  command: string;
  id: string;
  description: string | null;
  time: string | null;
  /** The record of what was written; null for a guard run, which has its two snapshots. */
  record: string | null;
  /** The snapshot that a guard took afterwards. */
  after: string | null;
  can: boolean;
}

/** Newest first. Throws the system's error where the trail can't be read. */
export const runsOf = (store: AbsPath): Run[] => runsIn(store, readAudit(store)).toReversed();

/** In the order of the lines. */
export function runsIn(store: AbsPath, lines: AuditLine[]): Run[] {
  const taken = new Set<string>(takenIds(store));
  const inner = innerFolder(store);
  return lines.flatMap(({ line, event }): Run[] => {
    const { command, id, undo, after, description = null, time = null } = event ?? {};
    if (command === undefined || id === undefined || (undo === undefined && after === undefined)) return [];
    const base = { line, command, id, description, time };
    if (undo === undefined)
      return [{ ...base, record: null, after: after ?? null, can: taken.has(id) && taken.has(after ?? "") }];
    // A record is named after its auto-backup, where there is one.
    const isThere = hasRecord(inner, undo) && (!/^\d{8}_\d{6}$/.test(undo) || taken.has(undo));
    return [{ ...base, record: undo, after: null, can: isThere }];
  });
}
