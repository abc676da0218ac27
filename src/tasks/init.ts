// `init`: a rollback.yaml from what is on this machine.
import { CONFIG_NAME, DEFAULT_STORE, DEFAULTS, parseConfig } from "../config.ts";
import { fail } from "../errors.ts";
import { type Anchors, anchored } from "../inventory/anchors.ts";
import { literal } from "../inventory/coverage.ts";
import { discover } from "../inventory/discover.ts";
import { configsOf, draftConfig, holdsAnything } from "../inventory/draft.ts";
import { MOST_NAMES, survey } from "../inventory/survey.ts";
import type { AbsPath, Notify } from "../model.ts";
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
  /** What was seen, as a config would name it; `unreached` look like credentials and no rule of the draft names them. */
  found: Record<"agents" | "configs" | "mcp" | "credentials" | "venvs" | "unreached", string[]>;
}

export async function init({ writes }: InitRequest, { world, named, notify }: Context): Promise<InitOutcome> {
  const root = findRootOrHere(world, named.root);
  const anchors: Anchors = { home: homeFolder(world.env), root, store: below(root, DEFAULT_STORE) };
  const path = below(root, CONFIG_NAME);
  const never = DEFAULTS.never.map((folder) => anchored(folder, anchors));
  const found = survey(anchors, { never, mostNames: MOST_NAMES });
  for (const { path: folder, reason } of found.unread)
    notify({ type: "warning", message: `${folder} was not looked into: ${reason}` });
  if (found.cutOff)
    notify({ type: "warning", message: `${root} holds more than was looked at: the deepest folders are not in it` });
  if (!holdsAnything(found)) tellNothing(anchors, writes, notify);
  const content = draftConfig(found, await recipientsHere(world));
  // What the draft itself reaches tells what it does not.
  const { found: reached } = await discover(await parseConfig(content, path), anchors);
  const captured = new Set<string>(reached.map(({ path: file }) => file));
  const credentials = [...found.credentials, ...found.suspects];
  const unreached = credentials.filter((file) => !captured.has(anchored(literal(file), anchors)));
  if (writes) write(path, content);
  const { agents, mcp, venvs } = found;
  const seen = { agents, configs: configsOf(found), mcp, credentials, venvs, unreached };
  return { command: "init", exit: EXIT.done, path, written: writes, content, found: seen };
}

/** Throws `failed` where it was to be written: a config that names nothing would turn the defaults off. */
function tellNothing({ home, root }: Anchors, writes: boolean, notify: Notify): void {
  if (writes) throw fail.nothingSeen(home, root);
  const { message } = fail.nothingSeen(home, root);
  notify({ type: "warning", message });
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
