// Whether an archive brings back what its name says: the one check before it is called safe.
import { fail } from "../errors.ts";
import type { Digest } from "../model.ts";
import { manifestOf, type Paper, type Vault } from "../snapshot/vault.ts";
import { digestOf } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import type { ArchiveVault } from "./vault.ts";

/**
 * Hashes every file of an archive against the manifest in it, which has to be that of the snapshot `id`, and the one that its `create` noted
 * where that is known. Throws `damaged`, with `shown` for the archive's name. `onBytes` is told of each piece.
 */
export async function demandSound(
  archive: ArchiveVault,
  id: string,
  {
    noted,
    shown = archive.at,
    onBytes = () => {},
  }: { noted?: Digest | undefined; shown?: string; onBytes?: (count: number, stored: string) => void } = {},
): Promise<void> {
  if (archive.top !== id) throw fail.archiveOfAnother(shown, archive.top);
  if (noted !== undefined && digestOf(archive.text) !== noted)
    throw fail.archiveBroken(shown, "its manifest is not the one that this snapshot was made with");
  await demandPapers(archive, shown);
  for (const { stored, hash } of archive.manifest.files) {
    await checkpoint("nothing was changed");
    const checked = await archive.check(stored, hash, (count) => onBytes(count, stored));
    if (checked.state !== "ok") throw fail.archiveBroken(shown, `${stored}: ${checked.reason}`);
  }
}

/** Throws `damaged` where a paper in an archive is not what its manifest says; gives those that could not be compared. */
export async function demandPapers(archive: Vault, shown: string = archive.at): Promise<Paper[]> {
  const { manifest, text } = await manifestOf(archive);
  const papers = await archive.papers(manifest, text);
  const bad = papers.find(({ state }) => state !== "unknown");
  if (bad !== undefined) throw fail.archiveBroken(shown, `${bad.path}: ${bad.reason}`);
  return papers;
}
