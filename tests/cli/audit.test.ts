// audit.jsonl: one line an event, each with the hash of the one before.
import { describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { audited } from "../contract.ts";
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

describe("rollback audit", () => {
  test("nothing yet; then every kind of event, newest first, with who and why", () => {
    const w = small();
    expect(w.run("audit")).toEqual({ exit: 0, stdout: "📜 Nothing was done yet\n", stderr: "" });
    const id = w.create("before the edits");
    w.put({ "root/.mcp.json": '{"a":1}' });
    const other = w.create("the same, twice");
    w.create("the same, twice");
    writeFileSync(join(w.store, other, "config/mcp.json"), "damaged");
    must(w.run("verify", "--heal"));
    must(w.run("restore", id, "--force"));
    must(w.run("recover"));
    must(w.run("pack", id, "--move"));
    must(w.run("unpack", id));
    must(w.run("pin", id));
    must(w.run("unpin", id));
    must(w.run("prune", "--keep-last", "1", "--category", "manual", "--force"));
    const { exit, value } = w.json(audited, "audit", "--all");
    expect(exit).toBe(0);
    expect(value.events.toReversed().map(({ command, description, result }) => [command, description, result])).toEqual(
      [
        ["create", "before the edits", "ok"],
        ["create", "the same, twice", "ok"],
        ["create", "the same, twice", "ok"],
        ["heal", null, "ok"],
        ["create", `Auto-backup before restoring ${id}`, "ok"],
        ["restore", "before the edits", "ok"],
        ["pack", null, "zip, folder removed"],
        ["unpack", null, "ok"],
        ["pin", null, "ok"],
        ["unpin", null, "ok"],
        ["prune", "category manual", "removed"],
        ["prune", "category manual", "removed"],
      ],
    );
    expect(value.events.map(({ line }) => line)).toEqual(value.events.map((_, index) => value.total - index));
    const first = value.events.at(-1);
    expect(first).toMatchObject({ id, files: 2, user: expect.any(String), host: hostname() });
    expect(Date.parse(first?.time ?? "")).toBeLessThanOrEqual(Date.now());
    expect(value.chain).toEqual({ ok: true });
    const { stdout } = w.run("audit", "--limit", "1");
    expect(stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}\S+@\S+ {2}prune \d{8}_\d{6} “category manual”: removed\n11 more: rollback audit --all\n$/,
    );
  });

  test("a broken chain: the line is named, exit 4, and what can be read is shown", () => {
    const w = small();
    w.create("one");
    w.create("two");
    w.create("three");
    const path = join(w.store, "audit.jsonl");
    const [one = "", , three = ""] = readFileSync(path, "utf8").split("\n");
    for (const [text, shown, bad] of [
      [`${one}\n${three}\n`, 2, 2],
      [`${one}\nno JSON\n${three}\n`, 2, 2],
      [`${one}\n[]\n`, 1, 2],
      [`${one}\n{"command": 7}\n`, 2, 2],
    ] as const) {
      writeFileSync(path, text);
      const { exit, value } = w.json(audited, "audit");
      expect({ exit, total: value.total, chain: value.chain }).toEqual({
        exit: 4,
        total: shown,
        chain: { ok: false, first_bad_line: bad },
      });
      expect(w.run("audit").stdout).toContain("❌ audit.jsonl: line 2 does not follow");
    }
  });

  test("a description that a terminal would obey is one line; a torn line is said", () => {
    const w = small();
    w.create("\u001b[31mred\nsecond");
    appendFileSync(join(w.store, "audit.jsonl"), "torn");
    w.create("next");
    const { stdout } = w.run("audit");
    expect(stdout.split("\n")).toHaveLength(3);
    expect(stdout).toContain("(4 bytes in front of it were cut off by a crash)");
    expect(stdout).not.toContain("\u001b");
  });

  test("twelve writers at once: every event is a line, and the chain holds", async () => {
    const w = small();
    const running = Array.from({ length: 12 }, (_, index) =>
      w.start([binary, "create", `n${index}`, "--lock-wait", "60"]),
    );
    expect(await Promise.all(running.map((child) => child.exited))).toEqual(running.map(() => 0));
    const { value } = w.json(audited, "audit", "--all");
    expect(value.chain.ok).toBe(true);
    expect(value.events.map(({ description }) => description).sort()).toEqual(
      running.map((_, index) => `n${index}`).sort(),
    );
  });
});
