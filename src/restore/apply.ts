// Plan → disk, as one transaction: every write happens or none. The journal says how far it came; docs/format.md says what is
// flushed when, and why that order is enough.
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Notice, Notify, StoredRef, Write } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { codeOf, RollbackError, Said } from "../rollback-error.ts";
import { type Meter, meter, oneOf } from "../snapshot/meter.ts";
import {
  type Attributes,
  copyNew,
  flush,
  hardLink,
  makeFolder,
  makeLink,
  NotWritten,
  rename,
} from "../system/durable.ts";
import { factsOf, ifReadable, inodeOf, isOpenFolder, look } from "../system/files.ts";
import { hashFiles, oneThreadFewer } from "../system/hashing.ts";
import { checkpoint } from "../system/interrupt.ts";
import { advance, beginJournal, endJournal, freeBeside, type Journal, type Pending, type Step } from "./journal.ts";
import { cleanUp, contentAt, foldersOf, isGone, isNew, isOld, relax, undoSteps } from "./undo.ts";

export interface Transaction {
  /** Where the journal is kept. */
  journalFolder: AbsPath;
  snapshot: string;
  autoBackup: string | null;
  writes: Write[];
  /** Copies checked bytes to a new file and returns the hash of what was written. */
  copy: (from: StoredRef, to: AbsPath, attributes: Attributes, onBytes: Meter) => Promise<Digest>;
}

const CHECK_EVERY = 16;
const UNDONE = "every file is as it was";

/**
 * Executes the writes. When it returns, every file is new, verified and flushed. When it throws, every file is as it was; only
 * where undoing failed too does a journal stay, and the error names `recover`.
 */
export async function applyWrites(transaction: Transaction, notify: Notify): Promise<void> {
  if (transaction.writes.length === 0) return;
  const { journalFolder } = transaction;
  const { journal, at, pending } = await inPlace(transaction, false, notify, async (ready) =>
    advance(ready, journalFolder, "done"),
  );
  try {
    const [stuck] = cleanUp(journal);
    if (stuck !== undefined) throw stuck.cause;
    endJournal(pending);
  } catch (cause) {
    notify({
      type: "warning",
      message: `the restore is done, but temporary files stay (${fail.io("clean up", at, cause).message}): run \`rollback recover\``,
    });
  }
}

/**
 * Executes the writes, runs `look` while they stand, and takes them back: then every file is the very one that it was. Returns what
 * `look` saw, and the places that somebody else changed meanwhile, which are left as they are. Cut off anywhere, `recover` takes back.
 */
export async function tryWrites<T>(
  transaction: Transaction,
  look: () => Promise<T>,
  notify: Notify,
): Promise<{ seen: T; kept: AbsPath[] }> {
  if (transaction.writes.length === 0) return { seen: await look(), kept: [] };
  const { journalFolder } = transaction;
  let seen: { value: T } | undefined;
  const { journal, at, pending } = await inPlace(transaction, true, notify, async (ready) => {
    seen = { value: await look() };
    return advance(ready, journalFolder, "undo");
  });
  if (seen === undefined) throw new Said("it was not looked at");
  try {
    const { kept, stuck } = undoSteps(journal, true);
    if (stuck[0] !== undefined) throw fail.undoFailed(stuck[0].at, stuck[0].cause);
    endJournal(pending);
    return { seen: seen.value, kept };
  } catch (cause) {
    throw cause instanceof RollbackError ? cause : fail.undoFailed(at, cause);
  }
}

/** Brings every new file to its place, then lets `next` move the journal on. Where either throws, every file is as it was. */
async function inPlace(
  transaction: Transaction,
  trial: boolean,
  notify: Notify,
  next: (ready: Pending) => Promise<Pending>,
): Promise<{ journal: Journal; at: AbsPath; pending: Pending }> {
  const { journalFolder } = transaction;
  const { pendingJournal } = await import("./journal-read.ts");
  const earlier = pendingJournal(journalFolder);
  if (earlier !== null) throw fail.unfinished(earlier.journal?.snapshot ?? transaction.snapshot);
  let at: AbsPath = journalFolder;
  const working = (path: AbsPath) => {
    at = path;
  };
  let pending: Pending | null = null;
  const journal: Journal = { ...draft(transaction), ...(trial && { trial }) };
  try {
    pending = beginJournal(journalFolder, journal);
    const kept = await prepare(transaction, journal, working, notify);
    pending = advance(pending, journalFolder, "ready");
    await replace(journal, kept, working, notify);
    pending = await next(pending);
    return { journal, at, pending };
  } catch (cause) {
    if (pending !== null) for (const kept of undo(pending, journalFolder, journal, at, cause)) notify(leftAlone(kept));
    if (cause instanceof RollbackError) throw cause;
    throw fail.restoreFailed(at, cause instanceof NotWritten ? cause.cause : cause);
  }
}

