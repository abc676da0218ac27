// What lists and pages say about one snapshot, from its manifest and a look at its folder's names.

import type { AbsPath, Counts, Manifest, SnapshotId } from "../model.ts";
import { below } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { ifReadable, look, ownerInTheWay } from "../system/files.ts";
import { glance } from "./glance.ts";
import { countFiles, MANIFEST_NAME } from "./manifest.ts";
import type { Entry } from "./store.ts";
import { tryManifestOf, type Vault } from "./vault.ts";
import { statusOf } from "./verify.ts";

/** `sealed`: there is a sealed archive alone, which a list does not open. `unreadable`: this user may not look into it. */
export type Status = "ok" | "damaged" | "incomplete" | "sealed" | "unreadable";

/** One snapshot of a list. What a damaged manifest does not tell is null. */
export interface Listed {
  id: string;
  description: string | null;
  category: string | null;
  /** Local time as the manifest has it, and the moment in ms since the epoch. */
  createdAt: string | null;
  createdAtMs: number | null;
  ageSeconds: number | null;
  files: Counts;
  sizeBytes: number | null;
  complete: boolean;
  pinned: boolean;
  status: Status;
  forms: string[];
  /** Dated so far ahead of the clock that a clock was wrong. */
  ahead: boolean;
}

/**
 * One row of a list. Reads the manifest's ends and three folder listings, never a stored file; a sealed archive is not opened. `nowMs` is
 * ms since the epoch, UTC.
 */
export async function describeEntry(
  { id, forms, ahead }: Entry,
  open: () => Promise<Vault>,
  pinned: ReadonlySet<SnapshotId>,
  nowMs: number,
): Promise<Listed> {
  const unread = (status: "damaged" | "sealed" | "unreadable"): Listed => ({
    id,
    pinned: pinned.has(id),
    forms,
    ahead,
    description: null,
    category: null,
    createdAt: null,
    createdAtMs: null,
    ageSeconds: null,
    files: countFiles([]),
    sizeBytes: null,
    complete: false,
    status,
  });
  if (forms[0] === "zip.age") return unread("sealed");
  let vault: Vault;
  try {
    vault = await open();
  } catch (cause) {
    if (cause instanceof RollbackError) return unread("damaged");
    throw cause;
  }
  const seen = await glance(vault);
  if (seen === null) return unread(ownerInTheWay(below(vault.at, MANIFEST_NAME)) === null ? "damaged" : "unreadable");
  const { description, category, createdAt, createdAtMs, files, complete, missing } = seen;
  return {
    id,
    pinned: pinned.has(id),
    forms,
    ahead,
    description,
    category,
    createdAt,
    createdAtMs,
    ageSeconds: ageSeconds(createdAtMs, nowMs),
    files,
    sizeBytes: seen.sizeBytes ?? (await storedSize(vault)),
    complete,
    status: statusOf(missing, complete),
  };
}

async function storedSize(vault: Vault): Promise<number | null> {
  const read = await tryManifestOf(vault);
  return "manifest" in read ? sizeOf(read.manifest, vault.at) : null;
}

/** Whole seconds since the snapshot was taken; 0 for one dated in the future. */
export const ageSeconds = (createdAtMs: number, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - createdAtMs) / 1000));

/** Bytes of all stored files: as recorded, or as they lie there where the original tool recorded none. Null where one is missing. */
export function sizeOf(manifest: Manifest, folder: AbsPath): number | null {
  let sum = 0;
  for (const { size, stored } of manifest.files) {
    const bytes = size ?? ifReadable(() => look(below(folder, stored)))?.size;
    if (bytes === undefined) return null;
    sum += bytes;
  }
  return sum;
}
