// A binary property list as a value, and a value as a binary property list. Every end of the value keeps the bytes of its object, so that
// a whole real, a 64-bit integer, a UID and the width of a number stay what they are: `plist` reads all numbers as doubles. Pure.
// Format: CFBinaryPList.c of Apple's CoreFoundation ("bplist00": objects, offset table, 32-byte trailer).
import { type Branch, DEEPEST, type Doc, leafOf, type Node, Unreadable } from "./node.ts";

const TRAILER_BYTES = 32;
const SECONDS_TO_2001 = 978_307_200;
const MAGIC = Buffer.from("bplist00");

export const isBinaryPlist = (bytes: Uint8Array): boolean => MAGIC.equals(bytes.subarray(0, MAGIC.length));

const DAMAGED = "this binary property list is cut off or damaged: bring it back from a snapshot";

/** Throws Unreadable for what is not a sound binary property list. A key may stand twice. */
export function readBinary(bytes: Uint8Array): Doc {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const trailer = buffer.subarray(buffer.length - TRAILER_BYTES);
    const [offsetSize, refSize] = [trailer.readUInt8(6), trailer.readUInt8(7)];
    const [count, top, table] = [8, 16, 24].map((at) => Number(trailer.readBigUInt64BE(at)));
    if (count === undefined || top === undefined || table === undefined || count > buffer.length)
      throw new Unreadable();
    if (table < MAGIC.length || table + count * offsetSize > buffer.length - TRAILER_BYTES) throw new Unreadable();
    const offsets = Array.from({ length: count }, (_, object) =>
      buffer.readUIntBE(table + object * offsetSize, offsetSize),
    );
    const root = readObject({ buffer, offsets, refSize, read: 0 }, top, 0);
    return { form: "binary", text: "", root, encode: () => null };
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof Unreadable) throw new Unreadable(DAMAGED);
    throw cause;
  }
}

interface Source {
  buffer: Buffer;
  offsets: number[];
  refSize: number;
  /** How many objects were read: one may be named again and again. */
  read: number;
}
const MOST_READ = 1_000_000;

function readObject(source: Source, object: number, depth: number): Node {
  const { buffer, offsets, refSize } = source;
  const offset = offsets[object];
  if (offset === undefined || depth > DEEPEST || ++source.read > MOST_READ) throw new Unreadable();
  const marker = buffer.readUInt8(offset);
  const { head, size } = headOf(buffer, offset, marker);
  const content = offset + head;
  const refAt = (index: number) => buffer.readUIntBE(content + index * refSize, refSize);
  const branch = (sort: Branch["sort"], parts: Branch["parts"]): Branch => ({
    ...{ sort, parts, start: 0, end: 0, inner: { start: 0, end: 0 }, style: "elements" },
  });
  const part = (key: string | null, ref: number) => ({
    key,
    start: 0,
    keyEnd: 0,
    end: 0,
    value: readObject(source, ref, depth + 1),
  });
  if (marker >> 4 === 0xa)
    return branch(
      "list",
      Array.from({ length: size }, (_, index) => part(null, refAt(index))),
    );
  if (marker >> 4 === 0xd)
    return branch(
      "dict",
      Array.from({ length: size }, (_, index) => part(textAt(source, refAt(index)), refAt(size + index))),
    );
  const bytes = contentBytes(marker, size);
  if (content + bytes > buffer.length) throw new Unreadable();
  const payload = buffer.subarray(content, content + bytes);
  return { sort: "leaf", is: leafIs(marker, payload), start: 0, end: 0, raw: buffer.subarray(offset, content + bytes) };
}

/** A key: it must be a text. */
function textAt(source: Source, object: number): string {
  const key = readObject(source, object, DEEPEST);
  const text: unknown = key.sort === "leaf" && key.is.startsWith("string ") ? JSON.parse(key.is.slice(7)) : null;
  if (typeof text !== "string") throw new Unreadable();
  return text;
}

/** How long marker and size are, and the size itself: what it counts depends on the type. */
function headOf(buffer: Buffer, offset: number, marker: number): { head: number; size: number } {
  const size = marker & 0xf;
  if (size !== 0xf || marker >> 4 < 4) return { head: 1, size };
  const width = 1 << (buffer.readUInt8(offset + 1) & 0xf);
  return {
    head: 2 + width,
    size: width === 8 ? Number(buffer.readBigUInt64BE(offset + 2)) : buffer.readUIntBE(offset + 2, width),
  };
}

function contentBytes(marker: number, size: number): number {
  switch (marker >> 4) {
    case 0x0:
      return 0;
    case 0x1:
    case 0x2:
    case 0x3:
      return 1 << size;
    case 0x4:
    case 0x5:
      return size;
    case 0x6:
      return size * 2;
    case 0x8:
      return size + 1;
    default:
      throw new Unreadable();
  }
}

/** Type and value, as an XML property list would have them. */
function leafIs(marker: number, payload: Buffer): string {
  switch (marker >> 4) {
    case 0x0:
      if (marker !== 0x08 && marker !== 0x09) throw new Unreadable();
      return marker === 0x09 ? "true" : "false";
    case 0x1:
      return leafOf("integer", String(integerOf(payload)));
    case 0x2: {
      const number = payload.length === 4 ? payload.readFloatBE() : payload.readDoubleBE();
      return leafOf("real", Object.is(number, -0) ? "-0" : String(number).replace("Infinity", "inf").toLowerCase());
    }
    case 0x3:
      return leafOf("date", dateText(payload.readDoubleBE()));
    case 0x4:
      return leafOf("data", payload.toString("base64"));
    case 0x5:
      return leafOf("string", payload.toString("latin1"));
    case 0x6:
      return leafOf("string", Buffer.from(payload).swap16().toString("utf16le"));
    default:
      return leafOf("uid", payload.toString("hex"));
  }
}

