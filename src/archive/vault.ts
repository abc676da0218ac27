// A snapshot in an archive, read where it is: nothing is unpacked to a place that lasts or that others can read.
import { CryptoHasher } from "bun";
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Manifest, StoredFile, StoredPath } from "../model.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { CREDENTIAL_MANIFEST_NAME, credentialManifestState } from "../snapshot/credential-manifest.ts";
import { MANIFEST_LIMIT_BYTES, MANIFEST_NAME } from "../snapshot/manifest.ts";
import { type Checked, manifestOf, type Paper, paperOf, type Vault } from "../snapshot/vault.ts";
import { type Attributes, openSink } from "../system/durable.ts";
import { digestOf, NotAFile, readEnds, readText } from "../system/files.ts";
import type { Meanwhile } from "../system/hashing.ts";
import { collect, openAtRandom, type RandomAccess, streaming, streamOf } from "../system/streams.ts";
import { GUIDE_NAME, guideState, SUMS_NAME, sumsState } from "./paper.ts";
import { dearmor, isArmored, type SecretKey, unseal, type Witness } from "./seal.ts";
import { ZipError } from "./zip/error.ts";
import { contentOf, extract } from "./zip/extract.ts";
import type { ZipEntry } from "./zip/format.ts";
import { readZipDirectory } from "./zip/read.ts";

/** What an archive may hold beside the manifest's files; none of it is large. */
const BESIDE = new Set([MANIFEST_NAME, CREDENTIAL_MANIFEST_NAME, SUMS_NAME, GUIDE_NAME]);
/** Armor is text for mails and clipboards. */
const ARMOR_LIMIT_BYTES = 256 << 20;
const BESIDE_LIMIT_BYTES = MANIFEST_LIMIT_BYTES;

export interface ArchiveVault extends Vault {
  /** The one folder inside. */
  top: string;
  manifest: Manifest;
  text: string;
  /** Every file in it, by its path below `top`. */
  entries: ReadonlyMap<string, ZipEntry>;
  /** Hands over one file's content in chunks, each valid until `take` returns. */
  extract(path: string, take: (bytes: Uint8Array) => void): Promise<void>;
}

/** Opens a zip. Throws `damaged` where it is not whole or disagrees with its manifest, `refused` where no archive of ours looks like it. */
export async function openZip(id: string, at: AbsPath): Promise<ArchiveVault> {
  let source: RandomAccess;
  try {
    source = openAtRandom(at);
  } catch (cause) {
    throw cause instanceof NotAFile ? fail.archiveBroken(at, cause.message) : fail.io("read", at, cause);
  }
  return open(id, at, source);
}

/** Opens an archive whose bytes were brought here; `at` is where they came from, for what is said of it. A sealed one is named so by its keys. */
export async function openBrought(
  id: string,
  at: AbsPath,
  source: RandomAccess,
  keys: SecretKey[] | null,
): Promise<ArchiveVault> {
  if (keys === null) return open(id, at, source);
  return open(id, at, await speaking(at, async () => collect(await unseal(streaming(source), keys, at))));
}

/** Opens a sealed archive with these secret keys or its witness, binary or armored; `onBytes` is told of each piece. Throws as `openZip`, and `not-found` where no key opens it. */
export async function openSealed(
  id: string,
  at: AbsPath,
  keys: SecretKey[] | Witness,
  onBytes = (_: number) => {},
): Promise<ArchiveVault> {
  const source = await speaking(at, async () => {
    const begin = readEnds(at, 64)?.head ?? "";
    const sealed = isArmored(begin) ? await dearmor(readText(at, ARMOR_LIMIT_BYTES), at) : streamOf(at);
    return collect(await unseal(sealed, keys, at), onBytes);
  });
  return open(id, at, source);
}

async function open(id: string, at: AbsPath, source: RandomAccess): Promise<ArchiveVault> {
  try {
    return await opened(id, at, source);
  } catch (cause) {
    source.close();
    throw cause;
  }
}

