/**
 * The archive's layout: a plain subset of ZIP (PKWARE APPNOTE.TXT 6.3.x) that every unzip opens, and nothing beside it.
 *
 *     local header, name, extra fields, data [, descriptor]     once for each entry, from byte 0 on, without a gap   4.3.6
 *     directory header, name, extra fields                      once for each entry, right behind the last one      4.3.12
 *     end record                                                the last 22 bytes                                    4.3.16
 *
 * Written by fflate's Zip, the same bytes for the same entries each time, on every machine, in every time zone, however the files
 * came in chunks. The deflating zlib is part of the binary; tests/golden.ts holds the bytes on each processor.
 * - Entries stand in the order given. Names are UTF-8, with general purpose flag 11 where they are not ASCII (4.4.4, appendix D),
 *   folders end in `/` (4.4.17), all lie below one top folder, no two are one where case and Unicode form do not count.
 * - Version made by 2.0 on Unix (4.4.2), version needed 2.0 (4.4.3). The Unix mode with its file type is in the upper half of the
 *   external attributes, bit 4 of the lower half marks folders (4.4.15).
 * - Times: the DOS fields hold UTC (4.4.6), and one extended timestamp field 0x5455 holds the seconds since 1970 (4.6.1), which
 *   is what unzip goes by. A time that is out of its range (1901 to 2038) has the DOS fields alone, held to 1980 to 2107.
 * - Method 0 (stored) where deflate saves less than 1/32, else method 8 (deflate), 4.4.5. Of a file above 1 MiB its first 1 MiB decides.
 * - Flag 3 is set, zeros stand for CRC and sizes in the local header, and a descriptor with signature follows the data (4.3.9).
 * - No comments, no zip64, no encryption, one disk. So no file and no archive of 4 GiB - 1 or more, and at most 65,534 entries.
 *
 * Read: that, and what other zip tools make of the same files: descriptors with and without signature on any entry, names in
 * UTF-8 without flag 11, the flags 1 and 2 of deflate, and the extra fields in HARMLESS_FIELDS. All else is refused (read.ts).
 */

export const LOCAL_SIGNATURE = 0x04034b50;
export const DESCRIPTOR_SIGNATURE = 0x08074b50;
export const DIRECTORY_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;

export const LOCAL_BYTES = 30;
export const DESCRIPTOR_BYTES = 16;
export const DIRECTORY_BYTES = 46;
export const END_BYTES = 22;
export const ZIP64_LOCATOR_BYTES = 20;

export const FLAG_ENCRYPTED = 1 << 0;
export const FLAG_DEFLATE_HINTS = 0b11 << 1;
export const FLAG_DESCRIPTOR = 1 << 3;
export const FLAG_STRONG_ENCRYPTION = 1 << 6;
export const FLAG_UTF8 = 1 << 11;
export const FLAG_MASKED_HEADERS = 1 << 13;

export const STORED = 0;
export const DEFLATED = 8;

export const VERSION = 20;
export const HOST_UNIX = 3;

/** Unix file types, as `st_mode` has them. */
export const TYPE_BITS = 0o170000;
export const TYPE_FILE = 0o100000;
export const TYPE_FOLDER = 0o040000;
export const PERMISSION_BITS = 0o777;
/** The folder bit of the DOS half of the external attributes. */
export const DOS_FOLDER = 0x10;

export const TIMESTAMP_FIELD = 0x5455;
export const ZIP64_FIELD = 0x0001;
/** Extra fields that carry times and owners only: extended timestamp, NTFS times, Info-ZIP Unix old, second and new. */
export const HARMLESS_FIELDS: ReadonlySet<number> = new Set([TIMESTAMP_FIELD, 0x000a, 0x5855, 0x7855, 0x7875]);

/** In a field of 2 or 4 bytes these mean "look in the zip64 record", so they are not values. */
export const ZIP64_IN_2 = 0xffff;
export const ZIP64_IN_4 = 0xffff_ffff;

export const MOST_ENTRIES = ZIP64_IN_2 - 1;
export const MOST_BYTES = ZIP64_IN_4 - 1;

export interface ZipEntry {
  /** Checked: relative, `/` between its parts, below the top folder; a folder's ends in `/`. */
  name: string;
  folder: boolean;
  /** Permission bits alone; 0600 and 0700 where the archive records none. */
  mode: number;
  /** Milliseconds since 1970, UTC, of whole seconds. */
  mtimeMs: number;
  /** Bytes of the content, as the archive claims; `extract` holds it to that. */
  size: number;
  /** Bytes in the archive. */
  compressedSize: number;
  method: "stored" | "deflated";
  /** CRC-32 of the content, as the archive claims; `extract` holds it to that. */
  crc: number;
  /** Where its data begin in the archive. */
  dataOffset: number;
}

/** Bytes of an archive, wherever they are. `read` gives exactly `length` bytes, valid until the next call, or throws. */
export interface ZipSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}
