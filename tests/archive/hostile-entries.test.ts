// Archives from strangers with names, kinds and contents that must not reach a disk: one clear error each.
import { describe, expect, test } from "bun:test";
import { crc32, deflateRawSync } from "node:zlib";
import { type Case, contentsOf, faultOf, GOOD, named, rawZip, SQUEEZED, TEXT, utf8 } from "./parts.ts";

const zeros = new Uint8Array(8 << 20);
const bomb = deflateRawSync(zeros);

const CASES: Case[] = [
  // Names.
  ["an absolute name", "unsafe", "absolute path", named("/etc/passwd")],
  ["a parent", "unsafe", "`..` as a part", named("top/../../x")],
  ["a parent at the beginning", "unsafe", "`..` as a part", named("../x")],
  ["a parent at the end", "unsafe", "`..` as a part", named("top/..")],
  ["a dot", "unsafe", "`.` as a part", named("top/./x")],
  ["an empty part", "unsafe", "an empty part", named("top//x")],
  ["a slash too many", "unsafe", "an empty part", [{ name: "top/x//", unix: 0o040700 }]],
  ["an empty name", "unsafe", "an empty name", named("")],
  ["a backslash", "unsafe", "a backslash", named("top\\x")],
  ["a backslash and parents", "unsafe", "a backslash", named("top/..\\..\\x")],
  ["a drive", "unsafe", "a drive letter", named("C:/top/x")],
  ["a NUL", "unsafe", "a control character", named("top/a\0.txt")],
  ["a newline", "unsafe", "a control character", named("top/a\nb")],
  ["an escape sequence", "unsafe", "a control character", named("top/\u001b[2Jx")],
  ["a C1 control", "unsafe", "a control character", named("top/\u009b2Jx")],
  ["a DEL", "unsafe", "a control character", named("top/\u007f")],
  ["bytes that are not UTF-8", "broken", "not valid UTF-8", named(Uint8Array.of(116, 47, 0xff))],
  ["an overlong slash", "broken", "not valid UTF-8", named(Uint8Array.of(116, 47, 46, 46, 0xc0, 0xaf))],
  ["a surrogate", "broken", "not valid UTF-8", named(Uint8Array.of(116, 47, 0xed, 0xa0, 0x80))],
  ["a code page", "broken", "not valid UTF-8", named(Uint8Array.of(116, 47, 0x81), { flags: 0 })],
  ["a long part", "unsafe", "more than 255 bytes", named(`top/${"x".repeat(256)}`)],
  ["a long name", "unsafe", "longer than 1024 bytes", named(`top/${`${"x".repeat(200)}/`.repeat(6)}x`)],
  ["a deep name", "unsafe", "folders deep", named(`top/${"x/".repeat(40)}x`)],
  ["a file in no folder", "unsafe", "lies in no folder", named("top")],
  ["two top folders", "unsafe", 'outside the top folder "top"', [GOOD, { ...GOOD, name: "pot/a" }]],
  ["a twin of the top folder", "unsafe", 'outside the top folder "top"', [GOOD, { ...GOOD, name: "TOP/b" }]],
  ["a byte order mark before the top folder", "unsafe", "outside the top folder", [GOOD, ...named("\ufefftop/b")]],
  ["a name twice", "unsafe", "twice", [GOOD, GOOD]],
  [
    "a folder twice",
    "unsafe",
    "twice",
    [
      { name: "top/", unix: 0o040700 },
      { name: "top/", unix: 0o040700 },
    ],
  ],
  ["a twin in case", "unsafe", 'is one with "top/a"', [GOOD, { ...GOOD, name: "top/A" }]],
  ["a twin in Unicode form", "unsafe", "is one with", [...named("top/\u00e9"), ...named("top/e\u0301")]],
  ["twin folders", "unsafe", 'is one with "top/x"', [...named("top/x/a"), ...named("top/X/b")]],
  ["a file as a folder", "unsafe", "both a file and a folder", [GOOD, { ...GOOD, name: "top/a/b" }]],
  ["a folder as a file", "unsafe", "both a file and a folder", [{ ...GOOD, name: "top/a/b" }, GOOD]],
  // Kinds.
  ["a link", "unsafe", "is a link", [{ ...GOOD, unix: 0o120777 }]],
  ["a link that is a folder by name", "unsafe", "is a link", [{ name: "top/l/", unix: 0o120777 }]],
  ["a device", "unsafe", "is a device", [{ ...GOOD, unix: 0o020666 }]],
  ["a disk", "unsafe", "is a device", [{ ...GOOD, unix: 0o060666 }]],
  ["a pipe", "unsafe", "is a pipe", [{ ...GOOD, unix: 0o010666 }]],
  ["a socket", "unsafe", "is a socket", [{ ...GOOD, unix: 0o140666 }]],
  ["a whiteout", "unsafe", "of an unknown kind", [{ ...GOOD, unix: 0o160666 }]],
  ["setuid", "unsafe", "setuid", [{ ...GOOD, unix: 0o104755 }]],
  ["setgid", "unsafe", "setuid, setgid", [{ ...GOOD, unix: 0o102755 }]],
  ["setuid without a kind", "unsafe", "setuid", [{ ...GOOD, unix: 0o4755 }]],
  [
    "a file by mode, a folder by name",
    "broken",
    "by its name, but not by its mode",
    [{ name: "top/x/", unix: 0o100600 }],
  ],
  ["a folder by mode, a file by name", "broken", "by its name, but not by its mode", [{ ...GOOD, unix: 0o040700 }]],
  ["a folder by its DOS bit", "broken", "marked as a folder", [{ ...GOOD, dos: 0x10 }]],
  ["a folder with data", "broken", "has data", [{ name: "top/x/", content: "hello", unix: 0o040700 }]],
  ["a folder that is deflated", "broken", "has data", [{ name: "top/x/", deflate: true, unix: 0o040700 }]],
  ["a folder with a checksum", "broken", "has data", [{ name: "top/x/", crc: 1, unix: 0o040700 }]],
  // Contents.
  ["a wrong checksum", "broken", "CRC-32", [{ ...GOOD, crc: 1 }]],
  ["a wrong checksum of deflated data", "broken", "CRC-32", [{ ...SQUEEZED, crc: 1 }]],
  ["less than claimed", "broken", "instead of", [{ ...SQUEEZED, size: TEXT.length + 1 }]],
  ["one byte more than claimed", "unsafe", "inflates to more", [{ ...SQUEEZED, size: TEXT.length - 1 }]],
  ["an empty file that is not", "unsafe", "inflates to more", [{ ...SQUEEZED, size: 0, crc: 0 }]],
  ["data that do not inflate", "broken", "does not inflate", [{ ...SQUEEZED, data: new Uint8Array(40).fill(7) }]],
  ["data that end early", "broken", "does not inflate", [{ ...SQUEEZED, data: deflateRawSync(TEXT).subarray(0, -3) }]],
  [
    "bytes behind the data",
    "broken",
    "behind the end",
    [{ ...SQUEEZED, data: Buffer.concat([deflateRawSync(TEXT), utf8("hidden")]) }],
  ],
  ["far more data than content", "broken", "far more data", [{ ...SQUEEZED, data: new Uint8Array(9000) }]],
  ["a bomb by its claim", "unsafe", "a bomb", [{ ...SQUEEZED, size: 2 << 20 }]],
  [
    "a bomb that claims little",
    "unsafe",
    "inflates to more",
    [{ name: "top/a", deflate: true, data: bomb, size: 8000, crc: 1 }],
  ],
  [
    "a large bomb that claims less",
    "unsafe",
    "inflates to more",
    [{ name: "top/a", deflate: true, data: bomb, size: (8 << 20) - 1, crc: 1 }],
  ],
  [
    "a large file that is shorter",
    "broken",
    "instead of",
    [{ name: "top/a", deflate: true, data: bomb, size: (8 << 20) + 1, crc: 1 }],
  ],
  [
    "a large file with bytes behind",
    "broken",
    "behind the end",
    [
      {
        name: "top/a",
        deflate: true,
        data: Buffer.concat([bomb, new Uint8Array(9)]),
        size: 8 << 20,
        crc: crc32(zeros),
      },
    ],
  ],
  [
    "a large file that is cut off",
    "broken",
    "does not inflate",
    [{ name: "top/a", deflate: true, data: bomb.subarray(0, -9), size: 8 << 20, crc: 1 }],
  ],
  [
    "a large file that does not inflate",
    "broken",
    "does not inflate",
    [{ name: "top/a", deflate: true, data: new Uint8Array(1 << 20).fill(7), size: 8 << 20, crc: 1 }],
  ],
];

describe("refused", () => {
  // One parameter alone: where a row is shorter than the parameters, the test gets a callback to call in its place.
  test.each(CASES.map((row) => ({ row, what: row[0] })))("$what", async ({ row: [, code, message, entries, end] }) => {
    const fault = await faultOf(entries instanceof Uint8Array ? entries : rawZip(entries, end));
    expect(fault.message).toContain(message);
    expect(fault.code).toBe(code);
    expect(fault.message).not.toMatch(/\p{C}/u);
  });

  test("more entries than allowed", async () => {
    const archive = rawZip([GOOD, ...named("top/b"), ...named("top/c")]);
    expect((await faultOf(archive, { totalBytes: 100, entries: 2 })).message).toContain("3 entries");
    expect((await contentsOf(archive, { totalBytes: 100, entries: 3 })).contents).toHaveLength(3);
  });

  test("more bytes than allowed, before a byte is inflated", async () => {
    const archive = rawZip([GOOD, { ...SQUEEZED, name: "top/b", data: new Uint8Array(9).fill(7) }]);
    const fault = await faultOf(archive, { totalBytes: 5 + TEXT.length - 1 });
    expect(fault.message).toContain("more than the 724 bytes");
    expect(fault.code).toBe("unsafe");
  });
});
