// --only, --except, --map and --allow: which files, to where.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { restored } from "../contract.ts";
import { liveTree, must, plist, readTree, type World, world } from "../harness.ts";

const parts = {
  home: {
    "Library/LaunchAgents/com.petesbrain.mail.plist": plist("mail"),
    "Library/LaunchAgents/com.petesbrain.notes.plist": plist("notes"),
    ".google-ads/google-ads.yaml": "t: x\n",
  },
  root: {
    ".mcp.json": "{}",
    "shared/paths.py": "p",
    "infrastructure/mcp-servers/mail/credentials.json": "{}",
  },
};

/** The names of the files that a preview shows. */
const shown = (w: World, ...words: string[]) =>
  w
    .json(restored, "restore", "latest", ...words)
    .value.changes.map(({ name }) => name)
    .sort();

describe("which files", () => {
  const w = world(parts);
  w.create();
  const mail = "com.petesbrain.mail.plist";
  const notes = "com.petesbrain.notes.plist";
  const cases: [string[], string[]][] = [
    [
      ["--only", "plist"],
      [mail, notes],
    ],
    [
      ["--only", "config"],
      [".mcp.json", "paths.py"],
    ],
    [
      ["--only", "credential"],
      ["mcp/mail/credentials.json", "~/.google-ads/google-ads.yaml"],
    ],
    [
      ["--only", "plist", "--only", "paths.py"],
      [mail, notes, "paths.py"],
    ],
    [["--only", "*mail*"], [mail]],
    [["--only", "**/*mail*/**"], ["mcp/mail/credentials.json"]],
    [["--only", "mcp/mail/credentials.json"], ["mcp/mail/credentials.json"]],
    [["--only", "~/.google-ads/google-ads.yaml"], ["~/.google-ads/google-ads.yaml"]],
    [
      ["--only", `${w.root}/**`],
      [".mcp.json", "mcp/mail/credentials.json", "paths.py"],
    ],
    [["--only", `${w.root}/shared/paths.py`], ["paths.py"]],
    [
      ["--only", "*.{py,plist}"],
      [mail, notes, "paths.py"],
    ],
    [
      ["--except", "plist"],
      [".mcp.json", "mcp/mail/credentials.json", "paths.py", "~/.google-ads/google-ads.yaml"],
    ],
    [
      ["--except", "plist", "--except", "credential"],
      [".mcp.json", "paths.py"],
    ],
    [["--only", "plist", "--except", "*notes*"], [mail]],
    [["--only=plist", "--except=*notes*"], [mail]],
  ];
  for (const [words, names] of cases)
    test(words.join(" ").replaceAll(w.root, "ROOT"), () => {
      expect(shown(w, ...words)).toEqual(names);
    });

  test("none: exit 5, and the words that left nothing", () => {
    const { exit, stderr } = w.run("restore", "latest", "--only", "plist", "--except", "*.plist");
    expect(exit).toBe(5);
    expect(stderr).toContain("matches --only plist --except *.plist");
  });

  test("a word that matches no file is not passed over in silence, beside one that does", () => {
    for (const flag of ["--only", "--except"]) {
      const { exit, stderr } = w.run("restore", "latest", "--only", "config", flag, "secrts.py");
      expect(stderr).toContain("secrts.py");
      expect(exit).not.toBe(1);
    }
  });
});

test("what was not chosen is not touched", () => {
  const w = world(parts);
  const id = w.create();
  const before = liveTree(w);
  w.put({ "root/.mcp.json": "changed", "root/shared/paths.py": "changed" });
  must(w.run("restore", id, "--only", "paths.py", "--force"));
  expect(liveTree(w)).toEqual({ ...before, "root/.mcp.json": { kind: "file", mode: "0644", bytes: "changed" } });
});

test("what is refused does no harm once it is left out", () => {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/.mcp.json": "changed" });
  w.put({ "root/shared/paths.py": { link: join(w.away, "target") }, "away/target": "not ours" });
  expect(w.run("restore", id, "--force", "--only", "config").exit).toBe(0);
  expect(readTree(w.away).target).toMatchObject({ bytes: "not ours" });
});

