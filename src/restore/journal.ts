// The journal of a restore: what undoing or finishing it needs, written down and flushed before the first file is touched.
//
// Its state is its name, so a change of state is one atomic rename:
//   journal.prepare  temporaries are being made; no live file has changed yet
//   journal.ready    every temporary is on the medium; renames have begun
//   journal.undo     a rename failed; what was renamed is being put back
//   journal.done     every live file is new and flushed; only cleaning is left (the commit point)

import { CryptoHasher } from "bun";
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Was } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { Said } from "../rollback-error.ts";
import { flush, removeFile, rename, writeNew } from "../system/durable.ts";
import { look } from "../system/files.ts";

export const STATES = ["prepare", "ready", "undo", "done"] as const;
export type JournalState = (typeof STATES)[number];

/** One live path that the restore replaces. `temp` becomes it; `keep` is a second name for what it was. */
export interface Step {
  at: AbsPath;
  temp: AbsPath;
  keep: AbsPath;
  was: Was;
  becomes: { hash: Digest; mode: number } | { target: string };
}

export interface Journal {
  /** The snapshot that is restored, and the one that holds what was there before. */
  snapshot: string;
  autoBackup: string | null;
  steps: Step[];
  /** Missing folders that the restore makes, outermost first. */
  folders: AbsPath[];
  /** Folders without write permission, and the mode they get back. */
  relaxed: { path: AbsPath; mode: number }[];
  /** By which the temporaries are named; in a journal of 0.1 their names alone tell it. */
  token?: string | undefined;
  /** A search only tries these writes: cut off, they are taken back, never finished. */
  trial?: boolean | undefined;
}

export interface Pending {
  state: JournalState;
  path: AbsPath;
  /** Null where it was torn while it was first written: then no restore had begun. */
  journal: Journal | null;
}

/** Writes a new journal in state `prepare`, flushed. */
export function beginJournal(folder: AbsPath, journal: Journal): Pending {
  const at = below(folder, "journal.prepare");
  writeNew(at, `${JSON.stringify(journal)}\n`);
  try {
    flush([at, folder]);
  } catch (cause) {
    removeFile(at);
    throw cause;
  }
  return { state: "prepare", path: at, journal };
}

/** Moves a journal to another state, flushed: what comes after may rely on it. */
export function advance(pending: Pending, folder: AbsPath, state: JournalState): Pending {
  const at = below(folder, `journal.${state}`);
  rename(pending.path, at);
  try {
    flush([folder]);
  } catch (cause) {
    // The caller goes on from the state it knows.
    rename(at, pending.path);
    throw cause;
  }
  return { ...pending, state, path: at };
}

/** Forgets a journal whose cleaning is done. */
export function endJournal(pending: Pending): void {
  removeFile(pending.path);
}

/** Where the journal of a restore that was cut off stands, and its state; null where there is none. */
export function journalAt(folder: AbsPath): { at: AbsPath; state: JournalState } | null {
  for (const state of STATES) {
    const at = below(folder, `journal.${state}`);
    try {
      if (look(at) !== null) return { at, state };
    } catch (cause) {
      throw fail.io("look at", at, cause);
    }
  }
  return null;
}

/** Which temporary: of which restore, for which step, and whether it is the new file or a second name for the old one. */
export interface Temporary {
  token: string;
  index: number;
  end: "new" | "old";
}

/** Paths up to here fit everywhere: macOS ends at 1024 bytes, Linux at 4096. */
const ROOMY_BYTES = 1000;
/** Short names may be taken: so many are tried. */
export const TRIES = 64;

/**
 * A name beside `at`: hidden, and ending in nothing that launchd or a pattern of ours picks up. Where the path has no room for it, one that
 * is no longer than the target's own name; `tried` of those were taken. They follow from the token, so that a journal can't name any file
 * it likes.
 */
export function beside(at: AbsPath, { token, index, end }: Temporary, tried = 0): AbsPath {
  const folder = parentOf(at);
  const plain = below(folder, `.rollback-${token}-${index}.${end}`);
  const own = Buffer.byteLength(nameOf(at));
  if (Buffer.byteLength(plain) <= Math.max(ROOMY_BYTES, Buffer.byteLength(at))) return plain;
  const hash = new CryptoHasher("sha256").update(`${token} ${index} ${end} ${tried}`).digest("hex");
  // Small letters and digits alone: APFS ignores case.
  const text = BigInt(`0x${hash}`).toString(36).padStart(50, "0");
  return below(folder, own === 1 ? text.slice(0, 1) : `.${text.slice(0, Math.min(own, 24) - 1)}`);
}

/** The first of those names that `isFree`. Throws `failed` where all are taken. */
export function freeBeside(at: AbsPath, temporary: Temporary, isFree: (path: AbsPath) => boolean): AbsPath {
  for (let tried = 0; tried < TRIES; tried++) {
    const path = beside(at, temporary, tried);
    if (isFree(path)) return path;
  }
  throw fail.restoreFailed(at, new Said("no name is free beside it that its path has room for"));
}
