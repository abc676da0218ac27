import { fail } from "../../errors.ts";
import { leaks } from "../../tasks/leaks.ts";
import { command } from "../command.ts";
import { identityFlag } from "../flags.ts";

export default command({
  name: "leaks",
  description: "Look for secrets that git holds or is about to: for a pre-commit hook",
  args: {
    staged: { type: "boolean", description: "Only what the next commit would change" },
    where: {
      type: "string",
      valueHint: "FILE[:KEY]",
      description: "Instead: which captured files, snapshots and copies hold the same secret value",
    },
    identity: identityFlag,
  },
  exits: {
    1: "git is there, but does not answer: nothing was looked at",
    0: "git's index holds none (or there is no git here); with --where: done",
    3: "there is no snapshot to compare with, and the live files' secrets were not found; with --where: something could not be looked into",
    5: "with --where: no captured file is called so, or it holds no secret under that key",
    7: "it holds a plain snapshot, a credential file, or a secret value that is captured; they are named",
  },
  example: "rollback leaks --staged   # in .git/hooks/pre-commit",
  async run({ staged, where, identity }, session) {
    if (where === undefined) return leaks({ staged: staged === true, identity }, session);
    if (staged === true) throw fail.eitherOr("leaks", "--staged", "--where");
    const { leakWhere } = await import("../../tasks/leak-where.ts");
    return leakWhere({ where, identity }, session);
  },
});