/** Up to four bytes have no sign; eight have one; sixteen hold what is larger. */
function integerOf(payload: Buffer): bigint {
  if (payload.length <= 4) return BigInt(payload.readUIntBE(0, payload.length));
  if (payload.length === 8) return payload.readBigInt64BE();
  return (payload.readBigInt64BE(0) << 64n) | payload.readBigUInt64BE(8);
}

/** A date of whole seconds as XML writes it; of others, what no XML date is. */
function dateText(seconds: number): string {
  const date = new Date((seconds + SECONDS_TO_2001) * 1000);
  if (Number.isNaN(date.getTime())) throw new Unreadable();
  return Number.isInteger(seconds) ? date.toISOString().replace(".000Z", "Z") : String(seconds);
}

/** A value as a binary property list; null where one of its ends is not of the binary form's types. */
export function writeBinary(root: Node): Uint8Array | null {
  const objects: { bytes: Buffer | null; keys: number[]; values: number[]; sort: Branch["sort"] }[] = [];
  const known = new Map<string, number>();
  const leaf = (bytes: Buffer): number => {
    const text = bytes.toString("latin1");
    const number = known.get(text) ?? objects.push({ bytes, keys: [], values: [], sort: "list" }) - 1;
    known.set(text, number);
    return number;
  };
  const add = (node: Node): number => {
    if (node.sort === "leaf") return leaf(node.raw === undefined ? objectOf(node.is) : Buffer.from(node.raw));
    const object = { bytes: null, keys: [] as number[], values: [] as number[], sort: node.sort };
    const number = objects.push(object) - 1;
    if (node.sort === "dict") object.keys = node.parts.map(({ key }) => leaf(objectOf(leafOf("string", key ?? ""))));
    object.values = node.parts.map(({ value }) => add(value));
    return number;
  };
  try {
    add(root);
  } catch (cause) {
    if (cause instanceof Unreadable) return null;
    throw cause;
  }
  const refSize = widthOf(objects.length);
  const parts: Buffer[] = [MAGIC];
  const offsets: number[] = [];
  let at = MAGIC.length;
  for (const { bytes, keys, values, sort } of objects) {
    const refs = Buffer.alloc((keys.length + values.length) * refSize);
    for (const [index, ref] of [...keys, ...values].entries()) refs.writeUIntBE(ref, index * refSize, refSize);
    const part = bytes ?? Buffer.concat([head(sort === "dict" ? 0xd : 0xa, values.length), refs]);
    offsets.push(at);
    parts.push(part);
    at += part.length;
  }
  const size = widthOf(at);
  const table = Buffer.alloc(offsets.length * size);
  for (const [index, offset] of offsets.entries()) table.writeUIntBE(offset, index * size, size);
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt8(size, 6);
  trailer.writeUInt8(refSize, 7);
  trailer.writeBigUInt64BE(BigInt(offsets.length), 8);
  trailer.writeBigUInt64BE(BigInt(at), 24);
  return Buffer.concat([...parts, table, trailer]);
}

const widthOf = (most: number): 1 | 2 | 4 => {
  if (most < 0x100) return 1;
  return most < 0x10000 ? 2 : 4;
};

function head(type: number, size: number): Buffer {
  if (size < 0xf) return Buffer.from([(type << 4) | size]);
  const width = widthOf(size);
  const bytes = Buffer.alloc(2 + width);
  bytes.writeUInt8((type << 4) | 0xf, 0);
  bytes.writeUInt8(0x10 | Math.log2(width), 1);
  bytes.writeUIntBE(size, 2, width);
  return bytes;
}

/** The object of a value that stood in XML. */
function objectOf(is: string): Buffer {
  if (is === "true" || is === "false") return Buffer.from([is === "true" ? 0x09 : 0x08]);
  const at = is.indexOf(" ");
  const text = String(JSON.parse(is.slice(at + 1)));
  switch (is.slice(0, at)) {
    case "string":
      return /^[\0-\x7f]*$/.test(text)
        ? Buffer.concat([head(0x5, text.length), Buffer.from(text, "latin1")])
        : Buffer.concat([head(0x6, text.length), Buffer.from(text, "utf16le").swap16()]);
    case "data": {
      const data = Buffer.from(text, "base64");
      return Buffer.concat([head(0x4, data.length), data]);
    }
    case "real":
      return double(0x23, Number(text.replace(/^(-?)inf(inity)?$/, "$1Infinity")));
    case "date":
      return double(0x33, Date.parse(text) / 1000 - SECONDS_TO_2001);
    case "integer":
      return integer(BigInt(text));
    default:
      throw new Unreadable();
  }
}

function double(marker: number, number: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(marker, 0);
  bytes.writeDoubleBE(number, 1);
  return bytes;
}

function integer(number: bigint): Buffer {
  const width = [1, 2, 4].find((bytes) => number >= 0n && number < 1n << BigInt(8 * bytes));
  if (width !== undefined) {
    const bytes = Buffer.alloc(1 + width);
    bytes.writeUInt8(0x10 | Math.log2(width), 0);
    bytes.writeUIntBE(Number(number), 1, width);
    return bytes;
  }
  const isLarge = number >= 1n << 63n;
  const bytes = Buffer.alloc(isLarge ? 17 : 9);
  bytes.writeUInt8(isLarge ? 0x14 : 0x13, 0);
  if (isLarge) bytes.writeBigUInt64BE(number, 9);
  else bytes.writeBigInt64BE(number, 1);
  return bytes;
}
