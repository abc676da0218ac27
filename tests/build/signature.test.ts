import { describe, expect, test } from "bun:test";
import { BadMachO } from "../../build/macho.ts";
import { signAdHoc } from "../../build/sign.ts";
import { checkSignature, verifyAdHoc } from "../../build/verify.ts";
import { LINKEDIT, OLD_SIGNATURE, SIGNATURE, TEXT, TEXT_SIZE, tinyMachO } from "./tiny-macho.ts";

const sha256 = (bytes: Uint8Array) => Bun.CryptoHasher.hash("sha256", bytes, "hex");

/** The tiny Mach-O is signed here, 11 bytes past the old place. */
const SIGNED_AT = 0x2110;
/** Inside the signature: the SuperBlob's 36 bytes, then the CodeDirectory, whose hashes start at `HASHES`. */
const DIRECTORY = SIGNED_AT + 36;
const HASHES = DIRECTORY + 88 + "rollback\0".length + 64;
const REQUIREMENTS = HASHES + 3 * 32;

describe("an ad-hoc signature", () => {
  test.each(["arm64", "x64"] as const)("for %s holds, and is not linker-signed", (cpu) => {
    const { cdhash, ...facts } = verifyAdHoc(signAdHoc(tinyMachO(cpu), "rollback"), "rollback");
    expect(facts).toEqual({ identifier: "rollback", flags: 0x2, version: 0x20400, pages: 3, pageSize: 4096 });
    expect(cdhash).toMatch(/^[0-9a-f]{40}$/);
  });

  test("has each byte where cs_blobs.h puts it", () => {
    const signed = signAdHoc(tinyMachO(), "rollback");
    const hex = (from: number, to: number) => Buffer.from(signed.subarray(from, to)).toString("hex");
    const length = 36 + 88 + 9 + 5 * 32 + 12 + 8;
    const u32 = (value: number) => value.toString(16).padStart(8, "0");
    expect(hex(SIGNED_AT, DIRECTORY)).toBe(
      `fade0cc0${u32(length)}00000003 00000000${u32(36)} 00000002${u32(293)} 00010000${u32(305)}`.replaceAll(" ", ""),
    );
    expect(hex(DIRECTORY, DIRECTORY + 88)).toBe(
      [
        "fade0c02 00000101 00020400 00000002", // magic, length 257, version, adhoc
        "000000a1 00000058 00000002 00000003 00002110", // hashes, identifier, special slots, pages, limit
        "20 02 00 0c 00000000 00000000 00000000 00000000", // 32-byte SHA-256, 4 KiB pages, no scatter, no team
        "0000000000000000 0000000000000000 0000000000002000 0000000000000001", // limit64, __TEXT, main binary
      ]
        .join("")
        .replaceAll(" ", ""),
    );
    expect(hex(DIRECTORY + 88, DIRECTORY + 97)).toBe(Buffer.from("rollback\0").toString("hex"));
    expect(hex(HASHES - 64, HASHES - 32)).toBe(sha256(Buffer.from("fade0c010000000c00000000", "hex")));
    expect(hex(HASHES - 32, HASHES)).toBe("00".repeat(32));
    for (const [page, end] of [0x1000, 0x2000, SIGNED_AT].entries()) {
      const at = HASHES + page * 32;
      expect(hex(at, at + 32)).toBe(sha256(signed.subarray(page * 0x1000, end)));
    }
    expect(hex(REQUIREMENTS, REQUIREMENTS + 20)).toBe("fade0c010000000c00000000fade0b0100000008");
  });

  test("ends the file and __LINKEDIT, at a multiple of 16, and the rest of the file is as it was", () => {
    const before = tinyMachO();
    const signed = signAdHoc(before, "rollback");
    const view = new DataView(signed.buffer);
    expect(view.getUint32(SIGNATURE + 8, true)).toBe(SIGNED_AT);
    expect(view.getUint32(SIGNATURE + 12, true)).toBe(signed.length - SIGNED_AT);
    expect(signed.length % 16).toBe(0);
    expect(view.getBigUint64(LINKEDIT + 48, true)).toBe(BigInt(signed.length - TEXT_SIZE));
    const patched = new DataView(before.buffer);
    patched.setUint32(SIGNATURE + 8, SIGNED_AT, true);
    patched.setUint32(SIGNATURE + 12, signed.length - SIGNED_AT, true);
    patched.setBigUint64(LINKEDIT + 48, BigInt(signed.length - TEXT_SIZE), true);
    expect(signed.subarray(0, OLD_SIGNATURE)).toEqual(before.subarray(0, OLD_SIGNATURE));
    expect([...signed.subarray(OLD_SIGNATURE, SIGNED_AT)]).toEqual(Array(SIGNED_AT - OLD_SIGNATURE).fill(0));
  });

  test.each([
    ["arm64", 0x4000n],
    ["x64", 0x1000n],
  ] as const)("rounds __LINKEDIT's size in memory to the pages of %s", (cpu, size) => {
    const signed = signAdHoc(tinyMachO(cpu), "rollback");
    expect(new DataView(signed.buffer).getBigUint64(LINKEDIT + 32, true)).toBe(size);
  });

  test("made anew over itself is the same bytes", () => {
    const signed = signAdHoc(tinyMachO(), "rollback");
    expect(signAdHoc(signed, "rollback")).toEqual(signed);
  });
});

