// `rollback` alone: how things are, on one small screen, and commands that can be pasted as they stand.
import { describe, expect, test } from "bun:test";
import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { statusShown } from "../contract.ts";
import { must, plist, readTree, type World, world } from "../harness.ts";
import { agentWorld, labelOf } from "../launchctl/stand-in.ts";
import { holdLock } from "../lock-holder.ts";
import { editManifest } from "../manifests.ts";
import { inTerminal } from "../pty.ts";

const parts = {
  home: {
    "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a"),
    "Library/LaunchAgents/com.petesbrain.b.plist": plist("com.petesbrain.b"),
  },
  root: { ".mcp.json": "{}\n", "shared/paths.py": "p\n" },
};

/** With --json; every command that it suggests is one that runs. */
function look(w: World) {
  const { exit, value, stderr } = w.json(statusShown);
  expect([exit, stderr]).toEqual([0, ""]);
  expect(value.next.length).toBeGreaterThan(0);
  for (const [rollback, name = ""] of value.next) {
    expect(rollback).toBe("rollback");
    must(w.run(name, "--help"));
  }
  return { project: value.project, next: value.next.map((words) => words.slice(1)) };
}

test("all as in the newest snapshot: two commands, less than 15 lines, and nothing is written", () => {
  const w = world(parts);
  const id = w.create("first");
  const before = readTree(w.base, { mtimes: true });
  const { exit, stdout, stderr } = w.run();
  expect([exit, stderr]).toEqual([0, ""]);
  expect(stdout.replace(/\d+s ago/, "0s ago").split("\n")).toEqual([
    `root  ${w.root}`,
    `  Snapshot   ${id}, 0s ago, first`,
    "  Files      4 as in that snapshot",
    "  Health     OK at a glance",
    "",
    "Before a change:  rollback create 'What I am about to do'",
    "To look back:     rollback list",
    "",
  ]);
  expect(look(w).project).toMatchObject({ cut_off: null, files: { total: 4, changes: [], unread: [] }, agents: null });
  expect(w.run("--quiet").stdout).toBe(`${id}\n`);
  expect(w.run("-q").stdout).toBe(`${id}\n`);
  expect(readTree(w.base, { mtimes: true })).toEqual(before);
});

test("files differ: how many and which, and the commands for them", () => {
  const w = world(parts);
  const id = w.create("first");
  w.put({
    "root/shared/paths.py": "changed",
    "home/Library/LaunchAgents/com.petesbrain.c.plist": plist("com.petesbrain.c"),
  });
  chmodSync(w.path("root/.mcp.json"), 0o600);
  rmSync(w.path("home/Library/LaunchAgents/com.petesbrain.b.plist"));
  const { project, next } = look(w);
  expect(project?.files?.total).toBe(5);
  expect(project?.files?.changes.map(({ name, change: what }) => [name, what])).toEqual([
    ["com.petesbrain.b.plist", "gone"],
    ["com.petesbrain.c.plist", "new"],
    [".mcp.json", "modified"],
    ["paths.py", "modified"],
  ]);
  expect(next).toEqual([
    ["diff", id],
    ["restore", id],
  ]);
  const { stdout } = must(w.run());
  expect(stdout).toContain("  Files      4 of 5 differ: 2 modified, 1 new, 1 gone\n");
  expect(stdout).toContain("\n               and 2 more\n");
  expect(stdout.split("\n").length).toBeLessThanOrEqual(15);
});

test("an auto-backup is never the newest snapshot; the snapshot of another home is not compared", () => {
  const w = world(parts);
  const id = w.create("first");
  w.put({ "root/shared/paths.py": "changed" });
  must(w.run("restore", id, "--force"));
  expect(look(w).project?.snapshot?.id).toBe(id);
  editManifest(w, id, (manifest) => Object.assign(manifest, { home: "/Users/alex", root: "/Users/alex/PetesBrain" }));
  const { project, next } = look(w);
  expect(project).toMatchObject({ files: null, snapshot: { foreign: true } });
  expect(next).toEqual([["restore", id, "--relocate"]]);
});

