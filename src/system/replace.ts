// Giving a file's name to a new one: whoever looks sees the old file or the new one, whole.
import { randomBytes } from "node:crypto";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { type Attributes, flush, PRIVATE, removeFile, rename, writeNew } from "./durable.ts";
import { ifReadable } from "./files.ts";

/** A hidden name in the same folder that nobody can guess: what stands under one that can be guessed may be the user's own. */
export const hiddenBeside = (path: AbsPath): AbsPath =>
  below(parentOf(path), `.rollback-${randomBytes(8).toString("hex")}.new`);

/** `make` makes a new file of the name it is given, which then takes the place of what stands at `path`. Flushed; nothing is left where it fails. */
export function replaceWith(path: AbsPath, make: (fresh: AbsPath) => void): void {
  const fresh = hiddenBeside(path);
  try {
    make(fresh);
    flush([fresh]);
    rename(fresh, path);
  } catch (cause) {
    ifReadable(() => removeFile(fresh));
    throw cause;
  }
  flush([parentOf(path)]);
}

/** The same with this content. */
export const replaceFile = (path: AbsPath, content: string | Uint8Array, attributes: Attributes = PRIVATE): void =>
  replaceWith(path, (fresh) => writeNew(fresh, content, attributes));
