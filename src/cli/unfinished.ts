import { RollbackError } from "../errors.ts";
import type { AbsPath, Notify } from "../model.ts";
import { pendingJournal } from "../restore/journal.ts";
import { innerFolder } from "../snapshot/store.ts";

/**
 * The snapshot whose restore was cut off, mentioned in a warning, for commands that go on working; undefined where there is none. One
 * whose journal can't be read is unfinished too.
 */
export function unfinishedRestore(store: AbsPath, notify: Notify): string | undefined {
  const warn = (message: string) => notify({ type: "warning", message });
  try {
    const pending = pendingJournal(innerFolder(store));
    if (pending === null) return undefined;
    const snapshot = pending.journal?.snapshot ?? "a snapshot";
    warn(`a restore of ${snapshot} is unfinished: run \`rollback recover\``);
    return snapshot;
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    warn(`${cause.message}: run \`rollback recover\``);
    return "a snapshot";
  }
}