describe("what was cut off stands first", () => {
  test("a restore", () => {
    const w = world(parts);
    w.create();
    writeFileSync(
      join(w.store, ".rollback/journal.ready"),
      JSON.stringify({ snapshot: "20250101_000000", autoBackup: null, steps: [], folders: [], relaxed: [] }),
      { mode: 0o600 },
    );
    w.put({ "root/shared/paths.py": "half done" });
    const { stdout } = must(w.run());
    expect(stdout).toMatch(/^❌ A restore of 20250101_000000 was cut off \d+s ago\n/);
    expect(stdout).toContain("  Files      1 of 4 differ\n");
    expect(stdout).toContain("CRITICAL: a restore was cut off\n");
    expect(stdout).toEndWith("\nFirst end it:  rollback recover\n");
    const { project, next } = look(w);
    expect(project?.cut_off).toMatchObject({ what: "restore", snapshot: "20250101_000000" });
    expect(next).toEqual([["recover"]]);
    // One that is at work has a journal, too, and the lock.
    const lock = holdLock(w.store);
    expect(look(w).project?.cut_off).toBeNull();
    lock.release();
    writeFileSync(join(w.store, ".rollback/journal.ready"), "{");
    expect(must(w.run()).stdout).toMatch(/^❌ A restore was cut off/);
  });

  test("a guard", () => {
    const w = world(parts);
    const id = w.create();
    const mark = { snapshot: id, description: "Phase 4", program: "./m.sh", since: "2026-01-01T00:00:00.000Z" };
    writeFileSync(join(w.store, ".rollback/guard.json"), JSON.stringify({ ...mark, rollingBack: false }));
    expect(must(w.run()).stdout).toMatch(/^❌ A guard of \.\/m\.sh was cut off, begun \d+d ago: Phase 4\n/);
    expect(look(w).next).toEqual([["restore", id], ["recover"]]);
  });
});

test("no snapshot yet, and no project at all: how to begin", () => {
  const w = world(parts);
  expect(look(w)).toMatchObject({
    project: { snapshot: null, configured: false, health: { level: "critical" } },
    next: [
      ["init", "--write"],
      ["create", "First snapshot"],
    ],
  });
  const outside = w.runWith({ cwd: "/", env: { ROLLBACK_ROOT: undefined } });
  expect(outside).toMatchObject({ exit: 0, stderr: "" });
  expect(outside.stdout).toContain("No project at or above /.");
  for (const command of ["init --write", "create 'First snapshot'", "restore latest"])
    expect(outside.stdout).toContain(`  rollback ${command}`);
  expect(w.runWith({ cwd: "/", env: { ROLLBACK_ROOT: undefined } }, "--json").stdout).toContain('"project": null');
});

test("a damaged, a sealed and an unreadable newest one are told as that", () => {
  const w = world(parts);
  const id = w.create();
  writeFileSync(join(w.store, id, "manifest.json"), "{");
  expect(look(w)).toMatchObject({
    project: { snapshot: { id, status: "damaged" }, files: null },
    next: [["verify"], ["list", "--all"]],
  });
  const sealed = world(parts);
  must(sealed.run("key", "new"));
  const packed = sealed.create();
  must(sealed.run("pack", packed, "--seal", "--move"));
  expect(look(sealed)).toMatchObject({ project: { snapshot: { id: packed, status: "sealed" } } });
});

