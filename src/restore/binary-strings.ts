// The texts of a binary plist, changed in place of the old ones and nothing else: every other object keeps its bytes, whose types a
// parser would lose. Pure. Format: CFBinaryPList.c of Apple's CoreFoundation ("bplist00": objects, offset table, 32-byte trailer).

const MAGIC = "bplist00";
const TRAILER_BYTES = 32;
/** null, false, true. */
const SINGLE = new Set([0x00, 0x08, 0x09]);
/** Integers of 1 to 16 bytes, reals of 4 and 8, a date. */
const NUMBERS = new Set([0x10, 0x11, 0x12, 0x13, 0x14, 0x22, 0x23, 0x33]);
const DATA = 0x4;
const ASCII = 0x5;
const UTF16 = 0x6;
const UID = 0x8;
const ARRAY = 0xa;
const SETS = [0xb, 0xc];
const DICT = 0xd;

/** launchd's KeepAlive.PathState: the only dictionary whose keys are paths. */
const PATH_STATE = "PathState";

/** A text's new form; `key` is the nearest key above it. */
type Rewrite = (text: string, key: string) => string;

/**
 * The plist with every text that is a value, or a path that is a key in PathState, passed through `change`, once for each text that
 * stands in it; null where the bytes are not a sound binary plist, or one with more in it than can be kept exactly.
 */
