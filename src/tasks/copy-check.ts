// A copy at a destination, brought here, opened and checked. Nothing of it is kept but what the caller keeps.
import { demandSound } from "../archive/sound.ts";
import { type ArchiveVault, openBrought } from "../archive/vault.ts";
import { type Copy, keyOf } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import { absolute } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { collector, type RandomAccess } from "../system/streams.ts";
import type { Keys } from "./open.ts";

/** A copy that was opened and is sound, and its bytes. */
export interface Brought extends Disposable {
  archive: ArchiveVault;
  bytes: RandomAccess;
  /** How long the two took, in ms. */
  pullMs: number;
  openMs: number;
}

/** Brings a copy into memory, or a file without a name, and checks all of it. What is wrong with it is said of the place that it came from. */
export async function bring(destination: Destination, copy: Copy, keys: Keys): Promise<Brought> {
  // Whoever has no identity learns that before a byte is loaded.
  const secret = copy.form === "zip.age" ? keys() : null;
  const start = performance.now();
  const bytes = await bytesOf(destination, copy);
  const pulled = performance.now();
  const shown = `${destination.shown}/${keyOf(copy)}`;
  const at = absolute(keyOf(copy), "/");
  let archive: ArchiveVault | null = null;
  const letGo = () => {
    archive?.[Symbol.dispose]();
    bytes.close();
  };
  try {
    archive = await openBrought(copy.id, at, bytes, secret);
    await demandSound(archive, copy.id);
    return { archive, bytes, pullMs: pulled - start, openMs: performance.now() - pulled, [Symbol.dispose]: letGo };
  } catch (cause) {
    letGo();
    if (!(cause instanceof RollbackError)) throw cause;
    throw new RollbackError(cause.code, cause.message.replaceAll(at, shown), cause.hint, { cause, exit: cause.exit });
  }
}

async function bytesOf(destination: Destination, copy: Copy): Promise<RandomAccess> {
  const { take, restart, taken } = collector();
  try {
    await destination.get(copy, { take, restart });
  } catch (cause) {
    restart();
    throw cause;
  }
  return taken();
}

/** Why a copy can bring nothing back; null for one that is sound. Throws where it can't be reached or opened: such a one may be sound. */
export async function whyUseless(destination: Destination, copy: Copy, keys: Keys): Promise<RollbackError | null> {
  try {
    using _ = await bring(destination, copy, keys);
    return null;
  } catch (cause) {
    if (cause instanceof RollbackError && (cause.code === "damaged" || cause.code === "refused")) return cause;
    throw cause;
  }
}
