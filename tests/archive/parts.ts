// Archives for tests: built byte by byte from literals, right unless told otherwise, and read from memory.
import { crc32, deflateRawSync } from "node:zlib";
import { ZipError } from "../../src/archive/zip/error.ts";
import { extract } from "../../src/archive/zip/extract.ts";
import type { ZipSource } from "../../src/archive/zip/format.ts";
import { readZipDirectory, type ZipLimits } from "../../src/archive/zip/read.ts";
import { type EntryToPack, zipBytes } from "../../src/archive/zip/write.ts";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An archive in memory whose every read reuses one buffer, as a file's does. */
export function memory(bytes: Uint8Array): ZipSource & { largestRead: number } {
  const source = {
    size: bytes.length,
    largestRead: 0,
    read(offset: number, length: number): Uint8Array {
      if (offset < 0 || offset + length > bytes.length) throw new Error(`read of ${length} bytes at ${offset}`);
      source.largestRead = Math.max(source.largestRead, length);
      if (length > buffer.length) return bytes.slice(offset, offset + length);
      buffer.fill(0xaa);
      buffer.set(bytes.subarray(offset, offset + length));
      return buffer.subarray(0, length);
    },
  };
  const buffer = new Uint8Array(1 << 20);
  return source;
}

/** Its entries with their contents; rejects as reading and extracting do. */
export async function contentsOf(archive: Uint8Array, limits: ZipLimits = { totalBytes: 1 << 30 }) {
  const source = memory(archive);
  const { top, entries } = readZipDirectory(source, limits);
  const contents: { name: string; mode: number; mtimeMs: number; method: string; content: string }[] = [];
  for (const entry of entries) {
    const chunks: Uint8Array[] = [];
    if (!entry.folder) await extract(source, entry, (chunk) => chunks.push(chunk.slice()));
    const { name, mode, mtimeMs, method } = entry;
    contents.push({ name, mode, mtimeMs, method, content: Buffer.concat(chunks).toString("latin1") });
  }
  return { top, contents };
}

export const MTIME = Date.UTC(2025, 11, 11, 14, 36, 1);

export function file(name: string, content: string | Uint8Array, facts: Partial<EntryToPack> = {}): EntryToPack {
  const bytes = typeof content === "string" ? utf8(content) : content;
  return { name, mode: 0o600, mtimeMs: MTIME, size: bytes.length, read: () => [bytes], ...facts };
}
export const folder = (name: string): EntryToPack => file(name, "", { mode: 0o700 });

export async function packed(...entries: EntryToPack[]): Promise<Uint8Array> {
  return Buffer.concat([...(await zipBytes(entries))]);
}

/** Fields of a record that a test sets to something else; the rest follows from the content. */
interface Fields {
  version?: number;
  flags?: number;
  method?: number;
  dosTime?: number;
  crc?: number;
  compressedSize?: number;
  size?: number;
  name?: string | Uint8Array;
  extra?: Uint8Array;
}
export interface RawEntry extends Fields {
  name: string | Uint8Array;
  content?: string;
  /** The data as they stand in the archive, where they are not what the method makes of the content. */
  data?: Uint8Array;
  deflate?: boolean;
  /** The upper half of the external attributes. */
  unix?: number;
  dos?: number;
  comment?: string;
  disk?: number;
  offset?: number;
  /** In the local header instead. */
  local?: Fields;
  /** Bytes behind the data. */
  descriptor?: Uint8Array;
  /** Bytes in front of the local header. */
  gap?: Uint8Array;
  /** No local header and data at all. */
  ghost?: boolean;
}
export interface RawEnd {
  disk?: number;
  firstDisk?: number;
  entriesHere?: number;
  entries?: number;
  directoryBytes?: number;
  directoryOffset?: number;
  commentLength?: number;
  comment?: string;
  before?: Uint8Array;
  between?: Uint8Array;
  after?: Uint8Array;
}

/** Little-endian numbers of 2 or 4 bytes: `[2, 20]`. */
export function numbers(...fields: [2 | 4, number][]): Uint8Array {
  return Buffer.concat(
    fields.map(([length, value]) => {
      const bytes = Buffer.alloc(length);
      if (length === 2) bytes.writeUInt16LE(value);
      else bytes.writeUInt32LE(value >>> 0);
      return bytes;
    }),
  );
}

const asBytes = (name: string | Uint8Array): Uint8Array => (typeof name === "string" ? utf8(name) : name);

/** 2025-12-11 14:36:00 as DOS date and time. */
export const DOS_TIME = (((45 << 9) | (12 << 5) | 11) << 16) | (14 << 11) | (36 << 5);

