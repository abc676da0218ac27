import { leaks } from "../../tasks/leaks.ts";
import { command } from "../command.ts";
import { identityFlag } from "../flags.ts";

export default command({
  name: "leaks",
  description: "Look for secrets that git holds or is about to: for a pre-commit hook",
  args: {
    staged: { type: "boolean", description: "Only what the next commit would change" },
    identity: identityFlag,
  },
  exits: {
    1: "git is there, but does not answer: nothing was looked at",
    0: "git's index holds none (or there is no git here)",
    3: "there is no snapshot to compare with, and the live files' secrets were not found",
    7: "it holds a plain snapshot, a credential file, or a secret value that is captured; they are named",
  },
  example: "rollback leaks --staged   # in .git/hooks/pre-commit",
  run: ({ staged, identity }, session) => leaks({ staged: staged === true, identity }, session),
});
