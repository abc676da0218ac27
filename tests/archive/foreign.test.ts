// Archives that other tools make of the same files: read, byte for byte.
import { describe, expect, test } from "bun:test";
import {
  contentsOf,
  factsOf,
  field,
  GOOD,
  LEFT_OPEN,
  named,
  numbers,
  type RawEntry,
  rawZip,
  SQUEEZED,
  stamp,
  utf8,
  WITH_DESCRIPTOR,
} from "./parts.ts";

describe("read: what other tools make of the same files", () => {
  const folder = { name: "top/", unix: 0o040755, dos: 0x10 };
  const READ: [what: string, entries: RawEntry[]][] = [
    ["a plain file", [GOOD]],
    ["a folder of its own", [folder, GOOD]],
    ["a folder behind its file", [GOOD, folder]],
    ["deflated", [SQUEEZED]],
    ["with hints of deflate", [{ ...SQUEEZED, flags: 0b110 }]],
    ["ASCII without the flag for UTF-8", [{ ...GOOD, flags: 0 }]],
    ["a name in UTF-8", named("top/gr\u00fc\u00dfe \u{1f511}")],
    ["a name in UTF-8 without the flag, as macOS writes it", named("top/gr\u00fc\u00dfe", { flags: 0 })],
    ["a byte order mark in a name", named("top/\ufeffx")],
    ["a name with a colon further in", named("top/C:x")],
    ["without a mode", [{ ...GOOD, unix: 0 }]],
    ["a mode without a kind", [{ ...GOOD, unix: 0o644 }]],
    ["an empty deflated file", [{ name: "top/a", deflate: true }]],
    ["owners and times", [{ ...GOOD, extra: Buffer.concat([stamp(5), field(0x7875, utf8("12345678901"))]) }]],
    ["a time in the local header alone", [{ ...GOOD, local: { extra: stamp(5) } }]],
    [
      "a descriptor",
      [
        {
          ...GOOD,
          flags: WITH_DESCRIPTOR,
          local: LEFT_OPEN,
          descriptor: numbers([4, 0x08074b50], ...factsOf("hello")),
        },
      ],
    ],
    [
      "a descriptor without signature",
      [{ ...GOOD, flags: WITH_DESCRIPTOR, local: LEFT_OPEN, descriptor: numbers(...factsOf("hello")) }],
    ],
    [
      "a descriptor beside known sizes",
      [{ ...GOOD, flags: WITH_DESCRIPTOR, descriptor: numbers(...factsOf("hello")) }],
    ],
    [
      "a directory in another order",
      [
        { ...GOOD, offset: 40 },
        { ...GOOD, name: "top/b", offset: 0 },
      ].map((entry) => ({ ...entry, local: { name: entry.name === "top/a" ? "top/b" : "top/a" } })),
    ],
  ];
  test.each(READ)("%s", async (_what, entries) => {
    const { top, contents } = await contentsOf(rawZip(entries));
    expect(top).toBe("top");
    expect(contents.map(({ name, content }) => ({ name, content }))).toEqual(
      entries.map(({ name, content }) => ({ name: String(name), content: content ?? "" })),
    );
  });

  test("modes and times as they are recorded, else private and 1980", async () => {
    const { contents } = await contentsOf(
      rawZip([
        { ...GOOD, name: "top/mode", unix: 0o100644, extra: stamp(-5) },
        { ...GOOD, name: "top/none", unix: 0, dosTime: 0 },
        { name: "top/folder/", unix: 0 },
      ]),
    );
    expect(contents.map(({ mode, mtimeMs }) => [mode, new Date(mtimeMs).toISOString()])).toEqual([
      [0o644, "1969-12-31T23:59:55.000Z"],
      [0o600, "1980-01-01T00:00:00.000Z"],
      [0o700, "2025-12-11T14:36:00.000Z"],
    ]);
  });
});
