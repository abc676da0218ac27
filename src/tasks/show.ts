// `show` and `latest`: one snapshot: its facts, files, git and venv state.

import type { AbsPath, Manifest } from "../model.ts";
import { EXIT } from "../rollback-error.ts";
import { ageSeconds, sizeOf } from "../snapshot/facts.ts";
import { missingFiles } from "../snapshot/vault.ts";
import type { Context, Ending } from "./context.ts";
import { type Origin, originOf, type Since, since } from "./drift.ts";
import { keysOf } from "./identity.ts";
import { openSnapshot } from "./open.ts";
import { shownManifest } from "./shown-manifest.ts";
import { findSiteIfAny, findStoreAlone } from "./site.ts";
import { unfinishedRestore } from "./unfinished.ts";

export interface ShowRequest {
  ref: string;
  identity: string | undefined;
  /** Whether to look at what differs now. */
  compares: boolean;
}

export interface ShowOutcome extends Ending {
  command: "show" | "latest";
  id: string;
  folder: AbsPath;
  forms: string[];
  manifest: Manifest;
  /** As it is on disk, without what may be a secret. */
  raw: unknown;
  ageSeconds: number;
  sizeBytes: number | null;
  missing: string[];
  from: Origin | null;
  /** Null where there is no project to compare with, or only the essential datum is wanted. */
  since: Since | null;
}

/** One snapshot. */
export const show = (request: ShowRequest, context: Context): Promise<ShowOutcome> => look("show", request, context);

/** The newest one. */
export const latest = (request: Omit<ShowRequest, "ref">, context: Context): Promise<ShowOutcome> =>
  look("latest", { ...request, ref: "latest" }, context);

async function look(
  name: "show" | "latest",
  { ref, identity, compares }: ShowRequest,
  { world, named, notify }: Context,
): Promise<ShowOutcome> {
  const findStore = async () => {
    const store = await findStoreAlone(world, named);
    await unfinishedRestore(store, notify);
    return store;
  };
  const keys = () => keysOf(world, identity);
  const { located, vault, manifest } = await openSnapshot(ref, findStore, world.cwd, keys);
  const site = await findSiteIfAny(world, named);
  return {
    command: name,
    exit: EXIT.done,
    id: located.id,
    folder: located.at,
    forms: located.forms,
    manifest,
    raw: shownManifest(JSON.parse(await vault.manifestText())),
    ageSeconds: ageSeconds(manifest.createdAtMs, Date.now()),
    sizeBytes: sizeOf(manifest, located.at),
    missing: missingFiles(vault, manifest),
    from: site === null ? null : originOf(manifest, site),
    since: site === null || !compares ? null : await since(manifest, site, { world, notify }),
  };
}
