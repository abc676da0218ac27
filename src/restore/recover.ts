// A restore that was cut off: finished where all is ready for that, undone otherwise. Killable and repeatable at any moment.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { RollbackError, reasonOf } from "../rollback-error.ts";
import { flush, rename } from "../system/durable.ts";
import { hashFile, ifReadable, linkTarget, look } from "../system/files.ts";
import { advance, endJournal, type Journal, type Pending, type Step } from "./journal.ts";
import { cleanUp, foldersOf, isNew, isOld, relax, type Stuck, type Undone, undoSteps } from "./undo.ts";

export interface Recovered {
  outcome: "finished" | "undone" | "cleaned";
  why: string;
  snapshot: string | null;
  autoBackup: string | null;
  /** Live files that somebody changed since: left as they are now. */
  kept: AbsPath[];
  /** What can't be put back, with the file that holds its old bytes; where it was not undone, a temporary that can't be removed. */
  stuck: { path: AbsPath; holds: AbsPath | null; error: string }[];
}

const TRIAL = "a search was trying it";

/** Brings a pending journal to its end. The caller is the store's writer. */
export function recoverRestore(pending: Pending, journalFolder: AbsPath): Recovered {
  const { journal } = pending;
  if (journal === null) {
    endJournal(pending);
    return { outcome: "undone", why: "it had not begun", snapshot: null, autoBackup: null, kept: [], stuck: [] };
  }
  const about = { snapshot: journal.snapshot, autoBackup: journal.autoBackup };
  try {
    if (pending.state === "done") {
      const stuck = cleaned(journal);
      endJournal(pending);
      const why = "every file had been restored; only temporary files were left";
      return { ...about, outcome: "cleaned", why, kept: [], stuck };
    }
    if (pending.state === "ready") {
      const obstacle = journal.trial ? TRIAL : (whyNotFinish(journal) ?? finish(journal));
      if (obstacle === null) {
        const done = advance(pending, journalFolder, "done");
        const stuck = cleaned(journal);
        endJournal(done);
        return { ...about, outcome: "finished", why: "every new file was ready when it was cut off", kept: [], stuck };
      }
      const undone = undo(advance(pending, journalFolder, "undo"), journal);
      return { ...about, outcome: "undone", why: obstacle, ...undone };
    }
    const undone = undo(pending, journal);
    const why =
      pending.state === "undo"
        ? "it was being undone when it was cut off"
        : "it was cut off before the first file was replaced";
    return { ...about, outcome: "undone", why, ...undone };
  } catch (cause) {
    if (cause instanceof RollbackError) throw cause;
    throw fail.io("finish or undo the restore that is noted in", pending.path, cause);
  }
}

const again = (kept: AbsPath[], second: Undone): Undone => ({
  ...second,
  kept: [...new Set([...kept, ...second.kept])],
});

const told = (stuck: Stuck[]): Recovered["stuck"] =>
  stuck.map(({ at, holds, cause }) => ({ path: at, holds, error: reasonOf(cause) }));

/** What failed may have failed for the moment. */
const cleaned = (journal: Journal): Recovered["stuck"] => (cleanUp(journal).length === 0 ? [] : told(cleanUp(journal)));

/** The journal goes whatever could not be put back: else every other command would wait for what may never be possible. */
function undo(pending: Pending, journal: Journal): Pick<Recovered, "kept" | "stuck"> {
  const began = pending.state === "undo";
  const first = undoSteps(journal, began);
  // What failed may have failed for the moment.
  const { kept, stuck } = first.stuck.length === 0 ? first : again(first.kept, undoSteps(journal, began));
  endJournal(pending);
  return { kept, stuck: told(stuck) };
}

/** Why the rest of the renames must not be done: a file changed meanwhile, or a temporary is not what was prepared. */
function whyNotFinish({ steps }: Journal): string | null {
  for (const step of steps) {
    if (look(step.temp) === null) {
      if (!isNew(step)) return `${step.at} was changed after the restore was cut off`;
    } else if (!isOld(step)) return `${step.at} was changed after the restore was cut off`;
    else if (!isPrepared(step)) return `the new file for ${step.at} is damaged`;
  }
  return null;
}

function isPrepared({ temp, becomes }: Step): boolean {
  if ("target" in becomes) return look(temp)?.isSymbolicLink() === true && linkTarget(temp) === becomes.target;
  return ifReadable(() => hashFile(temp, { noFollow: true }).hash) === becomes.hash;
}

/** Does the renames that are left; returns why it stopped, where somebody changed a file in between. */
function finish(journal: Journal): string | null {
  relax(journal);
  for (const step of journal.steps)
    if (look(step.temp) !== null) {
      if (!isOld(step)) return `${step.at} was changed while the restore was being finished`;
      rename(step.temp, step.at);
    }
  const changed = journal.steps.find((step) => !isNew(step));
  if (changed !== undefined) return `${changed.at} was changed while the restore was being finished`;
  flush([...journal.steps.filter(({ becomes }) => "hash" in becomes).map(({ at }) => at), ...foldersOf(journal)]);
  return null;
}
