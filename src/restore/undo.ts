// The two ways out of a journal that every temporary file of a restore leaves by: putting back, and cleaning up.
import type { AbsPath } from "../model.ts";
import { parentOf } from "../paths.ts";
import { codeOf } from "../rollback-error.ts";
import { flush, removeEmptyFolder, removeFile, rename, setMode, setModeFlushed } from "../system/durable.ts";
import { type Content, hashFile, ifReadable, linkTarget, look, NotAFile } from "../system/files.ts";
import type { Journal, Step } from "./journal.ts";

/** Whether a step's new content stands at its place: exactly what the restore put there, content and mode or link. */
export function isNew({ at, becomes }: Step): boolean {
  if ("target" in becomes) return look(at)?.isSymbolicLink() === true && linkTarget(at) === becomes.target;
  const now = contentAt(at);
  return now !== null && now.facts.mode === becomes.mode && now.hash === becomes.hash;
}

/** Whether a step's place still holds what the restore found there. */
export function isOld({ at, was }: Step): boolean {
  if (was.state === "absent") return look(at) === null;
  if (was.state === "link") return look(at)?.isSymbolicLink() === true && linkTarget(at) === was.target;
  return was.state === "file" && contentAt(at)?.hash === was.hash;
}

/** Whether an errno says that no file is there: nothing, or a link. */
export const isGone = (code: string | undefined): boolean => ["ENOENT", "ENOTDIR", "ELOOP"].includes(code ?? "");

/** The content of the regular file at a place; null where something else stands there, or nothing. One open tells all of it. */
export function contentAt(at: AbsPath): Content | null {
  try {
    return hashFile(at, { noFollow: true });
  } catch (cause) {
    if (cause instanceof NotAFile || isGone(codeOf(cause))) return null;
    throw cause;
  }
}

/** A step that the system does not let us put back, the file that holds what was there (null where none does), and why. */
export interface Stuck {
  at: AbsPath;
  holds: AbsPath | null;
  cause: unknown;
}

export interface Undone {
  /** The places that somebody else changed since, which are left as they are. */
  kept: AbsPath[];
  stuck: Stuck[];
}

/**
 * Puts every step back, last first. May be repeated after being cut off anywhere: a step whose `temp` is still there was not renamed;
 * one whose `temp` is gone was. Where a step can't be put back the others are, and its files stay. Throws the system's error where what
 * was done can't be flushed, with the journal untouched.
 */
export function undoSteps(journal: Journal, renamesBegan: boolean): Undone {
  // Where permission could not be given, removing says so.
  ifReadable(() => relax(journal));
  const kept: AbsPath[] = [];
  const stuck: Stuck[] = [];
  for (const step of [...journal.steps].reverse()) {
    try {
      const renamed = renamesBegan && look(step.temp) === null;
      if (renamed && !putBack(step)) kept.push(step.at);
      removeFile(step.keep);
      removeFile(step.temp);
    } catch (cause) {
      // One that can't be put back does not hold up the others.
      if (codeOf(cause) === undefined) throw cause;
      stuck.push({ at: step.at, holds: ifReadable(() => look(step.keep)) === null ? null : step.keep, cause });
    }
  }
  for (const folder of [...journal.folders].reverse()) removeEmptyFolder(folder);
  leave(journal);
  return { kept, stuck };
}

function putBack(step: Step): boolean {
  const keep = look(step.keep);
  if (step.was.state === "absent") {
    if (look(step.at) === null) return true;
    if (!isNew(step)) return false;
    removeFile(step.at);
    return true;
  }
  // Without a kept copy it was put back before we were cut off.
  if (keep === null || look(step.at)?.ino === keep.ino) return true;
  if (look(step.at) !== null && !isNew(step)) return isOld(step);
  rename(step.keep, step.at);
  return true;
}

/** Removes what a committed restore no longer needs, as far as the system lets it; `holds` is the file that stays. May be repeated. */
export function cleanUp(journal: Journal): Stuck[] {
  relax(journal);
  const stuck: Stuck[] = [];
  for (const { at, keep, temp } of journal.steps)
    for (const path of [keep, temp])
      try {
        if (look(path) !== null) removeFile(path);
      } catch (cause) {
        if (codeOf(cause) === undefined) throw cause;
        stuck.push({ at, holds: path, cause });
      }
  leave(journal);
  return stuck;
}

/** Gives the folders that lack it write permission for as long as the restore works in them; `working` is told which. */
export function relax({ relaxed }: Journal, working: (at: AbsPath) => void = () => {}): void {
  for (const { path, mode } of relaxed) {
    working(path);
    if (look(path) !== null) setMode(path, mode | 0o700);
  }
}

/** Flushes what was removed and gives folders their modes back. Only then may the journal go: what it names must not come back. */
function leave(journal: Journal): void {
  flush(foldersOf(journal));
  const changed = journal.relaxed.filter(({ path, mode }) => {
    const stats = look(path);
    return stats !== null && (stats.mode & 0o7777) !== mode;
  });
  for (const { path, mode } of changed) setModeFlushed(path, mode);
}

/** The folders whose entries a restore changes, as far as they are there. */
export function foldersOf({ steps, folders }: Journal): AbsPath[] {
  const all = new Set([...steps.map(({ at }) => parentOf(at)), ...folders, ...folders.map(parentOf)]);
  return [...all].filter((folder) => ifReadable(() => look(folder)) !== null);
}
