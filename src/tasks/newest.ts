// The newest snapshots to choose from, where a command was not told which.
import { type Choice, RollbackError } from "../rollback-error.ts";
import { describeEntry } from "../snapshot/facts.ts";
import { AUTO_BACKUP } from "../snapshot/manifest.ts";
import { listSnapshots } from "../snapshot/store.ts";
import type { NamedPlaces, World } from "./context.ts";
import { openVault } from "./open.ts";
import { findStoreAlone } from "./site.ts";

/** At most `count`, newest first, without auto-backups; none where there is no project or no store. */
export async function newestSnapshots(count: number, world: World, named: NamedPlaces): Promise<Choice[]> {
  const choices: Choice[] = [];
  try {
    const nowMs = Date.now();
    for (const entry of listSnapshots(await findStoreAlone(world, named))) {
      if (choices.length === count) break;
      const { id, description, category, ageSeconds, status } = await describeEntry(
        entry,
        () => openVault(entry, () => []),
        new Set(),
        nowMs,
      );
      if (category !== AUTO_BACKUP && !entry.ahead)
        choices.push({ id, description, category, ageSeconds, mark: status === "ok" ? null : status });
    }
  } catch (cause) {
    // The word that is missing is what is to be told.
    if (!(cause instanceof RollbackError)) throw cause;
  }
  return choices;
}