export function mapBinaryStrings(bytes: Uint8Array, change: Rewrite): Uint8Array | null {
  try {
    return rebuild(Buffer.from(bytes), change);
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

interface PlistObject {
  bytes: Buffer;
  /** Only of a text. */
  text: string | null;
  /** Objects that it leads to, by index; a dictionary's keys come first. Where they stand in `bytes`: from `refsAt` on. */
  refs: number[];
  refsAt: number;
  keyCount: number;
}

function rebuild(bytes: Buffer, change: Rewrite): Uint8Array {
  const { table, offsets, refSize, top } = tableOf(bytes);
  const objects = offsets.map((offset) => objectAt(bytes.subarray(0, table), offset, refSize));
  // Objects that lie over one another would make much out of little.
  const total = objects.reduce((sum, object) => sum + object.bytes.length, MAGIC.length);
  if (total > table) throw new RangeError("objects overlap");
  const { keys, values, pathStates } = rolesOf(objects, top);
  const parts = objects.map((object) => object.bytes);
  /** Texts that are a key as well, which stays: where their new form is. */
  const beside = new Map<number, number>();
  for (const [index, key] of values) {
    const text = objects[index]?.text ?? "";
    const after = change(text, key);
    if (after === text) continue;
    if (keys.has(index)) beside.set(index, parts.push(encoded(after)) - 1);
    else parts[index] = encoded(after);
  }
  const pathKeys = new Map<number, number>();
  for (const index of pathStates)
    for (const name of objects[index]?.refs.slice(0, objects[index]?.keyCount) ?? []) {
      const text = objects[name]?.text ?? "";
      const after = pathKeys.has(name) ? text : change(text, PATH_STATE);
      if (after !== text) pathKeys.set(name, parts.push(encoded(after)) - 1);
    }
  if (beside.size > 0 || pathKeys.size > 0)
    for (const [index, object] of objects.entries())
      if (object.refs.length > 0)
        parts[index] = withRefs(object, beside, pathStates.has(index) ? pathKeys : new Map(), refSize);
  return assembled(parts, bytes.subarray(-TRAILER_BYTES));
}

interface Table {
  /** Where it begins: behind the objects. */
  table: number;
  /** Where each object begins. */
  offsets: number[];
  /** How many bytes a reference has. */
  refSize: number;
  /** The outermost object. */
  top: number;
}

function tableOf(bytes: Buffer): Table {
  if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new RangeError("another format");
  const trailer = slice(bytes, bytes.length - TRAILER_BYTES, TRAILER_BYTES);
  const [offsetSize, refSize] = [trailer.readUInt8(6), trailer.readUInt8(7)];
  const [count, top, table] = [8, 16, 24].map((at) => unsigned(trailer, at, 8)) as [number, number, number];
  const entries = slice(bytes, table, count * offsetSize);
  const offsets = Array.from({ length: count }, (_, index) => unsigned(entries, index * offsetSize, offsetSize));
  if (top >= count) throw new RangeError("no outermost object");
  return { table, offsets, refSize, top };
}

function objectAt(bytes: Buffer, offset: number, refSize: number): PlistObject {
  const marker = bytes.readUInt8(offset);
  const [type, low] = [marker >> 4, marker & 0xf];
  const plain = (length: number): PlistObject => ({
    bytes: slice(bytes, offset, length),
    ...{ text: null, refs: [], refsAt: 0, keyCount: 0 },
  });
  // Fixed sizes: null and booleans; integers and reals of 2^low bytes; a date.
  if (SINGLE.has(marker)) return plain(1);
  if (NUMBERS.has(marker)) return plain(1 + 2 ** low);
  if (type === UID) return plain(2 + low);
  const { head, count } = low === 0xf ? longCount(bytes, offset) : { head: 1, count: low };
  if (type === DATA) return plain(head + count);
  if (type === ASCII || type === UTF16) {
    const object = plain(head + count * (type === ASCII ? 1 : 2));
    const body = Buffer.from(object.bytes.subarray(head));
    return { ...object, text: type === ASCII ? body.toString("latin1") : body.swap16().toString("utf16le") };
  }
  if (type !== ARRAY && type !== DICT && !SETS.includes(type)) throw new RangeError("an object of an unknown type");
  const refCount = type === DICT ? 2 * count : count;
  const object = plain(head + refCount * refSize);
  const refs = Array.from({ length: refCount }, (_, index) => unsigned(object.bytes, head + index * refSize, refSize));
  return { ...object, refs, refsAt: head, keyCount: type === DICT ? count : 0 };
}

/** Which texts are keys of a dictionary, and the nearest key above each text that is a value. From the outermost object inwards. */
function rolesOf(
  objects: PlistObject[],
  top: number,
): { keys: Set<number>; values: Map<number, string>; pathStates: Set<number> } {
  const keys = new Set<number>();
  /** Dictionaries whose keys are paths. */
  const pathStates = new Set<number>();
  const values = new Map<number, string>();
  const seen = new Set<number>();
  const open: [index: number, key: string][] = [[top, ""]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [index, key] = next;
    const object = objects[index];
    if (object === undefined) throw new RangeError("a reference leads out");
    if (object.text !== null && !values.has(index)) values.set(index, key);
    if (seen.has(index)) continue;
    seen.add(index);
    const { refs, keyCount } = object;
    if (key === PATH_STATE && keyCount > 0) pathStates.add(index);
    for (let at = refs.length - 1; at >= keyCount; at--) {
      const name = refs[at - keyCount] ?? -1;
      open.push([refs[at] ?? -1, keyCount === 0 ? key : (objects[name]?.text ?? "")]);
    }
    for (const name of refs.slice(0, keyCount)) keys.add(name);
  }
  return { keys, values, pathStates };
}

/** A container whose values, and keys, lead to the new forms. */
function withRefs(
  { bytes, refs, refsAt, keyCount }: PlistObject,
  beside: Map<number, number>,
  besideKeys: Map<number, number>,
  refSize: number,
): Buffer {
  const changed = Buffer.from(bytes);
  for (const [index, ref] of refs.entries()) {
    const now = (index < keyCount ? besideKeys : beside).get(ref);
    if (now !== undefined) changed.writeUIntBE(now, refsAt + index * refSize, refSize);
  }
  return changed;
}

function assembled(parts: Buffer[], oldTrailer: Buffer): Uint8Array {
  const table = MAGIC.length + parts.reduce((total, part) => total + part.length, 0);
  const size = [1, 2, 4].find((bytes) => table < 2 ** (8 * bytes));
  if (size === undefined) throw new RangeError("too large");
  const offsets = Buffer.alloc(parts.length * size);
  let at = MAGIC.length;
  for (const [index, part] of parts.entries()) {
    offsets.writeUIntBE(at, index * size, size);
    at += part.length;
  }
  const trailer = Buffer.from(oldTrailer);
  trailer.writeUInt8(size, 6);
  trailer.writeBigUInt64BE(BigInt(parts.length), 8);
  trailer.writeBigUInt64BE(BigInt(table), 24);
  return Buffer.concat([Buffer.from(MAGIC, "latin1"), ...parts, offsets, trailer]);
}

function slice(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset < 0 || offset + length > bytes.length) throw new RangeError("an object leads out");
  return bytes.subarray(offset, offset + length);
}

/** A number of 1 to 8 bytes. Throws where it has another size, or is more than a number holds exactly. */
function unsigned(bytes: Buffer, offset: number, size: number): number {
  if (size !== 8) return bytes.readUIntBE(offset, size);
  const value = bytes.readBigUInt64BE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("a number beyond all sizes");
  return Number(value);
}

/** A count that does not fit into its marker: an integer object follows. */
function longCount(bytes: Buffer, offset: number): { head: number; count: number } {
  const marker = bytes.readUInt8(offset + 1);
  if (marker >> 4 !== 0x1) throw new RangeError("a count that is not an integer");
  const size = 2 ** (marker & 0xf);
  return { head: 2 + size, count: unsigned(bytes, offset + 2, size) };
}

function encoded(text: string): Buffer {
  const isAscii = /^[\0-\x7f]*$/.test(text);
  const body = isAscii ? Buffer.from(text, "latin1") : Buffer.from(text, "utf16le").swap16();
  const type = (isAscii ? ASCII : UTF16) << 4;
  if (text.length < 0xf) return Buffer.concat([Buffer.from([type | text.length]), body]);
  const head = Buffer.from([type | 0xf, 0x12, 0, 0, 0, 0]);
  head.writeUInt32BE(text.length, 2);
  return Buffer.concat([head, body]);
}
