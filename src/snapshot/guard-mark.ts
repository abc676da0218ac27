// What a guard leaves in the store while its command runs: if it is killed, the mark says what ran and which snapshot is the way back.
import * as v from "valibot";
import type { AbsPath, SnapshotId } from "../model.ts";
import { below } from "../paths.ts";
import { removeFile } from "../system/durable.ts";
import { ifReadable, look, readText } from "../system/files.ts";
import { isHeld } from "../system/lock.ts";
import { replaceFile } from "../system/replace.ts";
import { isSnapshotId } from "./id.ts";

const Schema = v.object({
  snapshot: v.custom<SnapshotId>((value) => typeof value === "string" && isSnapshotId(value)),
  description: v.string(),
  /** The command's first word alone: the others may hold a secret. */
  program: v.string(),
  /** RFC 3339, UTC. */
  since: v.string(),
  /** Whether it had been decided to roll back. */
  rollingBack: v.boolean(),
});
export type GuardMark = v.InferOutput<typeof Schema>;

const LIMIT_BYTES = 1 << 16;
const markPath = (inner: AbsPath): AbsPath => below(inner, "guard.json");
/** Held for as long as the guard lives: whoever finds a mark and a free lock knows that its maker was killed. */
export const guardLock = (inner: AbsPath): AbsPath => below(inner, "guard.lock");

/** Notes a guard, flushed; `inner` is the store's own folder. Only the holder of `guardLock` may. */
export const writeMark = (inner: AbsPath, mark: GuardMark): void => replaceFile(markPath(inner), JSON.stringify(mark));

export const removeMark = (inner: AbsPath): void => removeFile(markPath(inner));

/** The mark that stands, of a guard that lives or not. One that can't be understood counts as none. */
export function markAt(inner: AbsPath): GuardMark | null {
  if (ifReadable(() => look(markPath(inner))) == null) return null;
  try {
    const parsed = v.safeParse(Schema, JSON.parse(readText(markPath(inner), LIMIT_BYTES, { noFollow: true })));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** The mark of a guard that was killed. */
export function cutOffGuard(inner: AbsPath): GuardMark | null {
  const mark = markAt(inner);
  return mark === null || isHeld(guardLock(inner)) ? null : mark;
}
