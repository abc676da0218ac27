// restore: what each file's action is, what is written, and what is left alone.
import { describe, expect, test } from "bun:test";
import { chmodSync, cpSync, linkSync, lstatSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binFolder } from "../binary.ts";
import { restored } from "../contract.ts";
import { isRoot, liveTree, modeOf, must, plist, readTree, type World, world } from "../harness.ts";
import { editManifest, manifestOf } from "../manifests.ts";

const agents = "Library/LaunchAgents";
const parts = {
  home: {
    [`${agents}/com.petesbrain.a.plist`]: plist("a"),
    [`${agents}/com.petesbrain.b.plist`]: plist("b"),
    ".google-ads/google-ads.yaml": { file: "t: x\n", mode: 0o600 },
  },
  root: { ".mcp.json": "{}", "shared/secrets.py": { file: "s", mode: 0o640 }, "shared/paths.py": "p" },
};

/** Path below the world → action. */
function actions(w: World, ...words: string[]): Record<string, string> {
  const { value } = w.json(restored, "restore", ...words);
  return Object.fromEntries(value.changes.map(({ path, action }) => [path.replace(`${w.base}/`, ""), action]));
}

describe("the plan", () => {
  const w = world(parts);
  const id = w.create();
  w.put({
    "home/Library/LaunchAgents/com.petesbrain.a.plist": "changed",
    "home/Library/LaunchAgents/com.petesbrain.new.plist": plist("new"),
    "root/shared/secrets.py": { file: "s", mode: 0o600 },
  });
  rmSync(join(w.home, ".google-ads"), { recursive: true });
  rmSync(join(w.store, id, "config/paths.py"));
  writeFileSync(join(w.store, id, "config/mcp.json"), "[]");
  rmSync(join(w.root, "shared/paths.py"));
  writeFileSync(join(w.root, ".mcp.json"), "changed");
  const before = readTree(w.base, { mtimes: true });

  test("one action for each file, extras last", () => {
    expect(Object.entries(actions(w, id))).toEqual([
      [`home/${agents}/com.petesbrain.a.plist`, "modify"],
      [`home/${agents}/com.petesbrain.b.plist`, "unchanged"],
      ["root/.mcp.json", "damaged-backup"],
      ["root/shared/secrets.py", "modify"],
      ["root/shared/paths.py", "missing-backup"],
      ["home/.google-ads/google-ads.yaml", "create"],
      [`home/${agents}/com.petesbrain.new.plist`, "extra"],
    ]);
    const { exit, value } = w.json(restored, "restore", id);
    expect(exit).toBe(0);
    expect(value).toMatchObject({
      dry_run: true,
      auto_backup: null,
      summary: { unchanged: 1, modify: 2, create: 1, extra: 1, skipped: 2, refused: 0 },
    });
    expect(value.restored).toBeUndefined();
  });

  test("a preview changes nothing, neither out there nor in the snapshots folder", () => {
    w.run("restore", id);
    expect(readTree(w.base, { mtimes: true })).toEqual(before);
  });

  test("missing and damaged stored files are skipped and named, exit 3, and the rest is done", () => {
    const { exit, value } = w.json(restored, "restore", id, "--force");
    expect(exit).toBe(3);
    expect(value).toMatchObject({ dry_run: false, restored: 3, summary: { skipped: 2 } });
    const tree = readTree(w.base);
    expect(tree[`home/${agents}/com.petesbrain.a.plist`]).toMatchObject({ bytes: plist("a") });
    expect(tree["root/shared/secrets.py"]).toMatchObject({ bytes: "s", mode: "0640" });
    expect(tree["home/.google-ads/google-ads.yaml"]).toMatchObject({ bytes: "t: x\n", mode: "0600" });
    // Neither the file without a backup nor the one that was not in the snapshot is touched.
    expect(tree["root/.mcp.json"]).toMatchObject({ bytes: "changed" });
    expect(tree[`home/${agents}/com.petesbrain.new.plist`]).toMatchObject({ bytes: plist("new") });
    expect(tree["root/shared/paths.py"]).toBeUndefined();
  });

  test("no temporary file and no journal is left", () => {
    const strays = Object.keys(readTree(w.base)).filter((path) => /\.rollback-|journal|staging\//.test(path));
    expect(strays).toEqual([]);
  });
});

describe("the auto-backup", () => {
  test("holds all that was overwritten, and restoring it is the way back", () => {
    const w = world(parts);
    const id = w.create();
    const original = liveTree(w);
    w.put({ "root/.mcp.json": "changed", "root/shared/secrets.py": { file: "changed", mode: 0o600 } });
    const changed = liveTree(w);
    const { auto_backup } = w.json(restored, "restore", id, "--force").value;
    expect(liveTree(w)).toEqual(original);
    expect(manifestOf(w, auto_backup ?? "")).toMatchObject({
      category: "auto-backup",
      description: `Auto-backup before restoring ${id}`,
      before_restore_of: id,
    });
    must(w.run("restore", auto_backup ?? "", "--force"));
    expect(liveTree(w)).toEqual(changed);
  });

  test("is none where nothing is overwritten", () => {
    const w = world(parts);
    const id = w.create();
    expect(w.json(restored, "restore", id, "--force").value).toMatchObject({ auto_backup: null, restored: 0 });
    rmSync(join(w.root, ".mcp.json"));
    expect(w.json(restored, "restore", id, "--force").value).toMatchObject({ auto_backup: null, restored: 1 });
    expect(w.run("list", "--quiet").stdout).toBe(`${id}\n`);
  });

  test("also holds a file that the config does not name, where that is overwritten", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/rollback.yaml": "configs: [.mcp.json]\n", "root/shared/secrets.py": "changed" });
    const { auto_backup } = w.json(restored, "restore", id, "--force").value;
    const kept = manifestOf(w, auto_backup ?? "").config_files.find(({ original }) => original.endsWith("secrets.py"));
    expect(kept?.size_bytes).toBe("changed".length);
  });

  test("that can't hold what would be overwritten stops the restore before it starts", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    w.put({ "root/shared/secrets.py": { file: "unread", mode: 0 }, "root/.mcp.json": "changed" });
    const { exit, stderr } = w.run("restore", id, "--force");
    expect(exit).toBe(1);
    expect(stderr).toContain(
      `the auto-backup could not store what the restore would overwrite: ${w.root}/shared/secrets.py`,
    );
    expect(modeOf(join(w.root, "shared/secrets.py"))).toBe("0000");
    expect(readTree(join(w.root), { skip: (path) => path.endsWith("secrets.py") })[".mcp.json"]).toMatchObject({
      bytes: "changed",
    });
  });

  test("that lacks only what stays as it is does not stop it", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    w.put({ "root/shared/secrets.py": { file: "unread", mode: 0 }, "root/.mcp.json": "changed" });
    const { value } = w.json(restored, "restore", id, "--only", ".mcp.json", "--force");
    expect(value.restored).toBe(1);
    expect(modeOf(join(w.root, "shared/secrets.py"))).toBe("0000");
  });
});

