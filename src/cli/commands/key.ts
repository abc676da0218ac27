import { newIdentity, recipientsOf } from "../../archive/seal.ts";
import { fail } from "../../errors.ts";
import type { KeyOutcome } from "../../outcome.ts";
import { parentOf } from "../../paths.ts";
import { codeOf } from "../../rollback-error.ts";
import { now } from "../../system/clock.ts";
import { flush, makeFolders, writeNew } from "../../system/durable.ts";
import { identityFlag, identityPath, readIdentity } from "../../tasks/identity.ts";
import { command } from "../command.ts";

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
  async run(args, { world }): Promise<KeyOutcome> {
    const path = identityPath(world, args.identity);
    if (args.action === "show")
      return {
        command: "key",
        exit: 0,
        action: "show",
        path,
        recipients: await recipientsOf(readIdentity(path), path),
      };
    const { text, recipient } = await newIdentity(now().utc);
    try {
      makeFolders(parentOf(path), 0o700);
      writeNew(path, text);
      flush([path, parentOf(path)]);
    } catch (cause) {
      if (codeOf(cause) === "EEXIST")
        throw fail.alreadyThere(path, "you really want another identity; what it sealed opens with it alone");
      throw fail.io("write the identity to", path, cause);
    }
    return { command: "key", exit: 0, action: "new", path, recipients: [recipient] };
  },
});
