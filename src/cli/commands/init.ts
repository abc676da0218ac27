import { CONFIG_NAME, DEFAULT_STORE, parseConfig } from "../../config.ts";
import { fail } from "../../errors.ts";
import { discover } from "../../inventory/discover.ts";
import { draftConfig } from "../../inventory/draft.ts";
import type { Places } from "../../inventory/places.ts";
import { survey } from "../../inventory/survey.ts";
import type { InitOutcome } from "../../outcome.ts";
import { below } from "../../paths.ts";
import { codeOf, RollbackError } from "../../rollback-error.ts";
import { flush, writeNew } from "../../system/durable.ts";
import { homeFolder } from "../../system/machine.ts";
import type { World } from "../../tasks/context.ts";
import { ownRecipients } from "../../tasks/identity.ts";
import { findRootOrHere } from "../../tasks/site.ts";
import { command } from "../command.ts";

export default command({
  name: "init",
  description: "A rollback.yaml from what is on this machine: agents, configs, credentials, venvs",
  args: { write: { type: "boolean", description: "Write it into the root; without it, print it. Never overwrites" } },
  exits: { 0: "done", 1: "there is a rollback.yaml already, which stays as it is" },
  example: "rollback init --root ~/work --write",
  async run(args, { world, globals, notify }): Promise<InitOutcome> {
    const root = findRootOrHere(world, globals.root);
    const places: Places = { home: homeFolder(world.env), root, store: below(root, DEFAULT_STORE) };
    const path = below(root, CONFIG_NAME);
    const found = survey(places);
    for (const { path: folder, reason } of found.unread)
      notify({ type: "warning", message: `${folder} was not looked into: ${reason}` });
    if (found.cutOff)
      notify({ type: "warning", message: `${root} holds more than was looked at: the deepest folders are not in it` });
    // What the draft itself reaches tells what it does not.
    const { found: reached } = await discover(await parseConfig(draftConfig(found, [], []), path), places);
    const captured = new Set<string>(reached.map(({ path: file }) => file));
    const unreached = found.suspects.filter((file) => !captured.has(below(root, file)));
    const content = draftConfig(found, unreached, await recipientsHere(world));
    if (args.write === true) {
      try {
        writeNew(path, content, { mode: 0o644, mtimeMs: null, owner: null });
        flush([path, root]);
      } catch (cause) {
        if (codeOf(cause) === "EEXIST") throw fail.alreadyThere(path, "you want it made anew");
        throw fail.io("write", path, cause);
      }
    }
    const { agents, configs, mcp, credentials, venvs } = found;
    return {
      command: "init",
      exit: 0,
      path,
      written: args.write === true,
      content,
      found: { agents, configs, mcp, credentials, venvs, unreached },
    };
  },
});

/** None where this machine has no identity yet. */
async function recipientsHere(world: World): Promise<string[]> {
  try {
    return await ownRecipients(world);
  } catch (cause) {
    if (cause instanceof RollbackError) return [];
    throw cause;
  }
}
