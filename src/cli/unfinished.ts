import { RollbackError } from "../errors.ts";
import type { AbsPath, Notify } from "../model.ts";
import { pendingJournal } from "../restore/journal.ts";
import { innerFolder } from "../snapshot/store.ts";

/** Mentions a restore that was cut off, for commands that only read and go on working. */
export function warnUnfinished(store: AbsPath, notify: Notify): void {
  try {
    const pending = pendingJournal(innerFolder(store));
    if (pending !== null)
      notify({
        type: "warning",
        message: `a restore${pending.journal === null ? "" : ` of ${pending.journal.snapshot}`} is unfinished: run \`rollback recover\``,
      });
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    notify({ type: "warning", message: cause.message });
  }
}
