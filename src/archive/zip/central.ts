// The directory of an archive: its end record and the headers in front of it, each checked on its own and against the others.
import { isFolderName } from "../entry-name.ts";
import { broken, quoted, unsafe } from "./error.ts";
import { bytesAt, secondsFrom, viewOf, zip64 } from "./fields.ts";
import {
  DEFLATED,
  DIRECTORY_BYTES,
  DIRECTORY_SIGNATURE,
  DOS_FOLDER,
  END_BYTES,
  END_SIGNATURE,
  FLAG_DEFLATE_HINTS,
  FLAG_DESCRIPTOR,
  FLAG_ENCRYPTED,
  FLAG_MASKED_HEADERS,
  FLAG_STRONG_ENCRYPTION,
  FLAG_UTF8,
  LOCAL_SIGNATURE,
  PERMISSION_BITS,
  STORED,
  TYPE_BITS,
  TYPE_FILE,
  TYPE_FOLDER,
  VERSION,
  ZIP64_IN_2,
  ZIP64_IN_4,
  ZIP64_LOCATOR_BYTES,
  ZIP64_LOCATOR_SIGNATURE,
  type ZipSource,
} from "./format.ts";
import { fromDosTime } from "./time.ts";

/** Bytes of directory that an entry may take: a bound on what is read at once, far above any real one. */
const HEADER_BYTES_AT_MOST = 4096;
/** Of all of it: 65,534 entries with names of 255 bytes in their two folders take 22 MiB. */
const DIRECTORY_AT_MOST = 32 << 20;
/** Deflate expands a byte to at most 1032; a claim of more is a lie, and of a small file not worth a refusal. */
const RATIO_AT_MOST = 1100;
const RATIO_COUNTS_ABOVE = 1 << 20;
const COMMENT_AT_MOST = 0xffff;

export interface EndRecord {
  entries: number;
  directoryOffset: number;
  directoryBytes: number;
}

/** The end record, which has to be the archive's last 22 bytes, with the directory right in front of it. */
export function readEnd(source: ZipSource): EndRecord {
  const at = source.size - END_BYTES;
  const view = at < 0 ? null : viewOf(bytesAt(source, at, END_BYTES));
  if (view?.getUint32(0, true) !== END_SIGNATURE || view.getUint16(20, true) !== 0) throw whyNoEnd(source);
  const [disk, firstDisk, entriesHere] = [4, 6, 8].map((offset) => view.getUint16(offset, true));
  const entries = view.getUint16(10, true);
  const directoryBytes = view.getUint32(12, true);
  const directoryOffset = view.getUint32(16, true);
  if (hasZip64Locator(source, at) || entries === ZIP64_IN_2) throw zip64();
  if (directoryBytes === ZIP64_IN_4 || directoryOffset === ZIP64_IN_4) throw zip64();
  if (disk !== 0 || firstDisk !== 0 || entriesHere !== entries) throw broken("it is one part of several");
  if (entries === 0) throw broken("it is empty");
  if (directoryOffset + directoryBytes !== at || directoryBytes > entries * HEADER_BYTES_AT_MOST)
    throw broken("its end record lies about where its directory is");
  if (directoryBytes > DIRECTORY_AT_MOST)
    throw unsafe(`its directory has ${directoryBytes} bytes, which none of ours has`);
  return { entries, directoryOffset, directoryBytes };
}

function hasZip64Locator(source: ZipSource, end: number): boolean {
  if (end < ZIP64_LOCATOR_BYTES) return false;
  return viewOf(bytesAt(source, end - ZIP64_LOCATOR_BYTES, 4)).getUint32(0, true) === ZIP64_LOCATOR_SIGNATURE;
}

/** Without an end record at its place: what the archive seems to be instead. */
function whyNoEnd(source: ZipSource) {
  const start = Math.max(0, source.size - END_BYTES - COMMENT_AT_MOST);
  const tail = Buffer.from(bytesAt(source, start, source.size - start));
  const begins = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const behind = tail.length - begins - END_BYTES;
  if (begins >= 0 && behind >= 0) {
    const comment = tail.readUInt16LE(begins + 20);
    if (comment === behind) return broken("it has a comment, which an archive of ours never has");
    return broken(`its end record announces a comment of ${comment} bytes, but ${behind} bytes follow it`);
  }
  const first = source.size < 4 ? 0 : viewOf(bytesAt(source, 0, 4)).getUint32(0, true);
  return broken(first === LOCAL_SIGNATURE ? "it is cut off: its end is missing" : "it is not a zip archive");
}

