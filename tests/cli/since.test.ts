// show tells what has become of the things around a snapshot since it was taken.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, git } from "../checkout.ts";
import { shown } from "../contract.ts";
import { lacks, must, plist, readTree, type World, world } from "../harness.ts";
import { agentWorld, labelOf } from "../launchctl/stand-in.ts";
import { manifestPath } from "../manifests.ts";

const parts = {
  home: {
    "Library/LaunchAgents/com.petesbrain.a.plist": plist("a"),
    ".google-ads/google-ads.yaml": "token: made-up\n",
  },
  root: { ".mcp.json": "{}", "shared/secrets.py": "S\n", "shared/paths.py": "P\n" },
};
const sinceOf = (w: World, ref = "latest") => w.json(shown, "show", ref).value.since;
const NOTHING = { git: null, dirty: null, venvs: [], agents: null, files: [] };

test("nothing has changed, and show changes nothing", () => {
  const w = world(parts);
  w.create();
  const before = readTree(w.base, { mtimes: true });
  expect(sinceOf(w)).toEqual(NOTHING);
  expect(w.run("show", "latest").stdout).toEndWith("\nSince then:\n   nothing has changed\n");
  expect(readTree(w.base, { mtimes: true })).toEqual(before);
});

test("each kind of change of a file, by name; a time alone is none", () => {
  const w = world(parts);
  w.create();
  writeFileSync(join(w.root, ".mcp.json"), '{"a": 1}');
  chmodSync(join(w.root, "shared/paths.py"), 0o600);
  rmSync(join(w.root, "shared/secrets.py"));
  rmSync(join(w.home, ".google-ads/google-ads.yaml"));
  symlinkSync("/nowhere", join(w.home, ".google-ads/google-ads.yaml"));
  writeFileSync(join(w.home, "Library/LaunchAgents/com.petesbrain.a.plist"), plist("a"));
  expect(sinceOf(w)?.files.map(({ name, kind, change }) => [name, kind, change])).toEqual([
    [".mcp.json", "config", "content"],
    ["secrets.py", "config", "gone"],
    ["paths.py", "config", "mode"],
    ["~/.google-ads/google-ads.yaml", "credential", "gone"],
  ]);
  expect(w.run("show", "latest").stdout).toContain(
    "   .mcp.json: changed\n   secrets.py: is gone\n   paths.py: has another mode\n",
  );
});

test("a file that can't be read is named with its reason, and one behind another link", () => {
  const w = world({ ...parts, away: { real: "S\n" } }, { ordinary: true });
  w.create();
  chmodSync(join(w.root, ".mcp.json"), 0);
  rmSync(join(w.root, "shared/secrets.py"));
  symlinkSync(join(w.away, "real"), join(w.root, "shared/secrets.py"));
  expect(sinceOf(w)?.files.map(({ name, change }) => [name, change])).toEqual([
    [".mcp.json", "can't be read: permission denied (EACCES)"],
    ["secrets.py", "link"],
  ]);
});

describe.skipIf(lacks("git"))("the checkout (needs git)", () => {
  test("commits ahead, and uncommitted changes now", async () => {
    const w = world(parts);
    await checkout(w);
    await git(w, ["add", "shared/paths.py"]);
    await git(w, ["commit", "-q", "-m", "second"]);
    w.create();
    expect(sinceOf(w)).toMatchObject({ git: null, dirty: false });
    await git(w, ["commit", "-q", "--allow-empty", "-m", "third"]);
    writeFileSync(join(w.root, "shared/paths.py"), "other\n");
    expect(sinceOf(w)).toMatchObject({ git: { ahead: 1, behind: 0 }, dirty: true });
    const { stdout } = w.run("show", "latest");
    expect(stdout).toMatch(
      / {3}git: main at \w{9} at the snapshot, main at \w{9} now: 1 commit ahead\n {3}git: there are uncommitted changes now\n/,
    );
  });
});

test("venvs and agents that are not as they were", () => {
  const { w, launchd } = agentWorld(["a", "b"], {
    root: {
      ".mcp.json": "{}",
      "venv-google/pyvenv.cfg": "version = 3.12.1\n",
      "venv-google/bin/python3": { file: "#!/bin/sh\necho Python 3.12.1\n", mode: 0o755 },
    },
  });
  launchd.load(labelOf("a"));
  w.create();
  launchd.unload(labelOf("a"));
  launchd.disable(labelOf("a"));
  rmSync(join(w.root, "venv-google/bin/python3"));
  const since = sinceOf(w);
  expect(since?.agents).toEqual([
    { label: labelOf("a"), before: { loaded: true, disabled: false }, now: { loaded: false, disabled: true } },
  ]);
  expect(since?.venvs.map(({ key, change }) => [key, change])).toEqual([["venv-google", "has lost its python"]]);
  expect(w.run("show", "latest").stdout).toContain(
    "   venv venv-google: has lost its python\n   com.petesbrain.a: was loaded, is not loaded and disabled\n",
  );
});

describe("where it comes from", () => {
  const away = (w: World) => {
    const id = w.create();
    const path = manifestPath(w, id);
    writeFileSync(path, readFileSync(path, "utf8").replace(/"host": ".*"/, '"host": "other-mac"'));
    return id;
  };

  test("another host is said by show and by the preview", () => {
    const w = world(parts);
    const id = away(w);
    expect(w.run("show", id).stdout).toContain("It comes from another machine, home or root than this");
    expect(w.run("restore", id).stdout).toContain(`From: other-mac (home ${w.home}, root ${w.root})\n`);
    const own = w.create("own");
    expect(w.run("restore", own).stdout).not.toContain("From:");
  });

  test("a snapshot on a machine without a project is shown without these facts, and so is the bare id", () => {
    const w = world(parts);
    const id = w.create();
    const env = { ROLLBACK_ROOT: undefined };
    const { stdout } = must(w.runWith({ cwd: "/", env }, "show", join(w.store, id)));
    expect(stdout).not.toContain("Since then");
    expect(w.run("show", id, "--quiet").stdout).toBe(`${id}\n`);
  });
});
