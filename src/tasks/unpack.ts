// `unpack`: makes a snapshot's folder again from its archive.

import { demandPapers } from "../archive/sound.ts";
import { unpack as unpackOne } from "../archive/unpack.ts";
import { openSealed, openZip } from "../archive/vault.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Counts } from "../model.ts";
import { below } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import { asWriter } from "../snapshot/store.ts";
import type { Context, Ending } from "./context.ts";
import { keysOf } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { locate } from "./open.ts";
import { archiveRefusal } from "./refusal.ts";
import { findSite } from "./site.ts";
import { demandFinished } from "./unfinished.ts";

export interface UnpackRequest {
  /** An archive's path, or the REF of a snapshot that is one. */
  ref: string;
  identity: string | undefined;
  lockWaitMs: number;
}

export interface UnpackOutcome extends Ending {
  command: "unpack";
  id: string;
  folder: AbsPath;
  files: Counts;
}

export async function unpack(
  { ref, identity, lockWaitMs }: UnpackRequest,
  { world, named, holder, notify }: Context,
): Promise<UnpackOutcome> {
  const { store } = await findSite(world, named, true);
  const { id, at, forms } = await locate(ref, async () => store, world.cwd);
  // The folder is there: what is meant is the archive beside it.
  const form = forms.find((candidate) => candidate !== "folder");
  if (form === undefined) throw fail.noArchive(ref);
  const path = at.endsWith(`.${form}`) ? at : below(store, `${id}.${form}`);
  const distrust = await archiveRefusal(path, store, world.env);
  if (distrust !== null) throw distrust;
  const archive = form === "zip" ? await openZip(id, path) : await openSealed(id, path, keysOf(world, identity));
  // Elsewhere than in a store an archive may have any name, but an id as a name says what is in it.
  if (isSnapshotId(id) && archive.top !== id) throw fail.archiveOfAnother(path, archive.top);
  for (const { path: paper, reason } of await demandPapers(archive))
    notify({ type: "warning", message: `${archive.top}: ${paper}: ${reason}` });
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    await demandFinished(store);
    const made = await unpackOne(store, archive);
    noteEvent(store, { command: "unpack", id: made.id, files: made.files.total, result: "ok" }, notify);
    return { command: "unpack", exit: EXIT.done, ...made };
  });
}
