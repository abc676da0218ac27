import { verify } from "../../tasks/verify.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";

export default command({
  name: "verify",
  description: "Re-hash every stored file against its manifest",
  args: {
    ref: { type: "positional", required: false, description: "One snapshot; all of them when left out" },
    identity: identityFlag,
    heal: { type: "boolean", description: "Mend what another snapshot holds a healthy copy of" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "every byte is as it was stored (also where a snapshot is incomplete but sound)",
    4: "something is missing, modified, unreadable or does not belong there",
    5: "there is no such snapshot",
    6: "another rollback holds the lock (only with --heal)",
  },
  example: "rollback verify --json | jq -r '.snapshots[] | select(.status == \"damaged\").id'",
  run: ({ ref, identity, heal, ...args }, session) =>
    verify({ ref, identity, heals: heal === true, lockWaitMs: lockWaitMs(args["lock-wait"]) }, session),
});
