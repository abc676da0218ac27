// The snapshots folder: what is in it, and how a snapshot gets in. Layout: docs/format.md.
import { fail } from "../errors.ts";
import type { AbsPath, SnapshotId } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { now } from "../system/clock.ts";
import { flush, makeFolder, makeFolders, removeFile, removeTree, rename, writeNew } from "../system/durable.ts";
import { ifReadable, look, lookThrough, namesIn } from "../system/files.ts";
import { type Lock, takeLock } from "../system/lock.ts";
import { countAhead, isSnapshotId, mayLieAhead } from "./id.ts";

export const FORMS = ["folder", "zip", "zip.age"] as const;
export type Form = (typeof FORMS)[number];

/** One snapshot as the store's listing shows it; nothing of it is read yet. */
export interface Entry {
  id: SnapshotId;
  /** Its folder, or where there is none its archive, the plain one before the sealed. */
  at: AbsPath;
  forms: Form[];
  /** Dated so far ahead of the clock that a clock was wrong: it is never the latest, and never pruned. */
  ahead: boolean;
}

const GITIGNORE = "*\n!*.zip.age\n";
export const innerFolder = (store: AbsPath) => below(store, ".rollback");
const stagingFolder = (store: AbsPath) => below(innerFolder(store), "staging");

const ID_LENGTH = "YYYYMMDD_HHMMSS".length;
const FORM_BY_END = new Map<string, Form>([
  ["", "folder"],
  [".zip", "zip"],
  [".zip.age", "zip.age"],
]);

/** Every snapshot of the store, newest first, whatever its forms; those dated ahead come last. An absent store is an empty one. */
export function listSnapshots(store: AbsPath): Entry[] {
  const entries: Entry[] = [];
  // Sorted, the forms of a snapshot follow one another, in the order of FORMS.
  for (const name of readStore(store).sort()) {
    const id = name.slice(0, ID_LENGTH);
    const form = FORM_BY_END.get(name.slice(ID_LENGTH));
    if (form === undefined || !isSnapshotId(id)) continue;
    const last = entries[entries.length - 1];
    if (last?.id === id) last.forms.push(form);
    else entries.push({ id, at: `${store}/${name}` as AbsPath, forms: [form], ahead: false });
  }
  const newestFirst = entries.reverse();
  const [newest] = newestFirst;
  if (newest === undefined || !mayLieAhead(newest.id, Date.now())) return newestFirst;
  const ids = newestFirst.map(({ id }) => id);
  const count = countAhead(ids, now().id);
  return [...newestFirst.slice(count), ...newestFirst.slice(0, count).map((entry) => ({ ...entry, ahead: true }))];
}

function readStore(store: AbsPath): string[] {
  try {
    const names = namesIn(store);
    if (names === null && look(store) !== null) throw Object.assign(new Error(), { code: "ENOTDIR" });
    return names ?? [];
  } catch (cause) {
    throw fail.storeUnreadable(store, cause);
  }
}

/** Every id that is taken, by a folder or by an archive alone. */
export const takenIds = (store: AbsPath): Set<SnapshotId> => new Set(listSnapshots(store).map(({ id }) => id));

/** Where the default puts a store, below a root. */
const DEFAULT_END = "/infrastructure/rollback-snapshots";

/**
 * Makes the store and its inner folder where they are missing (0700), flushed: first creates may race for that. A store elsewhere than
 * the default is made only inside a folder that is there: what is missing may be a disk that is not mounted.
 */
export function makeStore(store: AbsPath): void {
  demandMounted(store);
  const made = [...makeFolders(parentOf(store), 0o755), ...makeFolders(innerFolder(store), 0o700)];
  if (made.length > 0) flush([...made, ...made.map(parentOf)]);
}

