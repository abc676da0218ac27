// A snapshot's folder → one file beside it: a zip, or the same sealed by age. Read back before it gets its name.
import { CryptoHasher } from "bun";
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Manifest, Notify } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { CREDENTIAL_MANIFEST_NAME } from "../snapshot/credential-manifest.ts";
import { bytesOf, MANIFEST_NAME } from "../snapshot/manifest.ts";
import { type Meter, meter } from "../snapshot/meter.ts";
import { inStaging } from "../snapshot/store.ts";
import { manifestOf, type Vault } from "../snapshot/vault.ts";
import { verifySnapshot } from "../snapshot/verify.ts";
import { flush, NotWritten, openSink, removeFile, rename } from "../system/durable.ts";
import { digestOf, hashFile, ifReadable, look } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { hiddenBeside } from "../system/replace.ts";
import { chunksOf } from "../system/streams.ts";
import { GUIDE_NAME, guide, SUMS_NAME, sums } from "./paper.ts";
import { seal, type Witness } from "./seal.ts";
import { demandSound } from "./sound.ts";
import { openSealed, openZip } from "./vault.ts";
import { ZipError } from "./zip/error.ts";
import { type EntryToPack, zipBytes } from "./zip/write.ts";

const CHECK_EVERY = 64;

/** What an archive is made from. */
export interface Packable {
  vault: Vault;
  /** The folder is to go afterwards: then nothing may lie in it that the archive would not hold. */
  moving: boolean;
  /** The manifest digest that the snapshot's `create` noted, if any. */
  noted: Digest | undefined;
  /** What stands at the target is damaged, and gives way. */
  replacing?: boolean;
  notify: Notify;
}

/**
 * Writes `target` from a snapshot's folder, sealed where recipients are given; the plain zip never touches the disk then. The caller
 * is the store's writer. False where the plain archive stood there already, whole and of the same snapshot. Throws `damaged` where
 * the snapshot or the archive that is there already does not match, and leaves nothing behind.
 */
export async function pack(
  store: AbsPath,
  { vault, noted, moving, replacing = false, notify }: Packable,
  target: AbsPath,
  recipients: string[],
): Promise<boolean> {
  const { problems } = await verifySnapshot(vault, noted, notify);
  const [problem] = problems.filter(({ problem: kind }) => moving || kind !== "extra");
  if (problem !== undefined) throw fail.snapshotDamaged(vault.id, `${problem.path}: ${problem.reason}`);
  const { manifest, text } = await manifestOf(vault);
  if (look(target) !== null && !replacing) {
    if (recipients.length > 0) throw fail.alreadyThere(target, "you want it sealed anew");
    using standing = await openZip(vault.id, target);
    await demandSound(standing, vault.id);
    if (standing.text !== text) throw fail.archiveBroken(target, "it is of another snapshot");
    return false;
  }
  const content = bytesOf(manifest.files);
  const onBytes = meter(notify, recipients.length === 0 ? "Packing" : "Sealing", content, vault.id);
  const plain = () => zipBytes(entriesOf(vault, manifest, text, onBytes));
  await make(store, { id: vault.id, content, plain, notify }, target, recipients);
  return true;
}

/** The same from the plain archive of a snapshot that has no folder any more: those very bytes, sealed. */
export async function sealZip(
  store: AbsPath,
  { id, path, noted, notify }: { id: string; path: AbsPath; noted: Digest | undefined; notify: Notify },
  target: AbsPath,
  recipients: string[],
): Promise<void> {
  using archive = await openZip(id, path);
  await demandSound(archive, id, { noted });
  const content = bytesOf(archive.manifest.files);
  await make(store, { id, content, plain: async () => chunksOf(path), notify }, target, recipients);
}

/** What an archive is made of: the plain one's bytes, and how many bytes its files have. */
interface Source {
  id: string;
  content: number;
  plain(): Promise<Generator<Uint8Array, void>>;
  notify: Notify;
}

/** Writes under another name, reads back, and gives the name last. */
async function make(
  store: AbsPath,
  { id, content, plain, notify }: Source,
  target: AbsPath,
  recipients: string[],
): Promise<void> {
  try {
    await besideTarget(store, target, async (fresh) => {
      const chunks = await plain();
      const made = recipients.length === 0 ? null : await seal(streaming(chunks), recipients);
      const written = await write(made?.sealed ?? chunks, fresh);
      await demandWhole(fresh, written, { id, content, witness: made?.witness ?? null, notify });
      rename(fresh, target);
      flush([parentOf(target)]);
    });
  } catch (cause) {
    throw inOurWords(cause, id, target);
  }
}

/** Flushes what was written, reads it back and opens it: it is what it was made from. Throws `damaged`. */
async function demandWhole(
  fresh: AbsPath,
  written: Digest,
  { id, content, witness, notify }: { id: string; content: number; witness: Witness | null; notify: Notify },
): Promise<void> {
  const size = look(fresh)?.size ?? 0;
  meter(notify, "Flushing", size, id);
  flush([fresh, parentOf(fresh)]);
  if (hashFile(fresh, { noFollow: true, onBytes: meter(notify, "Reading back", size, id) }).hash !== written)
    throw fail.archiveBroken(fresh, "what was read back differs");
  using archive =
    witness === null
      ? await openZip(id, fresh)
      : await openSealed(id, fresh, witness, meter(notify, "Opening", size, id));
  await demandSound(archive, id, { onBytes: meter(notify, "Checking", content, id) });
}

