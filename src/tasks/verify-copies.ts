// `verify` of another place: each copy is brought here, opened, and every file in it hashed. Nothing of it is kept.
import { keyOf } from "../copies/address.ts";
import { type Destination, inOneLook } from "../copies/destination.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import type { Context, Ending } from "./context.ts";
import { bring } from "./copy-check.ts";
import { openPlace } from "./destinations.ts";
import { keysOf } from "./identity.ts";
import { copiesMeant, ownerToPull } from "./owners.ts";
import { findSite, type Site } from "./site.ts";

export interface VerifyCopiesRequest {
  /** The destination: one of the config, or an address. */
  from: string;
  /** An id, the beginning of one, or latest; null is every copy. */
  ref: string | null;
  /** Whose copies: undefined is this snapshots folder's own, or the only ones there. */
  host: string | undefined;
  project: string | undefined;
  identity: string | undefined;
}

export interface VerifyCopiesOutcome extends Ending {
  command: "verify-copies";
  from: string;
  snapshots: {
    id: string;
    host: string;
    project: string;
    /** Where it stands below the destination. */
    key: string;
    /** `unreadable`: no identity at hand opens it, so it may be sound. */
    status: "ok" | "damaged" | "unreadable";
    filesChecked: number;
    bytesChecked: number;
    reason: string | null;
  }[];
}

/** Throws where the place can't be had, and where only one copy was meant and no identity opens it. */
export async function verifyCopies(request: VerifyCopiesRequest, context: Context): Promise<VerifyCopiesOutcome> {
  const { world, named } = context;
  const site = await findSite(world, named, true);
  const { destination } = await openPlace(request.from, site, world);
  return inOneLook(destination, () => verifyAt(destination, site, request, context));
}

async function verifyAt(
  destination: Destination,
  site: Site,
  { ref, identity, ...wanted }: VerifyCopiesRequest,
  { world, notify }: Context,
): Promise<VerifyCopiesOutcome> {
  const keys = () => keysOf(world, identity);
  const owner = await ownerToPull(destination, site.store, wanted, keys);
  const chosen = await copiesMeant(destination, owner, ref);
  const snapshots: VerifyCopiesOutcome["snapshots"] = [];
  for (const [index, copy] of chosen.entries()) {
    notify({ type: "progress", what: `Verifying ${destination.shown}`, done: index, total: chosen.length });
    const row = { id: copy.id, host: copy.machine, project: copy.project, key: keyOf(copy) };
    try {
      using brought = await bring(destination, copy, keys);
      const { files } = brought.archive.manifest;
      const bytesChecked = files.reduce((sum, { size = 0 }) => sum + size, 0);
      snapshots.push({ ...row, status: "ok", filesChecked: files.length, bytesChecked, reason: null });
    } catch (cause) {
      const status = statusOf(cause);
      if (status === null || !(cause instanceof RollbackError)) throw cause;
      if (status === "unreadable" && chosen.length === 1) throw cause;
      snapshots.push({ ...row, status, filesChecked: 0, bytesChecked: 0, reason: cause.message });
    }
  }
  const unread = snapshots.some(({ status }) => status === "unreadable") ? EXIT.partial : EXIT.done;
  const exit = snapshots.some(({ status }) => status === "damaged") ? EXIT.damaged : unread;
  return { command: "verify-copies", exit, from: destination.shown, snapshots };
}

/** What an error says of one copy; null where it says that there is no going on. */
function statusOf(cause: unknown): "damaged" | "unreadable" | null {
  if (!(cause instanceof RollbackError)) return null;
  if (cause.code === "damaged" || cause.code === "refused") return "damaged";
  return cause.code === "not-found" ? "unreadable" : null;
}
