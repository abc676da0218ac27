// Binary plists whose texts change: what the plist library reads before and after differs in those texts and in nothing else.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildBinary, type PlistValue, parse } from "plist";
import { mapBinaryStrings } from "../../src/restore/binary-strings.ts";
import { runs } from "../property.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("/Users/old", "/Users/old/x", "Label", "grüße", "\ud800", "x".repeat(300)),
);
/** The library's own reader loses a key of this name. */
const key = text.filter((name) => name !== "__proto__");
const { value } = fc.letrec<{ value: PlistValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(key, tie("value"), { maxKeys: 20 }),
  ),
}));

const move = (before: string): string => before.replace(/^\/Users\/old/, "/Users/neü");

/** The value with every text moved that is not a key. */
function moved(of: PlistValue): PlistValue {
  if (typeof of === "string") return move(of);
  if (Array.isArray(of)) return of.map(moved);
  if (!isDictionary(of)) return of;
  return Object.fromEntries(Object.entries(of).map(([name, item]) => [name, moved(item)]));
}
const isDictionary = (of: PlistValue): of is { [name: string]: PlistValue } =>
  typeof of === "object" && of !== null && !(of instanceof Date) && !ArrayBuffer.isView(of) && !Array.isArray(of);

/** Bytes per field. `count` is the one of a long count, which some writers use for short texts, too. */
interface Widths {
  count: 1 | 2 | 4 | 8;
  ref: 2 | 4;
  offset: 4 | 8;
}

/** A binary plist as another writer might lay it out: with wide fields, and each text an object of its own. */
function laidOut(root: PlistValue, { count, ref, offset }: Widths): Uint8Array {
  const objects: Buffer[] = [];
  const field = (bytes: number, number: number) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64BE(BigInt(number));
    return buffer.subarray(8 - bytes);
  };
  const long = (type: number, length: number, ...body: Buffer[]) =>
    Buffer.concat([Buffer.from([(type << 4) | 0xf, 0x10 | Math.log2(count)]), field(count, length), ...body]);
  const add = (of: PlistValue): number => {
    const at = objects.push(Buffer.alloc(0)) - 1;
    const refs = (items: PlistValue[]) => items.map((item) => field(ref, add(item)));
    if (typeof of === "string") objects[at] = long(0x6, of.length, Buffer.from(of, "utf16le").swap16());
    else if (Array.isArray(of)) objects[at] = long(0xa, of.length, ...refs(of));
    else if (isDictionary(of)) {
      const names = Object.keys(of);
      objects[at] = long(0xd, names.length, ...refs(names), ...refs(Object.values(of)));
    } else {
      // The only object of a plist of its own, between the magic and a table of one entry.
      const alone = Buffer.from(buildBinary(of));
      objects[at] = alone.subarray(8, -33);
    }
    return at;
  };
  add(root);
  let at = 8;
  const table = objects.map((object) => {
    at += object.length;
    return field(offset, at - object.length);
  });
  const trailer = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, offset, ref]), field(8, objects.length), field(8, 0)]);
  return Buffer.concat([Buffer.from("bplist00"), ...objects, ...table, trailer, field(8, at)]);
}

test("what the library has written it reads again, with the new texts", () => {
  fc.assert(
    fc.property(value, (drawn) => {
      const before = buildBinary(drawn);
      expect(parse(mapBinaryStrings(before, move) ?? "")).toEqual(moved(parse(before)));
    }),
    // The library writes a text once, be it a key, a value or both.
    { ...runs(300), examples: [[{ "/Users/old": "/Users/old" }], [["/Users/old", { "/Users/old": ["/Users/old"] }]]] },
  );
});

test("what others have laid out, with wide counts and offsets, the library reads before and after", () => {
  const widths = fc.record<Widths>({
    count: fc.constantFrom(2, 4, 8),
    ref: fc.constantFrom(2, 4),
    offset: fc.constantFrom(4, 8),
  });
  fc.assert(
    fc.property(value, widths, (drawn, wide) => {
      const before = laidOut(drawn, wide);
      expect(parse(before)).toEqual(parse(buildBinary(drawn)));
      expect(parse(mapBinaryStrings(before, move) ?? "")).toEqual(moved(parse(before)));
    }),
    // Counts of eight bytes: once the first six of them were read, and the text was lost.
    { ...runs(300), examples: [[{ Label: "/Users/old" }, { count: 8, ref: 2, offset: 4 }]] },
  );
});

test("bytes that were damaged are refused, or read as before by the library", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  let kept = 0;
  fc.assert(
    fc.property(value, damage, (drawn, changes) => {
      const bytes = buildBinary(drawn);
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      const after = mapBinaryStrings(bytes, (same) => same);
      const before = readable(bytes);
      if (after === null || before === undefined) return;
      kept++;
      // As text, for which one date that is none equals another.
      expect(JSON.stringify(parse(after))).toBe(JSON.stringify(before));
    }),
    runs(500),
  );
  expect(kept).toBeGreaterThan(50);
});

function readable(bytes: Uint8Array): PlistValue | undefined {
  try {
    return parse(bytes);
  } catch {
    return undefined;
  }
}

test("a text is told with the nearest key above it", () => {
  const told: string[] = [];
  const value = { Label: "a", Args: ["b", ["c"]], Env: { HOME: "d", Args: [{ Deep: "e" }] } };
  mapBinaryStrings(buildBinary(value), (text, name) => {
    told.push(`${name}: ${text}`);
    return text;
  });
  expect(told).toEqual(["Label: a", "Args: b", "Args: c", "HOME: d", "Deep: e"]);
});

describe("is refused", () => {
  const sound = laidOut({ Label: "/Users/old" }, { count: 8, ref: 2, offset: 4 });
  const with_ = (at: number, ...bytes: number[]) => {
    const changed = Buffer.from(sound);
    changed.set(bytes, at < 0 ? changed.length + at : at);
    return changed;
  };
  const dictionary = 8;
  test("the sound one is not", () => expect(mapBinaryStrings(sound, move)).not.toBeNull());
  test.each([
    ["nothing", new Uint8Array(0)],
    ["another magic", with_(0, 0x42)],
    ["cut off", sound.subarray(0, -1)],
    ["a count of sixteen bytes", with_(dictionary + 1, 0x14)],
    ["a count beyond all sizes", with_(dictionary + 2, 0xff)],
    ["a count that is not an integer", with_(dictionary + 1, 0x23)],
    ["an object of an unknown type", with_(dictionary, 0x7f)],
    ["a singleton that nobody knows", with_(dictionary, 0x0c)],
    ["offsets of no bytes", with_(-26, 0)],
    ["references of seven bytes", with_(-25, 7)],
    ["more objects than there is room for", with_(-24, 0, 0, 0, 0, 0x7f)],
    ["an outermost object that is not there", with_(-9, 99)],
    ["two objects in one place", with_(-32 - 8, ...sound.subarray(-32 - 4, -32))],
  ])("%s", (_what, bytes) => expect(mapBinaryStrings(bytes, move)).toBeNull());
});