function commonFields(entry: RawEntry, fields: Fields): Uint8Array {
  const content = utf8(entry.content ?? "");
  const data = dataOf(entry);
  return numbers(
    [2, fields.version ?? entry.version ?? 20],
    [2, fields.flags ?? entry.flags ?? 1 << 11],
    [2, fields.method ?? entry.method ?? (entry.deflate ? 8 : 0)],
    [4, fields.dosTime ?? entry.dosTime ?? DOS_TIME],
    [4, fields.crc ?? entry.crc ?? crc32(content)],
    [4, fields.compressedSize ?? entry.compressedSize ?? data.length],
    [4, fields.size ?? entry.size ?? content.length],
    [2, asBytes(fields.name ?? entry.name).length],
    [2, (fields.extra ?? entry.extra ?? new Uint8Array(0)).length],
  );
}

function dataOf(entry: RawEntry): Uint8Array {
  const content = utf8(entry.content ?? "");
  return entry.data ?? (entry.deflate ? deflateRawSync(content) : content);
}

/** An archive as it is told, right or wrong. */
export function rawZip(entries: RawEntry[], end: RawEnd = {}): Uint8Array {
  const parts: Uint8Array[] = [end.before ?? new Uint8Array(0)];
  const directory: Uint8Array[] = [];
  let at = parts[0]?.length ?? 0;
  const put = (...bytes: Uint8Array[]) => {
    parts.push(...bytes);
    at += bytes.reduce((total, part) => total + part.length, 0);
  };
  for (const entry of entries) {
    put(entry.gap ?? new Uint8Array(0));
    const offset = at;
    const local = entry.local ?? {};
    if (!entry.ghost)
      put(
        numbers([4, 0x04034b50]),
        commonFields(entry, local),
        asBytes(local.name ?? entry.name),
        local.extra ?? entry.extra ?? new Uint8Array(0),
        dataOf(entry),
        entry.descriptor ?? new Uint8Array(0),
      );
    directory.push(
      numbers([4, 0x02014b50], [2, (3 << 8) | 20]),
      commonFields(entry, {}),
      numbers([2, utf8(entry.comment ?? "").length], [2, entry.disk ?? 0], [2, 0]),
      numbers([2, entry.dos ?? 0], [2, entry.unix ?? 0o100600], [4, entry.offset ?? offset]),
      asBytes(entry.name),
      entry.extra ?? new Uint8Array(0),
      utf8(entry.comment ?? ""),
    );
  }
  put(end.between ?? new Uint8Array(0));
  const headers = Buffer.concat(directory);
  const count = end.entries ?? entries.length;
  return Buffer.concat([
    ...parts,
    headers,
    numbers(
      [4, 0x06054b50],
      [2, end.disk ?? 0],
      [2, end.firstDisk ?? 0],
      [2, end.entriesHere ?? count],
      [2, count],
      [4, end.directoryBytes ?? headers.length],
      [4, end.directoryOffset ?? at],
      [2, end.commentLength ?? utf8(end.comment ?? "").length],
    ),
    utf8(end.comment ?? ""),
    end.after ?? new Uint8Array(0),
  ]);
}

/** One way of being wrong: the error's code and a part of its message, and the archive. */
export type Case = [
  what: string,
  code: "broken" | "unsafe",
  message: string,
  entries: RawEntry[] | Uint8Array,
  end?: RawEnd,
];

/** The one error that an archive is refused with. */
export async function faultOf(archive: Uint8Array, limits?: ZipLimits): Promise<ZipError> {
  const fault: unknown = await contentsOf(archive, limits).then(
    () => new Error("it was read"),
    (cause: unknown) => cause,
  );
  if (fault instanceof ZipError) return fault;
  throw fault;
}

/** An extra field. */
export const field = (id: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([numbers([2, id], [2, bytes.length]), bytes]);
export const stamp = (seconds: number): Uint8Array =>
  field(0x5455, Buffer.concat([Uint8Array.of(1), numbers([4, seconds])]));

export const GOOD: RawEntry = { name: "top/a", content: "hello" };
export const TEXT = "hello hello hello ".repeat(40);
export const SQUEEZED: RawEntry = { name: "top/a", content: TEXT, deflate: true };
export const named = (name: string | Uint8Array, more: Partial<RawEntry> = {}): RawEntry[] => [
  { name, content: "x", ...more },
];

/** An entry whose CRC and sizes follow its data. */
export const WITH_DESCRIPTOR = (1 << 11) | (1 << 3);
export const LEFT_OPEN = { crc: 0, compressedSize: 0, size: 0 };
export const factsOf = (content: string): [4, number][] => [
  [4, crc32(content)],
  [4, content.length],
  [4, content.length],
];
