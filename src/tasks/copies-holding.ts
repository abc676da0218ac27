// Which copies hold a secret value: those of folders, opened where no snapshot here tells it.
import { type Copy, folderOf, keyOf } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import { placesOf } from "../leaks/places.ts";
import { RollbackError } from "../rollback-error.ts";
import { storeIdentity } from "../snapshot/store-id.ts";
import { type Captured, LIMIT_BYTES } from "./captured-secrets.ts";
import type { Site, World } from "./context.ts";
import { bring } from "./copy-check.ts";
import { openPlace } from "./destinations.ts";
import type { Keys } from "./open.ts";
import { ownerOf } from "./owners.ts";

interface Holding {
  /** By the value: the places of the copies, and their names there. */
  holding: Map<string, { at: string; key: string }[]>;
  unread: Captured["unread"];
}

/**
 * A copy of a snapshot that was looked into here holds what that holds; any other one is opened. `values` says of each value which of the
 * `looked` snapshots hold it.
 */
export async function copiesHolding(
  values: ReadonlyMap<string, ReadonlySet<string>>,
  looked: ReadonlySet<string>,
  { site, world, keys }: { site: Site; world: World; keys: Keys },
): Promise<Holding> {
  const found: Holding = { holding: new Map(), unread: [] };
  const identity = storeIdentity(site.store);
  const own = identity === null ? "" : folderOf(ownerOf(identity));
  const known = (copy: Copy) => [...values].filter(([, ids]) => ids.has(copy.id)).map(([value]) => value);
  const find = placesOf([...values.keys()]);
  for (const name of Object.keys(site.config.copies)) {
    try {
      const { address, destination } = await openPlace(name, site, world);
      if (address.type !== "folder") {
        found.unread.push({ what: `the copies in ${destination.shown}`, reason: "only folders are looked into" });
        continue;
      }
      for await (const copy of destination.list(own)) {
        const holds = looked.has(copy.id) ? known(copy) : await valuesIn(copy, { destination, keys, find }, found);
        for (const value of holds) {
          const copies = found.holding.get(value) ?? [];
          found.holding.set(value, [...copies, { at: destination.shown, key: keyOf(copy) }]);
        }
      }
    } catch (cause) {
      if (!(cause instanceof RollbackError) || cause.code === "usage") throw cause;
      found.unread.push({ what: `the copies of ${name}`, reason: cause.message });
    }
  }
  return found;
}

async function valuesIn(
  copy: Copy,
  { destination, keys, find }: { destination: Destination; keys: Keys; find: ReturnType<typeof placesOf> },
  { unread }: Holding,
): Promise<Set<string>> {
  const held = new Set<string>();
  try {
    const { archive } = await bring(destination, copy, keys);
    for (const file of archive.manifest.files) {
      const { original: path, kind, stored, size } = file;
      if (size !== undefined && size > LIMIT_BYTES) continue;
      const found = await find({ path, kind }, await archive.read(stored, LIMIT_BYTES));
      for (const value of found.keys()) held.add(value);
    }
  } catch (cause) {
    if (!(cause instanceof RollbackError) || cause.code === "usage") throw cause;
    const isClosed = copy.form === "zip.age" && cause.code === "not-found";
    const reason = isClosed ? "it is sealed, and no identity at hand opens it" : cause.message;
    unread.push({ what: `${destination.shown}/${keyOf(copy)}`, reason });
  }
  return held;
}
