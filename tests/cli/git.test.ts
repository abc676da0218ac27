// Commit, branch and whether the checkout is dirty; and that looking changes nothing there and runs nothing of it.
import { describe, expect, test } from "bun:test";
import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { checkout, FIRST_COMMIT, git } from "../checkout.ts";
import { restored } from "../contract.ts";
import { lacks, must, readTree, type World, world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

const NO_GIT = lacks("git");
const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };
const PATH = process.env.PATH ?? "";

/** What a fresh snapshot notes, its time aside; `env` is the binary's. */
function noted(w: World, env: Record<string, string | undefined> = { PATH }) {
  const { stdout } = must(w.runWith({ env }, "create", "x", "--quiet"));
  const { timestamp: _, ...state } = manifestOf(w, stdout.trim()).git_state;
  return state;
}

async function committed(): Promise<World> {
  const w = world(parts);
  await checkout(w);
  await git(w, ["add", ".mcp.json", "shared"]);
  await git(w, ["commit", "-q", "-m", "second"]);
  return w;
}

describe.skipIf(NO_GIT)("a checkout (needs git)", () => {
  test("clean, and dirty by a tracked file alone", async () => {
    const w = await committed();
    const commit = await git(w, ["rev-parse", "HEAD"]);
    expect(noted(w)).toEqual({ commit, branch: "main", dirty: false });
    w.put({ "root/untracked.txt": "new" });
    expect(noted(w)).toEqual({ commit, branch: "main", dirty: false });
    w.put({ "root/shared/paths.py": "changed" });
    expect(noted(w)).toEqual({ commit, branch: "main", dirty: true });
  });

  test("on a branch with slashes in its name", async () => {
    const w = world(parts);
    await checkout(w);
    await git(w, ["switch", "-q", "-c", "feature/a/b"]);
    expect(noted(w)).toEqual({ commit: FIRST_COMMIT, branch: "feature/a/b", dirty: false });
  });

  test("detached", async () => {
    const w = world(parts);
    await checkout(w);
    await git(w, ["switch", "-q", "--detach"]);
    expect(noted(w)).toEqual({ commit: FIRST_COMMIT, branch: null, dirty: false });
  });

  test("without a commit yet", async () => {
    const w = world(parts);
    await git(w, ["init", "-q", "-b", "main"]);
    expect(noted(w)).toEqual({ commit: null, branch: "main", dirty: false });
  });

  test("the root lies deep inside it", async () => {
    const w = world({ root: { "deep/er/.mcp.json": "{}" } });
    await checkout(w);
    const ran = must(w.runWith({ env: { PATH } }, "create", "x", "--root", "deep/er", "--json"));
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true });
    expect(ran.stderr).toBe("");
    const shown = w.run("show", "latest", "--root", "deep/er").stdout;
    expect(shown).toContain(`Git: ${FIRST_COMMIT.slice(0, 9)} on main`);
  });

  test("another worktree of it", async () => {
    const w = world({ away: { "main/.mcp.json": "{}" } });
    const main = join(w.away, "main");
    await git(w, ["init", "-q", "-b", "main"], main);
    await git(w, ["commit", "-q", "--allow-empty", "-m", "first"], main);
    await git(w, ["worktree", "add", "-q", "-b", "side", w.root, "HEAD"], main);
    w.put(Object.fromEntries(Object.entries(parts.root).map(([name, item]) => [`root/${name}`, item])));
    expect(noted(w)).toEqual({ commit: FIRST_COMMIT, branch: "side", dirty: false });
    expect(noted(w, { PATH: w.away })).toEqual({ commit: FIRST_COMMIT, branch: "side", dirty: null });
  });

  describe("without git on the PATH: commit and branch from .git itself, dirty unknown, with a warning", () => {
    const blind = (w: World) => noted(w, { PATH: w.away });
    test("a loose ref", async () => {
      const w = world(parts);
      await checkout(w);
      expect(blind(w)).toEqual({ commit: FIRST_COMMIT, branch: "main", dirty: null });
      const { stderr, exit } = w.runWith({ env: { PATH: w.away } }, "create", "x");
      expect(stderr).toContain("git could not tell whether the checkout is dirty");
      expect(exit).toBe(0);
    });

    test("a packed ref", async () => {
      const w = world(parts);
      await checkout(w);
      await git(w, ["tag", "-a", "-m", "t", "v1"]);
      await git(w, ["pack-refs", "--all"]);
      expect(existsSync(join(w.root, ".git/refs/heads/main"))).toBe(false);
      expect(blind(w)).toEqual({ commit: FIRST_COMMIT, branch: "main", dirty: null });
    });

    test("detached", async () => {
      const w = world(parts);
      await checkout(w);
      await git(w, ["switch", "-q", "--detach"]);
      expect(blind(w)).toEqual({ commit: FIRST_COMMIT, branch: null, dirty: null });
    });

    test("no commit yet", async () => {
      const w = world(parts);
      await git(w, ["init", "-q", "-b", "main"]);
      expect(blind(w)).toEqual({ commit: null, branch: "main", dirty: null });
    });
  });

  test("nothing in .git changes by any command, its index neither, not even one that is due for a refresh", async () => {
    const w = await committed();
    // The index holds another time for this file: a plain `git status` would write a new one.
    utimesSync(join(w.root, "shared/paths.py"), new Date(0), new Date(0));
    const before = readTree(join(w.root, ".git"), { mtimes: true });
    const env = { PATH };
    const id = must(w.runWith({ env }, "create", "x", "--quiet")).stdout.trim();
    w.put({ "root/.mcp.json": "changed" });
    for (const words of [["restore", id], ["show", id], ["list"], ["verify"], ["restore", id, "--force"]])
      must(w.runWith({ env }, ...words));
    expect(readTree(join(w.root, ".git"), { mtimes: true })).toEqual(before);
  });

  test("no program that its config names is started", async () => {
    const w = await committed();
    const evil = { file: `#!/bin/sh\ntouch "${w.away}/started"\n`, mode: 0o755 };
    w.put({ "away/evil": evil, "root/.git/hooks/post-index-change": evil, "root/.git/hooks/fsmonitor-watchman": evil });
    for (const key of ["core.fsmonitor", "core.pager", "core.sshCommand", "diff.external", "core.askPass"])
      await git(w, ["config", key, join(w.away, "evil")]);
    w.put({ "root/shared/paths.py": "changed" });
    const env = { PATH };
    must(w.runWith({ env }, "create", "x"));
    must(w.runWith({ env }, "restore", "latest"));
    expect(existsSync(join(w.away, "started"))).toBe(false);
  });

  test("GIT_ variables of the caller do not lead it elsewhere", async () => {
    const w = await committed();
    const commit = await git(w, ["rev-parse", "HEAD"]);
    expect(noted(w, { PATH, GIT_DIR: "/nowhere", GIT_WORK_TREE: "/", GIT_INDEX_FILE: "/nowhere" })).toEqual({
      commit,
      branch: "main",
      dirty: false,
    });
  });

  test("a preview tells where commit or branch are others now", async () => {
    const w = world(parts);
    await checkout(w);
    const id = must(w.runWith({ env: { PATH } }, "create", "x", "--quiet")).stdout.trim();
    expect(w.json(restored, "restore", id).value.git).toBeNull();
    await git(w, ["switch", "-q", "-c", "other"]);
    expect(w.json(restored, "restore", id).value.git).toEqual({
      before: `main at ${FIRST_COMMIT.slice(0, 9)}`,
      now: `other at ${FIRST_COMMIT.slice(0, 9)}`,
      ahead: 0,
      behind: 0,
    });
    await git(w, ["commit", "-q", "--allow-empty", "-m", "second"]);
    expect(w.json(restored, "restore", id).value.git).toMatchObject({ ahead: 1, behind: 0 });
    expect(w.run("restore", id).stdout).toContain(": 1 commit ahead (a restore leaves git alone)");
    const later = w.create("later");
    await git(w, ["reset", "-q", "--hard", "main"]);
    expect(w.json(restored, "restore", later).value.git).toMatchObject({ ahead: 0, behind: 1 });
    await git(w, ["update-ref", "-d", "refs/heads/other"]);
    await git(w, ["reflog", "expire", "--expire=now", "--all"]);
    await git(w, ["gc", "-q", "--prune=now"]);
    // The commit is not in the repository any more.
    await git(w, ["symbolic-ref", "HEAD", "refs/heads/main"]);
    expect(w.json(restored, "restore", later).value.git).toMatchObject({ ahead: null, behind: null });
  });
});

