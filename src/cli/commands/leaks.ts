import { fail } from "../../errors.ts";
import { discover } from "../../inventory/discover.ts";
import { readHead } from "../../inventory/git.ts";
import type { LeaksOutcome } from "../../outcome.ts";
import { findSite } from "../../tasks/site.ts";
import { findLeaks } from "../../upkeep/leaks.ts";
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
  async run(args, { world, globals, notify }): Promise<LeaksOutcome> {
    const site = await findSite(world, globals);
    const { found } = await discover(site.config, site);
    const credentials = found.filter(({ kind }) => kind === "credential");
    const leaks = await findLeaks(site.root, site.store, credentials, args.staged === true, world.env);
    if (leaks === null && readHead(site.root) !== null) throw fail.gitSilent(site.root);
    if (leaks === null)
      notify({ type: "warning", message: `git does not answer in ${site.root}: nothing was looked at` });
    return {
      command: "leaks",
      exit: leaks === null || leaks.length === 0 ? 0 : 7,
      checked: leaks !== null,
      leaks: leaks ?? [],
    };
  },
});
