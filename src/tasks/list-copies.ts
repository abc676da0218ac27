// What a destination holds.
import { type Copy, folderOf, keyOf } from "../copies/address.ts";
import { type Destination, inOneLook } from "../copies/destination.ts";
import type { Counts } from "../model.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { countFiles } from "../snapshot/manifest.ts";
import { takenIds } from "../snapshot/store.ts";
import { storeIdentity } from "../snapshot/store-id.ts";
import type { Context, Ending } from "./context.ts";
import { readCard } from "./copy-card.ts";
import { openPlace } from "./destinations.ts";
import { keysOf } from "./identity.ts";
import type { Keys } from "./open.ts";
import { fits, isNamed, ownerOf } from "./owners.ts";
import { findSiteIfAny } from "./site.ts";

export interface ListCopiesRequest {
  /** The destination: one of the config, or an address. */
  from: string;
  /** Whose copies: undefined is this snapshots folder's own, where it has any; host `all` is every one. */
  host: string | undefined;
  project: string | undefined;
  identity: string | undefined;
  /** How many are shown. */
  limit: number;
}

/** One row. What only the identity opens is null without it. */
interface Row {
  id: string;
  host: string;
  project: string;
  store: string;
  form: string;
  bytes: number | null;
  /** The snapshot is in the snapshots folder, too, in whatever form. */
  here: boolean;
  description: string | null;
  category: string | null;
  createdAt: string | null;
  createdAtMs: number | null;
  files: Counts | null;
}

/** `list` of another place. */
export interface CopiesOutcome extends Ending {
  command: "copies";
  from: string;
  /** How many there are, shown or not. */
  total: number;
  copies: Row[];
}

/** The newest `limit` copies. No more than twice as many are held at a time. */
export async function listCopies(request: ListCopiesRequest, { world, named }: Context): Promise<CopiesOutcome> {
  const { from, identity } = request;
  const site = await findSiteIfAny(world, named);
  const { destination } = await openPlace(from, site, world);
  const here = site === null ? new Set<string>() : takenIds(site.store);
  const own = site === null || isNamed(request) ? null : storeIdentity(site.store);
  const beginning = own === null ? "" : folderOf(ownerOf(own));
  const keys = () => keysOf(world, identity);
  const { total, copies } = await inOneLook(destination, async (expect) => {
    const { total, newest } = await newestOf(destination, beginning, request);
    if (newest.some(({ form }) => form === "zip") || mayOpen(keys)) await expect(newest);
    const copies: Row[] = [];
    for (const copy of newest) copies.push(await rowOf(destination, copy, keys, here));
    return { total, copies };
  });
  return { command: "copies", exit: EXIT.done, from: destination.shown, total, copies };
}

async function newestOf(destination: Destination, beginning: string, request: ListCopiesRequest) {
  const newest: Copy[] = [];
  let total = 0;
  for await (const copy of destination.list(beginning)) {
    if (!fits(request, copy)) continue;
    total++;
    newest.push(copy);
    if (newest.length >= 2 * request.limit + 64) keep(newest, request.limit);
  }
  keep(newest, request.limit);
  return { total, newest };
}

/** Without a key nothing of a sealed copy is worth loading. */
function mayOpen(keys: Keys): boolean {
  try {
    return keys().length > 0;
  } catch (cause) {
    if (cause instanceof RollbackError) return false;
    throw cause;
  }
}

async function rowOf(destination: Destination, copy: Copy, keys: Keys, here: ReadonlySet<string>): Promise<Row> {
  const { id, machine: host, project, store, form, bytes } = copy;
  const card = await readCard(destination, copy, keys);
  const { description = null, category = null, createdAt = null, createdAtMs = null } = card ?? {};
  const files = card === null ? null : countFiles(card.files);
  const told = { description, category, createdAt, createdAtMs, files };
  return { id, host, project, store, form, bytes, here: here.has(id), ...told };
}

/** Newest first; of one second's, by host. */
function keep(copies: Copy[], limit: number): void {
  const rank = (copy: Copy) => `${copy.id} ${keyOf(copy)}`;
  copies.sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
  copies.length = Math.min(copies.length, limit);
}
