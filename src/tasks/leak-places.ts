// Whose index is looked into, and whose snapshots it is compared with: a linked worktree and a second clone have none of their own.
import { fail } from "../errors.ts";
import { findRepository, git } from "../inventory/git.ts";
import type { AbsPath, Env } from "../model.ts";
import { absolute, isWithin, parentOf } from "../paths.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { resolved } from "../system/files.ts";
import type { NamedPlaces, Site, World } from "./context.ts";
import { findSite, findSiteIfAny } from "./site.ts";

export interface LeakPlaces {
  /** A folder of the repository. */
  folder: AbsPath;
  site: Site;
  /** Where the files of the site's root lie in this repository: the top of both; null where it is the site's own. */
  mirror: { from: AbsPath; to: AbsPath } | null;
}

export async function findLeakPlaces(world: World, named: NamedPlaces): Promise<LeakPlaces> {
  const own = await findSiteIfAny(world, named);
  const folder = await repositoryFolder(world, own);
  const isNamed = named.snapshots !== undefined || (world.env.ROLLBACK_SNAPSHOTS ?? "") !== "";
  const place = (site: Site): LeakPlaces => ({ folder, site, mirror: mirrorOf(folder, site) });
  if (own !== null && (isNamed || listSnapshots(own.store).length > 0)) return place(own);
  const other = await mainSite(own?.root ?? world.cwd, world, named);
  if (other !== null) return place(other);
  if (own === null) throw fail.noRoot(world.cwd);
  return place(own);
}

/**
 * The root's repository; that of the current folder where git itself runs us there, as a hook, or where it is another checkout of
 * the same: whoever names the root wants its snapshots.
 */
async function repositoryFolder({ cwd, env }: World, own: Site | null): Promise<AbsPath> {
  const here = findRepository(cwd);
  if (own === null) return cwd;
  const there = findRepository(own.root);
  if (here === null || here.top === there?.top) return own.root;
  const isHook = env.GIT_INDEX_FILE !== undefined || env.GIT_DIR !== undefined;
  if (isHook || there === null || here.common === there.common)
    return isHook || here.common === there?.common ? cwd : own.root;
  return (await originsOf(cwd, env)).some((origin) => resolved(origin) === resolved(there.top)) ? cwd : own.root;
}

/** The project of the checkout that a worktree or a local clone was made from, if it has snapshots. */
async function mainSite(from: AbsPath, world: World, named: NamedPlaces): Promise<Site | null> {
  const repository = findRepository(from);
  if (repository === null) return null;
  const { top, common } = repository;
  const tops = common.endsWith("/.git") && parentOf(common) !== top ? [parentOf(common)] : [];
  tops.push(...(await originsOf(from, world.env)).flatMap((origin) => checkoutAt(origin)));
  for (const main of tops)
    for (let at = from; isWithin(at, top); at = parentOf(at)) {
      const root = `${main}${at.slice(top.length)}` as AbsPath;
      const site = await findSite(world, { ...named, root, fixed: undefined }).catch(() => null);
      if (site !== null && listSnapshots(site.store).length > 0) return site;
      if (at === top) break;
    }
  return null;
}

/** The main checkout of what stands at a path. */
function checkoutAt(path: AbsPath): AbsPath[] {
  const found = findRepository(path);
  return found?.common.endsWith("/.git") ? [parentOf(found.common)] : [];
}

/** The folders of this machine that a repository was cloned from. */
async function originsOf(folder: AbsPath, env: Env): Promise<AbsPath[]> {
  const urls = await git(folder, env, ["config", "--get-regexp", "^remote\\..*\\.url$"]);
  return (urls ?? "").split("\n").flatMap((row) => {
    const [, url = ""] = /^\S+ (?:file:\/\/)?(\/.+)$/.exec(row) ?? [];
    return url === "" ? [] : [absolute(url, "/")];
  });
}

function mirrorOf(folder: AbsPath, { root }: Site): LeakPlaces["mirror"] {
  const [here, there] = [findRepository(folder), findRepository(root)];
  return here === null || there === null || here.top === there.top ? null : { from: there.top, to: here.top };
}
