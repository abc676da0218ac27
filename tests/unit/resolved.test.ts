// Where a path leads, against the kernel's own answer.
import { afterAll, expect, test } from "bun:test";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { AbsPath } from "../../src/model.ts";
import { codeOf } from "../../src/rollback-error.ts";
import { resolved } from "../../src/system/files.ts";
import { binary } from "../binary.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { must, world } from "../harness.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "rollback-resolved-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const outcome = (ask: () => string): string => {
  try {
    return ask();
  } catch (cause) {
    return codeOf(cause) ?? String(cause);
  }
};

const name = fc.constantFrom("a", "b", "c");
const part = fc.oneof(name, fc.constantFrom("..", ".", ""));
const target = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 5 }));
const item = fc.oneof(fc.constant("folder" as const), fc.constant("file" as const), target);
const place = fc.array(name, { minLength: 1, maxLength: 3 });

test("links, links to links, `..` behind links, circles: as realpath(3)", () => {
  let worlds = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, item), { maxLength: 14 }),
      fc.array(place, { minLength: 1 }),
      (tree, asked) => {
        const at = join(base, String(worlds++));
        mkdirSync(at);
        // What can't be made, as its place is taken or its folder is none, is left out.
        for (const [parts, what] of tree)
          outcome(() => {
            const path = join(at, ...parts);
            if (what === "folder") mkdirSync(path);
            else if (what === "file") writeFileSync(path, "", { flag: "wx" });
            else symlinkSync(`${what[0] ? `${at}/` : ""}${what[1].join("/") || "."}`, path);
            return path;
          });
        for (const parts of asked) {
          const path = join(at, ...parts) as AbsPath;
          const wanted = outcome(() => realpathSync.native(path));
          const found = outcome(() => resolved(path));
          if (wanted !== "ENOENT" && wanted !== "ENOTDIR") expect([path, found]).toEqual([path, wanted]);
          else expect([path, found.startsWith("/") || found === "ELOOP"]).toEqual([path, true]);
        }
      },
    ),
  );
});

test("what is not there yet goes below the deepest folder that is, a dangling link to its target", () => {
  const at = join(base, "new");
  mkdirSync(join(at, "real"), { recursive: true });
  symlinkSync("real", join(at, "link"));
  symlinkSync("../away/x", join(at, "real/dangling"));
  expect(resolved(join(at, "link/x/y") as AbsPath)).toBe(join(at, "real/x/y") as AbsPath);
  expect(resolved(join(at, "link/dangling") as AbsPath)).toBe(join(at, "away/x") as AbsPath);
});

test("a file of several names keeps the one it was asked by, and needs no permission to be read", () => {
  const [one, two] = [join(base, "one"), join(base, "two")];
  writeFileSync(one, "");
  linkSync(one, two);
  chmodSync(one, 0o000);
  for (const path of [one, two]) expect(resolved(path as AbsPath)).toBe(path as AbsPath);
});

needing(straceMissing(), "a preview opens no file to find out where a link leads", async () => {
  const w = world({ root: { "real.json": "{}", ".mcp.json": { link: "real.json" }, "shared/paths.py": "p" } });
  const id = w.create();
  const log = w.path("away/log");
  const words = ["strace", "-f", "-qqq", "-o", log, "-e", "trace=open,openat,openat2", "--", binary, "restore", id];
  const ended = Bun.spawnSync(words, { cwd: w.root, env: w.environment(), stdout: "pipe", stderr: "pipe" });
  must({ exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() });
  const opened = (await Bun.file(log).text()).split("\n").filter((line) => line.includes("real.json"));
  expect(opened).not.toEqual([]);
  expect(opened.filter((line) => line.includes("O_PATH"))).toEqual([]);
});
