// `recover`: a restore that was cut off is finished or undone; a guard that was killed is named, and its roll-back finished.
import type { AbsPath } from "../model.ts";
import { pendingJournal } from "../restore/journal-read.ts";
import { dropRecord, hasRecord } from "../restore/record.ts";
import { recoverRestore } from "../restore/recover.ts";
import { demandTrusted, storeParts } from "../restore/trust.ts";
import { EXIT } from "../rollback-error.ts";
import { cutOffGuard, type GuardMark, removeMark } from "../snapshot/guard-mark.ts";
import { asWriter, innerFolder } from "../snapshot/store.ts";
import { exists } from "../system/files.ts";
import type { Context, Ending } from "./context.ts";
import { broughtBack, type EarlierSecret } from "./earlier-secrets.ts";
import { noteEvent } from "./note-event.ts";
import { perform } from "./restore.ts";
import { type RestoreOutcome, type RestoreWords, wholeRestore } from "./restore-terms.ts";
import { findStoreAlone } from "./site.ts";

export interface RecoverOutcome extends Ending {
  command: "recover";
  outcome: "nothing" | "finished" | "undone" | "cleaned";
  why: string;
  snapshot: string | null;
  autoBackup: string | null;
  kept: AbsPath[];
  stuck: { path: AbsPath; holds: AbsPath | null; error: string }[];
  /** Secrets of which the finished restore brought an earlier one back. */
  earlier: EarlierSecret[];
  /** The guard that was killed; null where none was. */
  guard: (GuardMark & { rolledBack: RestoreOutcome | null }) | null;
  /** The commands that look at the way back from what that guard left, and take it. */
  next: string[][];
}

export interface RecoverRequest {
  lockWaitMs: number;
  /** How a restore is typed: the previews and the restore that are suggested, and the one that is done here. */
  nextWords(ref: string): string[][];
  words: RestoreWords;
}

const NOTHING: RecoverOutcome = {
  command: "recover",
  exit: EXIT.done,
  outcome: "nothing",
  why: "no restore was cut off",
  snapshot: null,
  autoBackup: null,
  kept: [],
  stuck: [],
  earlier: [],
  guard: null,
  next: [],
};

/** Brings what was cut off to one of its two ends. Throws `damaged` where the journal can't be read, with nothing changed. */
export async function recover(request: RecoverRequest, context: Context): Promise<RecoverOutcome> {
  const store = await findStoreAlone(context.world, context.named);
  if (!exists(innerFolder(store))) return NOTHING;
  await demandTrusted(storeParts(store), store, context.world.env);
  const restored = await recoverJournal(store, request, context);
  const mark = cutOffGuard(innerFolder(store));
  return mark === null ? restored : { ...restored, ...(await endGuard(mark, store, request, context)) };
}

/** Finishes the roll-back that a killed guard had begun; where none had been decided, the way back is the user's to take. */
async function endGuard(mark: GuardMark, store: AbsPath, request: RecoverRequest, context: Context) {
  const { words, lockWaitMs } = request;
  const restore = { ...wholeRestore(mark.snapshot, words), lockWaitMs };
  const rolledBack = mark.rollingBack ? await perform(restore, context) : null;
  removeMark(innerFolder(store));
  return {
    guard: { ...mark, rolledBack },
    next: rolledBack === null ? request.nextWords(mark.snapshot) : [],
    ...(rolledBack === null ? {} : { exit: rolledBack.exit }),
  };
}

async function recoverJournal(
  store: AbsPath,
  { lockWaitMs }: RecoverRequest,
  { holder, notify }: Context,
): Promise<RecoverOutcome> {
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const pending = pendingJournal(innerFolder(store));
    if (pending === null) return NOTHING;
    const inner = innerFolder(store);
    const done = recoverRestore(pending, inner);
    const record = done.autoBackup !== null && hasRecord(inner, done.autoBackup) ? done.autoBackup : null;
    // What was finished can be undone like any other; of what was undone there is nothing to undo.
    if (record !== null && done.outcome === "undone") dropRecord(inner, record);
    const traced = record === null || done.outcome === "undone" ? {} : { undo: record };
    const event = { command: "recover", description: done.why, ...traced, result: done.outcome };
    const noted = noteEvent(store, done.snapshot === null ? event : { ...event, id: done.snapshot }, notify);
    return {
      command: "recover",
      exit: noted && done.kept.length + done.stuck.length === 0 ? EXIT.done : EXIT.partial,
      ...done,
      earlier: record === null || done.outcome === "undone" ? [] : await broughtBack(record, store),
      guard: null,
      next: [],
    };
  });
}
