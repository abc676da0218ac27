// What the job that starts after a change has to watch.

import { anchored, neverCaptured } from "../inventory/anchors.ts";
import { discover } from "../inventory/discover.ts";
import type { AbsPath } from "../model.ts";
import { isWithin, parentOf } from "../paths.ts";
import { ifReadable, lookThrough, resolved } from "../system/files.ts";
import { folderBefore } from "../upkeep/schedule.ts";
import type { Site } from "./site.ts";

/**
 * The captured plists and configs, and the folders in which a pattern finds new ones. Programs refresh credentials by themselves, so
 * these start nothing, nor does a folder that holds one; the snapshots and the job's own log would start it for ever.
 */
export async function watchPaths(site: Site, log: AbsPath): Promise<AbsPath[]> {
  const { config, home, store } = site;
  const [all, secret] = await Promise.all([
    discover(config, site),
    discover({ ...config, plists: [], configs: [] }, site),
  ]);
  const credentials = new Set(secret.found.map(({ path }) => real(path)));
  const files = all.found.filter(({ kind, path }) => kind !== "credential" && !credentials.has(real(path)));
  // Where a credential would come to lie, too.
  const rules = config.credentials.files.map((pattern) => parentOf(anchored(pattern, site)));
  const shut = new Set([...credentials].map(parentOf).concat(rules.map(real), real(parentOf(log))));
  const never = neverCaptured(site, config.never);
  const folders = [...config.plists, ...config.configs].flatMap((pattern) => {
    const folder = folderBefore(anchored(pattern, site)) as AbsPath | null;
    return folder === null || ifReadable(() => lookThrough(folder))?.isDirectory() !== true ? [] : [folder];
  });
  const mayStart = (folder: AbsPath): boolean =>
    never(folder) === null &&
    !shut.has(real(folder)) &&
    ![home, store].some((one) => isWithin(real(one), real(folder)));
  return [...new Set([...files.map(({ path }) => path), ...folders.filter(mayStart)])].sort();
}

const real = (path: AbsPath): AbsPath => ifReadable(() => resolved(path)) ?? path;
