// Files to the bytes of an archive, in one pass and flat memory. fflate's Zip writes the container; format.ts describes the layout.
import type { Zip, ZipInputFile } from "fflate";
import { isFolderName, nameSet } from "../entry-name.ts";
import { type Content, type Piece, piecesOf } from "./deflate.ts";
import { broken, quoted, unsafe, ZipError } from "./error.ts";
import { viewOf } from "./fields.ts";
import {
  DIRECTORY_BYTES,
  DOS_FOLDER,
  HOST_UNIX,
  MOST_BYTES,
  MOST_ENTRIES,
  PERMISSION_BITS,
  STORED,
  TIMESTAMP_FIELD,
  TYPE_FILE,
  TYPE_FOLDER,
} from "./format.ts";
import { toDosTime, toSeconds } from "./time.ts";

/** A file, or a folder where the name ends in `/` (size 0, never read). */
export interface EntryToPack extends Content {
  /** Permission bits alone, 0 to 0777. */
  mode: number;
  /** Milliseconds since 1970, UTC; kept to the second. */
  mtimeMs: number;
}

/**
 * The archive of these entries, in their order: a chunk whenever one is asked for, each the caller's to keep, none much larger
 * than 1 MiB. Who stops half way must call the generator's `return` (for…of does), which closes the file being read.
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
  const { Zip } = await import("fflate");
  return archive(checked, Zip, Math.min(options.limit ?? MOST_BYTES, MOST_BYTES));
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

const EMPTY = new Uint8Array(0);
/** What a folder holds. */
const NO_PIECES: readonly Piece[] = [{ plain: EMPTY, data: EMPTY, method: STORED, last: true }];

/** Adds the entries to a Zip one by one, and passes on what it has made of each piece before the next one is read. */
function* archive(entries: EntryToPack[], ZipClass: typeof Zip, limit: number): Generator<Uint8Array, void> {
  const made: Uint8Array[] = [];
  const zip = new ZipClass((error, chunk) => {
    if (error !== null) throw error;
    made.push(chunk);
  });
  let total = 0;
  const taken = (): Uint8Array => {
    const bytes = Buffer.concat(made.splice(0));
    total += bytes.length;
    if (total <= limit) return bytes;
    throw tooLarge(`the archive would have more than ${limit} bytes${limit === MOST_BYTES ? ", and a zip can't" : ""}`);
  };
  for (const entry of entries) {
    let file: ZipInputFile | undefined;
    for (const { plain, data, method, last } of isFolderName(entry.name) ? NO_PIECES : piecesOf(entry)) {
      const isFirst = file === undefined;
      file ??= inputOf(entry, method);
      if (isFirst) zip.add(file);
      file.crc = Bun.hash.crc32(plain, file.crc);
      file.ondata?.(null, data, last);
      // The local header is the first thing that Zip makes of a file.
      if (isFirst) setDosTime(made[0] ?? EMPTY, LOCAL_TIME_AT, entry.mtimeMs);
      yield taken();
    }
  }
  zip.end();
  setDirectoryTimes(made[0] ?? EMPTY, entries);
  yield taken();
}

function inputOf({ name, mode, mtimeMs, size }: EntryToPack, compression: number): ZipInputFile {
  const folder = isFolderName(name);
  const seconds = toSeconds(mtimeMs);
  return {
    filename: name,
    size,
    crc: 0,
    compression,
    os: HOST_UNIX,
    attrs: (((folder ? TYPE_FOLDER : TYPE_FILE) | mode) << 16) | (folder ? DOS_FOLDER : 0),
    mtime: ANY_TIME,
    ...(seconds !== null && { extra: { [TIMESTAMP_FIELD]: timestamp(seconds) } }),
  };
}

/** An extended timestamp: the modification time alone. */
function timestamp(seconds: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = 1;
  new DataView(bytes.buffer).setInt32(1, seconds, true);
  return bytes;
}

// Zip writes the local fields of a time. No other time has the fields of UTC in every zone, as clocks skip hours; so it gets
// a time that it takes, and its four bytes are set afterwards.
const ANY_TIME = Date.UTC(2000, 0, 15);
const LOCAL_TIME_AT = 10;
const DIRECTORY_TIME_AT = 12;

function setDosTime(header: Uint8Array, at: number, mtimeMs: number): void {
  viewOf(header).setUint32(at, toDosTime(mtimeMs), true);
}

function setDirectoryTimes(directory: Uint8Array, entries: EntryToPack[]): void {
  const lengths = viewOf(directory);
  let at = 0;
  for (const { mtimeMs } of entries) {
    setDosTime(directory, at + DIRECTORY_TIME_AT, mtimeMs);
    at += DIRECTORY_BYTES + lengths.getUint16(at + 28, true) + lengths.getUint16(at + 30, true);
  }
}
