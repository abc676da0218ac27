// Whose files: root in another's home, and what root left in a user's snapshots folder.
import { describe, expect, test } from "bun:test";
import { chmodSync, lchownSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { isRoot, must, world } from "../harness.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };

describe.skipIf(!isRoot)("root (needs root)", () => {
  const asRoot = (w: ReturnType<typeof world>, env: Record<string, string>, ...words: string[]) => {
    const ended = Bun.spawnSync([binary, ...words], {
      cwd: w.root,
      env: w.environment(env),
      stdout: "pipe",
      stderr: "pipe",
    });
    return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
  };

  test("in another's home is refused whatever the command, and told how to run it", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    for (const words of [["create", "x y"], ["list"], ["restore", id, "--force"], ["health"], ["recover"]]) {
      const { exit, stderr } = asRoot(w, {}, ...words);
      // Monitoring is told that nothing could be looked at.
      expect([words, exit]).toEqual([words, words[0] === "health" ? 3 : 7]);
      expect(stderr).toContain(`sudo -u '#${w.uid}' rollback ${words[0]}`);
      expect(stderr).not.toContain("chown");
    }
    const sudo = asRoot(w, { SUDO_UID: String(w.uid), SUDO_USER: "nobody" }, "create", "x y");
    expect(sudo.stderr).toContain("Run it as that user:\n   rollback create 'x y'\n");
    must(asRoot(w, {}, "--version"));
    must(asRoot(w, {}, "list", "--help"));
  });

  test("in its own home never takes a user's store away", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    lchownSync(w.home, 0, 0);
    w.put({ "root/shared/paths.py": "q" });
    const { exit, stderr } = asRoot(w, {}, "restore", id, "--force");
    expect(exit).toBe(7);
    expect(stderr).toContain(`sudo -u '#${w.uid}'`);
    expect(stderr).not.toContain("chown");
  });

  test("made a snapshot that its user can't read: it is unreadable, with the owner, not damaged", () => {
    const w = world(parts, { ordinary: true });
    const mine = w.create();
    const theirs = w.create("by root");
    lchownSync(join(w.store, theirs), 0, 0);
    chmodSync(join(w.store, theirs), 0o700);
    const verified = w.run("verify");
    expect(verified.exit).toBe(3);
    expect(verified.stdout).toContain(`unreadable: manifest.json`);
    expect(verified.stdout).toContain("it belongs to root");
    expect(verified.stdout).toContain(`✅ ${mine}`);
    expect(w.run("list").stdout).toContain("Can't be read: it belongs to another user");
    const shown = w.run("show", theirs);
    expect(shown.exit).toBe(1);
    expect(shown.stderr).toContain(`sudo chown -R ${w.uid} ${join(w.store, theirs)}`);
    for (const said of [verified.stdout, w.run("list").stdout, shown.stderr])
      expect(said.toLowerCase()).not.toContain("damaged");
  });
});
