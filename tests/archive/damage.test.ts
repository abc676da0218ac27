// A small archive cut off or changed at every byte: never another content without an error.
import { describe, expect, test } from "bun:test";
import { ZipError } from "../../src/archive/zip/error.ts";
import { contentsOf, file, folder, packed, rawZip } from "./parts.ts";

const text = "the same words, again and again; ".repeat(12);
const small = await packed(
  folder("top/"),
  file("top/stored", "abc"),
  file("top/gr\u00fc\u00dfe", text),
  file("top/none", ""),
);
/** With a descriptor, as a large file has it. */
const described = rawZip([
  {
    name: "top/a",
    content: text,
    deflate: true,
    flags: (1 << 11) | (1 << 3),
    local: { crc: 0, compressedSize: 0, size: 0 },
    descriptor: descriptorOf(text),
  },
]);

function descriptorOf(content: string): Uint8Array {
  const plain = rawZip([{ name: "top/a", content, deflate: true }]);
  return Buffer.concat([Buffer.from([0x50, 0x4b, 7, 8]), plain.subarray(14, 26)]);
}

/** Names and contents; modes stand in one place only, so a flipped bit there is another mode. */
async function read(archive: Uint8Array): Promise<string> {
  const { top, contents } = await contentsOf(archive);
  return JSON.stringify([top, contents.map(({ name, mtimeMs, content }) => [name, mtimeMs, content])]);
}
async function outcome(archive: Uint8Array): Promise<string> {
  return await read(archive).catch((cause: unknown) => {
    if (cause instanceof ZipError && cause.message !== "") return "refused";
    throw cause;
  });
}

describe.each([
  ["with sizes in front", small],
  ["with a descriptor", described],
])("an archive %s", (_what, archive) => {
  test("is refused at every length but its own", async () => {
    for (let length = 0; length < archive.length; length++)
      expect(await outcome(archive.subarray(0, length))).toBe("refused");
    expect(await outcome(Buffer.concat([archive, new Uint8Array(1)]))).toBe("refused");
    expect(await outcome(archive)).toBe(await read(archive));
  });

  test("with one changed byte is refused, or the same", async () => {
    const whole = await read(archive);
    let refused = 0;
    for (let offset = 0; offset < archive.length; offset++)
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        const changed = archive.slice();
        changed[offset] = (changed[offset] ?? 0) ^ flip;
        const result = await outcome(changed);
        if (result !== "refused") expect({ offset, flip, result }).toEqual({ offset, flip, result: whole });
        else refused++;
      }
    expect(refused).toBeGreaterThan(archive.length * 3);
  });

  test("with one byte less or more anywhere is refused", async () => {
    for (let offset = 0; offset <= archive.length; offset++) {
      const [front, back] = [archive.subarray(0, offset), archive.subarray(offset)];
      expect(await outcome(Buffer.concat([front, new Uint8Array(1), back]))).toBe("refused");
      if (back.length > 0) expect(await outcome(Buffer.concat([front, back.subarray(1)]))).toBe("refused");
    }
  });
});
