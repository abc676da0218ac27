// diff, history and restore --patch in the binary: which ends are compared, what counts, and what can't be compared.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compared, remembered, restored } from "../contract.ts";
import { must, placeLegacySnapshots, plist, readTree, type World, world } from "../harness.ts";

const agent = "Library/LaunchAgents/com.petesbrain.a.plist";
const every = (seconds: number) => plist("com.petesbrain.a", `<key>StartInterval</key><integer>${seconds}</integer>`);
const parts = {
  home: { [agent]: every(60), ".google-ads/google-ads.yaml": "client: 1\n" },
  root: { ".mcp.json": '{"a": 1}', "shared/paths.py": "A = 1\n", "shared/secrets.py": 'KEY = "x"\n' },
};
const changes = (w: World, ...words: string[]) =>
  w.json(compared, "diff", ...words).value.files.map(({ name, change }) => [name, change]);

describe("diff", () => {
  test("to the files now: every kind of change, and nothing is written", () => {
    const w = world(parts);
    const id = w.create("the state before");
    writeFileSync(join(w.home, agent), every(3600));
    rmSync(join(w.root, "shared/paths.py"));
    chmodSync(join(w.root, "shared/secrets.py"), 0o600);
    utimesSync(join(w.root, ".mcp.json"), new Date(0), new Date(0));
    w.put({ "home/Library/LaunchAgents/com.petesbrain.b.plist": plist("b") });
    const tree = readTree(w.base, { mtimes: true });
    const { value, exit } = w.json(compared, "diff", id);
    expect(exit).toBe(0);
    expect(value).toMatchObject({
      before: { id, description: "the state before" },
      after: { id: null, description: null },
      unchanged: 2,
      problems: [],
    });
    expect(value.files.map(({ name, change }) => [name, change])).toEqual([
      ["com.petesbrain.a.plist", "modified"],
      ["com.petesbrain.b.plist", "added"],
      [".mcp.json", "touched"],
      ["paths.py", "removed"],
      ["secrets.py", "modified"],
    ]);
    expect(value.files[0]?.content).toMatchObject({
      changes: [
        { path: ["StartInterval"], before: "60", after: "3600", words: "runs every 1 hour instead of every 1 minute" },
      ],
    });
    expect(value.files[4]?.mode).toEqual({ before: "0644", after: "0600" });
    const { stdout } = w.run("diff", id);
    expect(stdout).toContain(
      "M com.petesbrain.a.plist\n     StartInterval: runs every 1 hour instead of every 1 minute\n",
    );
    expect(stdout).toEndWith("4 files differ: 2 modified, 1 added, 1 removed; 2 unchanged\n");
    expect(w.run("diff", id, "now").stdout).toBe(stdout);
    expect(w.run("diff", id, "--stat").stdout).toContain("\nM secrets.py | mode 0644 → 0600\n");
    expect(w.run("diff", id, "--quiet").stdout.trim().split("\n")).toHaveLength(4);
    expect(readTree(w.base, { mtimes: true })).toEqual(tree);
  });

  test("between two snapshots, in either direction, whatever form they have", () => {
    const w = world(parts);
    const first = w.create();
    w.put({ "root/.mcp.json": '{"a": 2, "b": [true]}' });
    const second = w.create();
    expect(w.json(compared, "diff", first, second).value.files[0]?.content).toMatchObject({
      changes: [
        { path: ["a"], before: "1", after: "2" },
        { path: ["b", 0], change: "added", before: null, after: "true" },
      ],
    });
    expect(w.json(compared, "diff", second, first).value.files[0]?.content).toMatchObject({
      changes: [
        { path: ["a"], before: "2", after: "1" },
        { path: ["b", 0], change: "removed" },
      ],
    });
    must(w.run("pack", first, "--move"));
    const plain = w.run("diff", first, second).stdout;
    expect(plain).toContain(".mcp.json\n     a: 1 → 2\n");
    const nowhere = w.runWith(
      { cwd: w.away, env: { ROLLBACK_ROOT: undefined } },
      "diff",
      join(w.store, `${first}.zip`),
      join(w.store, second),
    );
    expect(nowhere.stdout).toContain("     a: 1 → 2\n");
  });

  test("--exit-code is git's: 1 where something differs; a time alone does not count", () => {
    const w = world(parts);
    const id = w.create();
    expect(w.run("diff", id, "--exit-code").exit).toBe(0);
    expect(w.run("diff", id).stdout).toEndWith("✅ Nothing differs: 5 files\n");
    utimesSync(join(w.root, ".mcp.json"), new Date(0), new Date(0));
    expect(w.run("diff", id, "--exit-code").exit).toBe(0);
    expect(w.run("diff", id).stdout).toMatch(/^T \.mcp\.json\n {5}time: .* → 1970-01-01T00:00:00Z$/m);
    w.put({ "root/.mcp.json": "{}" });
    expect(w.run("diff", id, "--exit-code").exit).toBe(1);
    expect(w.run("diff", id).exit).toBe(0);
  });

  test("a link: what it led to, and what it leads to", () => {
    const w = world(parts);
    const id = w.create();
    writeFileSync(join(w.away, "paths.py"), "A = 1\n");
    rmSync(join(w.root, "shared/paths.py"));
    symlinkSync(join(w.away, "paths.py"), join(w.root, "shared/paths.py"));
    expect(w.json(compared, "diff", id).value.files).toMatchObject([
      { name: "paths.py", link: { before: null, after: join(w.away, "paths.py") }, content: null },
    ]);
  });

  test("a stored file that is damaged is named, with 4; the others are compared", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/.mcp.json": '{"a": 2}', "root/shared/paths.py": "A = 2\n" });
    w.put({ [join(w.store, id, "config/mcp.json")]: '{"a": "rotten"}' });
    const { exit, value } = w.json(compared, "diff", id);
    expect(exit).toBe(4);
    expect(value.problems).toMatchObject([{ path: join(w.root, ".mcp.json"), side: "before", problem: "damaged" }]);
    expect(value.files.map(({ name, content }) => [name, content?.type])).toEqual([
      [".mcp.json", undefined],
      ["paths.py", "lines"],
    ]);
    expect(JSON.stringify(value)).not.toContain("rotten");
    expect(w.run("diff", id).stdout).toContain("⚠️  Not compared, damaged: ");
  });

  test("a live file that can't be read is named, with 3, and so is one that could not be captured", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    chmodSync(join(w.root, "shared/paths.py"), 0);
    chmodSync(join(w.home, "Library/LaunchAgents"), 0);
    const now = w.json(compared, "diff", id);
    expect(now.exit).toBe(3);
    expect(now.value.files).toEqual([]);
    expect(now.value.problems.map(({ path, side }) => [path, side])).toEqual([
      [join(w.home, agent), "after"],
      [join(w.root, "shared/paths.py"), "after"],
      [join(w.home, "Library/LaunchAgents"), "after"],
    ]);
    expect(w.run("create", "partly").exit).toBe(3);
    const before = w.json(compared, "diff", "latest", id);
    expect(before.exit).toBe(3);
    expect(before.value.files).toEqual([]);
    expect(before.value.problems.every(({ side }) => side === "before")).toBe(true);
  });

  test("from another home and root: each file beside the one that takes its place", () => {
    const there = world(parts);
    const id = there.create();
    const here = world({ ...parts, root: { ...parts.root, ".mcp.json": '{"a": 2}' } });
    const from = join(there.store, id);
    expect(changes(here, from)).toContainEqual([".mcp.json", "modified"]);
    expect(changes(here, from).filter(([, change]) => change !== "touched")).toHaveLength(1);
  });

  test("the original tool's snapshots", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    placeLegacySnapshots(w.store);
    const { value, exit } = w.json(compared, "diff", "20251211_143600", "20251212_080000");
    expect(exit).toBe(0);
    expect(value.files.length + value.unchanged).toBeGreaterThan(70);
    expect(w.run("diff", "20251211_143600", "20251212_080000").stdout).not.toContain("fake-");
  });

  test("a word that names no snapshot is 5, and too many words are 2", () => {
    const w = world(parts);
    w.create();
    expect(w.run("diff", "20200101_000000").exit).toBe(5);
    expect(w.run("diff", "latest", "20200101_000000").exit).toBe(5);
    expect(w.run("diff", "latest", "now", "now").exit).toBe(2);
    expect(w.run("diff").exit).toBe(2);
  });

  test("what the files hold reaches a terminal as text", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "A = 1\nB = '\u001b]0;title\u0007\u202e'\t# x\n" });
    const { stdout } = w.run("diff", id);
    expect(stdout).toContain("     +B = '\\x1b]0;title\\x07\\u202e'\t# x\n");
  });
});

