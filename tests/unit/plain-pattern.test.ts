// The walk of plain patterns finds what fast-glob finds, in trees of hidden files, links, and names that look like patterns.
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import glob from "fast-glob";
import { plainNames, walk } from "../../src/inventory/plain-pattern.ts";
import type { AbsPath } from "../../src/model.ts";
import { globSource } from "../../src/system/files.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "rollback-patterns-"))) as AbsPath;
afterAll(() => rmSync(folder, { recursive: true }));
for (const path of [
  "a/x.json",
  "a/.x.json",
  "b/x.json",
  "b/xx.json",
  "b/y+z.txt",
  "b/b/x.json",
  ".a/x.json",
  ".a/ab/a.b",
  "x.json/in",
]) {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), "");
}
symlinkSync("b", join(folder, "c"));
symlinkSync("../a", join(folder, "b/up"));
symlinkSync("nowhere", join(folder, "b/gone.json"));
symlinkSync("x.json", join(folder, "b/link.json"));

const piece = fc.constantFrom(
  "*",
  "{a,b}",
  "{x*,.x*,y+z}",
  "{c,up}",
  "a",
  "b",
  "x",
  "y+z",
  ".",
  ".x",
  ".json",
  ".txt",
  "json",
);
const name = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(""));
const pattern = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));

const fail = (_: string, cause: unknown) => {
  throw cause;
};

test("both find the same", () => {
  let compared = 0;
  fc.assert(
    fc.property(pattern, (text) => {
      const names = plainNames(text);
      // A path without a wildcard is looked at, not walked.
      if (names === null || names.every((part) => typeof part === "string")) return;
      const ours = (["files", "folders"] as const).flatMap((want) => walk(folder, names, want, fail));
      const theirs = glob.sync(text, {
        cwd: folder,
        dot: true,
        onlyFiles: false,
        absolute: true,
        fs: globSource(() => {}, fail),
      });
      compared += theirs.length;
      expect(ours.sort()).toEqual(theirs.sort() as AbsPath[]);
    }),
    { numRuns: 2000 },
  );
  expect(compared).toBeGreaterThan(100);
});

test.each([
  "?/a",
  "**/*.json",
  "a/**",
  "a**b",
  "[ab]",
  "!(a)",
  "+(a|b)",
  "a\\*",
  "{a,b",
  "{a}",
  "{a,{b,c}}",
  "{1..3}",
  "{a/b,c}",
  "",
  "a//b",
  "../a",
  "./a",
  "a/",
])("%j is left to the library", (text) => expect(plainNames(text)).toBeNull());

test("what comes of a name with a newline, and of the characters that expressions know", () => {
  const [star, plus] = [plainNames("*.{json,txt}")?.[0], plainNames("a+b.c*")?.[0]] as [RegExp, RegExp];
  expect(["a\nb.json", ".txt", "json"].map((text) => star.test(text))).toEqual([true, true, false]);
  expect(["a+b.c", "a+b.cd", "aab.c", "a+bxc"].map((text) => plus.test(text))).toEqual([true, true, false, false]);
});
