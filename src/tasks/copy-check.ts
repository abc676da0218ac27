// A copy at a destination, brought here, opened and checked. Nothing of it is kept but what the caller keeps.
import type { SecretKey } from "../archive/seal.ts";
import { demandSound } from "../archive/sound.ts";
import { type ArchiveVault, openSealed, openZip } from "../archive/vault.ts";
import { type Copy, keyOf } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { inTemporary } from "../system/durable.ts";
import type { Keys } from "./open.ts";

/** Brings a copy to a new file and checks all of it. What is wrong with it is said of the place that it came from. Throws `damaged`. */
export async function bring(destination: Destination, copy: Copy, to: AbsPath, keys: Keys): Promise<ArchiveVault> {
  // Whoever has no identity learns that before a byte is loaded.
  const secret: SecretKey[] = copy.form === "zip.age" ? keys() : [];
  const shown = `${destination.shown}/${keyOf(copy)}`;
  await destination.get(copy, to);
  try {
    const archive = copy.form === "zip" ? await openZip(copy.id, to) : await openSealed(copy.id, to, secret);
    await demandSound(archive, copy.id);
    return archive;
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    throw new RollbackError(cause.code, cause.message.replaceAll(to, shown), cause.hint, { cause, exit: cause.exit });
  }
}

/** The same in a folder that nobody else can open and that is gone afterwards. */
export const inspect = <T>(
  destination: Destination,
  copy: Copy,
  keys: Keys,
  use: (archive: ArchiveVault, folder: AbsPath) => Promise<T>,
): Promise<T> =>
  inTemporary(async (folder) =>
    use(await bring(destination, copy, below(folder, `${copy.id}.${copy.form}`), keys), folder),
  );

/** Whether a copy can bring nothing back: only what was read and found damaged is; what can't be opened or reached may be sound. */
export async function isUseless(destination: Destination, copy: Copy, keys: Keys): Promise<boolean> {
  try {
    await inspect(destination, copy, keys, async () => {});
    return false;
  } catch (cause) {
    if (cause instanceof RollbackError && (cause.code === "damaged" || cause.code === "refused")) return true;
    throw cause;
  }
}
