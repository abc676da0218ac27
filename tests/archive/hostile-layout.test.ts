// Archives whose records are wrong, or say two things: one clear error each.
import { describe, expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import {
  type Case,
  factsOf,
  faultOf,
  field,
  GOOD,
  LEFT_OPEN,
  named,
  numbers,
  rawZip,
  stamp,
  utf8,
  WITH_DESCRIPTOR,
} from "./parts.ts";

/** A whole local entry, to be hidden in another one's data. */
const quine = rawZip(named("top/i")).subarray(0, 36);

const CASES: Case[] = [
  // No archive, or not all of it, or more than it.
  ["nothing", "broken", "it is not a zip archive", new Uint8Array(0)],
  ["three bytes", "broken", "it is not a zip archive", utf8("PK\x03")],
  ["a text", "broken", "it is not a zip archive", utf8("this is a text, and no archive at all")],
  ["a gzip", "broken", "it is not a zip archive", Bun.gzipSync(Buffer.from("x".repeat(100)))],
  ["no directory", "broken", "cut off", rawZip([GOOD]).subarray(0, 36)],
  ["the end record alone", "broken", "is empty", rawZip([])],
  ["bytes in front", "broken", "belong to no entry", [GOOD], { before: utf8("#!/bin/sh\n") }],
  ["bytes in front, offsets not moved", "broken", "lies about", [GOOD], { before: utf8("##"), directoryOffset: 36 }],
  ["bytes behind", "broken", "3 bytes follow", [GOOD], { after: utf8("xyz") }],
  ["a comment", "broken", "has a comment", [GOOD], { comment: "hi" }],
  ["a comment that is shorter", "broken", "comment of 1 bytes, but 2", [GOOD], { comment: "hi", commentLength: 1 }],
  ["a comment that is not there", "broken", "comment of 9 bytes, but 0", [GOOD], { commentLength: 9 }],
  [
    "an archive in a comment",
    "broken",
    "lies about",
    [GOOD],
    { comment: Buffer.from(rawZip([GOOD])).toString("latin1") },
  ],
  ["a second archive behind", "broken", "lies about", Buffer.concat([rawZip([GOOD]), rawZip([GOOD])])],
  ["bytes between entries", "broken", "5 bytes at 40", [GOOD, { name: "top/b", gap: utf8("hello") }]],
  ["bytes before the directory", "broken", "belong to no entry", [GOOD], { between: utf8("hello") }],
  // Of a kind that is not read.
  ["this disk is not the first", "broken", "one part of several", [GOOD], { disk: 1 }],
  ["the directory is on another disk", "broken", "one part of several", [GOOD], { firstDisk: 1 }],
  ["fewer entries on this disk", "broken", "one part of several", [GOOD], { entriesHere: 0 }],
  ["an entry on another disk", "broken", "another disk", [{ ...GOOD, disk: 1 }]],
  ["zip64 by count", "broken", "zip64", [GOOD], { entries: 0xffff }],
  ["zip64 by offset", "broken", "zip64", [GOOD], { directoryOffset: 0xffff_ffff }],
  ["zip64 by directory size", "broken", "zip64", [GOOD], { directoryBytes: 0xffff_ffff }],
  ["zip64 by size", "broken", "zip64", [{ ...GOOD, size: 0xffff_ffff }]],
  ["zip64 by locator", "broken", "zip64", zip64Located()],
  ["zip64 by extra field", "broken", "zip64", [{ ...GOOD, extra: field(1, new Uint8Array(16)) }]],
  ["encrypted", "broken", "is encrypted", [{ ...GOOD, flags: 1 }]],
  ["strongly encrypted", "broken", "is encrypted", [{ ...GOOD, flags: 1 << 6 }]],
  ["masked headers", "broken", "is encrypted", [{ ...GOOD, flags: 1 << 13 }]],
  ["patch data", "broken", "flags that are not known: 0x20", [{ ...GOOD, flags: 1 << 5 }]],
  ["bzip2", "broken", "method 12", [{ ...GOOD, method: 12 }]],
  ["AES", "broken", "method 99", [{ ...GOOD, method: 99 }]],
  ["deflate64", "broken", "method 9;", [{ ...GOOD, method: 9 }]],
  ["a newer version", "broken", "version 45", [{ ...GOOD, version: 45 }]],
  ["an entry's comment", "broken", "has a comment", [{ ...GOOD, comment: "hi" }]],
  ["another name in an extra field", "broken", "0x7075", [{ ...GOOD, extra: field(0x7075, utf8("abcde../x")) }]],
  ["a link target in an extra field", "broken", "0x756e", [{ ...GOOD, extra: field(0x756e, utf8("abcdefgh")) }]],
  ["an extra field that overruns", "broken", "broken extra field", [{ ...GOOD, extra: numbers([2, 0x5455], [2, 9]) }]],
  ["half an extra field", "broken", "broken extra field", [{ ...GOOD, extra: numbers([2, 0x5455]) }]],
  // The directory and the local headers disagree.
  ["two names", "broken", "two different names", [{ ...GOOD, local: { name: "top/b" } }]],
  ["two lengths of names", "broken", "two different names", [{ ...GOOD, local: { name: "top/aa" } }]],
  ["two methods", "broken", "compression methods", [{ ...GOOD, local: { method: 8 } }]],
  ["two flags", "broken", "two different flags", [{ ...GOOD, local: { flags: 0 } }]],
  ["two checksums", "broken", "two different checksums", [{ ...GOOD, local: { crc: 1 } }]],
  ["no checksum", "broken", "two different checksums", [{ ...GOOD, local: { crc: 0 } }]],
  ["two sizes", "broken", "two different sizes", [{ ...GOOD, local: { size: 6 } }]],
  ["two compressed sizes", "broken", "compressed sizes", [{ ...GOOD, local: { compressedSize: 4 } }]],
  ["two DOS times", "broken", "two different times", [{ ...GOOD, local: { dosTime: 0 } }]],
  ["two times", "broken", "two different times", [{ ...GOOD, extra: stamp(5), local: { extra: stamp(6) } }]],
  ["sizes of stored data differ", "broken", "its two sizes differ", [{ ...GOOD, size: 4 }]],
  [
    "no local header",
    "broken",
    "not where the directory says",
    [GOOD, { name: "top/b", ghost: true, offset: 40 }],
    { between: new Uint8Array(40) },
  ],
  ["a local header behind the end", "broken", "belong to no entry", [{ ...GOOD, offset: 5000 }]],
  ["no descriptor", "broken", "no descriptor", [{ ...GOOD, flags: WITH_DESCRIPTOR }]],
  [
    "a short descriptor",
    "broken",
    "no descriptor",
    [{ ...GOOD, flags: WITH_DESCRIPTOR, descriptor: new Uint8Array(11) }],
  ],
  [
    "a wrong descriptor",
    "broken",
    "descriptor that differs",
    [{ ...GOOD, flags: WITH_DESCRIPTOR, local: LEFT_OPEN, descriptor: numbers([4, 0x08074b50], ...factsOf("hellO")) }],
  ],
  [
    "a descriptor with a wrong signature",
    "broken",
    "descriptor that differs",
    [{ ...GOOD, flags: WITH_DESCRIPTOR, descriptor: numbers([4, 0x08074b51], ...factsOf("hello")) }],
  ],
  ["fewer entries than told", "broken", "does not hold the 2 entries", [GOOD], { entries: 2 }],
  ["more entries than told", "broken", "goes on behind", [GOOD, { name: "top/b" }], { entries: 1 }],
  ["a name that runs out of the directory", "broken", "its directory is cut off", patched(-22 - 51 + 29, 1)],
  ["a name that runs out of the archive", "broken", "it is cut off", patched(27, 1)],
  ["a directory that is larger", "broken", "lies about", [GOOD], { directoryBytes: 90 }],
  [
    "a directory that is too large",
    "broken",
    "lies about",
    [GOOD],
    { directoryBytes: 5000, directoryOffset: 0, between: new Uint8Array(4913) },
  ],
  // Overlaps.
  ["one entry's data twice", "unsafe", "overlaps", [GOOD, { ...GOOD, name: "top/b", ghost: true, offset: 0 }]],
  [
    "an entry inside another",
    "unsafe",
    "overlaps",
    [
      { name: "top/q", data: quine, size: quine.length, crc: crc32(quine) },
      { name: "top/i", content: "x", ghost: true, offset: 35 },
    ],
  ],
];

/** A right archive with another byte at a place, counted from its end where negative. */
function patched(place: number, byte: number): Uint8Array {
  const bytes = Buffer.from(rawZip([GOOD]));
  bytes[place < 0 ? bytes.length + place : place] = byte;
  return bytes;
}
function zip64Located(): Uint8Array {
  const bytes = Buffer.from(rawZip([GOOD]));
  return Buffer.concat([
    bytes.subarray(0, -22),
    numbers([4, 0x07064b50], [4, 0], [4, 0], [4, 0], [4, 1]),
    bytes.subarray(-22),
  ]);
}

describe("refused", () => {
  // One parameter alone: where a row is shorter than the parameters, the test gets a callback to call in its place.
  test.each(CASES.map((row) => ({ row, what: row[0] })))("$what", async ({ row: [, code, message, entries, end] }) => {
    const fault = await faultOf(entries instanceof Uint8Array ? entries : rawZip(entries, end));
    expect(fault.message).toContain(message);
    expect(fault.code).toBe(code);
    expect(fault.message).not.toMatch(/\p{C}/u);
  });
});
