// `init`: a rollback.yaml from what is on this machine.
import { CONFIG_NAME, DEFAULT_STORE, parseConfig } from "../config.ts";
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import { draftConfig } from "../inventory/draft.ts";
import type { Places } from "../inventory/places.ts";
import { survey } from "../inventory/survey.ts";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { codeOf, EXIT, RollbackError } from "../rollback-error.ts";
import { flush, writeNew } from "../system/durable.ts";
import { homeFolder } from "../system/machine.ts";
import type { Context, Ending, World } from "./context.ts";
import { ownRecipients } from "./identity.ts";
import { findRootOrHere } from "./site.ts";

export interface InitRequest {
  /** Write it into the root, where none may stand yet. */
  writes: boolean;
}

export interface InitOutcome extends Ending {
  command: "init";
  path: AbsPath;
  written: boolean;
  content: string;
  /** What was seen, as a config would name it; `unreached` look like credentials and are in comments alone. */
  found: Record<"agents" | "configs" | "mcp" | "credentials" | "venvs" | "unreached", string[]>;
}

export async function init({ writes }: InitRequest, { world, named, notify }: Context): Promise<InitOutcome> {
  const root = findRootOrHere(world, named.root);
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
  if (writes) write(path, content);
  const { agents, configs, mcp, credentials, venvs } = found;
  const seen = { agents, configs, mcp, credentials, venvs, unreached };
  return { command: "init", exit: EXIT.done, path, written: writes, content, found: seen };
}

/** Never over one that is there. */
function write(path: AbsPath, content: string): void {
  try {
    writeNew(path, content, { mode: 0o644, mtimeMs: null, owner: null });
    flush([path, parentOf(path)]);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") throw fail.alreadyThere(path, "you want it made anew");
    throw fail.io("write", path, cause);
  }
}

/** None where this machine has no identity yet. */
async function recipientsHere(world: World): Promise<string[]> {
  try {
    return await ownRecipients(world);
  } catch (cause) {
    if (cause instanceof RollbackError) return [];
    throw cause;
  }
}
