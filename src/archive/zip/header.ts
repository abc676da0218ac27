// The records of an archive as bytes. Their fields and order: APPNOTE.TXT 4.3.7, 4.3.9, 4.3.12 and 4.3.16.
import {
  type DEFLATED,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_SIGNATURE,
  DIRECTORY_BYTES,
  DIRECTORY_SIGNATURE,
  DOS_FOLDER,
  END_BYTES,
  END_SIGNATURE,
  FLAG_DESCRIPTOR,
  FLAG_UTF8,
  HOST_UNIX,
  LOCAL_BYTES,
  LOCAL_SIGNATURE,
  type STORED,
  TIMESTAMP_FIELD,
  TYPE_FILE,
  TYPE_FOLDER,
  VERSION,
} from "./format.ts";
import { toDosTime, toSeconds } from "./time.ts";

/** What an entry's headers say of its data. */
export interface DataFacts {
  method: typeof STORED | typeof DEFLATED;
  crc: number;
  compressedSize: number;
  size: number;
  /** CRC and sizes follow the data instead of standing in the local header. */
  descriptor: boolean;
}

/** What an entry's headers say of its file. */
export interface FileFacts {
  name: Uint8Array;
  folder: boolean;
  /** Permission bits. */
  mode: number;
  mtimeMs: number;
}

export function localHeader(file: FileFacts, data: DataFacts): Uint8Array {
  const extra = timestamp(file.mtimeMs);
  const { bytes, view } = record(LOCAL_BYTES, LOCAL_SIGNATURE, file.name, extra);
  shared(view, 4, file, data, extra.length);
  if (data.descriptor) for (const offset of [14, 18, 22]) view.setUint32(offset, 0, true);
  return bytes;
}

/** `offset`: where the entry's local header begins. */
export function directoryHeader(file: FileFacts, data: DataFacts, offset: number): Uint8Array {
  const extra = timestamp(file.mtimeMs);
  const { bytes, view } = record(DIRECTORY_BYTES, DIRECTORY_SIGNATURE, file.name, extra);
  view.setUint16(4, (HOST_UNIX << 8) | VERSION, true);
  shared(view, 6, file, data, extra.length);
  view.setUint16(40, (file.folder ? TYPE_FOLDER : TYPE_FILE) | file.mode, true);
  view.setUint16(38, file.folder ? DOS_FOLDER : 0, true);
  view.setUint32(42, offset, true);
  return bytes;
}

/** The run of fields that both headers have, from "version needed" to the length of the extra fields. */
function shared(view: DataView, at: number, file: FileFacts, data: DataFacts, extraLength: number): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, FLAG_UTF8 | (data.descriptor ? FLAG_DESCRIPTOR : 0), true);
  view.setUint16(at + 4, data.method, true);
  view.setUint32(at + 6, toDosTime(file.mtimeMs), true);
  view.setUint32(at + 10, data.crc, true);
  view.setUint32(at + 14, data.compressedSize, true);
  view.setUint32(at + 18, data.size, true);
  view.setUint16(at + 22, file.name.length, true);
  view.setUint16(at + 24, extraLength, true);
}

export function descriptor(data: DataFacts): Uint8Array {
  const { bytes, view } = record(DESCRIPTOR_BYTES, DESCRIPTOR_SIGNATURE);
  view.setUint32(4, data.crc, true);
  view.setUint32(8, data.compressedSize, true);
  view.setUint32(12, data.size, true);
  return bytes;
}

export function endRecord(entries: number, directoryBytes: number, directoryOffset: number): Uint8Array {
  const { bytes, view } = record(END_BYTES, END_SIGNATURE);
  view.setUint16(8, entries, true);
  view.setUint16(10, entries, true);
  view.setUint32(12, directoryBytes, true);
  view.setUint32(16, directoryOffset, true);
  return bytes;
}

/** The extended timestamp field, the same in both headers: the modification time alone. Empty where it can't hold the time. */
function timestamp(mtimeMs: number): Uint8Array {
  const seconds = toSeconds(mtimeMs);
  if (seconds === null) return new Uint8Array(0);
  const bytes = new Uint8Array(9);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, TIMESTAMP_FIELD, true);
  view.setUint16(2, 5, true);
  view.setUint8(4, 1);
  view.setInt32(5, seconds, true);
  return bytes;
}

/** Zeros of a record's fixed length behind its signature, followed by its variable parts. */
function record(fixed: number, signature: number, ...parts: Uint8Array[]) {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, fixed));
  let offset = fixed;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  return { bytes, view };
}