/** What the directory says of one entry. */
export interface DirectoryEntry {
  name: string;
  folder: boolean;
  mode: number;
  mtimeMs: number;
  flags: number;
  method: typeof STORED | typeof DEFLATED;
  dosTime: number;
  /** From the extended timestamp. */
  seconds: number | null;
  crc: number;
  compressedSize: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

/** The directory's entries in its order; each is one that may be read, but whether they go together is still to be seen. */
export function* directoryEntries(source: ZipSource, end: EndRecord): Generator<DirectoryEntry, void> {
  // A copy: whoever takes an entry may read on before the next one.
  const bytes = bytesAt(source, end.directoryOffset, end.directoryBytes).slice();
  let offset = 0;
  for (let count = 0; count < end.entries; count++) {
    const header = bytes.subarray(offset, offset + DIRECTORY_BYTES);
    const view = viewOf(header);
    if (header.length < DIRECTORY_BYTES || view.getUint32(0, true) !== DIRECTORY_SIGNATURE)
      throw broken(`its directory does not hold the ${end.entries} entries that its end record announces`);
    offset += DIRECTORY_BYTES;
    const [nameBytes = 0, extraBytes = 0, commentBytes = 0] = [28, 30, 32].map((at) => view.getUint16(at, true));
    if (offset + nameBytes + extraBytes + commentBytes > bytes.length) throw broken("its directory is cut off");
    const name = textOf(bytes.subarray(offset, offset + nameBytes));
    if (commentBytes > 0) throw broken(`${quoted(name)} has a comment, which an entry of ours never has`);
    if (view.getUint16(34, true) !== 0) throw broken(`${quoted(name)} lies on another disk`);
    yield entryFrom(view, name, bytes.subarray(offset + nameBytes, offset + nameBytes + extraBytes));
    offset += nameBytes + extraBytes;
  }
  if (offset !== bytes.length) throw broken(`its directory goes on behind its ${end.entries} entries`);
}

/** A name as text. It has to be UTF-8, marked as such or not: macOS and Linux tools write it unmarked. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw broken(`a name is not valid UTF-8: ${quoted(Buffer.from(bytes).toString("latin1"))}`);
  }
}

function entryFrom(view: DataView, name: string, extra: Uint8Array): DirectoryEntry {
  const flags = view.getUint16(8, true);
  const dosTime = view.getUint32(12, true);
  const [crc = 0, compressedSize = 0, size = 0] = [16, 20, 24].map((at) => view.getUint32(at, true));
  const offset = view.getUint32(42, true);
  checkFlags(flags, name);
  if ([compressedSize, size, offset].includes(ZIP64_IN_4)) throw zip64();
  if ((view.getUint16(6, true) & 0xff) > VERSION)
    throw broken(`${quoted(name)} needs a newer unzip (version ${view.getUint16(6, true) & 0xff})`);
  const seconds = secondsFrom(extra, name);
  const folder = isFolderName(name);
  const method = methodOf(view.getUint16(10, true), name);
  if (folder && (method !== STORED || crc !== 0 || compressedSize !== 0 || size !== 0))
    throw broken(`the folder ${quoted(name)} has data`);
  if (method === STORED && size !== compressedSize)
    throw broken(`${quoted(name)} is stored, but its two sizes differ: ${compressedSize} and ${size}`);
  if (size > RATIO_COUNTS_ABOVE && size > compressedSize * RATIO_AT_MOST)
    throw unsafe(`${quoted(name)} claims to inflate ${compressedSize} bytes to ${size}: a bomb`);
  if (compressedSize > size * 2 + 1024) throw broken(`${quoted(name)} has far more data than content`);
  const mode = permissionsFrom(view.getUint16(38, true), view.getUint16(40, true), folder, name);
  const mtimeMs = seconds === null ? fromDosTime(dosTime) : seconds * 1000;
  return { name, folder, mode, mtimeMs, flags, method, dosTime, seconds, crc, compressedSize, size, offset };
}

function checkFlags(flags: number, name: string): void {
  if ((flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) !== 0)
    throw broken(`${quoted(name)} is encrypted`);
  const unknown = flags & ~(FLAG_DEFLATE_HINTS | FLAG_DESCRIPTOR | FLAG_UTF8);
  if (unknown !== 0) throw broken(`${quoted(name)} has flags that are not known: 0x${unknown.toString(16)}`);
}

function methodOf(method: number, name: string): typeof STORED | typeof DEFLATED {
  if (method === STORED || method === DEFLATED) return method;
  throw broken(`${quoted(name)} is compressed by method ${method}; only 0 (stored) and 8 (deflate) are read`);
}

/** Permission bits from the external attributes; without Unix ones those of a private file or folder. */
function permissionsFrom(dos: number, unix: number, folder: boolean, name: string): number {
  if ((dos & DOS_FOLDER) !== 0 && !folder)
    throw broken(`${quoted(name)} is marked as a folder, but its name is a file's`);
  if (unix === 0) return folder ? 0o700 : 0o600;
  const type = unix & TYPE_BITS;
  if (type !== 0 && type !== TYPE_FILE && type !== TYPE_FOLDER)
    throw unsafe(`${quoted(name)} is ${TYPE_WORDS.get(type) ?? "of an unknown kind"}, no file or folder`);
  if (type !== 0 && (type === TYPE_FOLDER) !== folder)
    throw broken(`${quoted(name)} is a ${folder ? "folder" : "file"} by its name, but not by its mode`);
  const special = unix & ~TYPE_BITS & ~PERMISSION_BITS;
  if (special !== 0) throw unsafe(`${quoted(name)} has a setuid, setgid or sticky bit`);
  return unix & PERMISSION_BITS;
}

const TYPE_WORDS: ReadonlyMap<number, string> = new Map([
  [0o120000, "a link"],
  [0o010000, "a pipe"],
  [0o020000, "a device"],
  [0o060000, "a device"],
  [0o140000, "a socket"],
]);
