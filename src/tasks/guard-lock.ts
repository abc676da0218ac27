// One guard at a time for each store: a second one would take the state that the first is making for the good one.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { RollbackError } from "../rollback-error.ts";
import { guardLock, markAt } from "../snapshot/guard-mark.ts";
import { innerFolder, makeStore } from "../snapshot/store.ts";
import { isHeld, takeLock } from "../system/lock.ts";

/**
 * Runs `work` as the only guard. Waits up to `waitMs` for another one, then throws `locked`. Throws `failed` where one was killed
 * and nobody has looked at what it left. One that the guard of `inside` runs as its command works under that one's lock and mark.
 */
export async function aloneAtWork<T>(
  store: AbsPath,
  { holder, waitMs, inside }: { holder: string; waitMs: number; inside: string | undefined },
  work: (marks: boolean) => Promise<T>,
): Promise<T> {
  const inner = innerFolder(store);
  if (inside !== undefined && markAt(inner)?.snapshot === inside && isHeld(guardLock(inner))) return work(false);
  const lock = await takeGuardLock(store, holder, waitMs);
  try {
    // We hold the lock, so whoever made this mark is dead.
    const mark = markAt(inner);
    if (mark !== null) throw fail.guardCutOff(mark);
    return await work(true);
  } finally {
    lock.release();
  }
}

async function takeGuardLock(store: AbsPath, holder: string, waitMs: number) {
  try {
    makeStore(store);
    return await takeLock(guardLock(innerFolder(store)), holder, waitMs);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "locked") throw fail.guardAtWork(cause.message);
    throw cause instanceof RollbackError ? cause : fail.storeNotWritable(store, cause);
  }
}
