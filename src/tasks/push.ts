// `push`: copies sealed snapshots to other places; what is there already is not sent again.
import { hostKey, type Owner, projectKey } from "../copies/address.ts";
import type { Destination, Local } from "../copies/destination.ts";
import { whyLeavesMachine } from "../copies/folder.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import type { AuditEvent } from "../snapshot/audit.ts";
import { asWriter, listSnapshots } from "../snapshot/store.ts";
import { claimIdentity, keepIdentity } from "../snapshot/store-id.ts";
import { resolved } from "../system/files.ts";
import { machineName } from "../system/machine.ts";
import { quote } from "../text.ts";
import type { Context, Ending, World } from "./context.ts";
import { whyUseless } from "./copy-check.ts";
import { openPlace, type Place } from "./destinations.ts";
import { keysOf } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { locate } from "./open.ts";
import { ownerOf } from "./owners.ts";
import { sendable } from "./sendable.ts";
import { findSite, type Site } from "./site.ts";

export interface PushRequest {
  /** The snapshot; null is every one. */
  ref: string | null;
  /** A destination of the config, or an address; undefined is every one of the config. */
  dest: string | undefined;
  /** Not sealed: to a folder that stays on this machine alone. */
  plain: boolean;
  /** Make a folder a place for copies that was another, or none, before. */
  init: boolean;
  /** Where a copy that is of no use stands under an archive's name, put a good one there. */
  replaceDamaged: boolean;
  identity: string | undefined;
  lockWaitMs: number;
}

export interface PushOutcome extends Ending {
  command: "push";
  /** One for each destination; those that could not be opened come first. */
  places: {
    /** Its name in the config, or null. */
    name: string | null;
    to: string;
    archives: { id: string; bytes: number; sent: boolean; replaced: boolean }[];
    /** Why not all got there; null where they did. */
    failed: string | null;
  }[];
  /** Archives that were opened and are damaged, or could not be opened: they went nowhere. */
  unsound: { id: string; reason: string }[];
}

export async function push(request: PushRequest, context: Context): Promise<PushOutcome> {
  const { ref, dest, plain, lockWaitMs } = request;
  const { world, named } = context;
  const site = await findSite(world, named);
  const { store } = site;
  const names = dest === undefined ? Object.keys(site.config.copies) : [dest];
  if (names.length === 0) throw fail.noDestination([]);
  const { places, failed } = await openAll(names, site, world);
  demandOutside(places, store);
  if (plain) demandStays(places, site);
  const chosen = ref === null ? listSnapshots(store) : [await locate(ref, async () => store, world.cwd)];
  const { archives, unsound } = await sendable(chosen, plain ? "zip" : "zip.age", site, context, lockWaitMs);
  const [first] = unsound;
  if (first !== undefined && archives.length === 0) throw first.error;
  const claimed = archives.length === 0 ? null : await claim(site, places, request, context);
  const files = claimed === null ? [] : archives.map((archive) => ({ ...claimed.owner, ...archive }));
  const done: { row: Delivery; exit: number }[] = failed.map(({ name, error }) => ({
    row: { name, to: name, archives: [], failed: error.message },
    exit: error.exit,
  }));
  for (const place of places) {
    const refused = claimed?.refused.get(place) ?? null;
    done.push(await send(place, refused, files, { isOnly: names.length === 1, store, request }, context));
  }
  const exits = done.map(({ exit }) => exit);
  const damaged = unsound.map(({ error }) => (error.exit === EXIT.damaged ? EXIT.damaged : EXIT.partial));
  return {
    command: "push",
    exit: Math.max(exitOf(exits), ...damaged),
    places: done.map(({ row }) => row),
    unsound: unsound.map(({ id, error }) => ({ id, reason: error.message })),
  };
}

/**
 * Whose copies these are, and whether each folder is the place that it was; that is written down before the first of them is sent. A place
 * that is not is refused, and the others go on.
 */
