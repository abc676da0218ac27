// Which Python each venv has: its own word first, pyvenv.cfg where it has none, and no waiting for those that hang.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, restored } from "../contract.ts";
import { type Layout, world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

const python = (script: string) => ({ file: `#!/bin/sh\n${script}\n`, mode: 0o755 });
const servers = "infrastructure/mcp-servers";

test("every place, under the original format's keys", () => {
  const w = world({
    root: {
      ".mcp.json": "{}",
      "venv-google/pyvenv.cfg": "version = 3.1.1\n",
      "venv-google/bin/python3": python("echo Python 3.12.12"),
      [`${servers}/drive/.venv/bin/python3`]: python("echo Python 3.11.9"),
      "agents/mail/.venv/bin/python": python("echo Python 3.10.1+"),
    },
  });
  const ask = { exists: true, version_from: "python" as const, healthy: true };
  expect(manifestOf(w, w.create()).venv_metadata).toEqual({
    "venv-google": { ...ask, python_version: "Python 3.12.12" },
    "mcp/drive": { ...ask, python_version: "Python 3.11.9" },
    "agent/mail": { ...ask, python_version: "Python 3.10.1+" },
  });
});

test("ten that hang: none of them is waited for, each has its version from pyvenv.cfg, and none runs on", () => {
  const names = Array.from({ length: 10 }, (_, index) => `hangs${index}`);
  const layout: Layout = Object.fromEntries(
    names.flatMap((name) => [
      [`${servers}/${name}/.venv/pyvenv.cfg`, "home = /usr\nversion = 3.12.1\n"],
      [`${servers}/${name}/.venv/bin/python3`, python(`echo $$ > "\${0%/*}/pid"\nexec sleep 1000`)],
    ]),
  );
  const w = world({ root: { ".mcp.json": "{}", ...layout } });
  const { exit, stdout, stderr } = w.run("create", "x", "--quiet");
  expect(exit).toBe(0);
  expect(stderr).toBe("");
  const { venv_metadata, complete } = manifestOf(w, stdout.trim());
  expect(complete).toBe(true);
  const hung = { exists: true, python_version: "Python 3.12.1", version_from: "pyvenv.cfg" as const, healthy: null };
  expect(venv_metadata).toEqual(Object.fromEntries(names.map((name) => [`mcp/${name}`, hung])));
  for (const name of names) {
    const path = join(w.root, servers, name, ".venv/bin/pid");
    const pid = existsSync(path) ? readFileSync(path, "utf8").trim() : "none";
    const stat = `/proc/${pid}/stat`;
    // Where nobody reaps orphans, a zombie is all that may be left.
    if (existsSync(stat)) expect(readFileSync(stat, "utf8")).toMatch(/\) [ZX] /);
  }
  // One after another they would take ten seconds; this bound is for machines that are very busy.
}, 9_000);

describe("one that can't say", () => {
  const cases: Record<string, { files: Layout; state: Manifest["venv_metadata"][string]; warning: string }> = {
    "its python is missing": {
      files: { "pyvenv.cfg": "version = 3.9.2\n" },
      state: { exists: true, python_version: "Python 3.9.2", version_from: "pyvenv.cfg", healthy: false },
      warning: "venv venv-google: its python is missing; its version is from pyvenv.cfg",
    },
    "its python is a link to nothing": {
      files: { "pyvenv.cfg": "version_info = 3.9.2.final.0\n", "bin/python3": { link: "/nowhere/python3" } },
      state: { exists: true, python_version: "Python 3.9.2", version_from: "pyvenv.cfg", healthy: false },
      warning: "its python is missing",
    },
    "its python fails": {
      files: { "pyvenv.cfg": "version = 3.9\n", "bin/python3": python("exit 1") },
      state: { exists: true, python_version: "Python 3.9", version_from: "pyvenv.cfg", healthy: false },
      warning: "its python does not run",
    },
    "its python says something else": {
      files: { "bin/python3": python("echo hello") },
      state: { exists: true, python_version: null, version_from: null, healthy: false },
      warning: "venv venv-google: its python does not run",
    },
    "its python may not be started": {
      files: { "pyvenv.cfg": "version = 3.9.2\n", "bin/python3": { file: "no program", mode: 0o644 } },
      state: { exists: true, python_version: "Python 3.9.2", version_from: "pyvenv.cfg", healthy: false },
      warning: "its python can't be started",
    },
    "nothing in it": {
      files: { kept: "" },
      state: { exists: true, python_version: null, version_from: null, healthy: false },
      warning: "its python is missing",
    },
  };
  for (const [what, { files, state, warning }] of Object.entries(cases))
    test(`${what}: a warning, and the snapshot is complete`, () => {
      const w = world({ root: { ".mcp.json": "{}" } });
      w.put(Object.fromEntries(Object.entries(files).map(([name, item]) => [`root/venv-google/${name}`, item])));
      const { exit, stderr } = w.run("create", "x");
      expect(exit).toBe(0);
      expect(stderr).toContain(warning);
      expect(manifestOf(w, w.run("latest", "--quiet").stdout.trim()).venv_metadata).toEqual({
        "venv-google": state,
      } as never);
    });

  test("what its python prints on the way to the version is not repeated", () => {
    const w = world({
      root: { ".mcp.json": "{}", "venv-google/bin/python3": python("echo hunter2; echo hunter2 >&2") },
    });
    const { stdout, stderr } = w.run("create", "x");
    expect(stdout + stderr).not.toContain("hunter2");
  });
});