describe("--map", () => {
  test("leads what lay below one folder to below another, and leaves the rest", () => {
    const w = world(parts);
    const id = w.create();
    const { value } = w.json(restored, "restore", id, "--map", `${w.root}/shared=${w.home}/moved`);
    expect(value.changes.find(({ name }) => name === "paths.py")).toMatchObject({
      path: `${w.home}/moved/paths.py`,
      action: "create",
    });
    expect(value.changes.find(({ name }) => name === ".mcp.json")?.path).toBe(`${w.root}/.mcp.json`);
  });

  test("goes by whole parts of a path", () => {
    const w = world(parts);
    const id = w.create();
    const { value } = w.json(restored, "restore", id, "--map", `${w.root}/sha=${w.home}/moved`);
    expect(value.summary.unchanged).toBe(6);
  });

  test("of several, the first that fits", () => {
    const w = world(parts);
    const id = w.create();
    const maps = ["--map", `${w.root}/shared=${w.home}/one`, "--map", `${w.root}=${w.home}/two`];
    const paths = w.json(restored, "restore", id, ...maps, "--only", "config").value.changes.map(({ path }) => path);
    expect(paths.sort()).toContainValues([`${w.home}/one/paths.py`, `${w.home}/two/.mcp.json`]);
  });

  test("a slash at the end means the same, a relative new place is below the current folder", () => {
    const w = world(parts);
    const id = w.create();
    const { value } = w.json(restored, "restore", id, "--only", "paths.py", "--map", `${w.root}/shared/=moved/`);
    expect(value.changes[0]?.path).toBe(`${w.root}/moved/paths.py`);
  });

  test("two files that it leads to one place: refused, nothing touched", () => {
    const w = world({ root: { "rollback.yaml": "configs: [a/x, b/x]\n", "a/x": "1", "b/x": "2" } });
    const id = w.create();
    const { exit, stderr } = w.run("restore", id, "--force", "--map", `${w.root}/a=${w.root}/b`);
    expect(exit).toBe(7);
    expect(stderr).toContain(`${w.root}/b/x`);
    expect(readTree(w.root)["b/x"]).toMatchObject({ bytes: "2" });
  });

  test("bad ones: exit 2", () => {
    const w = world(parts);
    w.create();
    for (const map of ["", "=", "/a", "=/b", "a=/b", "/a="])
      expect(w.run("restore", "latest", "--map", map).exit).toBe(2);
  });
});

describe("--allow", () => {
  const moved = (w: World) => ["--map", `${w.root}/shared=${w.away}/new`, "--only", "paths.py"];

  test("without it nothing outside home and root is written; exit 7 and the command that would", () => {
    const w = world(parts);
    const id = w.create();
    const { exit, stderr } = w.run("restore", id, ...moved(w), "--force");
    expect(exit).toBe(7);
    expect(stderr).toContain(`--allow ${w.away}/new`);
    expect(readTree(w.away)).toEqual({ "": { kind: "folder", mode: "0755" } });
  });

  test("with it, below that place and no other", () => {
    const w = world(parts);
    const id = w.create();
    expect(w.run("restore", id, ...moved(w), "--force", "--allow", `${w.away}/ne`).exit).toBe(7);
    expect(w.run("restore", id, ...moved(w), "--force", "--allow", `${w.away}/new`).exit).toBe(0);
    expect(readTree(w.away)["new/paths.py"]).toMatchObject({ bytes: "p" });
  });

  test("a file outside that is as it was in the snapshot needs none", () => {
    const w = world({ ...parts, away: { "key.json": "k" } });
    w.put({ "root/.mcp.json": JSON.stringify({ mcpServers: { s: { env: { KEY: `${w.away}/key.json` } } } }) });
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed" });
    expect(w.run("restore", id, "--force").exit).toBe(0);
    w.put({ "away/key.json": "changed" });
    expect(w.run("restore", id, "--force").exit).toBe(7);
    expect(w.run("restore", id, "--force", "--allow", w.away).exit).toBe(0);
    expect(readTree(w.away)["key.json"]).toMatchObject({ bytes: "k" });
  });

  test("never makes the snapshots folder a target", () => {
    const w = world(parts);
    const id = w.create();
    const words = [
      "--map",
      `${w.root}/shared=${w.store}/${id}/config`,
      "--only",
      "paths.py",
      "--allow",
      "/",
      "--force",
    ];
    w.put({ "root/shared/paths.py": "changed" });
    const before = readTree(join(w.store, id));
    expect(w.run("restore", id, ...words).exit).toBe(7);
    expect(readTree(join(w.store, id))).toEqual(before);
  });
});

test("the command that would allow a refused place names each place once, those that are allowed already too", () => {
  const w = world({ root: { "shared/paths.py": "p" }, away: { "one/a.json": "secret a", "two/b.json": "secret b" } });
  const servers = { s: { env: { A_TOKEN: w.path("away/one/a.json"), B_TOKEN: w.path("away/two/b.json") } } };
  w.put({ "root/.mcp.json": JSON.stringify({ mcpServers: servers }) });
  const id = w.create();
  w.put({ "away/one/a.json": "x", "away/two/b.json": "x" });
  const { exit, stderr } = w.run("restore", id, "--force", "--allow", w.path("away/one"));
  expect(exit).toBe(7);
  expect(stderr).toContain(`restore ${id} --allow ${w.path("away/one")} --allow ${w.path("away/two")} --force`);
});
