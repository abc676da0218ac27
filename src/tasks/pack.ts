// `pack`: writes snapshots as one file each beside their folders: a zip, or sealed by age.

import { pack as packOne } from "../archive/pack.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { checkAudit } from "../snapshot/audit-read.ts";
import { oneOf } from "../snapshot/meter.ts";
import { asWriter, discardFolder, listSnapshots } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { hashFile, ifReadable, look, treeSize } from "../system/files.ts";
import type { Context, Ending } from "./context.ts";
import { ownRecipients } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { formOf, locate } from "./open.ts";
import { findSite } from "./site.ts";

export interface PackRequest {
  /** The snapshot; null is every one that has no such file yet. */
  ref: string | null;
  /** Write a sealed archive. */
  seals: boolean;
  /** Whom to seal to; none named is as the config says, else this machine's own identity. */
  recipients: string[];
  /** Remove the folder once the archive was verified. */
  moves: boolean;
  lockWaitMs: number;
}

export interface PackOutcome extends Ending {
  command: "pack";
  /** `written` is false where the same archive stood there already; `moved` where its folder is gone now. */
  packed: { id: string; path: AbsPath; bytes: number; written: boolean; moved: boolean }[];
}

export async function pack(request: PackRequest, { world, named, holder, notify }: Context): Promise<PackOutcome> {
  const { ref, seals, moves, lockWaitMs } = request;
  const { store, config } = await findSite(world, named);
  const chosen =
    ref === null
      ? listSnapshots(store).filter((entry) => formOf(entry) === "folder")
      : [await locate(ref, async () => store, world.cwd)];
  const form = seals ? "zip.age" : "zip";
  const configured = request.recipients.length > 0 ? request.recipients : config.seal.recipients;
  const recipients = seals && configured.length === 0 ? await ownRecipients(world) : configured;
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const { digests } = checkAudit(store);
    const packed: PackOutcome["packed"] = [];
    const sizes = chosen.map(({ at }) => ifReadable(() => treeSize(at)) ?? 0);
    for (const [index, located] of chosen.entries()) {
      const { id, at } = located;
      if (formOf(located) !== "folder" || parentOf(at) !== store) throw fail.notAFolderSnapshot(id);
      const target = below(store, `${id}.${form}`);
      if (ref === null && look(target) !== null && (!moves || seals)) continue;
      const source = {
        vault: folderVault(id, at),
        noted: digests.get(id),
        moving: moves,
        notify: chosen.length === 1 ? notify : oneOf(notify, sizes, index, id),
      };
      const written = await packOne(store, source, target, seals ? recipients : []);
      if (moves) discardFolder(store, id);
      packed.push({ id, path: target, bytes: look(target)?.size ?? 0, written, moved: moves });
      const archive = hashFile(target, { noFollow: true }).hash;
      noteEvent(store, { command: "pack", id, archive, result: `${form}${moves ? ", folder removed" : ""}` }, notify);
    }
    return { command: "pack", exit: EXIT.done, packed };
  });
}