/** Throws `failed` where a store elsewhere than the default and the folder for it are both missing. */
export function demandMounted(store: AbsPath): void {
  if (!store.endsWith(DEFAULT_END) && look(store) === null && lookThrough(parentOf(store)) === null)
    throw fail.storeParentMissing(store, parentOf(store));
}

/** Keeps Spotlight from indexing what lies in the store: its files are plain, and hold secrets. */
function guardFromSpotlight(store: AbsPath): void {
  const mark = below(store, ".metadata_never_index");
  if (look(mark) === null) writeNew(mark, "");
}

/** Puts the .gitignore into place, whole or not at all, also where a killed writer left an empty one. The user's own stays. */
function guardFromGit(store: AbsPath): void {
  const ignore = below(store, ".gitignore");
  if ((look(ignore)?.size ?? 0) > 0) return;
  const fresh = below(innerFolder(store), "gitignore.new");
  removeFile(fresh);
  writeNew(fresh, GITIGNORE);
  flush([fresh]);
  rename(fresh, ignore);
  flush([store]);
}

/**
 * Runs `work` as the store's only writer. Makes the store where it is missing, and first clears what a writer that was killed
 * left in staging. Waits up to `lockWaitMs` for another writer, then throws `locked`.
 */
export async function asWriter<T>(
  store: AbsPath,
  options: { command: string; lockWaitMs: number },
  work: () => Promise<T>,
): Promise<T> {
  const lock = await lockInStore(store, "lock", options);
  try {
    clearStaging(store);
    try {
      guardFromGit(store);
      guardFromSpotlight(store);
    } catch (cause) {
      throw fail.storeNotWritable(store, cause);
    }
    return await work();
  } finally {
    lock.release();
  }
}

/** Takes one of the store's locks, `NAME` in its own folder; makes the store where it is missing. Throws as `takeLock` does. */
export async function lockInStore(
  store: AbsPath,
  name: string,
  { command, lockWaitMs }: { command: string; lockWaitMs: number },
): Promise<Lock> {
  try {
    makeStore(store);
    return await takeLock(below(innerFolder(store), name), command, lockWaitMs);
  } catch (cause) {
    if (cause instanceof RollbackError) throw cause;
    throw fail.storeNotWritable(store, cause);
  }
}

function clearStaging(store: AbsPath): void {
  try {
    if (look(stagingFolder(store)) !== null) removeTree(stagingFolder(store));
  } catch (cause) {
    throw fail.io("clear what a killed rollback left in", stagingFolder(store), cause);
  }
}

/** A folder in which a snapshot is built out of sight; removed again when `build` throws or publishes nothing. */
export async function inStaging<T>(store: AbsPath, build: (folder: AbsPath) => Promise<T>): Promise<T> {
  const outer = stagingFolder(store);
  makeFolder(outer, 0o700);
  const folder = below(outer, "snapshot");
  try {
    makeFolder(folder, 0o700);
    return await build(folder);
  } finally {
    // What can't be removed now is cleared by the next writer.
    ifReadable(() => removeTree(outer));
  }
}

/** Removes a snapshot in all its forms, the folder last, so that it is whole or gone whenever that is cut off. */
export function discard(store: AbsPath, id: SnapshotId): void {
  for (const form of ["zip", "zip.age"]) removeFile(below(store, `${id}.${form}`));
  flush([store]);
  if (look(below(store, id)) !== null) discardFolder(store, id);
}

/** Removes a snapshot's folder: out of sight in one step, so that it is whole or gone whenever that is cut off. */
export function discardFolder(store: AbsPath, id: string): void {
  const outer = stagingFolder(store);
  makeFolders(outer, 0o700);
  rename(below(store, id), below(outer, "removed"));
  flush([store, outer]);
  removeTree(outer);
}

/** Flushes files that were staged, and their folders. */
export function flushStaged(folder: AbsPath, files: AbsPath[], flushed?: (path: AbsPath) => void): void {
  flush([...new Set(files.map(parentOf)), folder, parentOf(folder)], files, flushed);
}