describe("history", () => {
  const past = () => {
    const w = world(parts);
    const ids = [w.create("first")];
    w.put({ [`home/${agent}`]: every(120) });
    ids.push(w.create("slower"));
    ids.push(w.create("nothing new"));
    rmSync(join(w.home, agent));
    ids.push(w.create("gone", "hotfix"));
    w.put({ [`home/${agent}`]: every(180) });
    ids.push(w.create("back"));
    return { w, ids };
  };

  test("newest first, by name, by path, from the home, or by a pattern", () => {
    const { w, ids } = past();
    const [first, slower, , gone, back] = ids;
    const expected = [
      [back, "added"],
      [gone, "removed"],
      [slower, "changed"],
      [first, "first"],
    ];
    for (const word of ["com.petesbrain.a.plist", join(w.home, agent), `~/${agent}`, "*.plist"]) {
      const { value } = w.json(remembered, "history", word);
      expect(value.files).toHaveLength(1);
      expect(value.files[0]?.events.map(({ id, event }) => [id, event])).toEqual(expected as [string, string][]);
    }
    expect(w.run("history", "com.petesbrain.a.plist").stdout).toMatch(
      new RegExp(
        `^📜 com\\.petesbrain\\.a\\.plist\\n .*\\n {3}\\[${back}\\] added       back, manual \\(\\d+ B\\)\\n {3}\\[${gone}\\] removed     gone, hotfix\\n`,
      ),
    );
    expect(w.run("history", "com.petesbrain.a.plist", "--quiet").stdout).toBe(
      `${expected.map(([id]) => id).join("\n")}\n`,
    );
    expect(w.runWith({ cwd: join(w.root, "shared") }, "history", "./paths.py").stdout).toContain("first seen");
  });

  test("--patch shows what changed; without it no stored file is read", () => {
    const { w, ids } = past();
    const patch = w.run("history", "com.petesbrain.a.plist", "--patch").stdout;
    expect(patch).toContain("     StartInterval: runs every 2 minutes instead of every 1 minute\n");
    for (const id of ids) rmSync(join(w.store, id, "plist"), { recursive: true, force: true });
    expect(w.run("history", "com.petesbrain.a.plist").exit).toBe(0);
    const broken = w.json(remembered, "history", "com.petesbrain.a.plist", "--patch");
    expect(broken.exit).toBe(4);
    expect(broken.value.problems).not.toEqual([]);
  });

  test("what could not be read is neither changed nor gone, and a snapshot that can't be read is named", () => {
    const w = world(parts, { ordinary: true });
    w.create();
    chmodSync(join(w.home, "Library/LaunchAgents"), 0);
    expect(w.run("create", "partly").exit).toBe(3);
    chmodSync(join(w.home, "Library/LaunchAgents"), 0o755);
    const broken = w.create();
    w.put({ [join(w.store, broken, "manifest.json")]: "{" });
    w.create();
    const { value } = w.json(remembered, "history", "com.petesbrain.a.plist");
    expect(value.files[0]?.events.map(({ event }) => event)).toEqual(["unreadable", "first"]);
    expect(w.run("history", "com.petesbrain.a.plist").stderr).toContain(broken);
  });

  test("a file that no snapshot holds is 5", () => {
    const { w } = past();
    const { exit, stderr } = w.run("history", "com.petesbrain.z.plist");
    expect(exit).toBe(5);
    expect(stderr).toContain("no snapshot holds com.petesbrain.z.plist");
  });
});

