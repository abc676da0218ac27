// A stranger's archive to a list of entries that may be extracted, or one error. format.ts says what is read.
import { nameSet } from "../entry-name.ts";
import { type DirectoryEntry, directoryEntries, type EndRecord, readEnd, textOf } from "./central.ts";
import { broken, quoted, unsafe } from "./error.ts";
import { bytesAt, secondsFrom, viewOf } from "./fields.ts";
import {
  DEFLATED,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_SIGNATURE,
  FLAG_DESCRIPTOR,
  LOCAL_BYTES,
  LOCAL_SIGNATURE,
  MOST_ENTRIES,
  type ZipEntry,
  type ZipSource,
} from "./format.ts";

export interface ZipLimits {
  /** Bytes that all contents together may claim. */
  totalBytes: number;
  /** Entries at most; 65,534 when not given. */
  entries?: number;
}

export interface ZipDirectory {
  /** The one folder that every entry lies below. */
  top: string;
  /** In the directory's order. Folders that hold files need not be among them. */
  entries: ZipEntry[];
  /** Bytes of all contents, as claimed. */
  totalBytes: number;
}

/**
 * Reads the directory and every local header, and holds them to one another: each byte of the archive belongs to exactly one
 * record. Contents are not looked at; `extract` checks them.
 *
 * Throws `broken` for what is not a whole, plain zip archive of which all records agree, `unsafe` for names, kinds and sizes that must not
 * reach a disk (ZipError says more), and whatever the source throws. It stops at the first fault.
 */
export function readZipDirectory(source: ZipSource, limits: ZipLimits): ZipDirectory {
  const end = readEnd(source);
  const most = Math.min(limits.entries ?? MOST_ENTRIES, MOST_ENTRIES);
  if (end.entries > most) throw unsafe(`it has ${end.entries} entries, more than the ${most} that are allowed`);
  const names = nameSet();
  const listed: DirectoryEntry[] = [];
  let totalBytes = 0;
  for (const entry of directoryEntries(source, end)) {
    const fault = names.add(entry.name);
    if (fault !== undefined) throw unsafe(`${quoted(entry.name)} ${fault}`);
    totalBytes += entry.size;
    if (totalBytes > limits.totalBytes)
      throw unsafe(`its contents claim more than the ${limits.totalBytes} bytes that are allowed`);
    listed.push(entry);
  }
  const offsets = dataOffsets(source, listed, end);
  const entries = listed.map((entry) => toZipEntry(entry, offsets.get(entry) ?? 0));
  return { top: names.top(), entries, totalBytes };
}

function toZipEntry(entry: DirectoryEntry, dataOffset: number): ZipEntry {
  const { name, folder, mode, mtimeMs, size, compressedSize, crc } = entry;
  const method = entry.method === DEFLATED ? "deflated" : "stored";
  return { name, folder, mode, mtimeMs, size, compressedSize, method, crc, dataOffset };
}

/** Where each entry's data begin. Throws unless the entries fill the archive from its first byte to its directory, end to end. */
function dataOffsets(source: ZipSource, listed: DirectoryEntry[], end: EndRecord): Map<DirectoryEntry, number> {
  const inOrder = [...listed].sort((a, b) => a.offset - b.offset);
  const offsets = new Map<DirectoryEntry, number>();
  let expected = 0;
  for (const [index, entry] of inOrder.entries()) {
    if (entry.offset > expected) throw strayBytes(entry.offset - expected, expected);
    const next = inOrder[index + 1]?.offset ?? end.directoryOffset;
    const begins = checkedLocalHeader(source, entry);
    offsets.set(entry, begins);
    const ends = begins + entry.compressedSize;
    // So no entry begins before the end of the one in front of it.
    if (ends > next) throw overlaps(entry);
    expected = ends + ((entry.flags & FLAG_DESCRIPTOR) === 0 ? 0 : checkedDescriptor(source, entry, ends, next));
  }
  if (expected !== end.directoryOffset) throw strayBytes(end.directoryOffset - expected, expected);
  return offsets;
}

const overlaps = (entry: DirectoryEntry) => unsafe(`${quoted(entry.name)} overlaps with another part of the archive`);
const strayBytes = (count: number, offset: number) => broken(`${count} bytes at ${offset} belong to no entry`);

/** Compares an entry's local header with the directory; where its data begin. */
function checkedLocalHeader(source: ZipSource, entry: DirectoryEntry): number {
  const { name, offset, flags } = entry;
  const view = viewOf(bytesAt(source, offset, LOCAL_BYTES));
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw broken(`${quoted(name)} is not where the directory says`);
  const differs = (what: string) =>
    broken(`${quoted(name)} has two different ${what}, one in its header, one in the directory`);
  if (view.getUint16(6, true) !== flags) throw differs("flags");
  if (view.getUint16(8, true) !== entry.method) throw differs("compression methods");
  if (view.getUint32(10, true) !== entry.dosTime) throw differs("times");
  const known = [entry.crc, entry.compressedSize, entry.size];
  const claimed = [14, 18, 22].map((at) => view.getUint32(at, true));
  // Before a descriptor they may be left open: zeros.
  const open = (flags & FLAG_DESCRIPTOR) !== 0;
  for (const [index, what] of ["checksums", "compressed sizes", "sizes"].entries())
    if (claimed[index] !== known[index] && !(open && claimed[index] === 0)) throw differs(what);
  const nameBytes = view.getUint16(26, true);
  const extraBytes = view.getUint16(28, true);
  const rest = bytesAt(source, offset + LOCAL_BYTES, nameBytes + extraBytes);
  if (textOf(rest.subarray(0, nameBytes)) !== name) throw differs("names");
  const seconds = secondsFrom(rest.subarray(nameBytes), name);
  if (seconds !== null && entry.seconds !== null && seconds !== entry.seconds) throw differs("times");
  return offset + LOCAL_BYTES + nameBytes + extraBytes;
}

/** Compares the descriptor behind an entry's data, with or without its signature, with the directory; its length. */
function checkedDescriptor(source: ZipSource, entry: DirectoryEntry, ends: number, next: number): number {
  const length = next - ends;
  if (length !== DESCRIPTOR_BYTES && length !== DESCRIPTOR_BYTES - 4)
    throw broken(`${quoted(entry.name)} has no descriptor behind its data`);
  const view = viewOf(bytesAt(source, ends, length));
  const start = length - 12;
  const agrees =
    (start === 0 || view.getUint32(0, true) === DESCRIPTOR_SIGNATURE) &&
    view.getUint32(start, true) === entry.crc &&
    view.getUint32(start + 4, true) === entry.compressedSize &&
    view.getUint32(start + 8, true) === entry.size;
  if (!agrees) throw broken(`${quoted(entry.name)} has a descriptor that differs from the directory`);
  return length;
}