/** A name to write under: in the store's staging, or, for another place, hidden beside the target, as that may be another disk. */
async function besideTarget(store: AbsPath, target: AbsPath, write: (fresh: AbsPath) => Promise<void>): Promise<void> {
  if (parentOf(target) === store) return inStaging(store, (staging) => write(below(staging, "archive")));
  const fresh = hiddenBeside(target);
  try {
    await write(fresh);
  } finally {
    ifReadable(() => removeFile(fresh));
  }
}

function inOurWords(cause: unknown, id: string, target: AbsPath): unknown {
  if (cause instanceof RollbackError) return cause;
  if (cause instanceof ZipError)
    return cause.code === "too-large"
      ? fail.archiveTooLarge(id, cause.message)
      : fail.snapshotDamaged(id, cause.message);
  if (cause instanceof NotWritten) return fail.io("write", target, cause.cause);
  return codeOf(cause) === undefined ? cause : fail.io("write", target, cause);
}

/** The same snapshot gives the same entries, in any time zone: times come from the manifest, or lie with the stored files. */
function* entriesOf(vault: Vault, manifest: Manifest, text: string, onBytes: Meter): Generator<EntryToPack> {
  const { id, at } = vault;
  const mtimeMs = moment(manifest);
  const folder = (name: string): EntryToPack => ({
    name: `${id}/${name}`,
    mode: 0o700,
    mtimeMs,
    size: 0,
    read: () => [],
  });
  const paper = (name: string, content: string): EntryToPack => {
    const bytes = new TextEncoder().encode(content);
    return { name: `${id}/${name}`, mode: 0o600, mtimeMs, size: bytes.length, read: () => [bytes] };
  };
  const names = vault.names();
  const kinds = [...new Set([...names, ...manifest.files.map(({ stored }) => stored)])].filter((name) =>
    KIND_FOLDERS.has(name),
  );
  yield folder("");
  yield paper(MANIFEST_NAME, text);
  const listed = [{ path: MANIFEST_NAME, hash: digestOf(text) }];
  if (names.includes(CREDENTIAL_MANIFEST_NAME)) {
    const { hash, facts } = hashFile(below(at, CREDENTIAL_MANIFEST_NAME), { noFollow: true });
    listed.push({ path: CREDENTIAL_MANIFEST_NAME, hash });
    yield onDisk(vault, CREDENTIAL_MANIFEST_NAME, 0o600, mtimeMs, facts.size, () => {});
  }
  const stored = new Map(manifest.files.map((file) => [file.stored, file]));
  for (const kind of kinds.sort()) {
    yield folder(`${kind}/`);
    for (const [path, file] of [...stored].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!path.startsWith(`${kind}/`)) continue;
      const facts = look(below(at, path));
      if (facts === null) throw fail.snapshotDamaged(id, `${path} is gone`);
      listed.push({ path, hash: file.hash });
      // The original tool recorded no modes and times: its stored files carry them.
      const legacy = manifest.format === 1;
      yield onDisk(
        vault,
        path,
        legacy ? facts.mode & 0o777 : 0o600,
        file.mtimeMs ?? Math.floor(facts.mtimeMs),
        facts.size,
        onBytes,
      );
    }
  }
  yield paper(SUMS_NAME, sums(listed));
  yield paper(GUIDE_NAME, guide(id, manifest));
}

const KIND_FOLDERS: ReadonlySet<string> = new Set(["plist", "config", "credentials"]);

const onDisk = (
  { id, at }: Vault,
  path: string,
  mode: number,
  mtimeMs: number,
  size: number,
  onBytes: Meter,
): EntryToPack => ({
  name: `${id}/${path}`,
  mode,
  mtimeMs,
  size,
  *read() {
    for (const chunk of chunksOf(below(at, path))) {
      onBytes(chunk.length, path);
      yield chunk;
    }
  },
});

/** When the snapshot was taken, in ms since the epoch. The original tool's local time has no zone: it is read as UTC, everywhere alike. */
function moment({ format, createdAt, createdAtMs }: Manifest): number {
  return format === 1 ? Date.parse(`${createdAt.slice(0, 19)}Z`) : createdAtMs;
}

function streaming(chunks: Generator<Uint8Array, void>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const next = chunks.next();
      if (next.done) controller.close();
      // A file's chunk is good until the next one is read.
      else controller.enqueue(next.value.slice());
    },
    cancel() {
      chunks.return();
    },
  });
}

/** Writes chunks to a new file and returns the hash of what was written. */
async function write(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, path: AbsPath): Promise<Digest> {
  const sink = openSink(path);
  const hasher = new CryptoHasher("sha256");
  let count = 0;
  try {
    for await (const chunk of chunks) {
      if (count++ % CHECK_EVERY === 0) await checkpoint("no archive was made");
      hasher.update(chunk);
      sink.take(chunk);
    }
    sink.end();
  } catch (cause) {
    sink.discard();
    throw cause;
  }
  return hasher.digest("hex") as Digest;
}
