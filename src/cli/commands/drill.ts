import { drill } from "../../tasks/drill.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";

export default command({
  name: "drill",
  description: "Restore the newest copy into a throw-away folder, compare every file, and remove it all again",
  args: {
    dest: {
      type: "positional",
      required: false,
      description: "The place, as for push; left out: the only one in rollback.yaml",
    },
    host: { type: "string", valueHint: "NAME", description: "Of another host, as list --from names it" },
    project: { type: "string", valueHint: "NAME", description: "Of another project, as list --from names it" },
    identity: identityFlag,
    "lock-wait": lockWait,
  },
  exits: {
    0: "every file came back, the same in bytes and mode",
    1: "the place can't be reached, or there is no room",
    2: "no destination is named, or it can't be one",
    4: "the copy does not bring everything back",
    5: "there is no copy, or no identity that opens it",
    6: "another drill or rollback holds the lock",
  },
  example: "rollback drill cloud",
  run: ({ dest, host, project, identity, ...args }, session) =>
    drill({ dest, host, project, identity, lockWaitMs: lockWaitMs(args["lock-wait"]) }, session),
});