describe("restore --patch", () => {
  test("the preview and the restore show the same, in the direction of the restore", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ [`home/${agent}`]: every(3600), "root/.mcp.json": '{"a": 2}', "root/shared/paths.py": "A = 2\n" });
    const lines = [
      "     StartInterval: runs every 1 minute instead of every 1 hour",
      "     a: 2 → 1",
      "     -A = 2",
      "     +A = 1",
    ];
    const preview = w.run("restore", id, "--patch").stdout;
    for (const line of lines) expect(preview).toContain(`${line}\n`);
    expect(w.run("restore", id).stdout).not.toContain(lines[1] ?? "");
    const { value } = w.json(restored, "restore", id, "--patch");
    expect(value.patch?.map(({ name }) => name)).toEqual(["com.petesbrain.a.plist", ".mcp.json", "paths.py"]);
    const done = w.json(restored, "restore", id, "--patch", "--force").value;
    const told = (files: typeof value.patch) => files?.map(({ name, content }) => [name, content]);
    expect(told(done.patch)).toEqual(told(value.patch));
    expect(readFileSync(join(w.root, "shared/paths.py"), "utf8")).toBe("A = 1\n");
    expect(w.run("restore", id, "--patch").stdout).not.toContain("     ");
  });

  test("bytes that come from another snapshot, and content that is moved to another home", () => {
    const w = world(parts);
    w.create();
    const id = w.create();
    rmSync(join(w.store, id, "config/mcp.json"));
    w.put({ "root/.mcp.json": '{"a": 3}' });
    expect(w.run("restore", id, "--patch").stdout).toContain("     a: 3 → 1\n");
    const there = world({ root: { ".mcp.json": `{"path": "/there/x"}` } });
    there.put({ "root/.mcp.json": `{"path": "${there.home}/x"}` });
    const moved = there.create();
    const here = world({ root: { ".mcp.json": '{"path": "/nowhere"}' } });
    expect(here.run("restore", join(there.store, moved), "--relocate", "--patch").stdout).toContain(
      `     path: "/nowhere" → "${here.home}/x"\n`,
    );
    expect(existsSync(here.store)).toBe(false);
  });
});
