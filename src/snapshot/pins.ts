// Snapshots that are never pruned: a marker file of the snapshot's name each, and the one that a guard would go back to.
import type { AbsPath, SnapshotId } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { flush, makeFolders, removeFile, writeNew } from "../system/durable.ts";
import { look, namesIn } from "../system/files.ts";
import { markAt } from "./guard-mark.ts";
import { isSnapshotId } from "./id.ts";
import { innerFolder } from "./store.ts";

const pinsFolder = (store: AbsPath): AbsPath => below(innerFolder(store), "pins");

export function pinnedIds(store: AbsPath): Set<SnapshotId> {
  const ids = new Set((namesIn(pinsFolder(store)) ?? []).filter(isSnapshotId));
  const mark = markAt(innerFolder(store));
  return mark === null ? ids : ids.add(mark.snapshot);
}

/** Marks a snapshot as one that is never pruned, or takes the mark away; it may be so already. */
export function setPin(store: AbsPath, id: SnapshotId, pinned: boolean): void {
  const mark = below(pinsFolder(store), id);
  makeFolders(parentOf(mark), 0o700);
  if (!pinned) removeFile(mark);
  else if (look(mark) === null) writeNew(mark, "");
  flush([parentOf(mark)]);
}
