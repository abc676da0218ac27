import { fail } from "../../errors.ts";
import type { AbsPath, Digest, SnapshotId } from "../../model.ts";
import { below } from "../../paths.ts";
import { RollbackError } from "../../rollback-error.ts";
import { capture } from "../../snapshot/capture.ts";
import { countFiles } from "../../snapshot/manifest.ts";
import { asWriter, setPin } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { exists } from "../../system/files.ts";
import { gather } from "../../tasks/gather.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

export default command({
  name: "create",
  description: "Take a snapshot of every plist, config and credential",
  args: {
    description: { type: "positional", required: true, description: "What is about to happen, in your words" },
    category: { type: "positional", required: false, default: "manual", description: "A word to group snapshots by" },
    "if-changed": { type: "boolean", description: "Make none when nothing differs from the newest complete one" },
    pin: { type: "boolean", description: "Never prune it" },
    pack: { type: "boolean", description: "Also write it as an archive, sealed where the config names recipients" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "the snapshot is complete (or, with --if-changed, nothing has changed)",
    1: "there was nothing to store, or no place to store it",
    3: "the snapshot was made, but some files could not be read; they are named",
    6: "another rollback holds the lock",
  },
  example: 'rollback create "Before Phase 4 migration" pre-phase-4',
  async run(args, { world, globals, notify, holder }) {
    const { description, category } = args;
    if (description.trim() === "")
      throw fail.badValue("DESCRIPTION", description, "a text that says what the snapshot is for");
    if (category.trim() === "") throw fail.badValue("CATEGORY", category, "a word");
    const waitMs = lockWaitMs(args["lock-wait"]);
    const site = await findSite(world, globals);
    const { inventory, circumstances } = await gather(world, site, notify);
    if (inventory.found.length === 0) {
      if (inventory.skipped.length > 0) throw fail.nothingReadable(inventory.skipped);
      throw fail.nothingFound(lookedIn(site));
    }
    return await asWriter(site.store, { command: holder, lockWaitMs: waitMs }, async () => {
      const unfinished = await unfinishedRestore(site.store, notify);
      const made = await capture(
        {
          store: site.store,
          ...inventory,
          description,
          category,
          circumstances,
          mayBeEmpty: false,
          ifChanged: args["if-changed"] === true,
          unfinishedRestore: unfinished,
        },
        notify,
      );
      const { id, folder, files, skipped, digest } = made;
      const complete = skipped.length === 0;
      if (args.pin === true) setPin(site.store, id, true);
      const result = digest === null ? "unchanged" : complete ? "ok" : "incomplete";
      const event = { command: "create", description, id, files: files.length, result };
      const noted = noteEvent(site.store, digest === null ? event : { ...event, manifest: digest }, notify);
      let packed = true;
      const archive =
        args.pack === true
          ? await packNew(site, id, folder, digest).catch((cause) => {
              if (!(cause instanceof RollbackError)) throw cause;
              notify({ type: "warning", message: `${cause.message}; the snapshot stands, without an archive` });
              packed = false;
              return undefined;
            })
          : undefined;
      return {
        command: "create",
        exit: complete && noted && packed && unfinished === undefined ? 0 : 3,
        id,
        description,
        category,
        location: folder,
        root: site.root,
        files: countFiles(files),
        complete,
        skipped,
        unchanged: digest === null,
        archive,
      };
    });
  },
});

/** The archive of a snapshot that was just made, or of the unchanged one that stands for it. */
async function packNew(
  { store, config }: Site,
  id: SnapshotId,
  folder: AbsPath,
  noted: Digest | null,
): Promise<AbsPath> {
  const { pack } = await import("../../archive/pack.ts");
  const { recipients } = config.seal;
  const target = below(store, `${id}.${recipients.length > 0 ? "zip.age" : "zip"}`);
  if (recipients.length === 0 || !exists(target))
    await pack(store, { vault: folderVault(id, folder), noted: noted ?? undefined, moving: false }, target, recipients);
  return target;
}

function lookedIn({ config, root, home }: Site): string[] {
  return [
    ...config.plists,
    ...config.configs.map((path) => `${path} (below ${root})`),
    ...config.credentials.files,
  ].map((path) => (path.startsWith("~/") ? `${home}/${path.slice(2)}` : path));
}
