// list --from: what a destination holds.
import { type Copy, hostKey, keyOf } from "../../copies/address.ts";
import type { CopiesOutcome } from "../../outcome.ts";
import { takenIds } from "../../snapshot/store.ts";
import { whoAmI } from "../../system/machine.ts";
import type { NamedPlaces, World } from "../../tasks/context.ts";
import { openPlace } from "../../tasks/destinations.ts";
import { findSiteIfAny } from "../../tasks/site.ts";

/** The newest `limit` copies of this host, of another, or with `all` of every one. No more than these are held at a time. */
export async function listCopies(
  world: World,
  globals: NamedPlaces,
  { from, host, limit }: { from: string; host: string | undefined; limit: number },
): Promise<CopiesOutcome> {
  const site = await findSiteIfAny(world, globals);
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
    exit: 0,
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
