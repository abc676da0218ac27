// The journal of a restore: what undoing or finishing it needs, written down and flushed before the first file is touched.
//
// Its state is its name, so a change of state is one atomic rename:
//   journal.prepare  temporaries are being made; no live file has changed yet
//   journal.ready    every temporary is on the medium; renames have begun
//   journal.undo     a rename failed; what was renamed is being put back
//   journal.done     every live file is new and flushed; only cleaning is left (the commit point)
import * as v from "valibot";
import { codeOf, fail, reasonOf } from "../errors.ts";
import type { AbsPath, Digest, Was } from "../model.ts";
import { below, isWithin, parentOf } from "../paths.ts";
import { flush, removeFile, rename, writeNew } from "../system/durable.ts";
import { look, readText } from "../system/files.ts";

export const STATES = ["prepare", "ready", "undo", "done"] as const;
export type State = (typeof STATES)[number];

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
}

export interface Pending {
  state: State;
  path: AbsPath;
  /** Null where it was torn while it was first written: then no restore had begun. */
  journal: Journal | null;
}

const path = v.custom<AbsPath>((value) => typeof value === "string" && value.startsWith("/"));
const digest = v.custom<Digest>((value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value));
const Schema = v.object({
  snapshot: v.string(),
  autoBackup: v.nullable(v.string()),
  steps: v.array(
    v.object({
      at: path,
      temp: path,
      keep: path,
      was: v.variant("state", [
        v.object({ state: v.literal("absent") }),
        v.object({ state: v.literal("file"), hash: digest }),
        v.object({ state: v.literal("link"), target: v.string() }),
        v.object({ state: v.literal("unknown") }),
      ]),
      becomes: v.union([v.object({ hash: digest, mode: v.number() }), v.object({ target: v.string() })]),
    }),
  ),
  folders: v.array(path),
  relaxed: v.array(v.object({ path, mode: v.number() })),
});
const LIMIT_BYTES = 256 << 20;

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
export function advance(pending: Pending, folder: AbsPath, state: State): Pending {
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

/** The journal of a restore that was cut off, or null. Throws `damaged` where one is there that can't be read. */
export function pendingJournal(folder: AbsPath): Pending | null {
  for (const state of STATES) {
    const at = below(folder, `journal.${state}`);
    if (isThere(at)) return { state, path: at, journal: read(at, state) };
  }
  return null;
}

function isThere(at: AbsPath): boolean {
  try {
    return look(at) !== null;
  } catch (cause) {
    throw fail.io("look at", at, cause);
  }
}

function read(at: AbsPath, state: State): Journal | null {
  let value: unknown;
  try {
    value = JSON.parse(readText(at, LIMIT_BYTES, { noFollow: true }));
  } catch (cause) {
    if (state === "prepare" && codeOf(cause) === undefined) return null;
    throw codeOf(cause) === undefined ? fail.journalBroken(at, reasonOf(cause)) : fail.io("read", at, cause);
  }
  const parsed = v.safeParse(Schema, value);
  if (!parsed.success) throw fail.journalBroken(at, "it has another shape");
  const foreign = whatNoRestoreWouldWrite(parsed.output);
  if (foreign !== null) throw fail.journalBroken(at, `no restore would write down ${foreign}`);
  return parsed.output;
}

/** A name beside `at` for step number `index`: hidden, and ending in nothing that launchd or a pattern of ours picks up. */
export const beside = (at: AbsPath, token: string, index: number, end: "new" | "old"): AbsPath =>
  below(parentOf(at), `.rollback-${token}-${index}.${end}`);

/**
 * The path by which a planted journal gives itself away: temporaries of other names, folders that no file of it lies in, or modes for
 * folders that were not shut to their owner.
 */
function whatNoRestoreWouldWrite({ steps, folders, relaxed }: Journal): string | null {
  const step = steps.find((candidate) => !isOurs(candidate));
  if (step !== undefined) return step.at;
  const parents = new Set([...steps.map(({ at }) => parentOf(at)), ...folders.map(parentOf)]);
  const folder = folders.find((candidate) => !steps.some(({ at }) => isWithin(at, candidate)));
  const shut = relaxed.find(
    ({ path: opened, mode }) => !parents.has(opened) || (mode & 0o700) === 0o700 || mode > 0o7777,
  );
  return folder ?? shut?.path ?? null;
}

/** Whether a step names such files and no others: a journal that somebody planted is not to remove what it likes. */
function isOurs({ at, temp, keep }: Step): boolean {
  const match = /\/\.rollback-([0-9a-f]{8})-(\d+)\.new$/.exec(temp);
  const [, token = "", index = ""] = match ?? [];
  return temp === beside(at, token, Number(index), "new") && keep === beside(at, token, Number(index), "old");
}
