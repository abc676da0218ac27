// The man pages: one for each command with all of its flags, in what man(1) reads on a Mac (mandoc) and on Linux (groff).
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { manArchive, manPages, writeManPages } from "../../build/man.ts";
import { allPages, allTopics } from "../../src/cli/pages.ts";
import { lacks } from "../harness.ts";
import { run, scratchFolder } from "./scratch.ts";

const scratch = scratchFolder();
const info = { version: "1.2.3", commit: null, target: "any", bun: Bun.version, builtAt: "2026-01-02T03:04:05.000Z" };
const env = { PATH: process.env.PATH ?? "" };
const folder = join(scratch, "man");
await writeManPages(folder, info);
const names = readdirSync(join(folder, "man1"));
const readable = (page: string) => page.replaceAll("\\-", "-").replaceAll("\\fB", "").replaceAll("\\fR", "");

test("one for each command, and one for all with every command and topic", async () => {
  const pages = await allPages();
  expect(names.sort()).toEqual(["rollback.1", ...pages.map(({ name }) => `rollback-${name}.1`)].sort());
  const main = readable(readFileSync(join(folder, "man1/rollback.1"), "utf8"));
  expect(main).toStartWith('.TH ROLLBACK 1 "2026-01-02" "rollback 1.2.3" "rollback"\n');
  for (const { name } of pages) expect(main).toContain(`rollback-${name}(1)`);
  for (const { name } of allTopics()) expect(main).toContain(`.SH ${name.toUpperCase().replaceAll("-", " ")}\n`);
  for (const { name, flags, usage } of pages) {
    const text = readable(readFileSync(join(folder, `man1/rollback-${name}.1`), "utf8"));
    for (const flag of flags) expect(text).toContain(`${flag.name}${flag.value === null ? "\n" : ""}`);
    expect(text).toContain(usage.replaceAll("…", "\\[u2026]"));
  }
});

test("hold nothing beyond ASCII, and no request by chance", () => {
  for (const name of names)
    for (const line of readFileSync(join(folder, "man1", name), "utf8").split("\n")) {
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      if (/^[.']/.test(line)) expect(line).toMatch(/^\.(TH|SH|SS|TP|PP|nf|fi|RS 4|RE)( |$)/);
    }
});

test.skipIf(lacks("mandoc"))("mandoc, which macOS has, finds nothing wrong (needs mandoc)", () => {
  const said = names.map(
    (name) => run(["mandoc", "-T", "lint", "-W", "warning", join("man1", name)], folder, env).stdout,
  );
  expect(said.join("")).toBe("");
});

test.skipIf(lacks("groff"))("groff finds nothing wrong (needs groff)", () => {
  const said = names.map((name) => run(["groff", "-man", "-ww", "-z", join("man1", name)], folder, env).stderr);
  expect(said.join("")).toBe("");
});

test("as one archive: the same bytes whenever it is made, and tar finds them", async () => {
  const first = await manArchive(info);
  await Bun.write(join(scratch, "man.tar"), first);
  expect(Buffer.from(await manArchive(info)).equals(Buffer.from(first))).toBe(true);
  // The time of each entry is the beginning of time.
  expect(Buffer.from(first).toString("latin1", 136, 147)).toBe("00000000000");
  const out = join(scratch, "out");
  mkdirSync(out);
  expect(run(["tar", "-xf", join(scratch, "man.tar"), "-C", out], scratch, env)).toMatchObject({ code: 0, stderr: "" });
  for (const [name, text] of Object.entries(await manPages(info)))
    expect([name, readFileSync(join(out, name), "utf8")]).toEqual([name, text]);
});
