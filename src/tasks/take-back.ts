// Two states of a snapshot's files → a restore that takes back what changed between them and keeps what came later.
import { fail } from "../errors.ts";
import type { Side } from "../merge/three.ts";
import type { Manifest, StoredFile } from "../model.ts";
import { relocateValue } from "../restore/old-places.ts";
import { relocate } from "../restore/relocate.ts";
import { selection } from "../restore/selection.ts";
import { movedPlaces, type PathMap, targetPath } from "../restore/target.ts";
import type { Vault } from "../snapshot/vault.ts";
import { whoAmI } from "../system/machine.ts";
import { displayName } from "../text.ts";
import type { Opened } from "./open.ts";
import { WHOLE } from "./part.ts";
import type { OpenedRestore, RestoreRequest } from "./restore-terms.ts";
import { type Base, type LeftAlone, takingBack } from "./settle.ts";
import type { Site } from "./site.ts";

/** How the change is to be taken back. */
export type TakeBackRequest = Pick<
  RestoreRequest,
  "only" | "except" | "maps" | "relocate" | "allow" | "reload" | "keepGoing"
> &
  Pick<RestoreRequest, "identity" | "lockWaitMs" | "words"> & {
    /** Who wins what both changed; null where nobody decided. */
    decide: Side | null;
  };

/** The state after the change: of a file by its live path, null where the change removed it, undefined where it did not touch it. */
export interface After {
  at(file: StoredFile, path: string): Base | null | undefined;
  /** Files that the change made: they stay. */
  made: LeftAlone[];
}

/** A restore of what `before` holds and `after` says that the change touched. */
export function takeBack(
  before: Opened,
  after: After,
  site: Site,
  maps: PathMap[],
  input: TakeBackRequest,
  words: Pick<OpenedRestore, "command" | "note" | "of" | "ref" | "typed">,
): OpenedRestore {
  const { only, except, relocate: isMoving, allow } = input;
  const chosen = selection(only, except);
  return {
    ...before,
    ...words,
    site,
    maps,
    // Found files that the snapshot does not hold are no matter here.
    request: () => ({
      ...site,
      ...{
        id: before.located.id,
        vault: before.vault,
        manifest: before.manifest,
        only,
        except,
        maps,
        relocate: isMoving,
      },
      ...{ allow, found: [], uid: whoAmI().uid },
      among: (file, path) => after.at(file, path) !== undefined,
    }),
    settling: () => {
      const merging = takingBack(after.at, input.decide);
      merging.findings.leftAlone.push(...after.made.filter(chosen));
      return { ...merging, demandFound: () => {} };
    },
  };
}

/** What `restore` gets beside the opened snapshot. */
export const asRestore = (input: TakeBackRequest): RestoreRequest => ({
  ...input,
  ...{ ref: "", patch: true, all: false, verbose: false, part: WHOLE },
});

/** The maps from where a snapshot's files came from to here. */
export function mapsFor(
  { manifest, located }: Opened,
  site: Site,
  { maps, relocate: isMoving }: TakeBackRequest,
): PathMap[] {
  if (!isMoving) return maps;
  if (manifest.home === null && manifest.root === null) throw fail.noRecordedHome(located.id);
  return [...maps, ...movedPlaces(manifest, site)];
}

/** Another snapshot as the state after the change. */
export function afterIn(
  after: Opened,
  maps: PathMap[],
  before: Manifest,
  beforeMaps: PathMap[],
  isMoving: boolean,
  why: string,
): After {
  const files = new Map(
    after.manifest.files.flatMap((file) => {
      const target = targetPath(file.original, maps);
      return "path" in target ? [[target.path as string, file] as const] : [];
    }),
  );
  const known = new Set(
    before.files.flatMap((file) => {
      const target = targetPath(file.original, beforeMaps);
      return "path" in target ? [target.path as string] : [];
    }),
  );
  const unseen = after.manifest.skipped.map(({ path }) => path);
  return {
    at: (file, path) => {
      const then = files.get(path);
      if (then === undefined) return unseen.includes(file.original) ? undefined : null;
      if (then.hash === file.hash && then.mode === file.mode && then.symlink === file.symlink) return undefined;
      return baseOf(then, after.vault, isMoving ? maps : []);
    },
    made: [...files]
      .filter(([path]) => !known.has(path))
      .map(([path, file]) => ({ path, name: displayName(file), kind: file.kind, why })),
  };
}

function baseOf(file: StoredFile, vault: Vault, maps: PathMap[]): Base {
  const { hash, mode, symlink, stored } = file;
  return {
    hash,
    mode,
    link: symlink == null ? symlink : relocateValue(symlink, maps),
    moved: maps.length > 0,
    async read(limit) {
      if ((await vault.check(stored, hash)).state !== "ok") return null;
      const bytes = await vault.read(stored, limit);
      return maps.length === 0 ? bytes : (relocate(bytes, stored, maps)?.bytes ?? bytes);
    },
  };
}
