// Every command that rollback suggests, run as it is printed, where it is printed, does what was said.
import { describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { binary } from "../binary.ts";
import { type Layout, must, plist, type Ran, type World, world } from "../harness.ts";

const AGENT = "Library/LaunchAgents/com.petesbrain.a.plist";

/** Commands to copy: lines of their own, and what stands behind `Move it to this one:` and the like. */
function suggested({ stdout, stderr }: Ran): string[] {
  return [...`${stdout}\n${stderr}`.matchAll(/(?:^ {3}|: {1,2})(rollback [^\n]+)$/gm)].map(
    ([, command = ""]) => command,
  );
}

/** As it would be pasted into a shell there. */
function paste(w: World, command: string, env: Record<string, string | undefined>, cwd: string): Ran {
  const ran = Bun.spawnSync(["/bin/sh", "-c", command.replace(/^rollback /, '"$ROLLBACK_BINARY" ')], {
    cwd,
    env: w.environment({ ...env, ROLLBACK_BINARY: binary }),
  });
  return { exit: ran.exitCode, stdout: ran.stdout.toString(), stderr: ran.stderr.toString() };
}

/** Follows the last suggestion till nothing more is suggested. */
function follow(w: World, first: Ran, env: Record<string, string | undefined>, cwd: string): string[] {
  const followed: string[] = [];
  let [command] = suggested(first).slice(-1);
  while (command !== undefined && !followed.includes(command) && !/ (undo|reload) ?/.test(command)) {
    followed.push(command);
    [command] = suggested(must(paste(w, command, env, cwd))).slice(-1);
  }
  return followed;
}

/** A snapshot of `home` and `root`, and a second home, sam's, with a project of its own. */
function twoHomes(more: Layout = {}) {
  const w = world({ root: { ".mcp.json": "{}" } });
  w.put({ [`home/${AGENT}`]: plist("a", `<key>Program</key><string>${w.home}/run.sh</string>`), ...more });
  const id = w.create();
  const sam = join(w.away, "sam it is");
  const project = join(sam, "Brain");
  w.put({ [join(project, "shared/paths.py")]: "mine" });
  return { w, id, sam, project, env: { HOME: sam, ROLLBACK_ROOT: undefined } };
}

const agentIn = (home: string) => readFileSync(join(home, AGENT), "utf8");

describe("a snapshot of another home is moved to this one by following what is printed", () => {
  test("from the preview", () => {
    const { w, id, sam, project, env } = twoHomes();
    const first = w.runWith({ env, cwd: "/" }, "restore", join(w.store, id), "--root", project);
    const followed = follow(w, first, env, "/");
    expect(followed.map((command) => command.split(" ").slice(-2).join(" "))).toEqual([
      expect.stringMatching(/ --relocate$/),
      "--relocate --force",
    ]);
    expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
  });

  test("from the refusal", () => {
    const { w, id, sam, project, env } = twoHomes();
    w.put({ [`home/${AGENT}`]: "changed" });
    const refused = w.runWith({ env, cwd: project }, "restore", join(w.store, id), "--root", project, "--force");
    expect(refused.exit).toBe(7);
    follow(w, refused, env, project);
    expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
  });

  test("from a restore that found all as it was, in the old home", () => {
    const { w, id, sam, project, env } = twoHomes();
    const done = must(w.runWith({ env, cwd: project }, "restore", join(w.store, id), "--root", project, "--force"));
    follow(w, done, env, project);
    expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
  });

  test("where the snapshots moved with the project", () => {
    const { w, sam, project, env } = twoHomes();
    const store = join(project, "infrastructure/rollback-snapshots");
    mkdirSync(dirname(store), { recursive: true });
    cpSync(w.store, store, { recursive: true });
    follow(w, w.runWith({ env, cwd: project }, "restore", "latest"), env, project);
    expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
  });

  test("from pull, with the root and the identity that were named", () => {
    const { w, id, sam, project, env } = twoHomes();
    must(w.run("key", "new"));
    const place = join(w.away, "usb stick");
    mkdirSync(place);
    must(w.run("push", id, place));
    const identity = join(w.home, ".config/rollback/identity.txt");
    const words = ["pull", "latest", place, "--root", project, "--identity", identity];
    const followed = follow(w, must(w.runWith({ env, cwd: "/" }, ...words)), env, "/");
    expect(followed[0]).toContain(" --relocate");
    expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
  });
});

test("another root of the same home is another project", () => {
  const w = world({ home: { [AGENT]: plist("a") } });
  w.put({ "home/A/.mcp.json": '{"a":1}', "home/B/.mcp.json": "{}" });
  const [a, b] = [join(w.home, "A"), join(w.home, "B")];
  const env = { ROLLBACK_ROOT: undefined };
  const id = must(w.runWith({ env, cwd: a }, "create", "x", "--quiet")).stdout.trim();
  const at = join(a, "infrastructure/rollback-snapshots", id);
  const first = w.runWith({ env, cwd: b }, "restore", at);
  expect(first.stdout).toContain(`from another project, ${a}. Move it to this one:`);
  follow(w, first, env, b);
  expect(readFileSync(join(b, ".mcp.json"), "utf8")).toBe('{"a":1}');
});

test("--map alone tells what keeps the old home, and the command that moves that, too", () => {
  const { w, id, sam, project, env } = twoHomes();
  const words = ["restore", join(w.store, id), "--root", project, "--map", `${w.home}=${sam}`, "--map"];
  const first = must(w.runWith({ env, cwd: "/" }, ...words, `${w.root}=${project}`));
  expect(first.stdout).toContain(`⚠️  1 file still names ${w.home}, ${w.root}:\n     com.petesbrain.a.plist: line 2\n`);
  const [inside = "", last = ""] = suggested(first);
  expect(last).toEndWith("--force");
  const moved = must(paste(w, inside, env, "/"));
  expect(moved.stdout).not.toContain("still name");
  must(paste(w, suggested(moved).at(-1) ?? "", env, "/"));
  expect(agentIn(sam)).toContain(`<string>${sam}/run.sh</string>`);
});

test("what can't be moved is named before and after, and in JSON", () => {
  const { w, id, project, env } = twoHomes({ "root/shared/secrets.py": "import os\n" });
  w.put({ "root/shared/secrets.py": `A = 1\nHOME = "${w.home}"\n` });
  const second = w.create();
  expect(second).not.toBe(id);
  for (const more of [[], ["--force"]]) {
    const words = ["restore", join(w.store, second), "--root", project, "--relocate", ...more];
    const told = must(w.runWith({ env, cwd: "/" }, ...words)).stdout;
    expect(told).toContain("⚠️  1 file still names");
    expect(told).toContain("change them by hand afterwards:\n     secrets.py: line 2\n");
    const json = JSON.parse(must(w.runWith({ env, cwd: "/" }, ...words, "--json")).stdout);
    const named = json.changes.filter((change: { still_names?: string[] }) => change.still_names !== undefined);
    expect(named).toMatchObject([{ name: "secrets.py", still_names: ["line 2"] }]);
  }
});

test("after a restore: undo and reload, typed from elsewhere with the root that was named", () => {
  const w = world({ home: { [AGENT]: plist("a") }, root: { ".mcp.json": "{}" } });
  const id = w.create();
  w.put({ [`home/${AGENT}`]: plist("a", "<key>Nice</key><integer>1</integer>") });
  const env = { ROLLBACK_ROOT: undefined };
  const done = must(w.runWith({ env, cwd: "/" }, "restore", id, "--root", w.root, "--force"));
  const [undo = "", reload = ""] = suggested(done);
  expect(reload).toBe(`rollback reload ${id} --root ${w.root}`);
  expect(must(paste(w, undo, env, "/")).stdout).toContain("✓ Would restore (modified): com.petesbrain.a.plist");
  // Without a launchd it can only say so; it must have found the snapshot.
  expect(paste(w, reload, env, "/").stderr).not.toContain("not found");
});

test("many refused files: three of them, and a count", () => {
  const agents = Object.fromEntries(
    [1, 2, 3, 4, 5].map((n) => [`home/Library/LaunchAgents/petesbrain${n}.plist`, plist("x")]),
  );
  const { w, id, project, env } = twoHomes(agents);
  w.put(Object.fromEntries(Object.keys(agents).map((path) => [path, "changed"])));
  const refused = w.runWith({ env, cwd: "/" }, "restore", join(w.store, id), "--root", project, "--force");
  const at = (n: number) => `     ${w.home}/Library/LaunchAgents/petesbrain${n}.plist\n`;
  expect(refused.stderr).toContain(
    `❌ restore refused, nothing was touched: 5 of 7 files lie outside the home and the root\n`,
  );
  expect(refused.stderr).toContain(`${at(1)}${at(2)}${at(3)}     and 2 more\n`);
});

test("an error's commands have the places that were named, and do what they say", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  const [project, snapshots] = [join(w.away, "my project"), join(w.away, "kept")];
  w.put({ [join(project, ".mcp.json")]: "{}" });
  const places = ["--root", project, "--snapshots", snapshots];
  const env = { ROLLBACK_ROOT: undefined };
  const run = (...words: string[]) => w.runWith({ env, cwd: w.away }, ...words, ...places);
  must(run("create", "first", "pre-phase-4"));
  for (const words of [["restroe", "latest"], ["restore"], ["show", "2020"], ["list", "--category", "pre-fase-4"]]) {
    const failed = run(...words);
    const [command = ""] = suggested(failed).slice(-1);
    for (const place of [`'${project}'`, snapshots])
      expect([words, command]).toEqual([words, expect.stringContaining(place)]);
    must(paste(w, command, env, w.away));
  }
  expect(run("undo").stderr).toContain(`\`rollback audit --root '${project}' --snapshots ${snapshots}\` shows`);
});
