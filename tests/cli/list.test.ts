// list: newest first, and nothing that lies in the snapshots folder stops it.
import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listed } from "../contract.ts";
import { must, readTree, world } from "../harness.ts";
import { inTerminal } from "../pty.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

describe("an empty list is a result", () => {
  test("where there is no snapshots folder yet; and none is made", () => {
    const w = world(parts);
    const { exit, value } = w.json(listed, "list");
    expect(exit).toBe(0);
    expect(value).toEqual({ schema: 1, ok: true, command: "list", total: 0, snapshots: [] });
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
  expect(ran.stderr).toBe(`❌ No snapshot has the category pre-fase-4
   Did you mean pre-phase-4 (1 snapshot)?
   rollback list --category pre-phase-4
`);
});

describe("one row each", () => {
  const w = world(parts);
  const ids = [w.create("first", "start")];
  w.put({ "root/shared/secrets.py": "s", "root/shared/paths.py": "changed" });
  ids.unshift(w.create("a description that does not fit into a row of a window with eighty columns"));
  rmSync(join(w.root, "shared/secrets.py"));
  ids.unshift(w.create("third"));
  must(w.run("pin", ids[0] ?? ""));
  const header = /^ID +TIME +DIFFERS +CATEGORY +DESCRIPTION$/;
  const rowsOf = (lines: string[]) => lines.slice(lines.findIndex((line) => header.test(line)) + 1, -2);

  test("what changed against the one before, marks first", () => {
    const lines = must(w.run("list", "--oneline")).stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("📦 Available Snapshots (showing 3):");
    expect(rowsOf(lines).map((line) => line.replace(/\d\d [A-Z][a-z][a-z] \d\d:\d\d/, "TIME"))).toEqual([
      `${ids[0]}  TIME  +0 ~0 −1  manual    [pinned] third`,
      `${ids[1]}  TIME  +1 ~1 −0  manual    a description that does not fit into a row of a window with eighty columns`,
      `${ids[2]}  TIME  first     start     first`,
    ]);
    expect(lines.at(-1)).toBe(`One of them: rollback show ${ids[0]}`);
  });

  test("against the one before it in the store, whatever is shown; a damaged one is passed over", () => {
    const damaged = world(parts);
    const [one, two, three] = [damaged.create("one"), damaged.create("two", "odd"), damaged.create("three")];
    truncateSync(join(damaged.store, two, "manifest.json"));
    const { stdout } = must(damaged.run("list", "--oneline"));
    expect(stdout).toMatch(new RegExp(`${three} .* \\+0 ~0 −0 `));
    expect(stdout).toMatch(new RegExp(`${two} .* not known +– +\\[damaged\\]\n`));
    expect(stdout).toMatch(new RegExp(`${one} .* first `));
    const { value } = w.json(listed, "list", "--oneline", "--limit", "1");
    expect(value.snapshots[0]?.differs).toEqual({ new: 0, modified: 0, gone: 1 });
  });

  test("on a terminal where there are more than three, and nowhere else; --long is the manual's form", async () => {
    const three = await inTerminal(w, {}, "list");
    expect(three.lines[2]).toBe(`1. [${ids[0]}] 📌`);
    const id = w.create("fourth");
    const wide = await inTerminal(w, {}, "list", "--limit", "2");
    expect(wide.lines[0]).toBe("📦 Available Snapshots (showing 2 of 4):");
    expect(wide.lines.at(-1)).toBe(`2 more: rollback list --all. One of them: rollback show ${id}`);
    for (const columns of [80, 40]) {
      const { lines } = await inTerminal(w, { columns }, "list");
      for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.join("\n")).toContain("[pinned] third");
      expect(lines.join("\n")).toContain("…");
    }
    expect((await inTerminal(w, {}, "list", "--long")).lines[2]).toBe(`1. [${id}]`);
    expect(w.run("list").stdout).toContain(`\n1. [${id}]\n`);
    expect((await inTerminal(w, {}, "list", "--quiet")).lines[0]).toBe(id);
    expect(w.run("list", "--oneline", "--long").exit).toBe(2);
  });
});
