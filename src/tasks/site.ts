// Where the root, the config and the snapshots are: flag, then environment, then what lies around.
import { CONFIG_NAME, type Config, DEFAULT_STORE, DEFAULTS, parseConfig } from "../config.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, isWithin, parentOf } from "../paths.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { exists, ifReadable, isFolder, linkTarget, readText } from "../system/files.ts";
import { homeFolder } from "../system/machine.ts";
import { asSpelled } from "../system/naming.ts";
import type { NamedPlaces, Site, World } from "./context.ts";

export type { Site };

const MARKS = [CONFIG_NAME, DEFAULT_STORE, "shared/rollback_manager.py", ".mcp.json"];
const CONFIG_LIMIT_BYTES = 1 << 20;

/** Finds everything. Throws `usage` where no root is found or a named folder is none; `mayBeNew` lets the root be one to come. */
export async function findSite(world: World, named: NamedPlaces, mayBeNew = false): Promise<Site> {
  if (named.fixed !== undefined) return named.fixed;
  const home = homeFolder(world.env);
  const root = findRoot(world, named.root, mayBeNew);
  const { config, configFile } = await readConfig(world, named.config, root);
  const store = findStore(world, named.snapshots, config, home, root);
  const hidden = [root, home].find((folder) => isWithin(folder, store));
  if (hidden !== undefined) throw fail.storeAroundProject(store, hidden);
  return { home, root, config, configFile, store };
}

/** Everything, or null where there is no project around: for facts that are welcome but not needed. A broken config is an error. */
export async function findSiteIfAny(world: World, named: NamedPlaces): Promise<Site | null> {
  return namedRoot(world, named.root) === undefined && surroundingRoot(world) === null ? null : findSite(world, named);
}

/** The snapshots folder alone, for commands that read: where it is named, no root is needed. */
export async function findStoreAlone(world: World, named: NamedPlaces): Promise<AbsPath> {
  if (named.fixed !== undefined) return named.fixed.store;
  const store = namedStore(world, named.snapshots);
  return store ?? (await findSite(world, named)).store;
}

/** The root for a `rollback.yaml` that is not there yet: as everywhere, else the current folder. */
export const findRootOrHere = (world: World, flag: string | undefined): AbsPath =>
  namedRoot(world, flag) === undefined ? (surroundingRoot(world) ?? world.cwd) : findRoot(world, flag, false);

const namedRoot = ({ env }: World, flag: string | undefined): string | undefined =>
  flag ?? (env.ROLLBACK_ROOT || env.PETESBRAIN_ROOT || undefined);

const surroundingRoot = ({ cwd, execPath }: World): AbsPath | null =>
  searchUpward(cwd) ?? searchUpward(parentOf(execPath));

function findRoot(world: World, flag: string | undefined, mayBeNew: boolean): AbsPath {
  const { cwd } = world;
  const named = namedRoot(world, flag);
  if (named === undefined) {
    const found = surroundingRoot(world);
    if (found === null) throw fail.noRoot(cwd);
    return found;
  }
  const root = absolute(named, cwd);
  let why = "there is no such folder";
  try {
    if (isFolder(root)) return asSpelled(root);
    if (exists(root)) why = "it is not a folder";
    else if (mayBeNew && flag !== undefined) return root;
  } catch (cause) {
    why = reasonOf(cause);
  }
  throw fail.notAFolder("the root", root, why);
}

function searchUpward(from: AbsPath): AbsPath | null {
  for (let at = from; ; at = parentOf(at)) {
    if (MARKS.some((mark) => ifReadable(() => exists(below(at, mark))))) return at;
    if (at === "/") return null;
  }
}

async function readConfig(
  { cwd }: World,
  flag: string | undefined,
  root: AbsPath,
): Promise<Pick<Site, "config" | "configFile">> {
  const path = flag === undefined ? below(root, CONFIG_NAME) : absolute(flag, cwd);
  let text: string;
  try {
    text = readText(path, CONFIG_LIMIT_BYTES);
  } catch (cause) {
    // A link that leads nowhere is a config that is lost, not one that nobody wrote.
    const link = ifReadable(() => linkTarget(path));
    if (flag === undefined && codeOf(cause) === "ENOENT" && link === null)
      return { config: DEFAULTS, configFile: null };
    throw fail.configUnreadable(path, link === null ? reasonOf(cause) : `it is a link to ${link}: ${reasonOf(cause)}`);
  }
  return { config: await parseConfig(text, path), configFile: path };
}

function namedStore({ env, cwd }: World, flag: string | undefined): AbsPath | null {
  const named = flag ?? (env.ROLLBACK_SNAPSHOTS || undefined);
  return named === undefined ? null : asSpelled(absolute(named, cwd));
}

function findStore(world: World, flag: string | undefined, config: Config, home: AbsPath, root: AbsPath): AbsPath {
  const { snapshots } = config;
  const configured = snapshots.startsWith("~/") ? below(home, snapshots.slice(2)) : absolute(snapshots, root);
  return namedStore(world, flag) ?? asSpelled(configured);
}
