// list: newest first, and nothing that lies in the snapshots folder stops it.
import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listed } from "../contract.ts";
import { readTree, world } from "../harness.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

describe("an empty list is a result", () => {
  test("where there is no snapshots folder yet; and none is made", () => {
    const w = world(parts);
    const { exit, value } = w.json(listed, "list");
    expect(exit).toBe(0);
    expect(value).toEqual({ ok: true, command: "list", total: 0, snapshots: [] });
    expect(w.run("list").stdout).toBe("📦 No snapshots yet\n");
    expect(Object.keys(readTree(w.root))).not.toContain("infrastructure");
  });

  test("where it is empty", () => {
    const w = world(parts);
    mkdirSync(w.store, { recursive: true });
    expect(w.run("list")).toEqual({ exit: 0, stdout: "📦 No snapshots yet\n", stderr: "" });
  });
});

describe("a dozen snapshots", () => {
  const w = world(parts);
  const ids = Array.from({ length: 12 }, (_, index) =>
    w.create(`number ${index}`, index % 3 === 0 ? "third" : "other"),
  );
  ids.reverse();

  test("ten unless asked otherwise, newest first, and how many more there are", () => {
    const { value } = w.json(listed, "list");
    expect(value.total).toBe(12);
    expect(value.snapshots.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    expect(w.run("list").stdout).toEndWith("\n2 more: rollback list --all\n");
  });

  test("--limit and --all", () => {
    expect(w.run("list", "--quiet", "--limit", "3").stdout).toBe(`${ids.slice(0, 3).join("\n")}\n`);
    expect(w.run("list", "--quiet", "--all").stdout).toBe(`${ids.join("\n")}\n`);
    expect(w.run("list", "--quiet", "--limit=99").stdout).toBe(`${ids.join("\n")}\n`);
    expect(w.run("list", "--all").stdout).not.toContain("more:");
  });

  test("--category", () => {
    const { value } = w.json(listed, "list", "--category", "third", "--limit", "2");
    expect(value.total).toBe(4);
    expect(value.snapshots.map(({ category }) => category)).toEqual(["third", "third"]);
  });

  test("what it says of one", () => {
    const [row] = w.json(listed, "list", "--limit", "1").value.snapshots;
    expect(row).toMatchObject({
      id: ids[0] ?? "",
      description: "number 11",
      category: "other",
      files: { plist: 0, config: 2, credential: 0, total: 2 },
      size_bytes: 3,
      complete: true,
      pinned: false,
      status: "ok",
      forms: ["folder"],
    });
  });
});

describe("damage in one snapshot", () => {
  const breakers: Record<string, (path: string) => void> = {
    "its manifest is gone": (folder) => rmSync(join(folder, "manifest.json")),
    "its manifest is empty": (folder) => truncateSync(join(folder, "manifest.json")),
    "its manifest is cut off": (folder) => truncateSync(join(folder, "manifest.json"), 200),
    "its manifest is a folder": (folder) => {
      rmSync(join(folder, "manifest.json"));
      mkdirSync(join(folder, "manifest.json"));
    },
    "it is an empty folder": (folder) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
    "it is a file": (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "");
    },
  };
  for (const [what, damage] of Object.entries(breakers))
    test(`${what}: it is listed as damaged, and the others as they are`, () => {
      const w = world(parts);
      const [first, second, third] = [w.create("first"), w.create("second"), w.create("third")];
      damage(join(w.store, second));
      const { exit, value } = w.json(listed, "list");
      expect(exit).toBe(0);
      expect(value.snapshots.map(({ id, status }) => [id, status])).toEqual([
        [third, "ok"],
        [second, "damaged"],
        [first, "ok"],
      ]);
      expect(value.snapshots[1]).toMatchObject({ description: null, category: null, created_at: null });
      expect(w.run("list").stdout).toContain(`2. [${second}]\n   ⚠️  Damaged: its manifest can't be used`);
    });

  test("half copied: stored files are missing", () => {
    const w = world(parts);
    const id = w.create();
    rmSync(join(w.store, id, "config/paths.py"));
    expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({
      id,
      status: "damaged",
      description: "before the edits",
    });
    expect(w.run("show", id).stdout).toContain("⚠️  missing: paths.py");
  });
});

test("what is not a snapshot is not listed", () => {
  const w = world(parts);
  const id = w.create();
  for (const name of ["20251211_14360", "20251211-143600", "notes", "20251211_143600 copy", ".hidden"])
    mkdirSync(join(w.store, name));
  w.put({ "root/infrastructure/rollback-snapshots/20251211_143600.txt": "a file" });
  expect(w.run("list", "--quiet").stdout).toBe(`${id}\n`);
});

test("an age comes from UTC: another zone does not move it", () => {
  const w = world(parts);
  w.create();
  for (const TZ of ["Pacific/Auckland", "America/Los_Angeles"]) {
    const age = /Created: (\d+)([smhd]) ago/.exec(w.runWith({ env: { TZ } }, "list").stdout);
    expect(age?.[2]).toBe("s");
  }
});

test("forms and pins are shown", () => {
  const w = world(parts);
  const id = w.create();
  w.put({
    [`root/infrastructure/rollback-snapshots/${id}.zip`]: "a",
    [`root/infrastructure/rollback-snapshots/${id}.zip.age`]: "b",
    [`root/infrastructure/rollback-snapshots/.rollback/pins/${id}`]: "",
  });
  expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({
    pinned: true,
    forms: ["folder", "zip", "zip.age"],
  });
  expect(w.run("list").stdout).toContain(`1. [${id}] 📌\n`);
});

test("a store that was moved lists, verifies and restores where it is now", () => {
  const w = world(parts);
  const id = w.create();
  const moved = join(w.away, "moved");
  cpSync(w.store, moved, { recursive: true });
  rmSync(w.store, { recursive: true });
  w.put({ "root/shared/paths.py": "changed" });
  expect(w.run("list", "--quiet", "--snapshots", moved).stdout).toBe(`${id}\n`);
  expect(w.run("verify", "--snapshots", moved).exit).toBe(0);
  expect(w.run("restore", id, "--force", "--snapshots", moved).exit).toBe(0);
  expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
});

test("a store or a category that was named and is not there is not found; the nearest category is told", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  expect(w.run("list").exit).toBe(0);
  expect(w.run("list", "--snapshots", `${w.away}/nope`).exit).toBe(5);
  w.create("x", "pre-phase-4");
  const ran = w.run("list", "--category", "pre-fase-4");
  expect(ran.exit).toBe(5);
  expect(ran.stderr).toContain("Did you mean `pre-phase-4`?");
});