function claim(
  { store, root }: Site,
  places: Place[],
  { init, lockWaitMs }: PushRequest,
  { holder }: Context,
): Promise<{ owner: Owner; refused: Map<Place, RollbackError> }> {
  return asWriter(store, { command: holder, lockWaitMs }, async () => {
    const names = { machine: hostKey(machineName()), project: projectKey(root) };
    const identity = claimIdentity(store, names);
    const marks = { ...identity.places };
    const refused = new Map<Place, RollbackError>();
    for (const place of places) {
      const { shown, mark } = place.destination;
      if (mark === undefined) continue;
      try {
        marks[shown] = demandMark(shown, mark, init ? undefined : marks[shown]);
      } catch (cause) {
        if (!(cause instanceof RollbackError)) throw cause;
        refused.set(place, cause);
      }
    }
    if (JSON.stringify(marks) !== JSON.stringify(identity.places)) keepIdentity(store, { ...identity, places: marks });
    return { owner: ownerOf(identity), refused };
  });
}

/** The id in a folder's mark. `known` is the one that it had before: then it has to have it still. */
function demandMark(shown: string, mark: NonNullable<Destination["mark"]>, known: string | undefined): string {
  const found = mark.read();
  if (known !== undefined && found === null)
    throw fail.placeUnmarked(shown, "its mark .rollback-copies, made by the first push, is missing", quote(shown));
  if (known !== undefined && found !== known)
    throw fail.placeUnmarked(shown, "its mark .rollback-copies is that of another place", quote(shown));
  return found ?? mark.make();
}

type Delivery = PushOutcome["places"][number];

/** Opens each. One that can't be opened, for want of its keys, is not a reason to do without the others. */
async function openAll(names: string[], site: Site, world: World) {
  const places: Place[] = [];
  // By its name alone: what was refused as an address may hold a password.
  const failed: { name: string; error: RollbackError }[] = [];
  for (const name of names) {
    try {
      places.push(await openPlace(name, site, world));
    } catch (cause) {
      if (!(cause instanceof RollbackError) || names.length === 1) throw cause;
      failed.push({ name, error: cause });
    }
  }
  return { places, failed };
}

function demandOutside(places: Place[], store: AbsPath): void {
  for (const { address } of places)
    if (address.type === "folder" && isWithin(resolved(address.path), resolved(store)))
      throw fail.badValue("DEST", address.path, "a place outside the snapshots folder");
}

/** Sends to one place, and notes it. Throws where there is no other place to go on with. */
async function send(
  { name, destination }: Place,
  refused: RollbackError | null,
  files: Local[],
  { isOnly, store, request }: { isOnly: boolean; store: AbsPath; request: PushRequest },
  context: Context,
): Promise<{ row: Delivery; exit: number }> {
  const { lockWaitMs, replaceDamaged, identity } = request;
  const sent: Delivery["archives"] = [];
  let failure = refused;
  try {
    if (refused === null)
      await destination.put(files, {
        done({ id, bytes }, how) {
          sent.push({ id, bytes, sent: how !== "there", replaced: how === "replaced" });
          const what = `Pushing to ${destination.shown}`;
          context.notify({ type: "progress", what, done: sent.length, total: files.length });
        },
        mayReplace: async (copy) =>
          replaceDamaged && (await whyUseless(destination, copy, () => keysOf(context.world, identity))) !== null,
        say: (message) => context.notify({ type: "warning", message }),
      });
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    failure = cause;
  }
  const count = sent.filter((one) => one.sent).length;
  const result = failure === null ? "ok" : "failed";
  await note(store, context, lockWaitMs, { description: name ?? destination.shown, files: count, result });
  if (failure !== null && (isOnly || failure.code === "interrupted")) throw failure;
  const row = { name, to: destination.shown, archives: sent, failed: failure?.message ?? null };
  return { row, exit: failure?.exit ?? EXIT.done };
}

/** Damage first; where some got all of it, partly. */
function exitOf(exits: number[]): number {
  if (exits.includes(EXIT.damaged)) return EXIT.damaged;
  const [worst, ...more] = exits.filter((exit) => exit !== EXIT.done);
  if (worst === undefined) return EXIT.done;
  return more.length + 1 === exits.length ? worst : EXIT.partial;
}

function demandStays(places: Place[], { home }: Site): void {
  for (const { address, destination } of places) {
    const why =
      address.type === "folder" ? whyLeavesMachine(resolved(address.path), resolved(home)) : "it is not a folder";
    if (why !== null) throw fail.plainRefused(destination.shown, why);
  }
}

/** Under the lock, as every line of the trail; not while the network is waited for. */
async function note(
  store: AbsPath,
  { holder, notify }: Context,
  lockWaitMs: number,
  event: Omit<AuditEvent, "command">,
): Promise<void> {
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    noteEvent(store, { command: "push", ...event }, notify);
  });
}
