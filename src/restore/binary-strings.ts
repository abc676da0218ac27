// The texts of a binary plist, changed in place of the old ones and nothing else: every other object keeps its bytes, whose types a
// parser would lose. Pure. Format: CFBinaryPList.c of Apple's CoreFoundation ("bplist00": objects, offset table, 32-byte trailer).

const TRAILER_BYTES = 32;
const ASCII = 0x5;
const UTF16 = 0x6;

/** A text's new form; `key` is the nearest key above it. */
type Change = (text: string, key: string) => string;

/** The plist with every text that is no key passed through `change`; null where the bytes are no sound binary plist. */
export function mapBinaryStrings(bytes: Uint8Array, change: Change): Uint8Array | null {
  try {
    return rebuild(Buffer.from(bytes), change);
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

function rebuild(bytes: Buffer, change: Change): Uint8Array {
  const trailer = bytes.subarray(bytes.length - TRAILER_BYTES);
  const [offsetSize, refSize] = [trailer.readUInt8(6), trailer.readUInt8(7)];
  const count = Number(trailer.readBigUInt64BE(8));
  const table = Number(trailer.readBigUInt64BE(24));
  if (count > bytes.length || table > bytes.length) throw new RangeError("no such table");
  const old = Array.from({ length: count }, (_, object) => bytes.readUIntBE(table + object * offsetSize, offsetSize));
  const { keys, names } = keysOf(bytes, old, refSize);
  const parts: Buffer[] = [bytes.subarray(0, 8)];
  const offsets: number[] = [];
  let at = 8;
  for (const [object, offset] of old.entries()) {
    const kept = (text: string) => (keys.has(object) ? text : change(text, names.get(object) ?? ""));
    const part = mapped(bytes, offset, refSize, kept);
    offsets.push(at);
    parts.push(part);
    at += part.length;
  }
  const size = [1, 2].find((width) => at < 2 ** (8 * width)) ?? 4;
  const newTable = Buffer.alloc(count * size);
  for (const [object, offset] of offsets.entries()) newTable.writeUIntBE(offset, object * size, size);
  const end = Buffer.from(trailer);
  end.writeUInt8(size, 6);
  end.writeBigUInt64BE(BigInt(at), 24);
  return Buffer.concat([...parts, newTable, end]);
}

/** Which objects are keys of a dictionary, and the nearest key above each object that lies in one or in its lists. */
function keysOf(bytes: Buffer, offsets: number[], refSize: number): { keys: Set<number>; names: Map<number, string> } {
  const keys = new Set<number>();
  const names = new Map<number, string>();
  const lists: { list: number; items: number[] }[] = [];
  for (const [object, offset] of offsets.entries()) {
    const marker = bytes.readUInt8(offset);
    const type = marker >> 4;
    if (type !== 0xa && type !== 0xd) continue;
    const { length, count } = (marker & 0xf) === 0xf ? longCount(bytes, offset) : { length: 1, count: marker & 0xf };
    const ref = (index: number) => bytes.readUIntBE(offset + length + index * refSize, refSize);
    if (type === 0xa) lists.push({ list: object, items: Array.from({ length: count }, (_, index) => ref(index)) });
    else
      for (let index = 0; index < count; index++) {
        keys.add(ref(index));
        names.set(ref(count + index), textAt(bytes, offsets[ref(index)] ?? -1, refSize));
      }
  }
  for (const { list, items } of lists)
    for (const item of items) names.set(item, names.get(item) ?? names.get(list) ?? "");
  return { keys, names };
}

function textAt(bytes: Buffer, offset: number, refSize: number): string {
  let found = "";
  mapped(bytes, offset, refSize, (text) => {
    found = text;
    return text;
  });
  return found;
}

/** One object's bytes, a text's after `change`. */
function mapped(bytes: Buffer, offset: number, refSize: number, change: (text: string) => string): Buffer {
  const marker = bytes.readUInt8(offset);
  const [type, low] = [marker >> 4, marker & 0xf];
  if (type < 0x4) {
    // Fixed sizes: null and booleans; integers and reals of 2^low bytes; a date.
    const length = type === 0 ? 1 : 1 + (type === 0x3 ? 8 : 2 ** low);
    return slice(bytes, offset, length);
  }
  if (type === 0x8) return slice(bytes, offset, 2 + low);
  const { length: head, count } = low === 0xf ? longCount(bytes, offset) : { length: 1, count: low };
  if (type !== ASCII && type !== UTF16) {
    // Raw bytes; a dictionary's keys and values; references.
    if (type === 0x4) return slice(bytes, offset, head + count);
    return slice(bytes, offset, head + count * refSize * (type === 0xd ? 2 : 1));
  }
  const whole = slice(bytes, offset, head + count * (type === ASCII ? 1 : 2));
  const body = Buffer.from(whole.subarray(head));
  const text = type === ASCII ? body.toString("latin1") : body.swap16().toString("utf16le");
  const after = change(text);
  return after === text ? whole : encoded(after);
}

function slice(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset + length > bytes.length) throw new RangeError("an object leads out");
  return bytes.subarray(offset, offset + length);
}

function longCount(bytes: Buffer, offset: number): { length: number; count: number } {
  const size = 2 ** (bytes.readUInt8(offset + 1) & 0xf);
  return { length: 2 + size, count: bytes.readUIntBE(offset + 2, Math.min(size, 6)) };
}

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

function encoded(text: string): Buffer {
  const ascii = isAscii(text);
  const body = ascii ? Buffer.from(text, "latin1") : Buffer.from(text, "utf16le").swap16();
  const type = (ascii ? ASCII : UTF16) << 4;
  const count = text.length;
  if (count < 0xf) return Buffer.concat([Buffer.from([type | count]), body]);
  const head = Buffer.alloc(7);
  head.writeUInt8(type | 0xf, 0);
  head.writeUInt8(0x12, 1);
  head.writeUInt32BE(count, 2);
  return Buffer.concat([head.subarray(0, 6), body]);
}
