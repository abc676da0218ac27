// audit.jsonl: one line an event, each with the hash of the one before.
import { expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, plist, world } from "../harness.ts";

const small = () =>
  world({
    home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a") },
    root: { ".mcp.json": "{}" },
  });
const lines = (store: string): Record<string, unknown>[] =>
  readFileSync(join(store, "audit.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("each event is a line that holds the hash of the line before", () => {
  const w = small();
  w.create("one");
  w.put({ "root/.mcp.json": '{"a":1}' });
  must(w.run("restore", "latest", "--force"));
  const written = readFileSync(join(w.store, "audit.jsonl"), "utf8").trimEnd().split("\n");
  const hash = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");
  expect(lines(w.store).map(({ command, prev }) => [command, prev])).toEqual([
    ["create", null],
    ["create", hash(written[0] ?? "")],
    ["restore", hash(written[1] ?? "")],
  ]);
});

test("a line longer than any buffer is followed all the same", () => {
  const w = small();
  w.create("x".repeat(70_000));
  w.create(`é${"y".repeat(120_000)}`);
  w.create("three");
  expect(w.run("verify").exit).toBe(0);
});

test("a torn last line is cut off by bytes, and that is noted", () => {
  const w = small();
  w.create("one");
  const torn = '{"description":"ééééééé';
  appendFileSync(join(w.store, "audit.jsonl"), torn);
  expect(w.run("verify").exit).toBe(0);
  w.create("two");
  expect(w.run("verify").exit).toBe(0);
  expect(lines(w.store).at(-1)).toMatchObject({ description: "two", cut_off_bytes: Buffer.byteLength(torn) });
});

test("an edited line is found, and so is an edited manifest", () => {
  const w = small();
  const id = w.create("one");
  w.create("two");
  w.create("three");
  const path = join(w.store, "audit.jsonl");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace('"two"', '"2"'));
  expect(w.run("verify")).toMatchObject({
    exit: 4,
    stdout: expect.stringContaining("audit.jsonl: line 3 does not follow"),
  });
  writeFileSync(path, text);
  expect(w.run("verify").exit).toBe(0);
  const manifest = join(w.store, id, "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"one"', '"won"'));
  expect(w.run("verify", id)).toMatchObject({
    exit: 4,
    stdout: expect.stringContaining("manifest.json (was edited after"),
  });
});
