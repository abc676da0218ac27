// REF → one snapshot: an id, a unique beginning of one, latest, latest~N, latest:CATEGORY, or a snapshot's folder.
import { fail } from "../errors.ts";
import type { AbsPath, SnapshotId } from "../model.ts";
import { absolute, nameOf } from "../paths.ts";
import { ifReadable, look } from "../system/files.ts";
import { MANIFEST_NAME } from "./manifest.ts";
import { type Entry, listSnapshots, tryManifest } from "./store.ts";

/** A snapshot that a REF named. A folder elsewhere on the disk has its own name for an id, whatever that is. */
export interface Located {
  id: SnapshotId | string;
  folder: AbsPath;
  forms: Entry["forms"];
}

/** Finds the one snapshot. Throws `not-found`, or `usage` where a beginning fits several. Relative folders are below `cwd`. */
export function findSnapshot(ref: string, store: AbsPath, cwd: AbsPath): Located {
  const entries = listSnapshots(store);
  const newest = entries[0]?.id;
  const latest = /^latest(?:~(\d+)|:(.+))?$/s.exec(ref);
  if (latest !== null) {
    if (newest === undefined) throw fail.noSnapshots(store);
    const found = latest[2] === undefined ? entries[Number(latest[1] ?? 0)] : newestOf(entries, latest[2]);
    if (found === undefined) throw fail.noSuchSnapshot(ref, newest);
    return found;
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
  const folder = ref === "" ? null : absolute(ref, cwd);
  if (folder !== null && ifReadable(() => look(`${folder}/${MANIFEST_NAME}`)) != null)
    return { id: nameOf(folder), folder, forms: ["folder"] };
  throw fail.noSuchSnapshot(ref, newest);
}

function newestOf(entries: Entry[], category: string): Entry | undefined {
  return entries.find(({ folder }) => {
    const read = tryManifest(folder);
    return "manifest" in read && read.manifest.category === category;
  });
}