type Change = (bytes: Uint8Array, view: DataView) => Uint8Array | undefined;

/** A change to a well signed file, and the sentence that refuses it. */
const damage: readonly (readonly [string, string, Change])[] = [
  ["a flipped byte in the first page", "1 of its pages do not match their hashes; the first is page 0", flip(0x800)],
  ["a flipped byte in the last page", "1 of its pages do not match their hashes; the first is page 2", flip(0x2100)],
  [
    "a flipped byte in a stored hash",
    "1 of its pages do not match their hashes; the first is page 1",
    flip(HASHES + 40),
  ],
  [
    "a file without its last byte",
    "it is cut off: __LINKEDIT ends at 8784, the file at 8783",
    (b) => b.subarray(0, -1),
  ],
  ["half a file", "it is cut off: __TEXT ends at 8192, the file at 4392", (b) => b.subarray(0, b.length / 2)],
  ["a file of a few bytes", "it is cut off: 20 bytes hold no header", (b) => b.subarray(0, 20)],
  ["load commands that are cut off", "it is cut off: its load commands end at 192", (b) => b.subarray(0, 100)],
  ["a byte too much", "its signature is followed by", (b) => longer(b)],
  ["bytes behind the signature", "1 bytes follow its signature", (b) => Buffer.concat([b, Buffer.of(0)])],
  ["a code limit that is too low", "its signature's code limit is 8192, not 8464", u32(DIRECTORY + 32, 0x2000)],
  ["a code limit that is too high", "its signature's code limit is 12288, not 8464", u32(DIRECTORY + 32, 0x3000)],
  ["too few pages", "its signature's number of pages is 2, not 3", u32(DIRECTORY + 28, 2)],
  ["more pages than fit", "its signature's hashes or identifier leave the CodeDirectory", u32(DIRECTORY + 28, 9)],
  ["another identifier", "its signature's identifier is a.out, not rollback", () => signAdHoc(tinyMachO(), "a.out")],
  ["an identifier without an end", "its signature's identifier is empty or has no end", unended],
  ["the linker-signed mark", "its signature's flags is 0x20002, not 0x2", u32(DIRECTORY + 12, 0x20002)],
  ["the hardened runtime mark", "its signature's flags is 0x10002, not 0x2", u32(DIRECTORY + 12, 0x10002)],
  ["an old version", "its signature's version 0x20001 is too old", u32(DIRECTORY + 8, 0x20001)],
  ["a newer version", "its signature's version is 0x20500, not 0x20400", u32(DIRECTORY + 8, 0x20500)],
  ["another hash", "its signature's hash type is 3, not 2", u8(DIRECTORY + 37, 3)],
  ["another page size", "its signature's page size is 32768", u8(DIRECTORY + 39, 15)],
  ["larger pages", "its signature's page size is 16384, not 4096", largerPages],
  ["fewer special slots", "its signature's special slots is 1, not 2", u32(DIRECTORY + 24, 1)],
  ["a reserved field", "its signature's field at 48 is 1, not 0", u32(DIRECTORY + 48, 1)],
  ["requirements of its own", "its signature's requirements is fade0c010000000c00000001", otherRequirements],
  ["another blob", "its signature's blobs is 0,2,65537, not 0,2,65536", u32(SIGNED_AT + 28, 0x10001)],
  ["another __TEXT", "its signature's executable segment's limit is 4096, not 8192", u32(DIRECTORY + 76, 0x1000)],
  ["no main binary", "its signature's executable segment's flags is 0, not 1", u32(DIRECTORY + 84, 0)],
  ["changed requirements", "its signature's special slot 2 does not match", u32(REQUIREMENTS + 8, 1)],
  ["a CMS wrapper's other magic", "its signature's CMS wrapper is fade0b0200000008", u8(REQUIREMENTS + 15, 2)],
  ["a blob that leaves the signature", "its signature's blob in slot 0x2 leaves", u32(SIGNED_AT + 24, 0x2000)],
  ["a blob twice", "its signature has two blobs in slot 0x2", u32(SIGNED_AT + 28, 2)],
  ["no CodeDirectory", "its signature has no CodeDirectory", u32(SIGNED_AT + 12, 5)],
  ["another CodeDirectory", "its signature's CodeDirectory is malformed", u32(DIRECTORY, 0xfade0c00)],
  ["no SuperBlob", "its signature is not a SuperBlob", u32(SIGNED_AT, 0xfade0cc1)],
  ["a SuperBlob that is cut off", "its signature's SuperBlob is cut off", u32(SIGNED_AT + 4, 0x10000)],
  ["no LC_CODE_SIGNATURE", "it has no LC_CODE_SIGNATURE", le32(SIGNATURE, 0x26)],
  [
    "a signature that is not aligned",
    "its signature's offset modulo 16 is 8, not 0",
    le32(SIGNATURE + 8, SIGNED_AT - 8),
  ],
  ["a signature that is too short", "its signature's end is 8768, not 8784", le32(SIGNATURE + 12, 0x130)],
  ["a signature before __LINKEDIT", "its signature starts before __LINKEDIT", le32(SIGNATURE + 8, 0x1ff0)],
  ["a small __LINKEDIT", "its __LINKEDIT is smaller in memory than in the file", le32(LINKEDIT + 32, 0x100)],
  ["no __LINKEDIT", "it has no segment __LINKEDIT", u8(LINKEDIT + 10, 0x78)],
  ["two LC_CODE_SIGNATURE", "it has more than one LC_CODE_SIGNATURE", split(TEXT, 0x1d, 16)],
  ["a long LC_CODE_SIGNATURE", "its LC_CODE_SIGNATURE has 24 bytes, not 16", split(TEXT, 0x1d, 24)],
  ["a short segment", "the segment command at 32 is too short", split(TEXT, 0x19, 16)],
  ["two segments __TEXT", "it has two segments named __TEXT", renamed],
  ["a load command of no length", "load command 1 is malformed", le32(LINKEDIT + 4, 0)],
  ["fewer load commands", "its load commands end at 176, but the header says 192", le32(16, 2)],
  ["a size of 64 bits", "the number at 80 is too large", le32(TEXT + 52, 0xffffffff)],
  ["a universal binary", "it is a universal binary, not a thin one", u32(0, 0xcafebabe)],
  ["a 32-bit Mach-O", "it is not a 64-bit Mach-O", le32(0, 0xfeedface)],
  ["another CPU", "its CPU type is unknown: 0x1000012", le32(4, 0x01000012)],
  ["a library", "it is not an executable: its file type is 6", le32(12, 6)],
];

