import type { RecoverOutcome } from "../../outcome.ts";
import { pendingJournal } from "../../restore/journal-read.ts";
import { recoverRestore } from "../../restore/recover.ts";
import { demandTrusted, storeParts } from "../../restore/trust.ts";
import { asWriter, innerFolder } from "../../snapshot/store.ts";
import { exists } from "../../system/files.ts";
import { whoAmI } from "../../system/machine.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";

const NOTHING: RecoverOutcome = {
  command: "recover",
  exit: 0,
  outcome: "nothing",
  why: "no restore was cut off",
  snapshot: null,
  autoBackup: null,
  kept: [],
};

export default command({
  name: "recover",
  description: "Finish or undo a restore that was cut off",
  args: { "lock-wait": lockWait },
  exits: {
    0: "every file is new, or every file is as it was; or there was nothing to do",
    1: "failed; run it again when the cause is mended",
    3: "undone, but files that somebody changed meanwhile were left as they are; they are named",
    4: "the journal can't be read",
    6: "another rollback holds the lock",
  },
  example: "rollback recover",
  async run(args, { world, globals, holder, notify }) {
    const waitMs = lockWaitMs(args["lock-wait"]);
    const store = await findStoreAlone(world, globals);
    if (!exists(innerFolder(store))) return NOTHING;
    demandTrusted(storeParts(store), whoAmI().uid);
    return await asWriter(store, { command: holder, lockWaitMs: waitMs }, async () => {
      const pending = pendingJournal(innerFolder(store));
      if (pending === null) return NOTHING;
      const done = recoverRestore(pending, innerFolder(store));
      const event = { command: "recover", description: done.why, result: done.outcome };
      const noted = noteEvent(store, done.snapshot === null ? event : { ...event, id: done.snapshot }, notify);
      return { command: "recover", exit: noted && done.kept.length === 0 ? 0 : 3, ...done };
    });
  },
});
