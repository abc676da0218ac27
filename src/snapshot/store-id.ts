// Whose snapshots these are: a random id of the store's own, and the names under which its copies stand elsewhere. The names are those of
// the first push: a host's name changes with the network, and a folder may be renamed.
import { randomBytes } from "node:crypto";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { isFields, isText } from "../shape.ts";
import { ifReadable, look, readText, resolved } from "../system/files.ts";
import { replaceFile } from "../system/replace.ts";
import { innerFolder } from "./store.ts";

export interface StoreIdentity {
  /** 32 hex digits. */
  id: string;
  machine: string;
  project: string;
  /** Where the store was when this was written. */
  at: AbsPath;
  /** Folders that copies went to, each with the id in its mark. */
  places: Record<string, string>;
}

const LIMIT_BYTES = 1 << 20;
const pathIn = (store: AbsPath) => below(innerFolder(store), "store.json");

/** Null where this store never sent a copy. Throws `damaged` where the file is not ours. */
export function storeIdentity(store: AbsPath): StoreIdentity | null {
  const path = pathIn(store);
  if (ifReadable(() => look(path)) == null) return null;
  let value: unknown;
  try {
    value = JSON.parse(readText(path, LIMIT_BYTES, { noFollow: true }));
  } catch {
    throw fail.storeIdBroken(path);
  }
  if (!isFields(value)) throw fail.storeIdBroken(path);
  const { id, machine, project, at, places } = value;
  if (!isText(id) || !isText(machine) || !isText(project) || !isText(at) || !isFields(places))
    throw fail.storeIdBroken(path);
  if (!/^[0-9a-f]{32}$/.test(id) || ![machine, project].every((name) => /^[\w-]+$/.test(name)))
    throw fail.storeIdBroken(path);
  const marks = Object.entries(places).filter((pair): pair is [string, string] => isText(pair[1]));
  return { id, machine, project, at: at as AbsPath, places: Object.fromEntries(marks) };
}

/**
 * The same, made where it is missing; the caller is the store's writer. A store that was copied, and whose original is still there, gets an
 * id of its own, so that the copies of the two never mix.
 */
export function claimIdentity(store: AbsPath, names: { machine: string; project: string }): StoreIdentity {
  const known = storeIdentity(store);
  const at = resolved(store) as AbsPath;
  if (known !== null && known.at === at) return known;
  const isCopied = known !== null && hasTwin(known, store);
  const claimed =
    known === null || isCopied ? { id: randomBytes(16).toString("hex"), ...names, at, places: {} } : { ...known, at };
  keepIdentity(store, claimed);
  return claimed;
}

export const keepIdentity = (store: AbsPath, identity: StoreIdentity): void =>
  replaceFile(pathIn(store), `${JSON.stringify(identity, null, 2)}\n`);

function hasTwin({ id, at }: StoreIdentity, store: AbsPath): boolean {
  const there = ifReadable(() => look(pathIn(at)));
  const here = look(pathIn(store));
  if (there === null || (there.dev === here?.dev && there.ino === here.ino)) return false;
  try {
    return storeIdentity(at)?.id === id;
  } catch {
    return false;
  }
}
