// The archives that a push may send: each was opened, and every file in it matched its manifest, whoever made it.
import { pack, sealZip } from "../archive/pack.ts";
import type { Local } from "../copies/destination.ts";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import { oneOf } from "../snapshot/meter.ts";
import type { Located } from "../snapshot/ref.ts";
import { asWriter } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { ifReadable, look, treeSize } from "../system/files.ts";
import type { Context, World } from "./context.ts";
import { ownRecipients } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { demandProven, described, type Means, meansOf, type Named } from "./proven.ts";
import type { Site } from "./site.ts";

export type Archive = Pick<Local, "id" | "form" | "path" | "bytes" | "hash">;

export interface Sendable {
  archives: Archive[];
  /** What can't be sent, with the error that says why. */
  unsound: { id: string; error: RollbackError }[];
}

/** A snapshot whose archive has to be made, and from what. */
interface ToPack extends Named {
  from: { folder: AbsPath } | { zip: AbsPath };
}

/** The archives of these snapshots. One that is missing is packed, one that is damaged is made again from the folder beside it. */
export async function sendable(
  chosen: Located[],
  form: Local["form"],
  { store, config }: Site,
  { world, holder, notify }: Context,
  lockWaitMs: number,
): Promise<Sendable> {
  const means = meansOf(world, store);
  const outcome: Sendable = { archives: [], unsound: [] };
  const toPack: ToPack[] = [];
  for (const [index, { id, at, forms }] of chosen.entries()) {
    notify({ type: "progress", what: "Opening", done: index, total: chosen.length });
    if (!isSnapshotId(id)) throw fail.noSuchSnapshot(id, undefined);
    const path = at.endsWith(`.${form}`) ? at : below(store, `${id}.${form}`);
    const from = parentOf(at) === store ? sourceOf(id, at, forms, form) : null;
    try {
      if (look(path) === null) {
        if (from === null) throw fail.notAFolderSnapshot(id);
        toPack.push({ id, form, from });
      } else outcome.archives.push({ id, form, path, ...(await demandProven({ id, form }, path, means)) });
    } catch (cause) {
      if (!(cause instanceof RollbackError) || cause.code === "interrupted") throw cause;
      if (from !== null && cause.code !== "usage") toPack.push({ id, form, from });
      else outcome.unsound.push({ id, error: cause });
    }
  }
  if (toPack.length === 0) return outcome;
  const recipients = form === "zip" ? [] : await recipientsFor(toPack, config.seal.recipients, world);
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    // Another push may have made some of them while this one waited.
    const now = meansOf(world, store);
    const sizes = toPack.map(
      ({ from }) => ("zip" in from ? look(from.zip)?.size : ifReadable(() => treeSize(from.folder))) ?? 0,
    );
    for (const [index, { from, ...named }] of toPack.entries()) {
      const { id } = named;
      const target = below(store, `${id}.${form}`);
      try {
        const made = await madeMeanwhile(named, target, now);
        if (made === null) {
          const noted = now.digests.get(id);
          const told = oneOf(notify, sizes, index, id);
          if ("zip" in from) await sealZip(store, { id, path: from.zip, noted, notify: told }, target, recipients);
          else {
            const vault = folderVault(id, from.folder);
            await pack(store, { vault, noted, moving: false, replacing: true, notify: told }, target, recipients);
          }
        }
        const file = { ...named, path: target, ...(made ?? described(target)) };
        if (made === null) noteEvent(store, { command: "pack", id, archive: file.hash, result: form }, notify);
        outcome.archives.push(file);
      } catch (cause) {
        if (!(cause instanceof RollbackError) || cause.code === "interrupted") throw cause;
        outcome.unsound.push({ id, error: cause });
      }
    }
  });
  return outcome;
}

/** What an archive of this form can be made from: the folder, else, to be sealed, the plain archive. */
function sourceOf(id: string, at: AbsPath, forms: Located["forms"], form: Local["form"]): ToPack["from"] | null {
  if (forms.includes("folder")) return { folder: at };
  const zip = below(parentOf(at), `${id}.zip`);
  return form === "zip.age" && forms.includes("zip") ? { zip } : null;
}

/** Null where the archive is not there, or is not sound. */
async function madeMeanwhile(named: Named, target: AbsPath, means: Means) {
  if (look(target) === null) return null;
  try {
    return await demandProven(named, target, means);
  } catch (cause) {
    if (!(cause instanceof RollbackError) || cause.code === "interrupted" || cause.code === "usage") throw cause;
    return null;
  }
}

async function recipientsFor(missing: Named[], configured: string[], world: World): Promise<string[]> {
  if (configured.length > 0) return configured;
  try {
    return await ownRecipients(world);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "not-found") throw fail.notSealed(missing[0]?.id ?? "");
    throw cause;
  }
}
