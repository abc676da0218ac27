// The newest snapshot that holds other files than this one, by their manifests alone.
import type { AbsPath, Manifest, StoredFile } from "../model.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { tryOpen } from "./open.ts";

export interface Differing {
  id: string;
  ageSeconds: number;
  /** How many of its files are not in the other, or not the same. */
  files: number;
  /** Its preview. */
  command: string[];
}

/** How many are looked at: each is a manifest to be read. */
const LOOKED_AT = 20;

/** Null where none of the newest differs, or can be read without an identity. Auto-backups are not looked at. */
export async function newestDiffering(
  { files }: Manifest,
  id: string,
  store: AbsPath,
): Promise<Omit<Differing, "command"> | null> {
  const held = new Map(files.map((file) => [file.original, file]));
  const others = listSnapshots(store).filter((entry) => entry.id !== id && entry.forms[0] === "folder");
  for (const entry of others.slice(0, LOOKED_AT)) {
    const opened = await tryOpen(entry);
    if (opened === null || opened.manifest.category === "auto-backup") continue;
    const count = opened.manifest.files.filter((file) => !isSame(file, held.get(file.original))).length;
    if (count === 0) continue;
    const ageSeconds = Math.max(0, Math.floor((Date.now() - opened.manifest.createdAtMs) / 1000));
    return { id: entry.id, ageSeconds, files: count };
  }
  return null;
}

const isSame = (a: StoredFile, b: StoredFile | undefined): boolean =>
  b !== undefined && a.hash === b.hash && (a.mode ?? b.mode) === (b.mode ?? a.mode) && a.symlink === b.symlink;
