import { fail } from "../errors.ts";
import type { AbsPath, Notify } from "../model.ts";
import { journalAt } from "../restore/journal.ts";
import { RollbackError } from "../rollback-error.ts";
import { cutOffGuard } from "../snapshot/guard-mark.ts";
import { innerFolder } from "../snapshot/store.ts";

/** Mentions in a warning a guard that was killed while its command ran or while it rolled back. */
export function warnOfCutOffGuard(store: AbsPath, notify: Notify): void {
  const mark = cutOffGuard(innerFolder(store));
  if (mark === null) return;
  const message = `a guard of ${mark.program} (${mark.description}) was cut off; the state before it is ${mark.snapshot}: run \`rollback recover\``;
  notify({ type: "warning", message });
}

/** Throws `failed` where a restore was cut off: nothing else may be written before `recover` ended it. */
export async function demandFinished(store: AbsPath): Promise<void> {
  const { pendingJournal } = await import("../restore/journal-read.ts");
  const pending = pendingJournal(innerFolder(store));
  if (pending !== null) throw fail.unfinished(pending.journal?.snapshot ?? "a snapshot");
}

/**
 * The snapshot whose restore was cut off, mentioned in a warning, for commands that go on working; undefined where there is none. One
 * whose journal can't be read is unfinished too.
 */
export async function unfinishedRestore(store: AbsPath, notify: Notify): Promise<string | undefined> {
  const warn = (message: string) => notify({ type: "warning", message });
  try {
    if (journalAt(innerFolder(store)) === null) return undefined;
    const { pendingJournal } = await import("../restore/journal-read.ts");
    const snapshot = pendingJournal(innerFolder(store))?.journal?.snapshot ?? "a snapshot";
    warn(`a restore of ${snapshot} is unfinished: run \`rollback recover\``);
    return snapshot;
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    warn(`${cause.message}: run \`rollback recover\``);
    return "a snapshot";
  }
}
