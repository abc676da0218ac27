// The one check before an archive that lies here is called safe: it was opened, and every file in it matched its manifest.
import type { SecretKey } from "../archive/seal.ts";
import type { Copy } from "../copies/address.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Digest } from "../model.ts";
import { RollbackError } from "../rollback-error.ts";
import { checkAudit } from "../snapshot/audit-read.ts";
import { hashFile } from "../system/files.ts";
import type { World } from "./context.ts";
import { keysOf } from "./identity.ts";

/** What archives of a store are judged by. */
export interface Means {
  /** Null where no identity is at hand. */
  keys: SecretKey[] | null;
  /** The archives that were opened when they were made. */
  opened: ReadonlySet<Digest>;
  /** The manifest digest that each snapshot's `create` noted. */
  digests: ReadonlyMap<string, Digest>;
}

export function meansOf(world: World, store: AbsPath): Means {
  const { opened, digests } = checkAudit(store);
  return { keys: keysIfAny(world), opened, digests };
}

function keysIfAny(world: World): SecretKey[] | null {
  try {
    return keysOf(world, undefined);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "not-found") return null;
    throw cause;
  }
}

/** One archive, and which snapshot it has to be of. */
export type Named = Pick<Copy, "id" | "form">;

/** An archive's hash and size, in bytes; it is not opened. */
export function described(path: AbsPath): { hash: Digest; bytes: number } {
  try {
    const { hash, facts } = hashFile(path, { noFollow: true });
    return { hash, bytes: facts.size };
  } catch (cause) {
    throw fail.io("read", path, cause);
  }
}

/**
 * Opens an archive, and gives its hash and size. Where no key at hand opens it, its own note is needed: that it was opened when it was
 * made, byte for byte this one. Throws `damaged`, or `not-found` where nobody can tell.
 */
export async function demandProven(
  { id, form }: Named,
  path: AbsPath,
  { keys, opened, digests }: Means,
): Promise<{ hash: Digest; bytes: number }> {
  const { demandSound } = await import("../archive/sound.ts");
  const { openSealed, openZip } = await import("../archive/vault.ts");
  const file = described(path);
  const noted = digests.get(id);
  if (form === "zip") {
    using archive = await openZip(id, path);
    await demandSound(archive, id, { noted });
  } else if (!opened.has(file.hash) && keys === null) throw fail.notOpened(path);
  else if (keys !== null)
    try {
      using archive = await openSealed(id, path, keys);
      await demandSound(archive, id, { noted });
    } catch (cause) {
      // It may be sealed to somebody else.
      if (!(cause instanceof RollbackError) || cause.code !== "not-found" || !opened.has(file.hash)) throw cause;
    }
  return file;
}
