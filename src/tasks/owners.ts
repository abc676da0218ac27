// Whose copies are meant: those of this snapshots folder, or of the only one that a destination holds.
import { type Copy, folderOf, hostKey, keyOf, type Owner } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { lastCreate } from "../snapshot/audit-read.ts";
import { type StoreIdentity, storeIdentity } from "../snapshot/store-id.ts";
import { readCard } from "./copy-card.ts";
import type { Keys } from "./open.ts";

const SHORT = 8;
const OWNERS_SHOWN = 8;

export const ownerOf = ({ id, machine, project }: StoreIdentity): Owner => ({
  machine,
  project,
  store: id.slice(0, SHORT),
});

/** A machine and project that were named, in part or whole; undefined is not named. */
export interface Wanted {
  host: string | undefined;
  project: string | undefined;
}

export const isNamed = ({ host, project }: Wanted): boolean => host !== undefined || project !== undefined;

/** Whether a copy is of what was named: a project by its name, or with the short id behind it. */
export const fits = ({ host, project }: Wanted, copy: Owner): boolean =>
  (host === undefined || host === "all" || copy.machine === hostKey(host)) &&
  (project === undefined || copy.project === project || `${copy.project}-${copy.store}` === project);

/**
 * The one owner whose copies are to be pulled. This store's own, where there are any. Else the only one there is, where nothing was ever
 * created here; otherwise `not-found` names them all, with the newest copy of each.
 */
export async function ownerToPull(
  destination: Destination,
  store: AbsPath,
  wanted: Wanted,
  keys: Keys,
): Promise<Owner> {
  const identity = storeIdentity(store);
  if (identity !== null && !isNamed(wanted)) {
    const own = ownerOf(identity);
    for await (const _ of destination.list(folderOf(own))) return own;
  }
  const newest = await newestOfEach(destination, wanted);
  const [only, ...others] = newest;
  if (only === undefined) throw fail.noCopy("copy of any snapshot", destination.shown);
  const isBare = identity === null && lastCreate(store) === null;
  if (others.length === 0 && (isBare || isNamed(wanted))) return only;
  const rows: string[] = [];
  for (const copy of newest.slice(0, OWNERS_SHOWN)) {
    const description = (await readCard(destination, copy, keys))?.description;
    const told = description === undefined ? "" : ` "${description}"`;
    rows.push(`${copy.machine}, project ${copy.project}-${copy.store}, newest ${copy.id}${told}`);
  }
  if (newest.length > OWNERS_SHOWN) rows.push(`${newest.length - OWNERS_SHOWN} more`);
  throw fail.severalOwners(destination.shown, rows, `--host ${only.machine} --project ${only.project}-${only.store}`);
}

/** The newest copy of every owner, newest first. */
export async function newestOfEach(destination: Destination, wanted: Wanted): Promise<Copy[]> {
  const newest = new Map<string, Copy>();
  for await (const copy of destination.list("")) {
    if (!fits(wanted, copy)) continue;
    const known = newest.get(folderOf(copy));
    if (known === undefined || copy.id > known.id) newest.set(folderOf(copy), copy);
  }
  return [...newest.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/** The copies that are meant; null is all of them, newest first. A page of the list is all that is held for one. */
export async function copiesMeant(destination: Destination, owner: Owner, ref: string | null): Promise<Copy[]> {
  const { shown } = destination;
  const found: Copy[] = [];
  for await (const copy of destination.list(folderOf(owner))) {
    const newest = found[0];
    if (ref === null || (ref !== "latest" && copy.id.startsWith(ref))) found.push(copy);
    // The sealed one before a plain one of the same id.
    else if (ref === "latest" && (newest === undefined || keyOf(copy) > keyOf(newest))) found[0] = copy;
  }
  if (ref === "latest" || ref === null) {
    if (found.length === 0) throw fail.noCopy(`copy of ${owner.machine}, ${owner.project}`, shown);
    return found.sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  }
  const ids = [...new Set(found.map(({ id }) => id))];
  if (ids.length > 1) throw fail.ambiguousSnapshot(ref, ids);
  const [only] = found.sort((a, b) => (a.form < b.form ? 1 : -1));
  if (only === undefined) throw fail.noCopy(`${ref} of ${owner.machine}, ${owner.project}`, shown);
  return [only];
}
