import { unpack } from "../../tasks/unpack.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";

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
  run: ({ archive, identity, ...args }, session) =>
    unpack({ ref: archive, identity, lockWaitMs: lockWaitMs(args["lock-wait"]) }, session),
});
