// `key`: the age identity that opens sealed archives.

import { newIdentity, recipientsOf } from "../archive/seal.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { parentOf } from "../paths.ts";
import { codeOf, EXIT } from "../rollback-error.ts";
import { now } from "../system/clock.ts";
import { flush, makeFolders, writeNew } from "../system/durable.ts";
import type { Context, Ending } from "./context.ts";
import { identityPath, readIdentity } from "./identity.ts";

export interface KeyRequest {
  /** The identity's file; undefined is the default one. */
  identity: string | undefined;
}

export interface KeyOutcome extends Ending {
  command: "key";
  action: "new" | "show";
  /** Where the identity is; its secret key is never part of an outcome. */
  path: AbsPath;
  recipients: string[];
}

/** Its recipients, never the key. */
export async function showKey({ identity }: KeyRequest, { world }: Context): Promise<KeyOutcome> {
  const path = identityPath(world, identity);
  const recipients = await recipientsOf(readIdentity(path), path);
  return { command: "key", exit: EXIT.done, action: "show", path, recipients };
}

/** Makes one. One that is there is never overwritten. */
export async function newKey({ identity }: KeyRequest, { world }: Context): Promise<KeyOutcome> {
  const path = identityPath(world, identity);
  const { text, recipient } = await newIdentity(now().utc);
  try {
    makeFolders(parentOf(path), 0o700);
    writeNew(path, text);
    flush([path, parentOf(path)]);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST")
      throw fail.alreadyThere(path, "you really want another identity; what it sealed opens with it alone");
    throw fail.io("write the identity to", path, cause);
  }
  return { command: "key", exit: EXIT.done, action: "new", path, recipients: [recipient] };
}