test("unchanged files are not written: same inode, same times", () => {
  const w = world(parts);
  const id = w.create();
  const facts = () => {
    const { ino, mtimeMs, ctimeMs } = lstatSync(join(w.root, "shared/paths.py"));
    return { ino, mtimeMs, ctimeMs };
  };
  const before = facts();
  w.put({ "root/.mcp.json": "changed" });
  must(w.run("restore", id, "--force"));
  expect(facts()).toEqual(before);
});

test("an mtime alone is not a change", () => {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/.mcp.json": { file: "{}", mtime: new Date("2001-02-03T04:05:06Z") } });
  expect(actions(w, id)["root/.mcp.json"]).toBe("unchanged");
});

describe("modes, times, owners", () => {
  const modes = [0o600, 0o644, 0o444, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o400];
  test("each mode comes back, set-id bits too", () => {
    const names = modes.map((mode) => `f${mode.toString(8)}`);
    const w = world({ root: { "rollback.yaml": `configs: [${names.join(", ")}]\n` } });
    w.put(Object.fromEntries(modes.map((mode, index) => [`root/${names[index]}`, { file: "x", mode }])));
    const before = liveTree(w);
    const id = w.create();
    for (const name of names) w.put({ [`root/${name}`]: "changed" });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
    for (const name of names) rmSync(join(w.root, name), { force: true });
    must(w.run("restore", id, "--force"));
    expect(liveTree(w)).toEqual(before);
  });

  test("mtimes come back to the millisecond", () => {
    const times = [
      "2001-02-03T04:05:06.789Z",
      "2024-02-29T23:59:59.999Z",
      "1970-01-01T00:00:00.001Z",
      "2037-12-31T00:00:00.500Z",
    ];
    const names = times.map((_, index) => `f${index}`);
    const w = world({ root: { "rollback.yaml": `configs: [${names.join(", ")}]\n` } });
    w.put(
      Object.fromEntries(times.map((time, index) => [`root/${names[index]}`, { file: "x", mtime: new Date(time) }])),
    );
    const id = w.create();
    for (const name of names) w.put({ [`root/${name}`]: "changed" });
    must(w.run("restore", id, "--force"));
    expect(names.map((name) => lstatSync(join(w.root, name)).mtime.toISOString())).toEqual(times);
  });

  test.skipIf(!isRoot)("owners come back (only root can give files away)", () => {
    const w = world(parts);
    Bun.spawnSync(["chown", "123:456", join(w.root, "shared/secrets.py")]);
    const id = w.create();
    w.put({ "root/shared/secrets.py": "changed" });
    must(w.run("restore", id, "--force"));
    const { uid, gid } = lstatSync(join(w.root, "shared/secrets.py"));
    expect([uid, gid]).toEqual([123, 456]);
  });
});

