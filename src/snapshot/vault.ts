// Where a snapshot's bytes come from: its folder, or an archive of it. Whoever reads a snapshot reads through this.
import { fail } from "../errors.ts";
import {
  type AbsPath,
  type Digest,
  type FileFacts,
  FOLDER,
  type Manifest,
  type StoredFile,
  type StoredPath,
} from "../model.ts";
import { below } from "../paths.ts";
import { codeOf, RollbackError, reasonOf } from "../rollback-error.ts";
import { type Attributes, copyNew } from "../system/durable.ts";
import { entriesIn, ifReadable, look, namesIn, ownerInTheWay, readBytes, readText } from "../system/files.ts";
import { type Hashed, hashFiles, type Meanwhile, tryHash } from "../system/hashing.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import { CREDENTIAL_MANIFEST_NAME, credentialManifestState, type PaperState } from "./credential-manifest.ts";
import { bytesOf, MANIFEST_LIMIT_BYTES, MANIFEST_NAME } from "./manifest.ts";

const FOLDERS = Object.values(FOLDER);

/** What re-hashing a stored file found. */
export type Checked =
  | { state: "ok"; facts: FileFacts }
  | { state: "missing" | "modified" | "unreadable" | "link"; reason: string };

export interface Paper {
  path: string;
  state: "modified" | "missing" | "unreadable" | "unknown";
  reason: string;
}

/** A paper's state in words; none where it is as it has to be. */
export function paperOf(path: string, state: PaperState): Paper[] {
  if (state === null) return [];
  const reasons = {
    modified: "it is not what the manifest says",
    missing: "it is gone",
    unknown: "it is of a form that is not known, and was not compared with the manifest",
  };
  return [{ path, state, reason: reasons[state] }];
}

/** Whoever opens many in turn lets go of each (`using`): an archive holds a descriptor, and what it was unsealed to. */
export interface Vault extends Disposable {
  /** The snapshot's id; elsewhere than in the store, the folder's or archive's own name. */
  id: string;
  /** The folder or the archive. */
  at: AbsPath;
  /** An archive is whole or nothing: it is never mended, and what it has lost is never skipped. */
  archive: boolean;
  /** Throws RollbackError `damaged`. */
  manifestText(): Promise<string>;
  /** Every name in it: what stands at the top, and what `storedNames` gives. */
  names(): string[];
  /** `FOLDER/NAME` for all that stands in the folders of stored files. */
  storedNames(): string[];
  check(stored: StoredPath, hash: Digest, onBytes?: (count: number) => void): Promise<Checked>;
  /** Tells of which stored files, or their folders, a link has taken the place: one fast look that reads no content. */
  linked(): (stored: StoredPath) => boolean;
  /** The same for many, in their order; `between` may throw to end it. */
  checkAll(files: StoredFile[], meanwhile: Meanwhile): Promise<Checked[]>;
  /** What is not as the manifest says in the files that are for people alone; `text` is the manifest's, which an archive's sums hold. */
  papers(manifest: Manifest, text: string): Promise<Paper[]>;
  /** One stored file's bytes, at most `limit`; throws a RangeError where there are more. */
  read(stored: StoredPath, limit: number): Promise<Uint8Array>;
  /** Copies one stored file to a new file and returns the hash of what was written. Not flushed. `onBytes` is told of each piece. */
  copy(stored: StoredPath, to: AbsPath, attributes: Attributes, onBytes?: (count: number) => void): Promise<Digest>;
}

const LINK: Checked = { state: "link", reason: "a link stands where the stored file belongs" };

function judge(read: Hashed, hash: Digest): Checked {
  if ("hash" in read)
    return read.hash === hash
      ? { state: "ok", facts: read.facts }
      : { state: "modified", reason: "its bytes do not match the manifest's hash" };
  if (read.notAFile) return { state: "modified", reason: read.failed };
  // What O_NOFOLLOW answers.
  if (read.code === "ELOOP") return LINK;
  if (read.code === "ENOENT") return { state: "missing", reason: "the stored file is gone" };
  return { state: "unreadable", reason: read.failed };
}

