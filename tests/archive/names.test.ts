// Whatever its name and content, a file is packed and read again, or refused.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { faultOfName, nameSet } from "../../src/archive/entry-name.ts";
import { runs } from "../property.ts";
import { contentsOf, file, packed, utf8 } from "./parts.ts";

describe("any names and contents", () => {
  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.constantFrom("..", ".", "", "a", "A", "\u00e9", "e\u0301", "a\\b", "C:", "\0", "x".repeat(256)),
  );
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const content = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 300 }).map(utf8));

  test("are packed and read again, or refused when packing", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, content), { maxLength: 5 }), async (files) => {
        const given = files.map(([path, bytes]) => file(`top/${path}`, path.endsWith("/") || path === "" ? "" : bytes));
        const archive = await packed(...given).catch((cause: unknown) => {
          expect(cause).toMatchObject({ name: "ZipError", code: given.length === 0 ? "broken" : "unsafe" });
          return null;
        });
        if (archive === null) return;
        accepted += given.length;
        const { top, contents } = await contentsOf(archive);
        expect(top).toBe("top");
        expect(contents.map(({ name, content }) => [name, content])).toEqual(
          given.map((entry) => [entry.name, Buffer.concat([...entry.read()]).toString("latin1")]),
        );
      }),
      runs(400),
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test("a name without fault stays below its folder, on every system", () => {
    fc.assert(
      fc.property(name, (path) => {
        if (faultOfName(path) !== undefined) return;
        expect(join("/base", path).startsWith("/base/")).toBe(true);
        expect(path).not.toMatch(/\p{Cc}|\\|^\/|^[A-Za-z]:/u);
      }),
      runs(2000),
    );
  });
});

test("all names together are bounded: the longest of ours pass, folders without end do not", () => {
  const ours = nameSet();
  const long = "x".repeat(249);
  for (let index = 0; index < 65_531; index++)
    if (ours.add(`20251211_143600/credentials/${long}${index.toString(36).padStart(6, "0")}`) !== undefined)
      throw new Error(`entry ${index}`);
  const deep = nameSet();
  let fault: string | undefined;
  let count = 0;
  for (; fault === undefined && count < 65_534; count++)
    fault = deep.add(`top${`/${count}${"y".repeat(30)}`.repeat(26)}`);
  expect(fault).toBe("is one too many: all names together are too long");
  expect(count).toBeLessThan(5_000);
});
