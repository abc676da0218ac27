// The age identity that opens sealed archives: where it is, and what it holds.
import { recipientsOf, type SecretKey, secretKeys } from "../archive/seal.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below } from "../paths.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { exists, ifReadable, readText } from "../system/files.ts";
import { homeFolder } from "../system/machine.ts";
import type { World } from "./context.ts";

const LIMIT_BYTES = 1 << 20;

/** The file that is named, or the default one. */
export function identityPath({ env, cwd }: World, named: string | undefined): AbsPath {
  return named === undefined ? below(homeFolder(env), ".config/rollback/identity.txt") : absolute(named, cwd);
}

/** The text of an identity file. Throws `not-found` where it is missing, `usage` where it can't be read. */
export function readIdentity(path: AbsPath): string {
  try {
    return readText(path, LIMIT_BYTES);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") throw fail.noIdentity(path);
    throw fail.identityUnreadable(path, reasonOf(cause));
  }
}

/** Whether the default identity is there; what it holds is another matter. */
export const hasIdentity = (world: World): boolean => ifReadable(() => exists(identityPath(world, undefined))) === true;

/** The secret keys of the identity that is named, or of the default one. */
export function keysOf(world: World, named: string | undefined): SecretKey[] {
  const path = identityPath(world, named);
  return secretKeys(readIdentity(path), path);
}

/** The recipients that this machine's own identity opens. */
export function ownRecipients(world: World): Promise<string[]> {
  const path = identityPath(world, undefined);
  return recipientsOf(readIdentity(path), path);
}
