// A snapshot that others may have written to is no snapshot to restore from.
import { fail } from "../errors.ts";
import { type AbsPath, FOLDER } from "../model.ts";
import { below } from "../paths.ts";
import { ifReadable, look } from "../system/files.ts";
import { quote } from "../text.ts";

/** Throws `refused`, with the command that mends it, where a folder or manifest is writable by others or belongs to somebody else. */
export function demandTrusted(store: AbsPath, snapshot: AbsPath, uid: number): void {
  const inner = below(store, ".rollback");
  const paths = [
    store,
    inner,
    below(inner, "lock"),
    snapshot,
    below(snapshot, "manifest.json"),
    ...Object.values(FOLDER).map((folder) => below(snapshot, folder)),
  ];
  for (const path of paths) {
    const stats = ifReadable(() => look(path));
    if (stats == null || stats.isSymbolicLink()) continue;
    if (stats.uid !== uid)
      throw fail.storeUnsafe(
        path,
        `it belongs to another user (uid ${stats.uid})`,
        `sudo chown -R ${uid} ${quote(path)}`,
      );
    if ((stats.mode & 0o022) !== 0)
      throw fail.storeUnsafe(path, "others can write to it", `chmod -R go-w ${quote(path)}`);
  }
}
