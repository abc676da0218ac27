// `recover`: a restore that was cut off is finished or undone.
import type { AbsPath } from "../model.ts";
import { pendingJournal } from "../restore/journal-read.ts";
import { dropRecord, hasRecord } from "../restore/record.ts";
import { recoverRestore } from "../restore/recover.ts";
import { demandTrusted, storeParts } from "../restore/trust.ts";
import { EXIT } from "../rollback-error.ts";
import { asWriter, innerFolder } from "../snapshot/store.ts";
import { exists } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import type { Context, Ending } from "./context.ts";
import { noteEvent } from "./note-event.ts";
import { findStoreAlone } from "./site.ts";

export interface RecoverOutcome extends Ending {
  command: "recover";
  outcome: "nothing" | "finished" | "undone" | "cleaned";
  why: string;
  snapshot: string | null;
  autoBackup: string | null;
  kept: AbsPath[];
  stuck: { path: AbsPath; holds: AbsPath | null; error: string }[];
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
};

/** Brings what was cut off to one of its two ends. Throws `damaged` where the journal can't be read, with nothing changed. */
export async function recover(
  { lockWaitMs }: { lockWaitMs: number },
  { world, named, holder, notify }: Context,
): Promise<RecoverOutcome> {
  const store = await findStoreAlone(world, named);
  if (!exists(innerFolder(store))) return NOTHING;
  demandTrusted(storeParts(store), whoAmI().uid);
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
    };
  });
}
