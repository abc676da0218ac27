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
 * Finds the one snapshot. `categoryOf` tells an entry's category, or null. Relative paths are below `cwd`. Throws `not-found`, or
 * `usage` where a beginning fits several.
 */
export async function findSnapshot(
  ref: string,
  store: AbsPath,
  cwd: AbsPath,
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
  const elsewhere = ref === "" ? null : standing(absolute(ref, cwd));
  if (elsewhere !== null) return elsewhere;
  throw fail.noSuchSnapshot(ref, newest);
}

/** A snapshot's folder or an archive at this very path. */
function standing(at: AbsPath): Located | null {
  const isFile = (path: string) => ifReadable(() => lookThrough(path)?.isFile()) === true;
  if (isFile(`${at}/${MANIFEST_NAME}`)) return { id: nameOf(at), at, forms: ["folder"] };
  const form = at.endsWith(".zip.age") ? "zip.age" : at.endsWith(".zip") ? "zip" : null;
  if (form === null || !isFile(at)) return null;
  return { id: nameOf(at).slice(0, -form.length - 1), at, forms: [form] };
}