function flip(at: number): Change {
  return (bytes, view) => {
    view.setUint8(at, view.getUint8(at) ^ 1);
    return bytes;
  };
}

function u8(at: number, value: number): Change {
  return (bytes, view) => {
    view.setUint8(at, value);
    return bytes;
  };
}

function u32(at: number, value: number): Change {
  return (bytes, view) => {
    view.setUint32(at, value);
    return bytes;
  };
}

function le32(at: number, value: number): Change {
  return (bytes, view) => {
    view.setUint32(at, value, true);
    return bytes;
  };
}

/** Makes two load commands of one: the first with this type and size. */
function split(at: number, type: number, size: number): Change {
  return (bytes, view) => {
    const whole = view.getUint32(at + 4, true);
    view.setUint32(16, 4, true);
    for (const [index, value] of [type, size].entries()) view.setUint32(at + index * 4, value, true);
    for (const [index, value] of [0x1b, whole - size].entries()) view.setUint32(at + size + index * 4, value, true);
    return bytes;
  };
}

/** One sound hash over one page of 16 KiB. */
function largerPages(bytes: Uint8Array, view: DataView): Uint8Array {
  view.setUint8(DIRECTORY + 39, 14);
  view.setUint32(DIRECTORY + 28, 1);
  bytes.set(Bun.CryptoHasher.hash("sha256", bytes.subarray(0, SIGNED_AT)), HASHES);
  return bytes;
}

