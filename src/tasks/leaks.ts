// `leaks`: secrets that git holds or is about to.
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import { readHead } from "../inventory/git.ts";
import { EXIT } from "../rollback-error.ts";
import { findLeaks } from "../upkeep/leaks.ts";
import type { Context, Ending } from "./context.ts";
import { findSite } from "./site.ts";

export interface LeaksRequest {
  /** Only what the next commit would change. */
  staged: boolean;
}

export interface LeaksOutcome extends Ending {
  command: "leaks";
  /** False where there was no git to ask. */
  checked: boolean;
  leaks: { path: string; why: string }[];
}

export async function leaks({ staged }: LeaksRequest, { world, named, notify }: Context): Promise<LeaksOutcome> {
  const { config, root, store, ...site } = await findSite(world, named);
  const { found } = await discover(config, { root, store, ...site });
  const credentials = found.filter(({ kind }) => kind === "credential");
  const held = await findLeaks(root, store, credentials, staged, world.env);
  if (held === null && readHead(root) !== null) throw fail.gitSilent(root);
  if (held === null) notify({ type: "warning", message: `git does not answer in ${root}: nothing was looked at` });
  const exit = held === null || held.length === 0 ? EXIT.done : EXIT.refused;
  return { command: "leaks", exit, checked: held !== null, leaks: held ?? [] };
}
