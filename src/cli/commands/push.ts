import { pack } from "../../archive/pack.ts";
import { hostKey } from "../../copies/address.ts";
import type { Local } from "../../copies/destination.ts";
import { whyLeavesMachine } from "../../copies/folder.ts";
import { fail } from "../../errors.ts";
import type { AbsPath, SnapshotId } from "../../model.ts";
import type { PushOutcome } from "../../outcome.ts";
import { below, isWithin, parentOf } from "../../paths.ts";
import { EXIT, RollbackError } from "../../rollback-error.ts";
import type { AuditEvent } from "../../snapshot/audit.ts";
import { checkAudit } from "../../snapshot/audit-read.ts";
import { isSnapshotId } from "../../snapshot/id.ts";
import type { Located } from "../../snapshot/ref.ts";
import { asWriter, listSnapshots } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { hashFile, look, resolved } from "../../system/files.ts";
import { whoAmI } from "../../system/machine.ts";
import { openPlace, type Place, refAndPlace } from "../../tasks/destinations.ts";
import { ownRecipients } from "../../tasks/identity.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { locate } from "../../tasks/open.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { command, type Session } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

export default command({
  name: "push",
  description: "Copy sealed snapshots to a folder, a bucket or a git branch; what is there already is not sent again",
  args: {
    ref: { type: "positional", required: false, description: "The snapshot; latest when left out" },
    dest: {
      type: "positional",
      required: false,
      description:
        "A name under copies in rollback.yaml, a folder, s3://BUCKET/PREFIX, git:REMOTE or git:.; all named ones when left out",
    },
    all: { type: "boolean", description: "Every snapshot, instead of one" },
    plain: { type: "boolean", description: "Not sealed; to a folder alone, and to none that is synced or in git" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "every one is there, and was read back",
    1: "failed; what was copied before stays",
    2: "no destination is named, or it can't be one",
    3: "some destinations got all, others not",
    4: "the snapshot is damaged, or other bytes stand there under its name; nothing was replaced",
    5: "there is no such snapshot",
    6: "another rollback holds the lock",
    7: "refused: it is not sealed, and there is nobody to seal it to",
  },
  example: "rollback push latest s3://my-backups/rollback",
  async run(args, session): Promise<PushOutcome> {
    const { world, globals, notify } = session;
    const waitMs = lockWaitMs(args["lock-wait"]);
    const all = args.all === true;
    const { ref, dest } = refAndPlace(args, all, world);
    const site = await findSite(world, globals);
    const names = dest === undefined ? Object.keys(site.config.copies) : [dest];
    if (names.length === 0) throw fail.noDestination([]);
    const results: PushOutcome["places"] = [];
    const exits: number[] = [];
    const places: Place[] = [];
    for (const name of names) {
      try {
        places.push(await openPlace(name, site, world));
      } catch (cause) {
        // One that can't be opened, for want of its keys, is no reason to do without the others.
        if (!(cause instanceof RollbackError) || names.length === 1) throw cause;
        exits.push(cause.exit);
        // By its name alone: what was refused as an address may hold a password.
        results.push({ name, to: name, archives: [], failed: cause.message });
      }
    }
    for (const { address } of places)
      if (address.type === "folder" && isWithin(resolved(address.path), resolved(site.store)))
        throw fail.badValue("DEST", address.path, "a place outside the snapshots folder");
    const form = args.plain === true ? "zip" : "zip.age";
    if (form === "zip") demandStays(places, site);
    const chosen = all ? listSnapshots(site.store) : [await locate(ref ?? "latest", async () => site.store, world.cwd)];
    const files = await archives(chosen, form, site, session, waitMs);
    for (const { name, destination } of places) {
      const sent: PushOutcome["places"][number]["archives"] = [];
      let failure: RollbackError | null = null;
      try {
        await destination.put(files, ({ id, bytes }, how) => {
          sent.push({ id, bytes, sent: how === "sent" });
          notify({ type: "progress", what: `Pushing to ${destination.shown}`, done: sent.length, total: files.length });
        });
      } catch (cause) {
        if (!(cause instanceof RollbackError)) throw cause;
        failure = cause;
      }
      const count = sent.filter((one) => one.sent).length;
      const result = failure === null ? "ok" : "failed";
      await note(site.store, session, waitMs, { description: name ?? destination.shown, files: count, result });
      if (failure !== null && (names.length === 1 || failure.code === "interrupted")) throw failure;
      exits.push(failure?.exit ?? 0);
      results.push({ name, to: destination.shown, archives: sent, failed: failure?.message ?? null });
    }
    return { command: "push", exit: exitOf(exits), places: results };
  },
});

/** Damage first; where some got all of it, partly. */
function exitOf(exits: number[]): number {
  if (exits.includes(EXIT.damaged)) return EXIT.damaged;
  const [worst = 0] = exits.filter((exit) => exit !== 0);
  return worst === 0 || exits.every((exit) => exit !== 0) ? worst : EXIT.partial;
}

function demandStays(places: Place[], { home }: Site): void {
  for (const { address, destination } of places) {
    const why =
      address.type === "folder" ? whyLeavesMachine(resolved(address.path), resolved(home)) : "it is no folder";
    if (why !== null) throw fail.plainRefused(destination.shown, why);
  }
}

/** The archives beside the folders; what is not there yet is packed, once for all destinations. */
async function archives(
  chosen: Located[],
  form: Local["form"],
  { store, config }: Site,
  { world, holder, notify }: Session,
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
        await pack(store, { vault: folderVault(id, at), noted: digests.get(id), moving: false }, target, recipients);
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

async function recipientsFor(missing: Located[], configured: string[], world: Session["world"]): Promise<string[]> {
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
  { holder, notify }: Session,
  lockWaitMs: number,
  event: Omit<AuditEvent, "command">,
): Promise<void> {
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    noteEvent(store, { command: "push", ...event }, notify);
  });
}