describe("a snapshot that was not named", () => {
  test("is asked for with the newest five, and a command that runs as it is", () => {
    const w = world(parts);
    const ids = Array.from({ length: 7 }, (_, index) => w.create(`number ${index}`));
    w.put({ "root/shared/paths.py": "changed" });
    must(w.run("restore", ids[6] ?? "", "--force"));
    for (const command of ["restore", "show", "diff", "pin", "unpin"]) {
      const { exit, stdout, stderr } = w.run(command);
      const lines = stderr.trimEnd().split("\n");
      expect([exit, stdout, lines[0]]).toEqual([2, "", `❌ \`${command}\` needs a snapshot. The newest five:`]);
      // Auto-backups are nobody's choice.
      expect(lines.slice(1, -1).map((line) => line.replace(/\d+s ago {2,}/, "AGE "))).toEqual(
        [6, 5, 4, 3, 2].map((number) => `   ${ids[number]}  AGE number ${number} (manual)`),
      );
      expect(lines.at(-1)).toBe(`   rollback ${command} ${ids[6]}`);
      must(w.run(command, ids[6] ?? ""));
    }
    expect(w.run("revert").stderr).toEndWith(`\n   rollback revert ${ids[5]} ${ids[6]}\n`);
    expect(w.run("revert", ids[1] ?? "").stderr).toEndWith(`\n   rollback revert ${ids[1]} ${ids[6]}\n`);
    expect(w.run("restore", "--only", "plist").stderr).toEndWith(`\n   rollback restore --only plist ${ids[6]}\n`);
  });

  test("stays a missing word where there is none to name, and outside a project", () => {
    const w = world(parts);
    expect(w.run("restore").stderr).toStartWith("❌ `restore` needs REF\n");
    const env = { ROLLBACK_ROOT: undefined };
    expect(w.runWith({ cwd: "/", env }, "restore").stderr).toStartWith("❌ `restore` needs REF\n");
    const id = w.create("x".repeat(200));
    writeFileSync(join(w.store, id, "manifest.json"), "{");
    expect(w.run("show").stderr).toContain(`. The only one:\n   ${id}    [damaged]\n`);
  });
});

test("the copies' age; and what was named is named in the commands, too", () => {
  const w = world({
    ...parts,
    root: { ...parts.root, "rollback.yaml": "copies: {usb: {to: USB}, cloud: {to: CLOUD}}\n" },
  });
  w.put({
    "root/rollback.yaml": `copies: {usb: {to: ${w.away}/usb}, cloud: {to: ${w.away}/cloud}}\n`,
    "away/usb": { folder: 0o755 },
  });
  must(w.run("key", "new"));
  w.create();
  must(w.run("push", "latest", "usb"));
  expect(must(w.run()).stdout).toMatch(/\n {2}Copies {5}usb \d+s ago, cloud never\n/);
  w.put({ "root/shared/paths.py": "changed" });
  expect(must(w.run("--root", w.root)).stdout).toContain(`rollback diff --root ${w.root} `);
});

test("short forms: -n is the preview, -q, -V and -h are what they are everywhere", () => {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/shared/paths.py": "changed" });
  for (const flag of ["-n", "--preview"]) expect(w.run("restore", id, flag)).toEqual(w.run("restore", id));
  expect(w.run("prune", "-n")).toEqual(w.run("prune"));
  expect(w.run("init", "-n")).toEqual(w.run("init"));
  for (const words of [
    ["restore", id, "-n", "--force"],
    ["prune", "--force", "-n"],
    ["list", "-n"],
    ["-n"],
    ["schedule", "run", "-n"],
  ])
    expect(w.run(...words)).toMatchObject({ exit: 2, stdout: "" });
  expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "changed" });
  expect(w.run("list", "-q").stdout).toBe(`${id}\n`);
  expect(w.run("-V")).toEqual(w.run("--version"));
  expect(w.run("list", "-V")).toEqual(w.run("version"));
  expect(w.run("list", "-h")).toEqual(w.run("help", "list"));
  expect(w.run("--nope").stderr).toContain("`rollback --help` lists its flags");
});

