import { pack } from "../../archive/pack.ts";
import { fail } from "../../errors.ts";
import type { PackOutcome } from "../../outcome.ts";
import { below, parentOf } from "../../paths.ts";
import { checkAudit } from "../../snapshot/audit-read.ts";
import { asWriter, discardFolder, listSnapshots } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { look } from "../../system/files.ts";
import { ownRecipients } from "../../tasks/identity.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { formOf, locate } from "../../tasks/open.ts";
import { findSite } from "../../tasks/site.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

export default command({
  name: "pack",
  description: "Write a snapshot as one file beside its folder: a zip, or sealed by age",
  args: {
    ref: { type: "positional", required: false, description: "The snapshot; left out with --all" },
    all: { type: "boolean", description: "Every snapshot that has no such file yet" },
    seal: { type: "boolean", description: "Write ID.zip.age instead, which opens with an age identity alone" },
    recipient: {
      type: "string",
      valueHint: "age1…",
      description: "Whom to seal to, instead of the config's (repeatable)",
    },
    move: { type: "boolean", description: "Remove the folder once the archive was verified" },
    "lock-wait": lockWait,
  },
  repeatable: ["recipient"],
  exits: {
    0: "done, also where the same plain archive was there already",
    1: "failed, and nothing was written; also where a sealed archive is there already",
    4: "the snapshot is damaged",
    5: "there is no such snapshot, or no identity to seal to",
    6: "another rollback holds the lock",
  },
  example: "rollback pack latest --seal",
  async run(args, { world, globals, lists, notify, holder }): Promise<PackOutcome> {
    const waitMs = lockWaitMs(args["lock-wait"]);
    const sealed = args.seal === true;
    const moving = args.move === true;
    const named = lists.recipient ?? [];
    if (named.length > 0 && !sealed) throw fail.missingWord("pack", "--seal beside --recipient");
    if ((args.ref === undefined) !== (args.all === true))
      throw fail.missingWord("pack", "a REF or --all, one of the two");
    const { store, config } = await findSite(world, globals);
    const chosen =
      args.ref === undefined
        ? listSnapshots(store).filter((entry) => formOf(entry) === "folder")
        : [await locate(args.ref, async () => store, world.cwd)];
    const form = sealed ? "zip.age" : "zip";
    const configured = named.length > 0 ? named : config.seal.recipients;
    const recipients = !sealed ? [] : configured.length > 0 ? configured : await ownRecipients(world);
    return await asWriter(store, { command: holder, lockWaitMs: waitMs }, async () => {
      const { digests } = checkAudit(store);
      const packed: PackOutcome["packed"] = [];
      for (const [index, located] of chosen.entries()) {
        const { id, at } = located;
        notify({ type: "progress", what: "Packing", done: index, total: chosen.length });
        if (formOf(located) !== "folder" || parentOf(at) !== store) throw fail.notAFolderSnapshot(id);
        const target = below(store, `${id}.${form}`);
        if (args.all === true && look(target) !== null && (!moving || sealed)) continue;
        const written = await pack(
          store,
          { vault: folderVault(id, at), noted: digests.get(id), moving },
          target,
          recipients,
        );
        if (moving) discardFolder(store, id);
        packed.push({ id, path: target, bytes: look(target)?.size ?? 0, written, moved: moving });
        noteEvent(store, { command: "pack", id, result: `${form}${moving ? ", folder removed" : ""}` }, notify);
      }
      return { command: "pack", exit: 0, packed };
    });
  },
});
