// What a list says of a copy: its manifest, read from the archive's first bytes, where the identity is at hand.
import { BEGINNING_BYTES, manifestAtBeginning } from "../archive/beginning.ts";
import type { Copy } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import type { Manifest } from "../model.ts";
import { RollbackError } from "../rollback-error.ts";
import type { Keys } from "./open.ts";

/** Null where no key opens it, or its beginning does not tell. At most one small range is read. */
export async function readCard(destination: Destination, copy: Copy, keys: Keys): Promise<Manifest | null> {
  try {
    const secret = copy.form === "zip" ? null : keys();
    const bytes = await destination.begin(copy, BEGINNING_BYTES);
    return bytes === null ? null : await manifestAtBeginning(bytes, secret);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code !== "interrupted") return null;
    throw cause;
  }
}
