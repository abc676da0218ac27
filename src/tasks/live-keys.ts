// The keys of live files, for a shell to offer: as `diff` prints them.
import { keyText } from "../comparison.ts";
import { discover } from "../inventory/discover.ts";
import { selection } from "../restore/selection.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import type { NamedPlaces, World } from "./context.ts";
import { findSiteIfAny } from "./site.ts";

const LIMIT_BYTES = 1 << 20;
const MOST_KEYS = 200;

/** Each key once, with a file that has it; no items of lists. Empty where there is no project. */
export async function liveKeys(
  only: string[],
  world: World,
  named: NamedPlaces,
): Promise<{ key: string; name: string }[]> {
  const site = await findSiteIfAny(world, named);
  if (site === null) return [];
  const { pathsIn } = await import("../merge/keys.ts");
  const { found } = await discover(site.config, site);
  const keys = new Map<string, string>();
  for (const { path, name } of found.filter(selection(only, []))) {
    const bytes = ifReadable(() => readBytes(path, LIMIT_BYTES));
    if (bytes === null || !/\.(plist|json|ya?ml)$/i.test(path)) continue;
    for (const at of await pathsIn(path, bytes))
      if (!at.some((step) => typeof step === "number") && !keys.has(keyText(at))) keys.set(keyText(at), name);
    if (keys.size >= MOST_KEYS) break;
  }
  return [...keys].map(([key, name]) => ({ key, name }));
}
