// What can't be packed, and says so before or while it is.
import { expect, test } from "bun:test";
import { quoted, ZipError } from "../../src/archive/zip/error.ts";
import { type EntryToPack, zipBytes } from "../../src/archive/zip/write.ts";
import { contentsOf, file, folder, MTIME, packed } from "./parts.ts";

const GIB = 2 ** 30;
const unread = { read: () => expect.unreachable("a file was read") };

/** The error and the bytes that were given before it. */
async function refusal(
  entries: EntryToPack[],
  limit?: number,
): Promise<{ code: string; message: string; bytes: number }> {
  let bytes = 0;
  try {
    for (const chunk of await zipBytes(entries, limit === undefined ? {} : { limit })) bytes += chunk.length;
  } catch (cause) {
    if (cause instanceof ZipError) return { code: cause.code, message: cause.message, bytes };
    throw cause;
  }
  throw new Error("it was packed");
}

test("a file of 4 GiB - 1, before a byte is read or written", async () => {
  const refused = await refusal([file("top/a", "x"), file("top/b", "", { size: 4 * GIB - 1, ...unread })]);
  expect(refused).toMatchObject({ code: "too-large", bytes: 0 });
  expect(refused.message).toContain('"top/b" has 4294967295 bytes');
});

test("more than 65,534 entries, before a byte is written; that many are read again", async () => {
  const many = Array.from({ length: 65_534 }, (_, index) => file(`top/${index}`, ""));
  expect((await contentsOf(await packed(...many))).contents).toHaveLength(65_534);
  expect(await refusal([...many, file("top/x", "x", unread)])).toMatchObject({ code: "too-large", bytes: 0 });
}, 30_000);

test("a whole that passes the limit, at the chunk that would", async () => {
  const entries = [file("top/a", "abc"), file("top/b", "def")];
  const { length } = await packed(...entries);
  expect(await refusal(entries, length - 1)).toMatchObject({
    code: "too-large",
    bytes: length - 22 - 2 * (46 + 5 + 9),
  });
  expect(Buffer.concat([...(await zipBytes(entries, { limit: length }))]).length).toBe(length);
});

test.each([
  ["small", 3],
  ["large", 5 << 20],
])("a %s file that is not as long as it was said to be", async (_what, size) => {
  const content = new Uint8Array(size).fill(65);
  for (const wrong of [size - 1, size + 1]) {
    const refused = await refusal([file("top/a", content, { size: wrong })]);
    expect(refused.code).toBe("changed");
    expect(refused.message).toContain(wrong < size ? "it has grown" : "it has become shorter");
  }
});

test.each([
  ["a parent", [file("top/../x", "")], "`..`"],
  ["two top folders", [file("top/x", ""), file("pot/x", "")], "outside the top folder"],
  ["twins", [file("top/x", ""), file("top/X", "")], "is one with"],
  ["a lone surrogate", [file("top/\ud800", "")], "is not Unicode"],
  ["a file type", [file("top/x", "", { mode: 0o120777 })], "mode 120777"],
  ["setuid", [file("top/x", "", { mode: 0o4755 })], "mode 4755"],
])("%s", async (_what, entries, message) => {
  const refused = await refusal(entries);
  expect(refused).toMatchObject({ code: "unsafe", bytes: 0 });
  expect(refused.message).toContain(message);
});

test("nothing at all", async () => {
  expect(await refusal([])).toMatchObject({ code: "broken" });
});

test("a folder with content, a size or time that is none: a defect of the caller", async () => {
  const wrong = [file("top/x/", "x"), file("top/x", "", { size: -1 }), file("top/x", "", { mtimeMs: Number.NaN })];
  for (const entry of wrong) expect(zipBytes([entry])).rejects.toThrow(RangeError);
});

test("times are held to what the fields hold", async () => {
  const times = [-5000, 0, MTIME + 1999, 2 ** 31 * 1000, Date.UTC(2200, 0, 1), Date.UTC(1800, 0, 1)];
  const { contents } = await contentsOf(
    await packed(...times.map((mtimeMs, index) => file(`top/${index}`, "", { mtimeMs }))),
  );
  expect(contents.map(({ mtimeMs }) => new Date(mtimeMs).toISOString().slice(0, 19))).toEqual([
    "1969-12-31T23:59:55",
    "1970-01-01T00:00:00",
    "2025-12-11T14:36:02",
    "2038-01-19T03:14:08",
    "2107-12-31T23:59:58",
    "1980-01-01T00:00:00",
  ]);
});

test("what a source throws comes through, and its file is closed", async () => {
  let closed = false;
  const failing = {
    *read(): Generator<Uint8Array> {
      try {
        yield new Uint8Array(10);
        throw Object.assign(new Error("read error"), { code: "EIO" });
      } finally {
        closed = true;
      }
    },
  };
  expect(refusal([folder("top/"), file("top/a", "", { size: 20, ...failing })])).rejects.toThrow("read error");
  expect(closed).toBe(true);
});

test("a name in an error can't steer a terminal", () => {
  expect(quoted("a\u001b[2J\u009b\u202egnp.\n")).toBe('"a\\u001b[2J\\u{9b}\\u{202e}gnp.\\n"');
  expect(quoted("x".repeat(5000)).length).toBeLessThan(250);
});
