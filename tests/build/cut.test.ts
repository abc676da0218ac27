// The release step in a throwaway repository; what it would build is a file here.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cut, differing } from "../../build/cut.ts";
import { lacks } from "../harness.ts";
import { root as checkout, run, scratchFolder, write } from "./scratch.ts";

const scratch = scratchFolder();
let count = 0;

function repository() {
  const root = join(scratch, `${++count}`);
  mkdirSync(root);
  const git = (...words: string[]) => {
    const ran = run(["git", ...words], root, { PATH: process.env.PATH ?? "", HOME: scratch });
    expect(ran).toMatchObject({ code: 0 });
    return ran.stdout.trim();
  };
  write(root, {
    "package.json": '{\n  "name": "rollback",\n  "version": "0.1.0",\n  "type": "module"\n}\n',
    "CHANGELOG.md": "# Changes\n\n## 0.2.0 (not released yet)\n\n- All of it.\n\n## 0.1.0\n",
  });
  git("init", "-q");
  for (const [key, value] of [
    ["user.name", "a"],
    ["user.email", "a@b"],
    ["commit.gpgsign", "false"],
    ["tag.gpgsign", "false"],
  ])
    git("config", key ?? "", value ?? "");
  git("add", ".");
  git("commit", "-qm", "one");
  const built: string[] = [];
  const make = (version = "0.2.0", build = async () => void built.push(git("log", "-1", "--format=%s"))) =>
    cut({ root, version, day: "2026-01-31", build });
  return { root, git, built, make };
}

describe.skipIf(lacks("git"))("a release (needs git)", () => {
  test("is one commit, built from itself, and tagged when it is built", async () => {
    const { root, git, built, make } = repository();
    await make();
    expect(built).toEqual(["0.2.0"]);
    expect(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).toMatchObject({ version: "0.2.0" });
    expect(readFileSync(join(root, "CHANGELOG.md"), "utf8")).toContain("\n## 0.2.0 (2026-01-31)\n\n- All");
    expect(git("status", "--porcelain")).toBe("");
    expect(git("rev-parse", "v0.2.0^{commit}")).toBe(git("rev-parse", "HEAD"));
    await expect(make()).rejects.toThrow("there is a tag v0.2.0 already");
  });

  test("whose build failed has no tag, and is made by the same words again", async () => {
    const { git, built, make } = repository();
    await expect(make("0.2.0", () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
    expect(git("tag")).toBe("");
    await make();
    expect([built, git("tag"), git("rev-list", "--count", "HEAD")]).toEqual([["0.2.0"], "v0.2.0", "2"]);
  });

  test("is refused, and nothing is changed", async () => {
    const { root, git, built, make } = repository();
    const before = git("rev-parse", "HEAD");
    await expect(make("0.2")).rejects.toThrow("0.2 is not a version");
    await expect(make("0.3.0")).rejects.toThrow('CHANGELOG.md has no heading "## 0.3.0 (not released yet)"');
    write(root, { "new.ts": "" });
    await expect(make()).rejects.toThrow("commit what differs first");
    expect([built, git("rev-parse", "HEAD"), git("tag")]).toEqual([[], before, ""]);
  });
});

test("sums differ by name: another sum, or on one side alone", () => {
  const ours = "aa  one\nbb  two\ncc  three\n";
  expect(differing(ours, ours.replace("  two", " *two"))).toEqual([]);
  expect(differing(ours, "aa  one\nbc  two\ndd  four\n")).toEqual(["two", "three", "four"]);
});

test.each([[[]], [["--check"]], [["0.2.0", "now"]], [["--check", "a", "b"]]])(
  "the words %j are no release",
  (words) => {
    const { code, stderr } = run([process.execPath, join(checkout, "build/cut.ts"), ...words], scratch, {});
    expect([code, stderr]).toEqual([2, "usage: bun run release VERSION | bun run release --check SHA256SUMS\n"]);
  },
);