/** A snapshot that stands as a folder. No link in it is followed. */
export function folderVault(id: string, folder: AbsPath): Vault {
  const storedNames = () => {
    const found: string[] = [];
    for (const kind of FOLDERS)
      for (const name of ifReadable(() => namesIn(`${folder}/${kind}`)) ?? []) found.push(`${kind}/${name}`);
    return found;
  };
  const isLinked = (name: string) => ifReadable(() => look(below(folder, name)))?.isSymbolicLink() === true;
  return {
    id,
    at: folder,
    archive: false,
    async manifestText() {
      const path = below(folder, MANIFEST_NAME);
      try {
        return readText(path, MANIFEST_LIMIT_BYTES, { noFollow: true });
      } catch (cause) {
        const inItself = [undefined, "ENOENT", "ENOTDIR", "ELOOP"].includes(codeOf(cause));
        if (inItself) throw fail.manifestBroken(path, reasonOf(cause));
        const owner = ownerInTheWay(path);
        if (owner === null) throw fail.io("read", path, cause);
        throw fail.unreadable(path, cause, owner, giveBack(folder, owner));
      }
    },
    names: () => [...(ifReadable(() => namesIn(folder)) ?? []), ...storedNames()],
    storedNames,
    async check(stored, hash, onBytes) {
      if (isLinked(stored.slice(0, stored.indexOf("/")))) return LINK;
      return judge(tryHash(below(folder, stored), onBytes), hash);
    },
    linked: () => {
      const folders = new Set<string>(FOLDERS.filter(isLinked));
      const files = new Set<string>();
      for (const kind of FOLDERS)
        for (const entry of ifReadable(() => entriesIn(`${folder}/${kind}`)) ?? []) {
          // Some file systems leave it to lstat to say what an entry is.
          const isKnown = entry.isFile() || entry.isDirectory();
          if (entry.isSymbolicLink() || (!isKnown && isLinked(`${kind}/${entry.name}`)))
            files.add(`${kind}/${entry.name}`);
        }
      return (stored) => files.has(stored) || folders.has(stored.slice(0, stored.indexOf("/")));
    },
    async checkAll(files, meanwhile) {
      const linked = new Set<string>(Object.values(FOLDER).filter(isLinked));
      const paths = files.map(({ stored }) => below(folder, stored));
      const read = await hashFiles(paths, bytesOf(files), meanwhile);
      return files.map(({ kind, hash }, index) => {
        const hashed = read[index];
        return hashed === undefined || linked.has(FOLDER[kind]) ? LINK : judge(hashed, hash);
      });
    },
    papers: async (manifest) => credentialPaper(folder, manifest),
    read: async (stored, limit) => readBytes(below(folder, stored), limit, { noFollow: true }),
    [Symbol.dispose]: () => {},
    copy: async (stored, to, attributes, onBytes) =>
      copyNew(below(folder, stored), to, { noFollow: true, onBytes }, attributes).hash,
  };
}

function credentialPaper(folder: AbsPath, manifest: Manifest): Paper[] {
  const path = CREDENTIAL_MANIFEST_NAME;
  let text: string | null = null;
  try {
    text = readText(below(folder, path), MANIFEST_LIMIT_BYTES, { noFollow: true });
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== "ENOENT")
      return [
        { path, state: code === undefined || code === "ELOOP" ? "modified" : "unreadable", reason: reasonOf(cause) },
      ];
  }
  return paperOf(path, credentialManifestState(text, manifest));
}

/** What to do about a snapshot that is somebody else's, as one that was made with sudo is root's. */
function giveBack(folder: AbsPath, owner: number): string {
  const { uid } = whoAmI();
  if (owner === uid) return `Mend its permissions: chmod -R u+rwX ${quote(folder)}`;
  return `If it is yours, take it back: sudo chown -R ${uid} ${quote(folder)}`;
}

/** A vault's manifest with the text it was read from; throws RollbackError where it can't be used. */
export async function manifestOf(vault: Vault): Promise<{ manifest: Manifest; text: string }> {
  const [text, { parseManifest }] = [await vault.manifestText(), await import("./manifest-read.ts")];
  return { manifest: parseManifest(text, below(vault.at, MANIFEST_NAME)), text };
}

/** The same, with the error as a value. */
export async function tryManifestOf(
  vault: Vault,
): Promise<{ manifest: Manifest; text: string } | { broken: RollbackError }> {
  try {
    return await manifestOf(vault);
  } catch (cause) {
    if (cause instanceof RollbackError) return { broken: cause };
    throw cause;
  }
}

/** Stored files that the vault's names do not show: a fast look that reads no content. */
export function missingFiles(vault: Vault, manifest: Manifest): StoredPath[] {
  const there = new Set(vault.storedNames());
  return manifest.files.map(({ stored }) => stored).filter((stored) => !there.has(stored));
}
