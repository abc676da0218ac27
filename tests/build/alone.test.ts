// One file and nothing else: no git, no python, no shell on the PATH, an empty environment, a read-only place for the binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { isRoot, plist, world } from "../harness.ts";

const place = mkdtempSync(join(tmpdir(), "rollback-alone-"));
const alone = join(place, "rollback");
const mount = (...words: string[]) => Bun.spawnSync(["mount", ...words]).exitCode === 0;
// Only root can make a read-only file system; for others the file and its folder are read-only.
const mounted = isRoot && mount("-t", "tmpfs", "-o", "size=300m", "rollback-test", place);

beforeAll(() => {
  copyFileSync(binary, alone);
  chmodSync(alone, 0o555);
  if (mounted) expect(mount("-o", "remount,ro", place)).toBe(true);
  else chmodSync(place, 0o555);
});
afterAll(() => {
  if (mounted) Bun.spawnSync(["umount", place]);
  chmodSync(place, 0o700);
  rmSync(place, { recursive: true, force: true });
});

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const w = world({
  home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a") },
  root: {
    ".mcp.json": "{}",
    "shared/secrets.py": "A = 1\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/refs/heads/main": `${COMMIT}\n`,
    "venv-google/pyvenv.cfg": "version = 3.12.1\n",
  },
});
const run = (...words: string[]) => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([alone, ...words], {
    cwd: w.root,
    env: { HOME: w.home, PATH: "/nonexistent" },
    stdin: null,
  });
  return { exit: exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe(`alone${mounted ? " on a read-only file system" : ""}`, () => {
  test("nothing can be written beside the binary", () => {
    expect(() => writeFileSync(join(place, "x"), "")).toThrow(isRoot && !mounted ? undefined : /EROFS|EACCES/);
  });

  test("create works, and says which facts it could not have", () => {
    const { exit, stdout, stderr } = run("create", "alone", "--quiet");
    expect(exit).toBe(0);
    expect(stderr).toBe("");
    const manifest = JSON.parse(readFileSync(join(w.store, stdout.trim(), "manifest.json"), "utf8"));
    expect(manifest.git_state).toMatchObject({ commit: COMMIT, branch: "main", dirty: null });
    expect(manifest.venv_metadata["venv-google"]).toEqual({
      exists: true,
      python_version: "Python 3.12.1",
      version_from: "pyvenv.cfg",
      healthy: false,
    });
    const again = run("create", "again");
    expect(again.stderr).toContain("git could not tell whether the checkout is dirty");
    expect(again.stderr).toContain("venv venv-google: its python is missing");
  });

  test("so does every other command", () => {
    writeFileSync(join(w.root, "shared/secrets.py"), "A = 2\n");
    for (const words of [["--version"], ["--help"], ["list"], ["latest"], ["show", "latest"], ["verify"], ["recover"]])
      expect([words, run(...words).exit]).toEqual([words, 0]);
    expect(run("restore", "latest")).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("Would restore (modified): secrets.py"),
    });
    expect(run("restore", "latest", "--force")).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("✅ Restored 1 file"),
    });
    expect(readFileSync(join(w.root, "shared/secrets.py"), "utf8")).toBe("A = 1\n");
  });
});