describe("folders", () => {
  test("missing ones are made: 0700 for credentials, else 0755", () => {
    const w = world(parts);
    const id = w.create();
    for (const folder of ["home/Library", "home/.google-ads", "root/shared"])
      rmSync(w.path(folder), { recursive: true });
    must(w.run("restore", id, "--force"));
    const made = ["home/Library", `home/${agents}`, "home/.google-ads", "root/shared"].map((path) =>
      modeOf(w.path(path)),
    );
    expect(made).toEqual(["0755", "0755", "0700", "0755"]);
  });

  for (const mode of [0o555, 0o500])
    test(`a folder of mode ${mode.toString(8)} is written in and keeps its mode, for its owner too`, () => {
      const w = world(parts, { ordinary: true });
      const id = w.create();
      rmSync(join(w.root, "shared/paths.py"));
      w.put({ "root/shared/secrets.py": { file: "changed", mode: 0o444 } });
      w.put({ "root/shared": { folder: mode } });
      must(w.run("restore", id, "--force"));
      expect(modeOf(join(w.root, "shared"))).toBe(`0${mode.toString(8)}`);
      chmodSync(join(w.root, "shared"), 0o755);
      expect(readTree(join(w.root, "shared"))).toMatchObject({
        "secrets.py": { bytes: "s", mode: "0640" },
        "paths.py": { bytes: "p" },
      });
    });

  test("one that stands where a file belongs: refused, nothing touched", () => {
    const w = world(parts);
    const id = w.create();
    rmSync(join(w.root, "shared/paths.py"));
    w.put({ "root/shared/paths.py/inside": "kept", "root/.mcp.json": "changed" });
    const before = liveTree(w);
    const { exit, stderr } = w.run("restore", id, "--force");
    expect(exit).toBe(7);
    expect(stderr).toContain(`a folder stands at ${w.root}/shared/paths.py`);
    expect(liveTree(w)).toEqual(before);
  });

  test("a file that stands where a folder belongs: refused, nothing touched", () => {
    const w = world(parts);
    const id = w.create();
    rmSync(join(w.root, "shared"), { recursive: true });
    w.put({ "root/shared": "a file", "root/.mcp.json": "changed" });
    const before = liveTree(w);
    expect(w.run("restore", id, "--force").exit).toBe(7);
    expect(liveTree(w)).toEqual(before);
  });
});

describe("hard links", () => {
  test("the restored name is a file of its own, the other name keeps what it held, and the preview says so", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/.mcp.json": "changed" });
    linkSync(join(w.root, ".mcp.json"), join(w.away, "twin"));
    expect(w.run("restore", id).stdout).toContain(
      ".mcp.json (has 2 names now; the restored one will be a file of its own)",
    );
    must(w.run("restore", id, "--force"));
    expect(readTree(w.root)[".mcp.json"]).toMatchObject({ bytes: "{}" });
    expect(readTree(w.away).twin).toMatchObject({ bytes: "changed" });
    expect(lstatSync(join(w.away, "twin")).nlink).toBe(1);
  });
});