function draft({ writes, snapshot, autoBackup }: Transaction): Journal {
  const token = crypto.randomUUID().slice(0, 8);
  const taken = new Set<AbsPath>();
  const free = (at: AbsPath, index: number, end: "new" | "old"): AbsPath => {
    const path = freeBeside(at, { token, index, end }, (name) => !taken.has(name) && look(name) === null);
    taken.add(path);
    return path;
  };
  const steps = writes.map((write, index): Step => {
    return {
      at: write.at,
      temp: free(write.at, index, "new"),
      keep: free(write.at, index, "old"),
      was: write.was,
      becomes: write.type === "file" ? { hash: write.hash, mode: write.mode } : { target: write.target },
    };
  });
  const parents = [...new Set(writes.map(({ at }) => parentOf(at)))];
  const folders = new Set<AbsPath>();
  for (const parent of parents) for (let at = parent; look(at) === null; at = parentOf(at)) folders.add(at);
  const outermostFirst = [...folders].sort((a, b) => a.length - b.length);
  const existing = new Set([...parents, ...outermostFirst.map(parentOf)].filter((folder) => !folders.has(folder)));
  const relaxed = [...existing]
    .filter((folder) => !isOpenFolder(folder))
    .map((folder) => ({ path: folder, mode: (look(folder)?.mode ?? 0o700) & 0o7777 }));
  return { snapshot, autoBackup, token, steps, folders: outermostFirst, relaxed };
}

/** Bytes of what is to be written; 0 where its snapshot is an archive. */
function sizeOf(write: Write): number {
  if (write.type === "link") return 0;
  const { at, stored, content } = write.from;
  return content?.length ?? ifReadable(() => look(below(at, stored))?.size) ?? 0;
}

/** Which file each step keeps, as its second name has it: a hard link's is the live file's own. */
type Kept = Map<Step, string>;

/** Makes every temporary, checked and flushed. No live file changes. */
async function prepare(
  { writes, copy }: Transaction,
  journal: Journal,
  working: (at: AbsPath) => void,
  notify: Notify,
): Promise<Kept> {
  const kept: Kept = new Map();
  relax(journal, working);
  const open = openFolders(writes, new Set(journal.folders));
  for (const folder of journal.folders) {
    working(folder);
    makeFolder(folder, open.has(folder) ? 0o755 : 0o700);
  }
  const made: AbsPath[] = [];
  const sizes = writes.map(sizeOf);
  for (const [index, write] of writes.entries()) {
    const step = journal.steps[index];
    if (step === undefined) continue;
    if (index % CHECK_EVERY === 0) await checkpoint(UNDONE);
    const onBytes = meter(oneOf(notify, sizes, index, nameOf(step.at)), "Preparing", sizes[index] ?? 0);
    working(step.at);
    if (write.type === "link") makeLink(write.target, step.temp);
    else {
      const { from, hash } = write;
      if ((await copy(from, step.temp, write, onBytes)) !== hash)
        throw fail.storedChanged(`${from.stored} in ${from.at}`);
      made.push(step.temp);
    }
    if (step.was.state !== "file") {
      if (!isOld(step)) throw fail.liveChanged(step.at);
      if (step.was.state === "link") makeLink(step.was.target, step.keep);
      continue;
    }
    // Of a link or a folder that took its place the second name is none of a file with these bytes.
    made.push(...keepOld(step));
    const content = contentAt(step.keep);
    if (content?.hash !== step.was.hash) throw fail.liveChanged(step.at);
    kept.set(step, content.inode);
  }
  flush(foldersOf(journal), made);
  return kept;
}

