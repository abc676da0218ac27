import { fail } from "../../errors.ts";
import { pack } from "../../tasks/pack.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";

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
      description: "Seal to this age1… word, not to those of rollback.yaml (repeatable)",
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
  async run({ ref = null, all, seal, move, ...args }, session) {
    const recipients = session.lists.recipient ?? [];
    const waitMs = lockWaitMs(args["lock-wait"]);
    if (recipients.length > 0 && seal !== true) throw fail.missingWord("pack", "--seal beside --recipient");
    if ((ref === null) !== (all === true)) throw fail.missingWord("pack", "a REF or --all, one of the two");
    return pack({ ref, seals: seal === true, recipients, moves: move === true, lockWaitMs: waitMs }, session);
  },
});
