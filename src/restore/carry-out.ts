// The last stage of a restore: a plan's writes, as one transaction or as one for each file.
import type { AbsPath, Change, Notify, Plan } from "../model.ts";
import { RollbackError } from "../rollback-error.ts";
import type { Vault } from "../snapshot/vault.ts";
import { applyWrites } from "./apply.ts";
import { journalAt } from "./journal.ts";
import { copyStored } from "./stored-ref.ts";

export interface CarryOut {
  journalFolder: AbsPath;
  vault: Vault;
  autoBackup: string | null;
  /** Each file in a transaction of its own, so that one that fails does not hold up the others. */
  keepGoing: boolean;
}

export interface CarriedOut {
  restored: Change[];
  failed: { path: string; error: string }[];
}

/** Writes what the plan says. Throws, with every live file as it was, where the one transaction fails. */
export async function carryOut(plan: Plan, options: CarryOut, notify: Notify): Promise<CarriedOut> {
  const { journalFolder, vault, autoBackup, keepGoing } = options;
  const due = plan.changes.filter(({ writes }) => writes.length > 0);
  const apply = (changes: Change[]) =>
    applyWrites(
      {
        journalFolder,
        snapshot: plan.snapshot,
        autoBackup,
        writes: changes.flatMap(({ writes }) => writes),
        copy: (from, to, attributes, onBytes) => copyStored(from, to, attributes, { vault, onBytes }),
      },
      notify,
    );
  if (!keepGoing) {
    await apply(due);
    return { restored: due, failed: [] };
  }
  const done: CarriedOut = { restored: [], failed: [] };
  for (const change of due) {
    try {
      await apply([change]);
      done.restored.push(change);
    } catch (cause) {
      const isStuck = journalAt(journalFolder) !== null;
      if (isStuck || !(cause instanceof RollbackError) || cause.code !== "failed") throw cause;
      done.failed.push({ path: change.path, error: cause.message });
    }
  }
  return done;
}
