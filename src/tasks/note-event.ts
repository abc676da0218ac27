import type { AbsPath, Notify } from "../model.ts";
import { RollbackError } from "../rollback-error.ts";
import { type AuditEvent, recordEvent } from "../snapshot/audit.ts";

/** Records what was done. What was done stands also where that fails: then false, and a warning. */
export function noteEvent(store: AbsPath, event: AuditEvent, notify: Notify): boolean {
  try {
    recordEvent(store, event);
    return true;
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    notify({ type: "warning", message: `${cause.message}; what was done stands` });
    return false;
  }
}
