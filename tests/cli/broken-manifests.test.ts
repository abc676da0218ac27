// Manifests that can't be used: one clear error, exit 4, and nothing else stops working.
import { describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { failed, listed, verified } from "../contract.ts";
import { liveTree, type World, world } from "../harness.ts";
import { manifestPath } from "../manifests.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

/** Changes one key of the JSON: `a.0.b` is key b of the first item of a. */
function set(w: World, id: string, key: string, value: unknown): void {
  const text = readFileSync(manifestPath(w, id), "utf8");
  const keys = key.split(".");
  const replaced: unknown = JSON.parse(text, function (this: unknown, name, item) {
    return name === keys.at(-1) && depthFits(this, keys) ? value : item;
  });
  writeFileSync(manifestPath(w, id), JSON.stringify(replaced));
}

/** A holder that has the keys which stand beside the one that is meant. */
function depthFits(holder: unknown, keys: string[]): boolean {
  if (typeof holder !== "object" || holder === null) return false;
  if (keys.length === 1) return "created_at" in holder;
  return keys[0] === "git_state" ? "branch" in holder : "original" in holder;
}

const texts: Record<string, string | Uint8Array> = {
  empty: "",
  "blanks alone": " \n\n",
  "cut off": '{"created_at": "2025-12-11T14:36:00", "description": "x", ',
  "not JSON": "created_at: now\n",
  "a byte order mark and garbage": "\ufeff\u0000\u0001",
  "no UTF-8": new Uint8Array([0xff, 0xfe, 0x80, 0x00]),
  null: "null",
  "a number": "7",
  "a text": '"manifest"',
  "a list": "[]",
  "an empty object": "{}",
  "nested too deeply": `${"[".repeat(200_000)}${"]".repeat(200_000)}`,
  "a format to come": '{"format": 3, "files": []}',
  "a format that is not a number": '{"format": "two"}',
};

const wrong: [string, unknown][] = [
  ["description", 7],
  ["description", null],
  ["category", ["x"]],
  ["created_at_utc", "yesterday"],
  ["created_at", 1_700_000_000],
  ["plist_files", {}],
  ["config_files", "config"],
  ["config_files", null],
  ["credential_files", 7],
  ["config_files.0.original", 7],
  ["config_files.0.backup", null],
  ["config_files.0.hash", "abc123def456..."],
  ["config_files.0.hash", 7],
  ["config_files.0.mode", "rwxr-xr-x"],
  ["config_files.0.mode", "9999"],
  ["config_files.0.mode", 420],
  ["config_files.0.size_bytes", "many"],
  ["config_files.0.mtime", "yesterday"],
  ["config_files.0.symlink", 7],
  ["config_files.0.uid", "root"],
  ["git_state", "main"],
  ["git_state.branch", 7],
  ["venv_metadata", 7],
  ["complete", "yes"],
  ["skipped", [7]],
];

function expectUnusable(w: World, id: string): string {
  const live = liveTree(w);
  const messages = [
    ["show", id],
    ["restore", id],
    ["restore", id, "--force"],
  ].map((words) => {
    const { exit, value } = w.json(failed, ...words);
    expect(exit).toBe(4);
    expect(value.error.code).toBe("damaged");
    expect(value.error.message).toContain(manifestPath(w, id));
    return value.error.message;
  });
  expect(new Set(messages).size).toBe(1);
  expect(liveTree(w)).toEqual(live);
  const found = w.json(verified, "verify", id);
  expect(found.exit).toBe(4);
  expect(found.value.snapshots[0]?.problems.map(({ problem }) => problem)).toEqual(["manifest"]);
  expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({ id, status: "damaged", description: null });
  expect(messages[0]).not.toMatch(/undefined|\[object|at .*\.ts/);
  return messages[0] ?? "";
}

describe("a text that is not a manifest", () => {
  const w = world(parts);
  const id = w.create();
  for (const [what, text] of Object.entries(texts))
    test(what, () => {
      writeFileSync(manifestPath(w, id), text);
      expectUnusable(w, id);
    });

  test("a format to come is named, and what to do about it", () => {
    writeFileSync(manifestPath(w, id), '{"format": 3}');
    const { error } = w.json(failed, "show", id).value;
    expect(error.message).toContain("has format 3, which this rollback does not know");
    expect(error.hint).toContain("newer rollback");
  });

  test("100 MB, of which no more is read than it takes to say so", () => {
    const fd = openSync(manifestPath(w, id), "w");
    ftruncateSync(fd, 100_000_000);
    closeSync(fd);
    expect(expectUnusable(w, id)).toContain("larger than");
  });

  test("a folder, or nothing at all", () => {
    rmSync(manifestPath(w, id));
    expect(expectUnusable(w, id)).toContain("ENOENT");
    mkdirSync(manifestPath(w, id));
    expect(expectUnusable(w, id)).toContain("folder");
  });
});

describe("a value of the wrong kind is named by its key", () => {
  const w = world(parts);
  const id = w.create();
  const sound = readFileSync(manifestPath(w, id));
  for (const [key, value] of wrong)
    test(`${key}: ${JSON.stringify(value)}`, () => {
      writeFileSync(manifestPath(w, id), sound);
      set(w, id, key, value);
      const message = expectUnusable(w, id);
      expect(message).toContain(key.split(".").at(-1) ?? "");
    });

  test("keys that nobody knows are nobody's business", () => {
    writeFileSync(manifestPath(w, id), sound);
    const value: unknown = JSON.parse(sound.toString());
    writeFileSync(manifestPath(w, id), JSON.stringify(Object.assign({ constructor: 1, "__proto__ ": {} }, value)));
    expect(w.run("show", id).exit).toBe(0);
  });
});

test("a damaged snapshot stops neither create nor the restore of another", () => {
  const w = world(parts);
  const [first, second] = [w.create(), w.create()];
  writeFileSync(manifestPath(w, second), "{");
  w.create("third");
  w.put({ "root/shared/paths.py": "changed" });
  expect(w.run("restore", first, "--force").exit).toBe(0);
});