/** Of the folders that are made those that hold more than secrets. */
function openFolders(writes: Write[], folders: ReadonlySet<AbsPath>): Set<AbsPath> {
  const open = new Set<AbsPath>();
  for (const { at, folderMode } of writes)
    if (folderMode !== 0o700)
      for (let folder = parentOf(at); folders.has(folder) && !open.has(folder); folder = parentOf(folder))
        open.add(folder);
  return open;
}

/** A second name for the live file; where the file system has none, or forbids it, a copy. */
function keepOld({ at, keep }: Step): AbsPath[] {
  try {
    hardLink(at, keep);
    return [];
  } catch (cause) {
    if (isGone(codeOf(cause))) throw fail.liveChanged(at);
    if (!["EPERM", "EOPNOTSUPP", "ENOTSUP", "EMLINK", "EXDEV", "ENOSYS"].includes(codeOf(cause) ?? "")) throw cause;
  }
  const stats = look(at);
  if (!stats?.isFile()) throw fail.liveChanged(at);
  const { mode, mtimeMs, uid, gid } = factsOf(stats);
  copyNew(at, keep, { noFollow: true }, { mode, mtimeMs, owner: process.geteuid?.() === 0 ? { uid, gid } : null });
  return [keep];
}

/** Renames one after another, then reads back every file, and what was kept of the old ones. */
async function replace(journal: Journal, kept: Kept, working: (at: AbsPath) => void, notify: Notify): Promise<void> {
  for (const [index, step] of journal.steps.entries()) {
    if (index % CHECK_EVERY === 0) await checkpoint(UNDONE);
    working(step.at);
    if (!isUntouched(step, kept.get(step))) throw fail.liveChanged(step.at);
    rename(step.temp, step.at);
  }
  await readBack(journal, working, notify);
  flush(
    foldersOf(journal),
    journal.steps.filter(({ becomes }) => "hash" in becomes).map(({ at }) => at),
  );
}

/** Throws where a new file is not what it is to be, or an old one was written to by whoever had it open: then it is not ours to replace. */
async function readBack({ steps }: Journal, working: (at: AbsPath) => void, notify: Notify): Promise<void> {
  const wanted = steps.flatMap((step) => [
    ...(step.was.state === "file" ? [{ step, path: step.keep, hash: step.was.hash, mode: null }] : []),
    ...("hash" in step.becomes ? [{ step, path: step.at, hash: step.becomes.hash, mode: step.becomes.mode }] : []),
  ]);
  const read = await hashFiles(
    wanted.map(({ path }) => path),
    0,
    { between: () => checkpoint(UNDONE), progress: () => {}, lost: (reason) => notify(oneThreadFewer(reason)) },
  );
  for (const [index, { step, hash, mode }] of wanted.entries()) {
    working(step.at);
    const now = read[index];
    if (now === undefined || "failed" in now) {
      if (now === undefined || now.notAFile || isGone(now.code)) throw fail.liveChanged(step.at);
      throw Object.assign(new Error(now.failed), { code: now.code });
    }
    if (now.hash !== hash || (mode !== null && now.facts.mode !== mode)) throw fail.liveChanged(step.at);
  }
  for (const step of steps) {
    working(step.at);
    if ("target" in step.becomes && !isNew(step)) throw fail.liveChanged(step.at);
  }
}

/**
 * Whether the live file is still the one that was kept. As a rule both are names of one inode, and that is enough: what is written into
 * it meanwhile shows when the kept one is hashed again, after the renames. Where the kept one is a copy, the contents are compared.
 */
function isUntouched(step: Step, kept: string | undefined): boolean {
  if (step.was.state !== "file") return isOld(step);
  const live = look(step.at);
  return (live !== null && inodeOf(live) === kept) || isOld(step);
}

const leftAlone = (path: AbsPath): Notice => ({
  type: "warning",
  message: `${path} was changed by somebody else meanwhile, and is left as it is`,
});

function undo(pending: Pending, folder: AbsPath, journal: Journal, at: AbsPath, cause: unknown): AbsPath[] {
  try {
    const began = pending.state === "ready";
    const undoing = began ? advance(pending, folder, "undo") : pending;
    const { kept, stuck } = undoSteps(journal, began);
    if (stuck[0] !== undefined) throw fail.undoFailed(stuck[0].at, stuck[0].cause);
    endJournal(undoing);
    return kept;
  } catch (second) {
    throw fail.undoFailed(at, second instanceof RollbackError ? cause : second);
  }
}
