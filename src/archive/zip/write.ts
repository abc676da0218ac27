// Files to the bytes of an archive, in one pass and flat memory. zip-format.ts describes the layout.
import { crc32 } from "node:zlib";
import { isFolderName, nameSet } from "../entry-name.ts";
import {
  blocksOf,
  type Content,
  changed,
  deflatedPiece,
  type Fflate,
  isWorthDeflating,
  squeezed,
  whole,
} from "./compress.ts";
import { broken, quoted, unsafe, ZipError } from "./error.ts";
import { DEFLATED, MOST_BYTES, MOST_ENTRIES, PERMISSION_BITS, STORED } from "./format.ts";
import { type DataFacts, descriptor, directoryHeader, endRecord, type FileFacts, localHeader } from "./header.ts";

/** A file, or a folder where the name ends in `/` (size 0, never read). */
export interface EntryToPack extends Content {
  /** Permission bits alone, 0 to 0777. */
  mode: number;
  /** Milliseconds since 1970, UTC; kept to the second. */
  mtimeMs: number;
}

/** Files up to this many bytes are held in memory, so that their sizes can stand in front of their data. */
const HELD_BYTES = 4 << 20;

/**
 * The archive of these entries, in their order: a chunk whenever one is asked for, each the caller's to keep, none much larger
 * than 4 MiB. Who stops half way must call the generator's `return` (for…of does), which closes the file being read.
 *
 * Rejects before any byte where the entries themselves tell: `unsafe` for names that `readZipDirectory` would refuse or modes
 * beyond permission bits, `too-large` for a file of 4 GiB - 1 or for more than 65,534 entries. The generator throws `changed` where a
 * file is not the same from its first byte to its last, `too-large` as soon as the whole would pass `limit` bytes (4 GiB - 2 at
 * most and unless given), and whatever `read` throws.
 */
export async function zipBytes(
  entries: Iterable<EntryToPack>,
  options: { limit?: number } = {},
): Promise<Generator<Uint8Array, void>> {
  const checked = checkedEntries(entries);
  const fflate = await import("fflate");
  return archive(checked, fflate, Math.min(options.limit ?? MOST_BYTES, MOST_BYTES));
}

function checkedEntries(entries: Iterable<EntryToPack>): EntryToPack[] {
  const names = nameSet();
  const checked: EntryToPack[] = [];
  for (const entry of entries) {
    const { name, mode, mtimeMs, size } = entry;
    const fault = names.add(name);
    if (fault !== undefined) throw unsafe(`${quoted(name)} can't be packed: it ${fault}`);
    if ((mode & PERMISSION_BITS) !== mode)
      throw unsafe(`${quoted(name)} can't be packed: its mode ${mode.toString(8)} is more than permissions`);
    if (!Number.isFinite(mtimeMs)) throw new RangeError(`${quoted(name)} has no time`);
    if (!Number.isSafeInteger(size) || size < 0 || (isFolderName(name) && size > 0))
      throw new RangeError(`${quoted(name)} has a size of ${size}`);
    if (size > MOST_BYTES)
      throw tooLarge(`${quoted(name)} has ${size} bytes, and a zip archive can't hold 4 GiB or more`);
    checked.push(entry);
    if (checked.length > MOST_ENTRIES) throw tooLarge(`a zip archive can't hold more than ${MOST_ENTRIES} entries`);
  }
  if (checked.length === 0) throw broken("an archive of nothing can't be told from a broken one");
  return checked;
}

const tooLarge = (message: string): ZipError => new ZipError("too-large", message);

/** What has been written so far, and how much may be. */
interface Tally {
  bytes: number;
  /** Counts a chunk that is about to be written. */
  count(chunk: Uint8Array): Uint8Array;
}

function tallyUpTo(limit: number): Tally {
  return {
    bytes: 0,
    count(chunk) {
      this.bytes += chunk.length;
      if (this.bytes <= limit) return chunk;
      throw tooLarge(
        `the archive would have more than ${limit} bytes${limit === MOST_BYTES ? ", and a zip can't" : ""}`,
      );
    },
  };
}

function* archive(entries: EntryToPack[], fflate: Fflate, limit: number): Generator<Uint8Array, void> {
  const tally = tallyUpTo(limit);
  const directory: Uint8Array[] = [];
  for (const entry of entries) {
    const { name, mode, mtimeMs } = entry;
    const file = { name: new TextEncoder().encode(name), folder: isFolderName(name), mode, mtimeMs };
    const offset = tally.bytes;
    const data = yield* entry.size > HELD_BYTES
      ? largeEntry(entry, file, tally)
      : smallEntry(entry, file, tally, fflate);
    directory.push(directoryHeader(file, data, offset));
  }
  const offset = tally.bytes;
  const headers = Buffer.concat(directory);
  yield tally.count(Buffer.concat([headers, endRecord(entries.length, headers.length, offset)]));
}

function* smallEntry(
  entry: EntryToPack,
  file: FileFacts,
  tally: Tally,
  fflate: Fflate,
): Generator<Uint8Array, DataFacts> {
  const content = file.folder ? new Uint8Array(0) : whole(entry);
  const deflated = squeezed(content, fflate);
  const bytes = deflated ?? content;
  const data: DataFacts = {
    method: deflated === null ? STORED : DEFLATED,
    crc: crc32(content),
    compressedSize: bytes.length,
    size: content.length,
    descriptor: false,
  };
  yield tally.count(Buffer.concat([localHeader(file, data), bytes]));
  return data;
}

function* largeEntry(entry: EntryToPack, file: FileFacts, tally: Tally): Generator<Uint8Array, DataFacts> {
  return yield* isWorthDeflating(entry) ? largeDeflated(entry, file, tally) : largeStored(entry, file, tally);
}

/** In one pass: what is known only at its end follows in a descriptor. */
function* largeDeflated(entry: EntryToPack, file: FileFacts, tally: Tally): Generator<Uint8Array, DataFacts> {
  const data: DataFacts = { method: DEFLATED, crc: 0, compressedSize: 0, size: entry.size, descriptor: true };
  yield tally.count(localHeader(file, data));
  for (const block of blocksOf(entry)) {
    const piece = deflatedPiece(block);
    data.crc = crc32(block.bytes, data.crc);
    data.compressedSize += piece.length;
    yield tally.count(piece);
  }
  yield tally.count(descriptor(data));
  return data;
}

/** In two passes, the first for the CRC, which has to stand in front of stored data. */
function* largeStored(entry: EntryToPack, file: FileFacts, tally: Tally): Generator<Uint8Array, DataFacts> {
  const { size } = entry;
  const data: DataFacts = { method: STORED, crc: 0, compressedSize: size, size, descriptor: false };
  for (const { bytes } of blocksOf(entry)) data.crc = crc32(bytes, data.crc);
  yield tally.count(localHeader(file, data));
  let crc = 0;
  for (const { bytes } of blocksOf(entry)) {
    crc = crc32(bytes, crc);
    yield tally.count(bytes.slice());
  }
  if (crc !== data.crc) throw changed(entry, "its second reading differs from the first");
  return data;
}
