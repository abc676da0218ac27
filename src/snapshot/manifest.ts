// manifest.json as it is written. Pure. docs/format.md describes every key; manifest-read.ts is the way back.
import { CryptoHasher } from "bun";
import type { AbsPath, Counts, GitState, Gone, Kind, Skipped, StoredFile, VenvState } from "../model.ts";

export const MANIFEST_NAME = "manifest.json";
/** Ten thousand files need about 8 MB. */
export const MANIFEST_LIMIT_BYTES = 64 << 20;
/** The category of the snapshots that a restore takes of what it overwrites. */
export const AUTO_BACKUP = "auto-backup";
/** The format that this version writes; the original tool wrote none. */
export const FORMAT = 2;

/** Sixteen hex digits that tell whether a snapshot's folders hold the names they should. */
export const namesDigest = (names: string[]): string =>
  new CryptoHasher("sha256").update(names.toSorted().join("\0")).digest("hex").slice(0, 16);

function kindCounts(files: { kind: Kind }[]): Record<Kind, number> {
  const { plist, config, credential } = countFiles(files);
  return { plist, config, credential };
}

/** How many files of each kind a manifest names. */
export function countFiles(files: { kind: Kind }[]): Counts {
  const counts = { plist: 0, config: 0, credential: 0, total: files.length };
  for (const { kind } of files) counts[kind]++;
  return counts;
}

/** Bytes of some files; what an older manifest does not tell counts for nothing. */
export const bytesOf = (files: { size?: number | undefined }[]): number =>
  files.reduce((sum, { size = 0 }) => sum + size, 0);

/** What a new manifest holds beyond the files. */
export interface ManifestFacts {
  /** Local time with microseconds, and the same moment in UTC. */
  createdAt: { local: string; utc: string };
  description: string;
  category: string;
  git: GitState;
  venvs: Record<string, VenvState>;
  host: string;
  home: AbsPath;
  root: AbsPath;
  tool: string;
  skipped: Skipped[];
  gone: Gone;
  /** The id of the unfinished restore beside which it was taken. */
  duringUnfinishedRestore?: string | undefined;
  /** The id of the snapshot whose restore this auto-backup precedes. */
  beforeRestoreOf?: string | undefined;
}

/** The manifest of a snapshot that will stand at `folder`: the original format's keys first, then ours. Ends in a newline. */
export function formatManifest(folder: AbsPath, files: StoredFile[], facts: ManifestFacts): string {
  const of = (kind: Kind) => files.filter((file) => file.kind === kind).map((file) => toEntry(folder, file));
  const value = {
    created_at: facts.createdAt.local,
    description: facts.description,
    category: facts.category,
    plist_files: of("plist"),
    config_files: of("config"),
    credential_files: of("credential"),
    git_state: facts.git,
    venv_metadata: facts.venvs,
    host: facts.host,
    home: facts.home,
    root: facts.root,
    tool: facts.tool,
    ...(facts.duringUnfinishedRestore === undefined ? {} : { unfinished_restore: facts.duringUnfinishedRestore }),
    ...(facts.beforeRestoreOf === undefined ? {} : { before_restore_of: facts.beforeRestoreOf }),
    skipped: facts.skipped,
    gone: facts.gone.files,
    ...(facts.gone.from === null ? {} : { gone_from: { id: facts.gone.from.id, ...facts.gone.from.counts } }),
    // Last, and of bounded length: glance.ts reads a snapshot's row of a list from the two ends of this text.
    format: FORMAT,
    created_at_utc: facts.createdAt.utc,
    complete: facts.skipped.length === 0,
    totals: {
      ...kindCounts(files),
      size_bytes: files.reduce((sum, { size }) => sum + (size ?? 0), 0),
      ...(facts.gone.files.length === 0 ? {} : { gone: facts.gone.files.length }),
      names: namesDigest(files.map(({ stored }) => stored)),
    },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function toEntry(folder: AbsPath, file: StoredFile) {
  return {
    ...(file.kind === "credential" ? { name: file.name } : {}),
    original: file.original,
    backup: `${folder}/${file.stored}`,
    hash: file.hash,
    size_bytes: file.size,
    mode: file.mode === undefined ? undefined : octal(file.mode),
    mtime: file.mtimeMs === undefined ? undefined : new Date(file.mtimeMs).toISOString(),
    uid: file.uid,
    gid: file.gid,
    symlink: file.symlink,
    ...(file.kind === "credential" ? { found_by: file.foundBy } : {}),
    ...(file.kind === "plist" ? { label: file.label, launchd: file.launchd } : {}),
  };
}

/** `0644`, `4755`: four octal digits. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