describe("healing", () => {
  test("bytes that this snapshot has lost are taken from another that holds the same", () => {
    const w = world(parts);
    const [first, second] = [w.create(), w.create()];
    w.put({ "root/.mcp.json": "changed", "root/shared/paths.py": "changed" });
    rmSync(join(w.store, first, "config/paths.py"));
    writeFileSync(join(w.store, first, "config/mcp.json"), "damaged");
    const preview = w.json(restored, "restore", first).value;
    expect(preview.changes.filter(({ action }) => action === "modify").map(({ reason }) => reason)).toEqual(
      Array(2).fill(`the bytes come from ${second}, which holds the same`),
    );
    expect(w.json(restored, "restore", first, "--force")).toMatchObject({ exit: 0, value: { restored: 2 } });
    expect(readTree(w.root)).toMatchObject({ ".mcp.json": { bytes: "{}" }, "shared/paths.py": { bytes: "p" } });
  });

  test("also for a snapshot's folder that stands elsewhere", () => {
    const w = world(parts);
    const id = w.create();
    cpSync(join(w.store, id), join(w.away, "copy"), { recursive: true });
    rmSync(join(w.away, "copy/config/paths.py"));
    w.put({ "root/shared/paths.py": "changed" });
    must(w.run("restore", join(w.away, "copy"), "--force"));
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
  });
});

describe("what a restore can't write", () => {
  const impossible = (w: World, id: string) =>
    editManifest(w, id, ({ config_files }) => {
      const [first] = config_files;
      if (first !== undefined) first.original = "/proc/no-such-place/file";
    });
  const linux = process.platform === "linux";

  test.skipIf(!linux)("undoes all of it: exit 1, every file as it was (needs /proc)", () => {
    const w = world(parts);
    const id = w.create();
    impossible(w, id);
    w.put({ "root/shared/paths.py": "changed" });
    const before = liveTree(w);
    const { exit, stderr } = w.run("restore", id, "--allow", "/proc", "--force");
    // Root may try to make the folder; others are told before that they may not.
    expect(exit).toBe(1);
    expect(stderr).toMatch(/could not restore \/proc\/no-such-place\S*: |\/proc\/no-such-place\/file: lies in \/proc/);
    expect(stderr).toMatch(/every file is as it was|nothing was touched/);
    expect(stderr).toContain("--keep-going");
    expect(liveTree(w)).toEqual(before);
    expect(w.run("recover").stdout).toContain("Nothing to recover");
  });

  test.skipIf(!linux)("with --keep-going is named, and the rest is done: exit 3 (needs /proc)", () => {
    const w = world(parts);
    const id = w.create();
    impossible(w, id);
    w.put({ "root/shared/paths.py": "changed" });
    const { exit, value } = w.json(restored, "restore", id, "--allow", "/proc", "--force", "--keep-going");
    expect(exit).toBe(3);
    expect(value.restored).toBe(1);
    expect(value.failed?.map(({ path }) => path)).toEqual(["/proc/no-such-place/file"]);
    expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
  });

  test.skipIf(!linux || !isRoot)(
    "leaves no auto-backup that holds nothing new, however often it fails (needs /proc and root)",
    () => {
      const w = world(parts);
      const id = w.create();
      impossible(w, id);
      w.put({ "root/shared/paths.py": "changed" });
      const fails = () => expect(w.run("restore", id, "--allow", "/proc", "--force").exit).toBe(1);
      fails();
      // The first holds what no other does.
      const after = () => w.run("list", "--all", "--quiet").stdout.trim().split("\n");
      expect(after()).toHaveLength(2);
      fails();
      fails();
      expect(after()).toHaveLength(2);
      must(w.run("verify", after()[0] ?? ""));
    },
  );

  test.skipIf(!linux || !isRoot)(
    "after --keep-going, a retry goes on where the cause is gone (needs /proc and root)",
    () => {
      const w = world(parts);
      const id = w.create();
      impossible(w, id);
      w.put({ "root/shared/paths.py": "changed", "root/shared/secrets.py": "changed" });
      const again = (...words: string[]) => w.json(restored, "restore", "latest", ...words, "--force", "--keep-going");
      expect(again("--allow", "/proc", "--except", "secrets.py")).toMatchObject({ exit: 3, value: { restored: 1 } });
      expect(again("--except", "/proc/*/*")).toMatchObject({ exit: 0, value: { id, restored: 1 } });
      expect(readTree(w.root)["shared/paths.py"]).toMatchObject({ bytes: "p" });
    },
  );
});

