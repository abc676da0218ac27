// What a complete snapshot held and is lost now: files that are gone, hold nothing any more, or can't be parsed any more.
import { parseAgent } from "../launchd/agent.ts";
import type { AbsPath, Kind, Loss, Manifest, StoredFile } from "../model.ts";
import { below } from "../paths.ts";
import { isFields, isList } from "../shape.ts";
import { ifReadable, look, lookThrough, readBytes } from "../system/files.ts";
import { displayName } from "../text.ts";

const LIMIT_BYTES = 16 << 20;

/** What lies at one file's place: told by a snapshot that was just taken, or by the disk. Null where it is not for us to judge. */
type Now = (file: StoredFile) => { state: "gone" } | { state: "same" } | { state: "other"; at: AbsPath } | null;

/** The files of a snapshot, whose folder is given, that are lost. Contents are read only where they are not the same. */
export async function losses({ files }: Pick<Manifest, "files">, folder: AbsPath, now: Now): Promise<Loss[]> {
  const lost: Loss[] = [];
  for (const file of files) {
    const seen = now(file);
    if (seen === null || seen.state === "same") continue;
    const reason = seen.state === "gone" ? "gone" : await worse(file, below(folder, file.stored), seen.at);
    if (reason !== null) lost.push({ path: file.original, kind: file.kind, name: displayName(file), reason });
  }
  return lost;
}

/** By the files of a snapshot that was just built in `staging`. What it left out is gone only where nothing lies at its path. */
export function asStored(files: StoredFile[], staging: AbsPath): Now {
  const stored = new Map(files.map((file) => [file.original, file]));
  return ({ original, hash }) => {
    const file = stored.get(original);
    if (file !== undefined)
      return file.hash === hash ? { state: "same" } : { state: "other", at: below(staging, file.stored) };
    return isGone(original) ? { state: "gone" } : null;
  };
}

/** By the disk; what has its size and time of then is taken as the same. */
export const asOnDisk: Now = ({ original, size, mtimeMs }) => {
  if (isGone(original)) return { state: "gone" };
  const stats = ifReadable(() => lookThrough(original));
  if (stats === null || !stats.isFile()) return null;
  const same = stats.size === size && Math.floor(stats.mtimeMs) === mtimeMs;
  return same ? { state: "same" } : { state: "other", at: original as AbsPath };
};

/** Whether a loss that was noted some time ago still is one. */
export async function isStillLost({ path, kind }: Loss): Promise<boolean> {
  return isGone(path) || (await stateOf(path as AbsPath, kind)) !== "sound";
}

/** A path that can't be looked at is not gone. */
const isGone = (path: string): boolean => ifReadable(() => ({ there: look(path) !== null }))?.there === false;

async function worse({ kind }: StoredFile, before: AbsPath, now: AbsPath): Promise<"empty" | "unparsable" | null> {
  const state = await stateOf(now, kind);
  return state === "sound" || (await stateOf(before, kind)) !== "sound" ? null : state;
}

/** Whether a file holds anything, and parses. One that can't be read, or is large, counts as sound: others tell of that. */
async function stateOf(path: AbsPath, kind: Kind): Promise<"sound" | "empty" | "unparsable"> {
  const bytes = ifReadable(() => readBytes(path, LIMIT_BYTES));
  return bytes === null ? "sound" : stateOfContent(bytes, path, kind);
}

/** Whether a file's bytes hold anything, and parse: as a plist, and as JSON where its name says that it is. */
export async function stateOfContent(
  bytes: Uint8Array,
  path: string,
  kind: Kind,
): Promise<"sound" | "empty" | "unparsable"> {
  const text = new TextDecoder().decode(bytes);
  if (/^\s*$/.test(text)) return "empty";
  if (kind === "plist") return (await parseAgent(bytes)) === null ? "unparsable" : "sound";
  if (!/json$/.test(path)) return /^\s*[^\s#]/m.test(text) ? "sound" : "empty";
  try {
    return holdsSomething(JSON.parse(text)) ? "sound" : "empty";
  } catch {
    return "unparsable";
  }
}

/** Whether there is a value anywhere in it. */
function holdsSomething(value: unknown): boolean {
  if (isList(value)) return value.some(holdsSomething);
  if (isFields(value)) return Object.values(value).some(holdsSomething);
  return value !== null && value !== "";
}