test("agents that are down, and their command", () => {
  const { w, launchd } = agentWorld(["a", "b", "c"]);
  for (const name of ["a", "b"]) launchd.load(labelOf(name), name === "a" ? { pid: 7 } : { lastExit: 1 });
  w.create();
  const { project, next } = look(w);
  expect(project?.agents).toEqual({ loaded: 2, failed: [labelOf("b")], not_loaded: [labelOf("c")] });
  expect(next).toEqual([["agents"], ["reload", labelOf("c")]]);
  const { stdout } = must(w.run());
  expect(stdout).toContain("  Agents     1 failed, 1 not loaded, 1 fine\n");
  expect(stdout).toContain("  Health     WARNING: 1 agent failed, 1 not loaded\n");
  launchd.disable(labelOf("c"));
  expect(look(w).project?.agents?.not_loaded).toEqual([]);
  launchd.hang();
  expect(must(w.run()).stdout).toContain("  Agents     not known: launchd does not answer\n");
});

test("a file that can't be read is neither gone nor as it was", () => {
  const w = world(parts, { ordinary: true });
  w.create();
  chmodSync(w.path("root/shared/paths.py"), 0);
  expect(must(w.run()).stdout).toContain("4 as in that snapshot; 1 can't be read");
});

test("a broken config is an error here, too, and a flag or word that it does not know", () => {
  const w = world({ ...parts, root: { ...parts.root, "rollback.yaml": "no: {yaml" } });
  expect(w.run().exit).toBe(2);
  const other = world(parts);
  expect(other.run("--nope").stderr).toContain("`rollback` knows no flag `--nope`");
  expect(readdirSync(other.root).sort()).toEqual([".mcp.json", "shared"]);
});

test("an error is wrapped on a terminal, under its own beginning, and no command in it is broken; a pipe gets lines", async () => {
  const w = world(parts);
  const words = ["list", "--category", "nope"];
  w.create("x".repeat(300), "a-category");
  for (const columns of [80, 40]) {
    const { exit, lines } = await inTerminal(w, { columns }, "show", "--nope");
    expect(exit).toBe(2);
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[0]).toStartWith("❌ `show` knows no flag");
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {3}\S/);
    expect(lines.join("\n")).toContain("`rollback show --help`");
    const chosen = await inTerminal(w, { columns }, "show");
    for (const line of chosen.lines.slice(1)) expect(line).toMatch(/^ {3}\S/);
  }
  expect(w.run(...words).stderr.split("\n")).toHaveLength(4);
});

test("a long description, with what a terminal would obey, takes two lines; nothing else is pushed off the screen", () => {
  const w = world(parts);
  const id = w.create(`\u001b[31mred\nline ${"long ".repeat(20_000)}`, "x".repeat(500));
  for (let index = 0; index < 20; index++)
    w.put({ [`home/Library/LaunchAgents/com.petesbrain.${"n".repeat(100)}${index}.plist`]: plist(`n${index}`) });
  const { stdout } = must(w.run());
  const lines = stdout.split("\n");
  expect(lines.length).toBeLessThanOrEqual(15);
  for (const line of lines.slice(1)) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  // New files alone: a restore would leave them as they are.
  expect(stdout).toEndWith(`\nWhat differs:  rollback diff ${id}\nTo keep it:    rollback create 'With what is new'\n`);
});

test("in terminals of 80 and 40 columns: no line is wider, and what is said does not depend on colour", async () => {
  const w = world(parts);
  w.create("A description that is long enough to need a second line in a window of eighty columns, or a third");
  w.put({ "root/shared/paths.py": "changed" });
  for (const columns of [80, 40]) {
    const { exit, lines, raw } = await inTerminal(w, { columns });
    expect(exit).toBe(0);
    const wide = lines.filter((line) => Bun.stringWidth(line) > columns && !/rollback |^root /.test(line));
    expect(wide).toEqual([]);
    expect(raw).toContain("\u001b[1mroot\u001b[0m");
    expect(lines.join("\n")).toContain("1 of 4 differ");
    if (columns === 80) expect(lines.length).toBeLessThan(15);
  }
  const { raw } = await inTerminal(w, { env: { NO_COLOR: "1" } });
  expect(raw).not.toContain("\u001b");
});