async function opened(id: string, at: AbsPath, source: RandomAccess): Promise<ArchiveVault> {
  const { top, entries: listed } = await speaking(at, () =>
    readZipDirectory(source, { totalBytes: Number.MAX_SAFE_INTEGER }),
  );
  const folder = top.replace(/\/$/, "");
  const entries = new Map(
    listed.filter((entry) => !entry.folder).map((entry) => [entry.name.slice(folder.length + 1), entry]),
  );
  const entryOf = (path: string): ZipEntry => {
    const entry = entries.get(path);
    if (entry === undefined) throw fail.archiveBroken(at, `it holds no ${path}`);
    return entry;
  };
  const textOf = (entry: ZipEntry) => new TextDecoder().decode(contentOf(source, entry, BESIDE_LIMIT_BYTES));
  const hashInto = (path: string, take: (bytes: Uint8Array) => void) => hashEntry(at, source, entryOf(path), take);
  const check = async (stored: StoredPath, hash: Digest, onBytes = (_: number) => {}): Promise<Checked> => {
    const { size, mode, mtimeMs } = entryOf(stored);
    const facts = { size, mode, mtimeMs, uid: 0, gid: 0 };
    if ((await hashInto(stored, ({ length }) => onBytes(length))) === hash) return { state: "ok", facts };
    return { state: "modified", reason: "its bytes do not match the manifest's hash" };
  };
  const vault: Vault = {
    id,
    at,
    archive: true,
    [Symbol.dispose]: () => source.close(),
    manifestText: () =>
      speaking(at, () => new TextDecoder().decode(contentOf(source, entryOf(MANIFEST_NAME), MANIFEST_LIMIT_BYTES))),
    names: () => [...entries.keys()].filter((path) => path !== SUMS_NAME && path !== GUIDE_NAME),
    storedNames: () => [...entries.keys()].filter((path) => path.includes("/")),
    check,
    linked: () => () => false,
    checkAll: (files, meanwhile) => checkEach(files, check, meanwhile),
    papers: (manifest, text) => speaking(at, () => papersBeside(manifest, text, folder, entries, textOf)),
    read: (stored, limit) => speaking(at, () => contentOf(source, entryOf(stored), limit)),
    async copy(stored: StoredPath, to: AbsPath, attributes: Attributes, onBytes = (_: number) => {}) {
      const sink = openSink(to);
      try {
        const hash = await hashInto(stored, (bytes) => {
          sink.take(bytes);
          onBytes(bytes.length);
        });
        sink.end(attributes);
        return hash;
      } catch (cause) {
        sink.discard();
        throw cause;
      }
    },
  };
  const { manifest, text } = await manifestOf(vault);
  demandAgreement(at, manifest, entries);
  return {
    ...vault,
    top: folder,
    manifest,
    text,
    entries,
    extract: async (path, take) => void (await hashInto(path, take)),
  };
}

/** A folder that was zipped by hand may lack any of them. */
function papersBeside(
  manifest: Manifest,
  text: string,
  id: string,
  entries: ReadonlyMap<string, ZipEntry>,
  textOf: (entry: ZipEntry) => string,
): Paper[] {
  const read = (path: string) => {
    const entry = entries.get(path);
    return entry && textOf(entry);
  };
  const beside = [{ path: MANIFEST_NAME, hash: digestOf(text) }];
  const found: Paper[] = [];
  const held = read(CREDENTIAL_MANIFEST_NAME);
  if (held !== undefined) {
    beside.push({ path: CREDENTIAL_MANIFEST_NAME, hash: digestOf(held) });
    found.push(...paperOf(CREDENTIAL_MANIFEST_NAME, credentialManifestState(held, manifest)));
  }
  const sums = read(SUMS_NAME);
  if (sums !== undefined) found.push(...paperOf(SUMS_NAME, sumsState(sums, beside, manifest)));
  const guide = read(GUIDE_NAME);
  if (guide !== undefined) found.push(...paperOf(GUIDE_NAME, guideState(guide, id, manifest)));
  return found;
}

/** Hands over an entry's content, and returns its hash. */
const hashEntry = (at: AbsPath, source: RandomAccess, entry: ZipEntry, take: (bytes: Uint8Array) => void) =>
  speaking(at, async () => {
    const hasher = new CryptoHasher("sha256");
    await extract(source, entry, (bytes) => {
      hasher.update(bytes);
      take(bytes);
    });
    return hasher.digest("hex") as Digest;
  });

/** One after the other. */
async function checkEach(
  files: StoredFile[],
  check: Vault["check"],
  { between, progress }: Pick<Meanwhile, "between" | "progress">,
): Promise<Checked[]> {
  const checked: Checked[] = [];
  let read = 0;
  for (const { stored, hash } of files) {
    await between();
    const onBytes = (count: number) => {
      read += count;
      progress(read, stored);
    };
    checked.push(await check(stored, hash, onBytes));
  }
  return checked;
}

/** The manifest names every file of the archive but the papers, and the archive every file of the manifest, of just that size. */
function demandAgreement(at: AbsPath, manifest: Manifest, entries: ReadonlyMap<string, ZipEntry>): void {
  const known = new Map(manifest.files.map(({ stored, size }) => [stored as string, size]));
  for (const [path, { size }] of entries) {
    if (BESIDE.has(path)) {
      if (size > BESIDE_LIMIT_BYTES) throw fail.archiveUnsafe(at, `its ${path} claims ${size} bytes`);
    } else if (!known.has(path)) throw fail.archiveBroken(at, `its manifest does not name ${JSON.stringify(path)}`);
    else if (known.get(path) !== undefined && known.get(path) !== size)
      throw fail.archiveBroken(at, `${path} has ${size} bytes, but its manifest says ${known.get(path)}`);
  }
  for (const path of known.keys())
    if (!entries.has(path)) throw fail.archiveBroken(at, `it holds no ${path}, which its manifest names`);
}

/** Runs a step of reading and gives its errors our words. */
async function speaking<T>(at: AbsPath, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof RollbackError || (cause instanceof Error && cause.name === "NotWritten")) throw cause;
    if (cause instanceof ZipError && cause.code === "unsafe") throw fail.archiveUnsafe(at, cause.message);
    const code = codeOf(cause);
    if (code !== undefined && /^E[A-Z]+$/.test(code)) throw fail.io("read", at, cause);
    // The seal's own library throws while the stream is read.
    throw fail.archiveBroken(
      at,
      cause instanceof ZipError || cause instanceof RangeError
        ? cause.message
        : "it is cut off, or its bytes were changed",
    );
  }
}
