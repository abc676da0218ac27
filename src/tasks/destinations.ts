// A destination's name or address → the destination.
import type { CopyPlace } from "../config.ts";
import { parseAddress, shownAddress } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import { openDestination } from "../copies/open.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { hideTokens } from "../secrets/secret.ts";
import { isRefWord, standingAt } from "../snapshot/ref.ts";
import { homeFolder } from "../system/machine.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

export interface Place {
  /** Its name in the config; null for an address. */
  name: string | null;
  address: ReturnType<typeof parseAddress>;
  destination: Destination;
}

/** Opens the destination that a word names: one of the config's, else an address. `site` is null where there is no project. */
export async function openPlace(word: string, site: Site | null, world: World): Promise<Place> {
  const { env, cwd } = world;
  const home = homeFolder(env);
  const named: CopyPlace | undefined = site?.config.copies[word];
  const address =
    named === undefined
      ? parseAddress(word, { base: cwd, home, flag: "DEST" })
      : parseAddress(named.to, { base: site?.root ?? cwd, home, flag: `copies.${word}.to` });
  const destination = await openDestination(address, { root: site?.root ?? cwd, home, env }, named ?? {});
  return { name: named === undefined ? null : word, address, destination };
}

/** The destinations of the config, each with its address as it may be shown. */
export const namedPlaces = (site: Site | null): { name: string; shown: string }[] =>
  Object.entries(site?.config.copies ?? {}).map(([name, { to }]) => ({ name, shown: hideTokens(shownAddress(to)) }));

/** Whether a word that may name a snapshot or a destination can only be a snapshot. */
export const isSnapshotWord = (word: string, cwd: AbsPath): boolean =>
  isRefWord(word) || standingAt(word, cwd) !== null;

/** The one destination that is meant where none is named: the only one of the config. */
export function onlyPlace(site: Site | null): string {
  const names = Object.keys(site?.config.copies ?? {});
  const [only] = names;
  if (only === undefined || names.length > 1) throw fail.noDestination(names);
  return only;
}