test("they get nothing of our environment that decides which code they run", () => {
  const w = world({
    root: { ".mcp.json": "{}", "venv-google/bin/python3": python('env > "${0%/*}/env"\necho Python 3.1.1') },
  });
  w.runWith(
    { env: { PYTHONPATH: "/tmp", PYTHONSTARTUP: "/tmp/x.py", BUN_OPTIONS: "", GIT_DIR: "/tmp", SECRET: "hunter2" } },
    "create",
    "x",
  );
  const seen = readFileSync(join(w.root, "venv-google/bin/env"), "utf8");
  expect(seen).not.toMatch(/PYTHON|BUN_|GIT_|hunter2/);
  expect(seen).toContain(`HOME=${w.home}`);
});

test("a base that was upgraded in place, whose venv's pyvenv.cfg names the version from before, is no drift", () => {
  const w = world({
    root: {
      ".mcp.json": "{}",
      "venv-google/pyvenv.cfg": "version = 3.12.1\n",
      "venv-google/bin/python3": python("echo Python 3.12.12"),
    },
  });
  const id = w.create();
  expect(manifestOf(w, id).venv_metadata["venv-google"]).toMatchObject({ python_version: "Python 3.12.12" });
  expect(w.json(restored, "restore", id).value.venvs).toEqual([]);
  w.put({ "root/venv-google/pyvenv.cfg": "version = 3.13.1\n" });
  expect(w.json(restored, "restore", id).value.venvs).toMatchObject([
    { change: "had Python 3.12.12, has Python 3.13.1" },
  ]);
});

describe("a preview tells what has become of them, from files alone", () => {
  test("gone, without a python, of another version", () => {
    const w = world({
      root: {
        ".mcp.json": "{}",
        "venv-google/bin/python3": python("echo Python 3.12.1"),
        [`${servers}/a/.venv/bin/python3`]: python("echo Python 3.12.1"),
        [`${servers}/b/.venv/bin/python3`]: python("echo Python 3.12.1"),
        [`${servers}/c/.venv/pyvenv.cfg`]: "version = 3.12.1\n",
        [`${servers}/c/.venv/bin/python3`]: python("echo Python 3.12.1"),
      },
    });
    const id = w.create();
    rmSync(join(w.root, "venv-google"), { recursive: true });
    rmSync(join(w.root, servers, "a/.venv/bin/python3"));
    w.put({ [`root/${servers}/b/.venv/pyvenv.cfg`]: "version = 3.13.0\n" });
    const { value } = w.json(restored, "restore", id);
    expect(value.venvs.map(({ key, change }) => `${key} ${change}`).sort()).toEqual([
      "mcp/a has lost its python",
      "mcp/b had Python 3.12.1, has Python 3.13.0",
      "venv-google is gone",
    ]);
    expect(w.run("restore", id).stdout).toContain("⚠️  venv mcp/b: had Python 3.12.1, has Python 3.13.0");
  });
});