describe("the command that a preview ends with", () => {
  /** Runs the last line of a preview as it stands there. */
  const obey = (w: World, preview: string, cwd: string) => {
    const line = preview.trimEnd().split("\n").at(-1)?.trim() ?? "";
    const { exitCode } = Bun.spawnSync(["/bin/sh", "-c", line], {
      cwd,
      env: { HOME: w.home, PATH: `${binFolder}:/usr/bin:/bin`, TZ: "UTC" },
    });
    return { line, exitCode };
  };

  test("does what the preview showed, with every flag that shaped it", () => {
    const w = world({ ...parts, away: { "it's a place/keep": "" } });
    const id = w.create();
    const target = join(w.away, "it's a place");
    const words = [
      "restore",
      id,
      "--root",
      w.root,
      "--map",
      `${w.root}=${target}`,
      "--only",
      "config",
      "--except",
      "*s.py",
      "--allow",
      w.away,
    ];
    const preview = must(w.run(...words)).stdout;
    expect(obey(w, preview, "/").exitCode).toBe(0);
    expect(Object.keys(readTree(target))).toEqual(["", ".mcp.json", "keep"]);
  });

  test("names what --allow is wanted for", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/.mcp.json": "changed" });
    const preview = must(
      w.run("restore", id, "--root", w.root, "--map", `${w.root}=${w.away}/new`, "--only", ".mcp.json"),
    ).stdout;
    expect(preview).toContain(`❌ Refused: ${w.away}/new/.mcp.json`);
    const { line, exitCode } = obey(w, preview, "/");
    expect(line).toContain(`--allow ${w.away}/new`);
    expect(exitCode).toBe(0);
    expect(readTree(w.away)["new/.mcp.json"]).toMatchObject({ bytes: "{}" });
  });

  test("so does the hint of a refusal", () => {
    const w = world(parts);
    const id = w.create();
    const { exit, stderr } = w.run(
      "restore",
      id,
      "--root",
      w.root,
      "--map",
      `${w.root}=${w.away}/new`,
      "--only",
      ".mcp.json",
      "--force",
    );
    expect(exit).toBe(7);
    const line = stderr.slice(stderr.indexOf("rollback restore"));
    expect(obey(w, line, "/").exitCode).toBe(0);
    expect(readTree(w.away)["new/.mcp.json"]).toMatchObject({ bytes: "{}" });
  });
});

test("agents whose plist was replaced are named with what reloads them, by their Label", () => {
  const w = world(parts);
  w.put({ [`home/${agents}/com.petesbrain.a.plist`]: plist("a label of its own") });
  const id = w.create();
  w.put({ [`home/${agents}/com.petesbrain.a.plist`]: plist("changed") });
  const { stdout } = w.run("restore", id, "--force");
  expect(stdout).toContain(
    `launchctl bootout 'gui/${w.uid}/a label of its own'; launchctl bootstrap gui/${w.uid} ${w.home}/${agents}/com.petesbrain.a.plist`,
  );
  expect(stdout).not.toContain("com.petesbrain.b.plist");
});

test("by their Label also where --map leads them elsewhere", () => {
  const w = world(parts);
  w.put({ [`home/${agents}/com.petesbrain.a.plist`]: plist("its.label") });
  const id = w.create();
  const { stdout } = w.run("restore", id, "--force", "--only", "plist", "--map", `${w.home}=${w.root}/new`);
  expect(stdout).toContain(`launchctl bootout gui/${w.uid}/its.label; launchctl bootstrap gui/${w.uid} ${w.root}/new/`);
});

test("no plist replaced, nothing to reload", () => {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/.mcp.json": "changed" });
  expect(w.run("restore", id, "--force").stdout).not.toContain("launchctl");
});

test("a preview of an auto-backup says that it is one", () => {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/.mcp.json": "changed" });
  expect(w.run("restore", "latest").stdout).not.toContain("auto-backup");
  must(w.run("restore", id, "--force"));
  expect(w.run("restore", "latest:auto-backup").stdout).toContain("This is an auto-backup");
});

test("a snapshot of a whole tree goes to a root that is not there yet", () => {
  const w = world(parts);
  const id = w.create();
  const fresh = join(w.home, "fresh/root");
  const words = ["--root", fresh, "--snapshots", w.store, "--map", `${w.root}=${fresh}`, "--only", "config", "--force"];
  expect(w.json(restored, "restore", id, ...words).value.restored).toBe(3);
  expect(readTree(fresh)).toMatchObject({
    ".mcp.json": { bytes: "{}" },
    "shared/secrets.py": { bytes: "s", mode: "0640" },
    "shared/paths.py": { bytes: "p" },
  });
});
