import { ageSeconds, sizeOf } from "../../snapshot/facts.ts";
import { missingFiles } from "../../snapshot/vault.ts";
import { originOf, since } from "../../tasks/drift.ts";
import { identityFlag, keysOf } from "../../tasks/identity.ts";
import { openSnapshot } from "../../tasks/open.ts";
import { findSiteIfAny, findStoreAlone } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { type Command, command, type Session } from "../command.ts";

const exits = { 0: "done", 4: "its manifest can't be used", 5: "there is no such snapshot" };

async function showOne(
  name: "show" | "latest",
  ref: string,
  identity: string | undefined,
  { world, globals, notify }: Session,
) {
  const findStore = async () => {
    const store = await findStoreAlone(world, globals);
    await unfinishedRestore(store, notify);
    return store;
  };
  const keys = () => keysOf(world, identity);
  const { located, vault, manifest } = await openSnapshot(ref, findStore, world.cwd, keys);
  const site = await findSiteIfAny(world, globals);
  return {
    command: name,
    exit: 0,
    id: located.id,
    folder: located.at,
    forms: located.forms,
    manifest,
    ageSeconds: ageSeconds(manifest.createdAtMs, Date.now()),
    sizeBytes: sizeOf(manifest, located.at),
    missing: missingFiles(vault, manifest),
    from: site === null ? null : originOf(manifest, site),
    since: site === null || globals.quiet ? null : await since(manifest, site, world),
  };
}

export const show: Command = command({
  name: "show",
  description: "One snapshot: its facts, files, git and venv state",
  args: {
    ref: {
      type: "positional",
      required: true,
      description: "An id, the beginning of one, latest, latest~N, latest:CATEGORY, a folder, or an archive",
    },
    identity: identityFlag,
  },
  exits,
  example: "rollback show latest~1",
  run: (args, session) => showOne("show", args.ref, args.identity, session),
});

export const latest: Command = command({
  name: "latest",
  description: "The newest snapshot, as show tells it",
  args: { identity: identityFlag },
  exits,
  example: "rollback latest --quiet",
  run: (args, session) => showOne("latest", "latest", args.identity, session),
});
