import { ageSeconds, sizeOf } from "../snapshot/facts.ts";
import { missingFiles } from "../snapshot/vault.ts";
import { type Command, command, type Session } from "./command.ts";
import { openSnapshot } from "./open.ts";
import { findStoreAlone } from "./places.ts";
import { warnUnfinished } from "./unfinished.ts";

const exits = { 0: "done", 4: "its manifest can't be used", 5: "there is no such snapshot" };

async function showOne(name: "show" | "latest", ref: string, { world, globals, notify }: Session) {
  const findStore = async () => {
    const store = await findStoreAlone(world, globals);
    warnUnfinished(store, notify);
    return store;
  };
  const { located, vault, manifest } = await openSnapshot(ref, findStore, world.cwd);
  return {
    command: name,
    exit: 0,
    id: located.id,
    folder: located.at,
    forms: located.forms,
    manifest,
    ageSeconds: ageSeconds(manifest, Date.now()),
    sizeBytes: sizeOf(manifest, located.at),
    missing: missingFiles(vault, manifest),
  };
}

export const show: Command = command({
  name: "show",
  description: "One snapshot: its facts, files, git and venv state",
  args: {
    ref: {
      type: "positional",
      required: true,
      description: "An id, the beginning of one, latest, latest~N, latest:CATEGORY, or a folder",
    },
  },
  exits,
  example: "rollback show latest~1",
  run: (args, session) => showOne("show", args.ref, session),
});

export const latest: Command = command({
  name: "latest",
  description: "The newest snapshot, as show tells it",
  args: {},
  exits,
  example: "rollback latest --quiet",
  run: (_, session) => showOne("latest", "latest", session),
});
