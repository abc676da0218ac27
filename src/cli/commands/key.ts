import { newKey, showKey } from "../../tasks/key.ts";
import { command } from "../command.ts";
import { identityFlag } from "../flags.ts";

export default command({
  name: "key",
  description: "The age identity that opens sealed archives",
  args: {
    action: {
      type: "positional",
      required: true,
      description: "new: make one; show: print its recipients, never the key",
    },
    identity: identityFlag,
  },
  actions: ["new", "show"],
  exits: {
    0: "done",
    1: "new: there is one already, which is never overwritten",
    5: "show: there is none",
  },
  example: "rollback key new",
  run: ({ action, identity }, session) =>
    action === "show" ? showKey({ identity }, session) : newKey({ identity }, session),
});
