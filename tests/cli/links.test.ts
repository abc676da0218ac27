// Links: a link and what is behind it both come back, and no link is replaced by a file unasked.
import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Item, type Layout, liveTree, must, readTree, world } from "../harness.ts";

/** shared/secrets.py is a link to private/real.py; other.py lies beside that. */
const linked = {
  root: {
    ".mcp.json": "{}",
    "private/real.py": { file: "real", mode: 0o600 },
    "private/other.py": { file: "other", mode: 0o644 },
    "shared/secrets.py": { link: "../private/real.py" },
  },
};

describe("a file that was a link when the snapshot was made", () => {
  const edits: Record<string, Layout> = {
    "the content behind it changed": { "root/private/real.py": "changed" },
    "it is a file now": { "root/shared/secrets.py": "a file" },
    "it leads elsewhere": { "root/shared/secrets.py": { link: "../private/other.py" } },
    "it leads to nothing": { "root/shared/secrets.py": { link: "nowhere" } },
    "it leads round in a circle": { "root/shared/secrets.py": { link: "secrets.py" } },
    "it leads elsewhere, and the content changed": {
      "root/shared/secrets.py": { link: "../private/other.py" },
      "root/private/real.py": "changed",
    },
    "it is absolute now": {},
  };
  for (const [what, edit] of Object.entries(edits))
    test(`${what}: link and content come back, and nothing else changes`, () => {
      const w = world(linked);
      const before = liveTree(w);
      const id = w.create();
      w.put(edit);
      if (what === "it is absolute now") w.put({ "root/shared/secrets.py": { link: join(w.root, "private/real.py") } });
      must(w.run("restore", id, "--force"));
      expect(liveTree(w)).toEqual(before);
      expect(w.run("restore", id).stdout).not.toContain("Would restore");
    });

  test("it is gone, with what was behind it", () => {
    const w = world(linked);
    const before = liveTree(w);
    const id = w.create();
    rmSync(join(w.root, "shared/secrets.py"));
    rmSync(join(w.root, "private/real.py"));
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });

  test("the auto-backup is the way back from each", () => {
    for (const edit of Object.values(edits)) {
      if (JSON.stringify(edit).includes('"secrets.py"') || JSON.stringify(edit).includes("nowhere")) continue;
      const w = world(linked);
      const id = w.create();
      w.put(edit);
      const changed = liveTree(w);
      const backup = must(w.run("restore", id, "--force", "--quiet")).stdout.trim();
      if (backup === "") continue;
      must(w.run("restore", backup, "--force"));
      expect(liveTree(w)).toEqual(changed);
    }
  });
});

describe("a file that was a file, and is a link now", () => {
  const now: Record<string, Item> = {
    "to a file": { link: "../private/other.py" },
    "to nothing": { link: "nowhere" },
    "out of home and root": { link: "/etc/hosts" },
  };
  for (const [where, item] of Object.entries(now))
    test(`${where}: it is a file again, what the link leads to is left alone, and the preview says so`, () => {
      const w = world({ root: { ...linked.root, "shared/paths.py": "p" } });
      const before = liveTree(w);
      const id = w.create();
      w.put({ "root/shared/paths.py": item });
      expect(w.run("restore", id).stdout).toContain("paths.py (is a link to");
      must(w.run("restore", id, "--force"));
      expect(liveTree(w)).toEqual(before);
    });
});

describe("two files of one snapshot, of which one leads to the other now", () => {
  test("a file became a link to its neighbour: both come back", () => {
    const w = world({ root: { "shared/paths.py": "p", "shared/secrets.py": "s" } });
    const before = liveTree(w);
    const id = w.create();
    w.put({ "root/shared/paths.py": { link: "secrets.py" } });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });

  test("a link's target became a link to a third file: all three come back", () => {
    const w = world({
      root: {
        "rollback.yaml": "configs: [link, target, third]\n",
        target: "target",
        third: "third",
        link: { link: "target" },
      },
    });
    const before = liveTree(w);
    const id = w.create();
    w.put({ "root/target": { link: "third" } });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });

  test("a chain of links turned around", () => {
    const w = world({
      root: { "rollback.yaml": "configs: [a, b, c]\n", a: { link: "b" }, b: { link: "c" }, c: "content" },
    });
    const before = liveTree(w);
    const id = w.create();
    w.put({ "root/c": { link: "b" }, "root/b": { link: "a" }, "root/a": "content" });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });
});

describe("a folder on the way that is a link", () => {
  test("below home or root: the file behind it is written, the link stays", () => {
    const w = world({ root: { "real/paths.py": "p", shared: { link: "real" } } });
    const before = liveTree(w);
    const id = w.create();
    w.put({ "root/real/paths.py": "changed" });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });

  test("out of home and root: refused, nothing touched", () => {
    const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": "p" }, away: { "paths.py": "not ours" } });
    const id = w.create();
    rmSync(join(w.root, "shared"), { recursive: true });
    w.put({ "root/shared": { link: w.away }, "root/.mcp.json": "changed" });
    const before = liveTree(w);
    const { exit, stderr } = w.run("restore", id, "--force");
    expect(exit).toBe(7);
    expect(stderr).toContain(`leads to ${w.away}/paths.py, which lies outside the home and the root`);
    expect(liveTree(w)).toEqual(before);
  });
});

test("a link that was recorded and leads out of home and root: the content behind it is refused, nothing touched", () => {
  const w = world({ root: { ".mcp.json": { link: "../away/mcp.json" } }, away: { "mcp.json": "{}" } });
  const id = w.create();
  w.put({ "away/mcp.json": "changed" });
  expect(w.run("restore", id, "--force").exit).toBe(7);
  expect(readTree(w.away)["mcp.json"]).toMatchObject({ bytes: "changed" });
  expect(w.run("restore", id, "--force", "--allow", w.away).exit).toBe(0);
  expect(readTree(w.away)["mcp.json"]).toMatchObject({ bytes: "{}" });
});

test("home and root may be links themselves", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  w.put({ "home-link": { link: "home" }, "root-link": { link: "root" } });
  const env = { HOME: w.path("home-link"), ROLLBACK_ROOT: w.path("root-link") };
  const id = must(w.runWith({ env }, "create", "x", "--quiet")).stdout.trim();
  w.put({ "root/.mcp.json": "changed" });
  must(w.runWith({ env }, "restore", id, "--force"));
  expect(readTree(w.root)[".mcp.json"]).toMatchObject({ bytes: "{}" });
});
