import { unpack } from "../../archive/unpack.ts";
import { openSealed, openZip } from "../../archive/vault.ts";
import { fail } from "../../errors.ts";
import type { UnpackOutcome } from "../../outcome.ts";
import { below } from "../../paths.ts";
import { pendingJournal } from "../../restore/journal-read.ts";
import { asWriter, innerFolder } from "../../snapshot/store.ts";
import { exists } from "../../system/files.ts";
import { identityFlag, keysOf } from "../../tasks/identity.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { locate } from "../../tasks/open.ts";
import { findSite } from "../../tasks/site.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

export default command({
  name: "unpack",
  description: "Make a snapshot's folder again from its archive",
  args: {
    archive: {
      type: "positional",
      required: true,
      description: "An archive's path, or the REF of a snapshot that is one",
    },
    identity: identityFlag,
    "lock-wait": lockWait,
  },
  exits: {
    0: "done",
    1: "that snapshot's folder is there already, or there is no room; nothing was written",
    4: "the archive is not whole",
    5: "there is no such archive, or no identity that opens it",
    6: "another rollback holds the lock",
    7: "refused: no archive of rollback's looks like this",
  },
  example: "rollback unpack ~/Downloads/20251211_143600.zip.age",
  async run(args, { world, globals, notify, holder }): Promise<UnpackOutcome> {
    const waitMs = lockWaitMs(args["lock-wait"]);
    const { store } = await findSite(world, globals, true);
    const { id, at, forms } = await locate(args.archive, async () => store, world.cwd);
    // The folder is there: what is meant is the archive beside it.
    const form = forms.find((candidate) => candidate !== "folder");
    if (form === undefined) throw fail.noArchive(args.archive);
    const path = at.endsWith(`.${form}`) ? at : below(store, `${id}.${form}`);
    const archive = form === "zip" ? await openZip(id, path) : await openSealed(id, path, keysOf(world, args.identity));
    return await asWriter(store, { command: holder, lockWaitMs: waitMs }, async () => {
      const pending = exists(innerFolder(store)) ? pendingJournal(innerFolder(store)) : null;
      if (pending !== null) throw fail.unfinished(pending.journal?.snapshot ?? "a snapshot");
      const made = await unpack(store, archive);
      noteEvent(store, { command: "unpack", id: made.id, files: made.files, result: "ok" }, notify);
      return { command: "unpack", exit: 0, ...made };
    });
  },
});
