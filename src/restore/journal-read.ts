// A journal that was left behind: bytes that somebody else could have written → what undoing or finishing may rely on.
import * as v from "valibot";
import { fail } from "../errors.ts";
import type { AbsPath, Digest } from "../model.ts";
import { isWithin, parentOf } from "../paths.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { readText } from "../system/files.ts";
import { beside, type Journal, type JournalState, journalAt, type Pending, type Step, TRIES } from "./journal.ts";

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
  token: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))),
  trial: v.optional(v.boolean()),
});
const LIMIT_BYTES = 256 << 20;

/** The journal of a restore that was cut off, or null. Throws `damaged` where one is there that can't be read. */
export function pendingJournal(folder: AbsPath): Pending | null {
  const found = journalAt(folder);
  return found === null ? null : { state: found.state, path: found.at, journal: read(found.at, found.state) };
}

function read(at: AbsPath, state: JournalState): Journal | null {
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

/**
 * The path by which a planted journal gives itself away: temporaries of other names, folders that no file of it lies in, or modes for
 * folders that were not shut to their owner.
 */
function whatNoRestoreWouldWrite({ steps, folders, relaxed, token }: Journal): string | null {
  const step = steps.find((candidate, index) => !isOurs(candidate, index, token));
  if (step !== undefined) return step.at;
  const parents = new Set([...steps.map(({ at }) => parentOf(at)), ...folders.map(parentOf)]);
  const folder = folders.find((candidate) => !steps.some(({ at }) => isWithin(at, candidate)));
  const shut = relaxed.find(
    ({ path: opened, mode }) => !parents.has(opened) || (mode & 0o700) === 0o700 || mode > 0o7777,
  );
  return folder ?? shut?.path ?? null;
}

/** Whether a step names such files and no others: a journal that somebody planted is not to remove what it likes. */
function isOurs({ at, temp, keep }: Step, index: number, token: string | undefined): boolean {
  const [, found = "", number = ""] = /\/\.rollback-([0-9a-f]{8})-(\d+)\.new$/.exec(temp) ?? [];
  const of = token === undefined ? { token: found, index: Number(number) } : { token, index };
  const isOneOf = (path: AbsPath, end: "new" | "old") =>
    Array.from({ length: TRIES }, (_, tried) => tried).some((tried) => path === beside(at, { ...of, end }, tried));
  return temp !== keep && isOneOf(temp, "new") && isOneOf(keep, "old");
}
