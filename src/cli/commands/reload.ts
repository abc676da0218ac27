import { reload } from "../../tasks/reload.ts";
import { command } from "../command.ts";
import { identityFlag } from "../flags.ts";

export default command({
  name: "reload",
  description: "Make launchd read changed agents anew, to the state they had",
  args: {
    what: {
      type: "positional",
      required: false,
      description: "A snapshot: the agents that its restore changed; or an agent's label. Nothing: the last restore",
    },
    identity: identityFlag,
  },
  exits: {
    0: "every one of them is in its recorded state",
    1: "launchd could not be reached; the commands that do it by hand are printed",
    3: "some did not come up; they are named with launchd's own words",
    5: "there is no such snapshot or agent",
  },
  example: "rollback reload com.petesbrain.email-sync",
  run: ({ what, identity }, session) => reload({ what, identity }, session),
});
