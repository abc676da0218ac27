// REF → one snapshot: an id, a unique beginning of one, latest, latest~N, latest:CATEGORY, a snapshot's folder, or an archive.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { absolute, nameOf } from "../paths.ts";
import { ifReadable, lookThrough } from "../system/files.ts";
import { MANIFEST_NAME } from "./manifest.ts";
import { type Entry, type Form, listSnapshots } from "./store.ts";

/** A snapshot that a REF named. One elsewhere on the disk has its own name for an id, whatever that is. */
export interface Located {
  id: string;
  at: AbsPath;
  forms: Form[];
}

/**
 * Finds the one snapshot of a store. `categoryOf` tells an entry's category, or null. Throws `not-found`, or `usage` where a
 * beginning fits several.
 */
export async function findSnapshot(
  ref: string,
  store: AbsPath,
  categoryOf: (entry: Entry) => Promise<string | null>,
): Promise<Located> {
  const entries = listSnapshots(store);
  const newest = entries[0]?.id;
  const latest = /^latest(?:~(\d+)|:(.+))?$/s.exec(ref);
  if (latest !== null) {
    if (newest === undefined) throw fail.noSnapshots(store);
    const category = latest[2];
    if (category === undefined) {
      const found = entries[Number(latest[1] ?? 0)];
      if (found !== undefined) return found;
    } else for (const entry of entries) if ((await categoryOf(entry)) === category) return entry;
    throw fail.noSuchSnapshot(ref, newest);
  }
  if (/^[0-9_]+$/.test(ref)) {
    const matching = entries.filter(({ id }) => id.startsWith(ref));
    const [only] = matching;
    if (matching.length === 1 && only !== undefined) return only;
    if (matching.length > 1)
      throw fail.ambiguousSnapshot(
        ref,
        matching.map(({ id }) => id),
      );
  }
  throw fail.noSuchSnapshot(ref, newest);
}

/** The snapshot's folder or the archive that a REF names by its path, wherever that is; null where nothing of the kind is there. */
export function standingAt(ref: string, cwd: AbsPath): Located | null {
  if (ref === "" || /^(latest|\d{8}_\d{6}$)/.test(ref)) return null;
  const at = absolute(ref, cwd);
  const isFile = (path: string) => ifReadable(() => lookThrough(path)?.isFile()) === true;
  if (isFile(`${at}/${MANIFEST_NAME}`)) return { id: nameOf(at), at, forms: ["folder"] };
  const form = (["zip.age", "zip"] as const).find((one) => at.endsWith(`.${one}`));
  if (form === undefined || !isFile(at)) return null;
  return { id: nameOf(at).slice(0, -form.length - 1), at, forms: [form] };
}
