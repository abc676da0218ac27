import { leaks } from "../../tasks/leaks.ts";
import { command } from "../command.ts";

export default command({
  name: "leaks",
  description: "Look for secrets that git holds or is about to: for a pre-commit hook",
  args: { staged: { type: "boolean", description: "Only what the next commit would change" } },
  exits: {
    1: "git is there, but does not answer: nothing was looked at",
    0: "git's index holds none (or there is no git here)",
    7: "it holds a plain snapshot, a credential file, or the bytes of a credential; they are named",
  },
  example: "rollback leaks --staged   # in .git/hooks/pre-commit",
  run: ({ staged }, session) => leaks({ staged: staged === true }, session),
});
