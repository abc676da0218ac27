// What a destination holds.

import { type Copy, hostKey, keyOf } from "../copies/address.ts";
import { EXIT } from "../rollback-error.ts";
import { takenIds } from "../snapshot/store.ts";
import { whoAmI } from "../system/machine.ts";
import type { Context, Ending } from "./context.ts";
import { openPlace } from "./destinations.ts";
import { findSiteIfAny } from "./site.ts";

export interface ListCopiesRequest {
  /** The destination: one of the config, or an address. */
  from: string;
  /** Whose copies: undefined is this host, `all` is every one. */
  host: string | undefined;
  /** How many are shown. */
  limit: number;
}

/** `list` of another place. */
export interface CopiesOutcome extends Ending {
  command: "copies";
  from: string;
  /** How many there are, shown or not. */
  total: number;
  /** `here`: the snapshot is in the snapshots folder, too, in whatever form. */
  copies: { id: string; host: string; form: string; bytes: number | null; here: boolean }[];
}

/** The newest `limit` copies. No more than twice as many are held at a time. */
export async function listCopies(
  { from, host, limit }: ListCopiesRequest,
  { world, named }: Context,
): Promise<CopiesOutcome> {
  const site = await findSiteIfAny(world, named);
  const { destination } = await openPlace(from, site, world);
  const here = site === null ? new Set<string>() : takenIds(site.store);
  const newest: Copy[] = [];
  let total = 0;
  for await (const copy of destination.list(host === "all" ? null : hostKey(host ?? whoAmI().host))) {
    total++;
    newest.push(copy);
    if (newest.length >= 2 * limit + 64) keep(newest, limit);
  }
  keep(newest, limit);
  return {
    command: "copies",
    exit: EXIT.done,
    from: destination.shown,
    total,
    copies: newest.map(({ id, host: of, form, bytes }) => ({ id, host: of, form, bytes, here: here.has(id) })),
  };
}

/** Newest first; of one second's, by host. */
function keep(copies: Copy[], limit: number): void {
  const rank = (copy: Copy) => `${copy.id} ${keyOf(copy)}`;
  copies.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  copies.length = Math.min(copies.length, limit);
}
