// `push`: copies sealed snapshots to other places; what is there already is not sent again.
import { pack } from "../archive/pack.ts";
import { hostKey } from "../copies/address.ts";
import type { Local } from "../copies/destination.ts";
import { whyLeavesMachine } from "../copies/folder.ts";
import { fail } from "../errors.ts";
import type { AbsPath, SnapshotId } from "../model.ts";
import { below, isWithin, parentOf } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import type { AuditEvent } from "../snapshot/audit.ts";
import { checkAudit } from "../snapshot/audit-read.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import type { Located } from "../snapshot/ref.ts";
import { asWriter, listSnapshots } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { hashFile, look, resolved } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import type { Context, Ending, World } from "./context.ts";
import { openPlace, type Place } from "./destinations.ts";
import { ownRecipients } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { locate } from "./open.ts";
import { findSite, type Site } from "./site.ts";

export interface PushRequest {
  /** The snapshot; null is every one. */
  ref: string | null;
  /** A destination of the config, or an address; undefined is every one of the config. */
  dest: string | undefined;
  /** Not sealed: to a folder that stays on this machine alone. */
  plain: boolean;
  lockWaitMs: number;
}

export interface PushOutcome extends Ending {
  command: "push";
  /** One for each destination; those that could not be opened come first. */
  places: {
    /** Its name in the config, or null. */
    name: string | null;
    to: string;
    archives: { id: string; bytes: number; sent: boolean }[];
    /** Why not all got there; null where they did. */
    failed: string | null;
  }[];
}

export async function push({ ref, dest, plain, lockWaitMs }: PushRequest, context: Context): Promise<PushOutcome> {
  const { world, named } = context;
  const site = await findSite(world, named);
  const { store } = site;
  const names = dest === undefined ? Object.keys(site.config.copies) : [dest];
  if (names.length === 0) throw fail.noDestination([]);
  const { places, failed } = await openAll(names, site, world);
  demandOutside(places, store);
  if (plain) demandStays(places, site);
  const chosen = ref === null ? listSnapshots(store) : [await locate(ref, async () => store, world.cwd)];
  const files = await archives(chosen, plain ? "zip" : "zip.age", site, context, lockWaitMs);
  const done: { row: Delivery; exit: number }[] = failed.map(({ name, error }) => ({
    row: { name, to: name, archives: [], failed: error.message },
    exit: error.exit,
  }));
  const isOnly = names.length === 1;
  for (const place of places) done.push(await send(place, files, isOnly, store, context, lockWaitMs));
  return { command: "push", exit: exitOf(done.map(({ exit }) => exit)), places: done.map(({ row }) => row) };
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
  files: Local[],
  isOnly: boolean,
  store: AbsPath,
  context: Context,
  lockWaitMs: number,
): Promise<{ row: Delivery; exit: number }> {
  const sent: Delivery["archives"] = [];
  let failure: RollbackError | null = null;
  try {
    await destination.put(files, ({ id, bytes }, how) => {
      sent.push({ id, bytes, sent: how === "sent" });
      const what = `Pushing to ${destination.shown}`;
      context.notify({ type: "progress", what, done: sent.length, total: files.length });
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

/** The archives beside the folders; what is not there yet is packed, once for all destinations. */
async function archives(
  chosen: Located[],
  form: Local["form"],
  { store, config }: Site,
  { world, holder, notify }: Context,
  lockWaitMs: number,
): Promise<Local[]> {
  const host = hostKey(whoAmI().host);
  const missing = chosen.filter(({ forms }) => !forms.includes(form));
  if (missing.length > 0) {
    const recipients = form === "zip" ? [] : await recipientsFor(missing, config.seal.recipients, world);
    await asWriter(store, { command: holder, lockWaitMs }, async () => {
      const { digests } = checkAudit(store);
      for (const [index, { id, at, forms }] of missing.entries()) {
        notify({ type: "progress", what: form === "zip" ? "Packing" : "Sealing", done: index, total: missing.length });
        const target = below(store, `${id}.${form}`);
        // Another push may have sealed it while this one waited.
        if (look(target) !== null) continue;
        if (!forms.includes("folder") || parentOf(at) !== store) throw fail.notAFolderSnapshot(id);
        await pack(
          store,
          { vault: folderVault(id, at), noted: digests.get(id), moving: false, notify },
          target,
          recipients,
        );
        noteEvent(store, { command: "pack", id, result: form }, notify);
      }
    });
  }
  return chosen.map(({ id, at }) => {
    const path = at.endsWith(`.${form}`) ? at : below(store, `${id}.${form}`);
    if (!isSnapshotId(id)) throw fail.noSuchSnapshot(id, undefined);
    try {
      const { hash } = hashFile(path, { noFollow: true });
      return { host, id: id as SnapshotId, form, path, bytes: look(path)?.size ?? 0, hash };
    } catch (cause) {
      throw fail.io("read", path, cause);
    }
  });
}

async function recipientsFor(missing: Located[], configured: string[], world: World): Promise<string[]> {
  if (configured.length > 0) return configured;
  try {
    return await ownRecipients(world);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "not-found") throw fail.notSealed(missing[0]?.id ?? "");
    throw cause;
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
