// Reading an archive's bytes: whole records or an error, and the extra fields of an entry.
import { broken, quoted } from "./error.ts";
import { HARMLESS_FIELDS, TIMESTAMP_FIELD, ZIP64_FIELD, type ZipSource } from "./format.ts";

/** Exactly these bytes, valid until the next read; `broken` where the archive ends before them. */
export function bytesAt(source: ZipSource, offset: number, length: number): Uint8Array {
  if (offset < 0 || offset + length > source.size) throw broken("it is cut off");
  const bytes = source.read(offset, length);
  if (bytes.length !== length) throw broken("it is cut off");
  return bytes;
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * The seconds since 1970 that an entry's extra fields give its content, null where they don't. Throws `broken` for fields that overrun
 * and for all that could carry another name, size, link target or key than the headers show.
 */
export function secondsFrom(extra: Uint8Array, name: string): number | null {
  const view = viewOf(extra);
  let seconds: number | null = null;
  let offset = 0;
  while (offset < extra.length) {
    if (offset + 4 > extra.length) throw broken(`${quoted(name)} has a broken extra field`);
    const id = view.getUint16(offset, true);
    const length = view.getUint16(offset + 2, true);
    offset += 4;
    if (offset + length > extra.length) throw broken(`${quoted(name)} has a broken extra field`);
    if (id === ZIP64_FIELD) throw zip64();
    if (!HARMLESS_FIELDS.has(id))
      throw broken(`${quoted(name)} has an extra field 0x${id.toString(16).padStart(4, "0")}, which is not known`);
    if (id === TIMESTAMP_FIELD && length >= 5 && (view.getUint8(offset) & 1) === 1)
      seconds = view.getInt32(offset + 1, true);
    offset += length;
  }
  return seconds;
}

export const zip64 = () => broken("it is a zip64 archive, which is not read");
