// What `restore --force` would refuse, told as early as anybody asks: by a preview, by `create`, by `health`.
import { DEFAULT_STORE } from "../config.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Env, Found, Notify } from "../model.ts";
import { below, isWithin, parentOf } from "../paths.ts";
import { type Obstacles, obstacleAt, obstaclesAround, placesOf } from "../restore/obstacles.ts";
import { targetPath } from "../restore/target.ts";
import { isOnReadOnlyDisk, snapshotParts, storeParts, whyArchiveDistrusted, whyDistrusted } from "../restore/trust.ts";
import type { RollbackError } from "../rollback-error.ts";
import type { Vault } from "../snapshot/vault.ts";
import { ifReadable, resolved, resolver } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import type { Site } from "./site.ts";

/** The error that refuses a restore as a whole: others could write to what is stored, or no auto-backup can be made. */
export async function wholeRefusal(
  { store, root, home }: Site,
  vault: Vault,
  env: Env,
  restoreOf: (path: AbsPath, snapshots: AbsPath) => string[],
): Promise<RollbackError | null> {
  const distrust = vault.archive
    ? await archiveRefusal(vault.at, store, env)
    : await whyDistrusted(snapshotParts(vault.at), parentOf(vault.at), env);
  if (distrust !== null) return distrust;
  if (!isOnReadOnlyDisk(store)) return whyDistrusted(storeParts(store), store, env);
  const usual = below(root, DEFAULT_STORE);
  const elsewhere = isOnReadOnlyDisk(usual) ? below(home, "rollback-snapshots") : usual;
  return fail.storeReadOnly(store, restoreOf(vault.at, elsewhere).map(quote).join(" "));
}

/** The error that refuses an archive: one of the store, or one that was named by its path. */
export async function archiveRefusal(archive: AbsPath, store: AbsPath, env: Env): Promise<RollbackError | null> {
  return parentOf(archive) === store ? whyDistrusted([archive], store, env) : whyArchiveDistrusted(archive);
}

/** A file that a restore would not write, and why. */
export interface Refusal {
  path: AbsPath;
  reason: string;
}

/** Which of these files a restore would refuse as things are now, were it to write them. Reads no content. */
export async function refusedFiles(
  found: Pick<Found, "path">[],
  { home, root }: Pick<Site, "home" | "root">,
  env: Env,
  known?: Obstacles,
): Promise<Refusal[]> {
  const { uid } = whoAmI();
  const obstacles = known ?? (await obstaclesAround(pathsOf(found), env));
  const follow = resolver();
  const allowed = [home, root].map((folder) => ifReadable(() => resolved(folder)) ?? folder);
  return found.flatMap(({ path }) => {
    const target = targetPath(path, []);
    if ("refused" in target) return [{ path, reason: target.refused }];
    // What can't be followed is named by whoever reads it.
    for (const at of ifReadable(() => placesOf(path, follow)) ?? []) {
      const isOutside = !allowed.some((folder) => isWithin(at, folder));
      const why = isOutside
        ? `lies outside the home and the root; it will want --allow ${quote(parentOf(at))}`
        : obstacleAt(at, uid, obstacles);
      if (why !== null) return [{ path, reason: at === path ? why : `leads to ${at}, which ${why}` }];
    }
    return [];
  });
}

const pathsOf = (found: Pick<Found, "path">[]): AbsPath[] => found.map(({ path }) => path);

const SHOWN = 3;
const named = (paths: AbsPath[]): string => paths.map(quote).join(" ");

/** A warning, before anything is read, for files whose reading waits for iCloud or is denied by an ACL. */
export async function warnBeforeReading(found: Found[], env: Env, notify: Notify): Promise<Obstacles> {
  const obstacles = await obstaclesAround(pathsOf(found), env);
  const { locks } = obstacles;
  const follow = resolver();
  const places = found.flatMap(({ path }) => ifReadable(() => follow(path)) ?? []);
  const evicted = places.filter((place) => locks.evicted(place) !== null);
  const denied = places.filter((place) => locks.acl(place, "read") !== null);
  const warn = (message: string) => notify({ type: "warning", message });
  if (evicted.length > 0)
    warn(`in iCloud and not on this disk; reading them may take long, or fail: brctl download ${named(evicted)}`);
  if (denied.length > 0) warn(`an ACL forbids to read them: chmod -N ${named(denied)}`);
  return obstacles;
}

/** A warning for what a restore would refuse of a snapshot that was just taken. */
export async function warnOfRefusals(
  site: Site,
  found: Found[],
  env: Env,
  known: Obstacles,
  notify: Notify,
): Promise<void> {
  const warn = (message: string) => notify({ type: "warning", message });
  const distrust = await whyDistrusted(storeParts(site.store), site.store, env);
  if (distrust !== null) warn(`a restore would be refused: ${distrust.message}. ${distrust.hint}`);
  const refused = Map.groupBy(await refusedFiles(found, site, env, known), ({ reason }) => reason);
  for (const [reason, [first, ...others]] of [...refused].slice(0, SHOWN)) {
    const which = others.length === 0 ? first?.path : `${first?.path} (and ${others.length} more)`;
    warn(`a restore would refuse this: ${which} ${reason}`);
  }
  if (refused.size > SHOWN) warn("a restore would refuse more files than these: `rollback health` names them");
}