/** Requirements that are not empty, under their right hash. */
function otherRequirements(bytes: Uint8Array, view: DataView): Uint8Array {
  view.setUint32(REQUIREMENTS + 8, 1);
  bytes.set(Bun.CryptoHasher.hash("sha256", bytes.subarray(REQUIREMENTS, REQUIREMENTS + 12)), HASHES - 64);
  return bytes;
}

/** A signature that is 16 zeros longer than it needs to be, everything else being right: it is signed so. */
function longer(bytes: Uint8Array): Uint8Array {
  const size = bytes.length - SIGNED_AT + 16;
  const grown = new Uint8Array(bytes.length + 16);
  grown.set(bytes);
  const view = new DataView(grown.buffer);
  view.setUint32(SIGNATURE + 12, size, true);
  view.setBigUint64(LINKEDIT + 48, BigInt(grown.length - TEXT_SIZE), true);
  grown.set(Bun.CryptoHasher.hash("sha256", grown.subarray(0, 0x1000)), HASHES);
  return grown;
}

function unended(bytes: Uint8Array): Uint8Array {
  bytes[DIRECTORY + 96] = 0x78;
  return bytes.fill(0x78, HASHES - 64, HASHES);
}

function renamed(bytes: Uint8Array): Uint8Array {
  bytes.set(new TextEncoder().encode("__TEXT\0\0\0\0"), LINKEDIT + 8);
  return bytes;
}

describe("verify refuses", () => {
  test.each(damage)("%s", (_what, sentence, change) => {
    const signed = signAdHoc(tinyMachO(), "rollback");
    const damaged = change(signed, new DataView(signed.buffer)) ?? signed;
    expect(() => verifyAdHoc(damaged, "rollback")).toThrow(BadMachO);
    expect(() => verifyAdHoc(damaged, "rollback")).toThrow(sentence);
  });

  test("a file with any one byte changed", () => {
    const signed = signAdHoc(tinyMachO(), "rollback");
    const accepted: number[] = [];
    for (let at = 0; at < signed.length; at++) {
      const damaged = Uint8Array.from(signed);
      damaged[at] = (damaged[at] ?? 0) ^ 0x81;
      if (outcome(damaged) !== "refused") accepted.push(at);
    }
    expect(accepted).toEqual([]);
  });

  test("a file cut off at any place", () => {
    const signed = signAdHoc(tinyMachO(), "rollback");
    const accepted: number[] = [];
    for (let end = 0; end < signed.length; end++) {
      if (outcome(signed.subarray(0, end)) !== "refused") accepted.push(end);
    }
    expect(accepted).toEqual([]);
  });
});

/** A fault that is not a BadMachO, such as a read past the end, comes through. */
function outcome(bytes: Uint8Array): "refused" | "accepted" {
  try {
    verifyAdHoc(bytes, "rollback");
    return "accepted";
  } catch (error) {
    if (error instanceof BadMachO) return "refused";
    throw error;
  }
}

describe("sign refuses", () => {
  const refusals: readonly (readonly [string, string, Change])[] = [
    ["a file without LC_CODE_SIGNATURE", "it has no LC_CODE_SIGNATURE", le32(SIGNATURE, 0x26)],
    [
      "bytes behind the old signature",
      "its signature ends at 8488, but the file at 8489",
      (b) => Buffer.concat([b, Buffer.of(1)]),
    ],
    ["an old signature inside __LINKEDIT", "its signature does not end __LINKEDIT", le32(SIGNATURE + 12, 0x10)],
    ["an old signature before __LINKEDIT", "its signature starts before __LINKEDIT", le32(SIGNATURE + 8, 0x1000)],
  ];
  test.each(refusals)("%s", (_what, sentence, change) => {
    const bytes = tinyMachO();
    const damaged = change(bytes, new DataView(bytes.buffer)) ?? bytes;
    expect(() => signAdHoc(damaged, "rollback")).toThrow(sentence);
  });

  test.each(["", "a b", "ü", "a\0b"])("the identifier %j", (identifier) => {
    expect(() => signAdHoc(tinyMachO(), identifier)).toThrow("can't be used");
  });
});

test("a signature with another identifier is sound, but not ours", () => {
  const signed = signAdHoc(tinyMachO(), "some-one.else");
  expect(checkSignature(signed).identifier).toBe("some-one.else");
  expect(() => verifyAdHoc(signed, "rollback")).toThrow("identifier is some-one.else");
});