test("no checkout: all is null, nobody is warned, and the snapshot is complete", () => {
  const w = world(parts);
  expect(noted(w)).toEqual({ commit: null, branch: null, dirty: null });
  const { stderr, exit } = w.run("create", "x");
  expect(stderr).toBe("");
  expect(exit).toBe(0);
});

describe("a git that does not answer", () => {
  const answers: Record<string, string> = {
    hangs: "exec sleep 1000",
    fails: "exit 128",
    "talks nonsense and fails": "echo hunter2; exit 1",
  };
  for (const [what, script] of Object.entries(answers))
    test(`${what}: commit and branch from .git, dirty unknown`, () => {
      const w = world({
        root: { ...parts.root, ".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": `${"a1".repeat(20)}\n` },
        away: { git: { file: `#!/bin/sh\n${script}\n`, mode: 0o755 } },
      });
      expect(noted(w, { PATH: `${w.away}:/usr/bin:/bin` })).toEqual({
        commit: "a1".repeat(20),
        branch: "main",
        dirty: null,
      });
    });

  const broken: Record<string, string> = {
    "an empty HEAD": "",
    "a HEAD of garbage": "\u0000\u0001",
    "a HEAD that leads out": "ref: refs/heads/../../../../secret\n",
    "a HEAD that names no ref": "ref: HEAD\n",
  };
  for (const [what, head] of Object.entries(broken))
    test(`${what}: all is null`, () => {
      const w = world({ root: { ...parts.root, ".git/HEAD": head, secret: `${"b2".repeat(20)}\n` } });
      expect(noted(w, { PATH: w.away }).commit).toBeNull();
    });
});
