// Files that can't be stored, files that must not hang us, and names that break careless programs.
import { describe, expect, test } from "bun:test";
import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { created, health, restored } from "../contract.ts";
import { liveTree, must, plist, readTree, world } from "../harness.ts";
import { holdLock } from "../lock-holder.ts";
import { manifestOf } from "../manifests.ts";

describe("what is not a regular file is named, and the rest is stored", () => {
  const config = "configs: [kept.txt, folder, pipe, socket, dangling, loop, to-a-folder]\n";
  const w = world({
    root: {
      "rollback.yaml": config,
      "kept.txt": "k",
      "folder/inside": "",
      dangling: { link: "nowhere" },
      loop: { link: "loop" },
      "to-a-folder": { link: "folder" },
    },
  });
  Bun.spawnSync(["mkfifo", join(w.root, "pipe")]);
  const server = Bun.listen({ unix: join(w.root, "socket"), socket: { data() {} } });
  const { exit, value } = w.json(created, "create", "odd");
  server.stop();

  test("exit 3, incomplete, one reason for each", () => {
    expect(exit).toBe(3);
    expect(value.complete).toBe(false);
    expect(value.files.config).toBe(1);
    const reasons = Object.fromEntries(
      value.skipped.map(({ path, reason }) => [path.slice(w.root.length + 1), reason]),
    );
    expect(reasons).toEqual({
      folder: "is a folder, not a file",
      pipe: "is a pipe, not a file",
      socket: "is a socket or a device",
      dangling: "is a link to nothing (nowhere)",
      loop: "is a link to loop: too many links, or a link where none may be (ELOOP)",
      "to-a-folder": "is a link to folder: is a folder, not a file",
    });
  });

  test("the manifest says the same", () => {
    const manifest = manifestOf(w, value.id);
    expect(manifest.complete).toBe(false);
    expect(manifest.skipped).toEqual(value.skipped);
  });

  test("list and verify call it incomplete, which is not damage", () => {
    expect(w.run("list").stdout).toContain("⚠️  Incomplete: some files could not be read");
    const verified = w.run("verify");
    expect(verified.stdout).toContain("1 files match (the snapshot is incomplete)");
    expect(verified.exit).toBe(0);
  });
});

describe("links", () => {
  test("the link and the content behind it are both recorded", () => {
    const w = world({ root: { ".mcp.json": { link: "real.json" }, "real.json": { file: "{}", mode: 0o640 } } });
    const [file] = manifestOf(w, w.create()).config_files;
    expect(file).toMatchObject({ original: `${w.root}/.mcp.json`, symlink: "real.json", mode: "0640", size_bytes: 2 });
  });
});

describe("names", () => {
  const names = [
    "with space",
    "it's 'quoted' \"twice\"",
    "new\nline",
    "tab\tbed",
    "🔐 émoji",
    "back\\slash",
    "glob*[a]{b,c}?",
    "-dash",
    "~tilde",
    "#hash",
    "%41",
    "$HOME `id`",
    "ends.",
    "e\u0301 decomposed",
  ];
  const w = world({
    home: Object.fromEntries(names.map((name) => [`Library/LaunchAgents/petesbrain${name}.plist`, plist("x")])),
    root: {
      ".mcp.json": "{}",
      ...Object.fromEntries(names.map((name) => [`infrastructure/mcp-servers/${name}/credentials.json`, name])),
    },
  });
  const before = liveTree(w);

  test("every one is stored and comes back, whatever stands in it", () => {
    const id = w.create();
    expect(manifestOf(w, id).plist_files).toHaveLength(names.length);
    expect(manifestOf(w, id).credential_files).toHaveLength(names.length);
    for (const name of names) {
      rmSync(join(w.home, `Library/LaunchAgents/petesbrain${name}.plist`));
      rmSync(join(w.root, `infrastructure/mcp-servers/${name}/credentials.json`));
    }
    expect(w.json(restored, "restore", id, "--force").value.restored).toBe(2 * names.length);
    expect(liveTree(w)).toEqual(before);
  });

  test("each takes one line of a page", () => {
    const lines = w.run("show", "latest").stdout.split("\n");
    expect(lines).toContain("   petesbrainnew\\nline.plist (116 B)");
    expect(lines).toContain("   petesbraintab\\tbed.plist (116 B)");
    expect(lines).toContain("   petesbrain🔐 émoji.plist (116 B)");
    expect(lines).toContain("   mcp/new\\nline/credentials.json (8 B)");
  });

  test("CREDENTIAL-MANIFEST.md has four lines for each", () => {
    const id = w.run("latest", "--quiet").stdout.trim();
    const text = readTree(join(w.store, id))["CREDENTIAL-MANIFEST.md"];
    const lines = text?.kind === "file" ? text.bytes.split("\n") : [];
    expect(lines.filter((line) => line.startsWith("- **"))).toHaveLength(names.length);
    expect(lines.filter((line) => line.startsWith("  - "))).toHaveLength(3 * names.length);
  });
});

describe("names that collide in a snapshot's folder", () => {
  test("the same last part, from two folders", () => {
    const w = world({ root: { "rollback.yaml": "configs: [one/settings.json, two/settings.json]\n" } });
    w.put({ "root/one/settings.json": "1", "root/two/settings.json": "2" });
    const id = w.create();
    const names = manifestOf(w, id).config_files.map(({ backup }) => backup.slice(backup.lastIndexOf("/") + 1));
    expect(names[0]).toBe("settings.json");
    expect(names[1]).toMatch(/^settings-[0-9a-f]{8}\.json$/);
    expect(readTree(join(w.store, id, "config"))).toMatchObject({
      [names[0] ?? ""]: { bytes: "1" },
      [names[1] ?? ""]: { bytes: "2" },
    });
  });

  test("apart only in case or in Unicode form: two names all the same, on every file system", () => {
    const files = ["one/Name", "two/NAME", "one/é", "two/e\u0301"];
    const w = world({
      root: { "rollback.yaml": `configs: [${files.map((file) => JSON.stringify(file)).join(", ")}]\n` },
    });
    w.put(Object.fromEntries(files.map((file) => [`root/${file}`, file])));
    const backups = manifestOf(w, w.create()).config_files.map(({ backup }) => backup.normalize("NFC").toLowerCase());
    expect(new Set(backups).size).toBe(files.length);
  });

  test("a leading dot dropped onto a name that is there", () => {
    const w = world({
      root: { "rollback.yaml": "configs: [.env.json, env.json]\n", ".env.json": "1", "env.json": "2" },
    });
    const id = w.create();
    const files = manifestOf(w, id).config_files;
    expect(new Set(files.map(({ backup }) => backup)).size).toBe(2);
    rmSync(join(w.root, ".env.json"));
    w.run("restore", id, "--force");
    expect(readTree(w.root)[".env.json"]).toMatchObject({ bytes: "1" });
  });

  test("credentials of one name, found by .mcp.json in two places", () => {
    const w = world({ home: { "a/key.json": "a", "b/key.json": "b" } });
    w.put({
      "root/.mcp.json": JSON.stringify({
        mcpServers: { s: { env: { KEY_A: "~/a/key.json", KEY_B: "~/b/key.json" } } },
      }),
    });
    const names = manifestOf(w, w.create()).credential_files.map(({ backup }) => backup.slice(backup.lastIndexOf("/")));
    expect(names[0]).toBe("/oauth_key.json");
    expect(names[1]).toMatch(/^\/oauth_key-[0-9a-f]{8}\.json$/);
  });

  test("a name as long as a file system allows", () => {
    const name = `petesbrain${"x".repeat(239)}.plist`;
    const w = world({ home: { [`Library/LaunchAgents/${name}`]: plist("x") } });
    const id = w.create();
    rmSync(join(w.home, "Library/LaunchAgents", name));
    expect(w.run("restore", id, "--force").exit).toBe(0);
    expect(Object.keys(readTree(w.home))).toContain(`Library/LaunchAgents/${name}`);
  });
});

describe("what an ordinary user may not read is a failure with a name, never an absent file", () => {
  test("a file", () => {
    const w = world({ root: { ".mcp.json": "{}", "shared/secrets.py": { file: "s", mode: 0 } } }, { ordinary: true });
    const { exit, value } = w.json(created, "create", "x");
    expect(exit).toBe(3);
    expect(value.skipped).toEqual([{ path: `${w.root}/shared/secrets.py`, reason: "permission denied (EACCES)" }]);
  });

  test("a folder that a pattern has to look into", () => {
    const w = world(
      { home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a") }, root: { ".mcp.json": "{}" } },
      { ordinary: true },
    );
    w.put({ "home/Library/LaunchAgents": { folder: 0 } });
    const { exit, value } = w.json(created, "create", "x");
    expect(exit).toBe(3);
    expect(value.skipped).toEqual([
      { path: `${w.home}/Library/LaunchAgents`, reason: "the folder can't be read: permission denied (EACCES)" },
    ]);
  });

  test("a folder in an alternative of a pattern; one that is a file is not a failure", () => {
    const config = "version: 1\ncredentials: {files: ['{one/a,two/b,three/c}/key.json']}\n";
    const w = world(
      { root: { ".mcp.json": "{}", "one/a/key.json": "1", "two/b": "a file", "three/c/key.json": "3" } },
      { ordinary: true },
    );
    w.put({ "root/rollback.yaml": config, "root/three/c": { folder: 0 } });
    const { value } = w.json(created, "create", "x");
    expect(value.skipped).toEqual([
      { path: `${w.root}/three/c`, reason: "the folder can't be read: permission denied (EACCES)" },
    ]);
    expect(value.files.credential).toBe(1);
  });

  test("a folder on the way to a file that is named outright", () => {
    const w = world({ home: { ".google-ads/google-ads.yaml": "x" }, root: { ".mcp.json": "{}" } }, { ordinary: true });
    w.put({ "home/.google-ads": { folder: 0 } });
    expect(w.json(created, "create", "x").value.skipped).toEqual([
      { path: `${w.home}/.google-ads/google-ads.yaml`, reason: "permission denied (EACCES)" },
    ]);
  });

  test("all there is: no snapshot, exit 1, and no trace of one", () => {
    const w = world({ root: { ".mcp.json": { file: "{}", mode: 0 } } }, { ordinary: true });
    const { exit, stderr } = w.run("create", "x");
    expect(exit).toBe(1);
    expect(stderr).toContain(".mcp.json: permission denied (EACCES)");
    expect(w.run("list", "--quiet").stdout).toBe("");
    expect(Object.keys(readTree(w.store)).filter((path) => path.includes("staging/"))).toEqual([]);
  });
});

test("an .mcp.json that is broken is stored, and said to be; what it named before is stored, too", () => {
  const named = (path: string) => JSON.stringify({ mcpServers: { a: { env: { KEY: path } } } });
  const w = world({ home: { "k.json": "1" }, root: { ".mcp.json": named("~/k.json"), "shared/paths.py": "p" } });
  w.create("well");
  const commented = `{ // mine\n${named("~/k.json").slice(1)}`;
  for (const text of ['{"mcpServers": ', "[]", '{"mcpServers": {"a": {"env": 7}}}', commented]) {
    w.put({ "root/.mcp.json": text });
    const { exit, stdout, stderr } = w.run("create", "x");
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining("Files backed up: 3") });
    if (text === commented) expect(stderr).not.toContain("may be missing");
    else expect(stderr).toContain(`${w.root}/.mcp.json is stored as it is, but is not`);
  }
});

test("guard runs again while an .mcp.json is broken; status and health say that it is", () => {
  const w = world({ root: { ".mcp.json": '{"mcpServers": ' } });
  must(w.run("guard", "again", "--", "true"));
  expect(w.run().stdout).toContain("WARNING: .mcp.json is not JSON (line 1)");
  const { findings } = w.json(health, "health").value;
  expect(findings).toContainEqual({ check: "configs", level: "warning", message: ".mcp.json is not JSON (line 1)" });
});

test("an .mcp.json above 16 MiB is stored, and not read", () => {
  const w = world({ root: { ".mcp.json": `{"mcpServers": {}, "x": "${"x".repeat(16 << 20)}"}` } });
  const { stderr } = must(w.run("create", "x"));
  expect(stderr).toContain(`${w.root}/.mcp.json is stored as it is, but is larger than 16 MiB`);
});

test("a file that vanishes after it was found is named", async () => {
  const w = world({ root: { ".mcp.json": "{", "shared/paths.py": "p" } });
  const lock = holdLock(w.store);
  const child = w.start([binary, "create", "x", "--lock-wait", "60"]);
  // The inventory is over once the first warning is out: what follows waits for the lock.
  const reader = child.stderr.getReader();
  let told = "";
  while (!told.includes("\n")) told += new TextDecoder().decode((await reader.read()).value);
  rmSync(join(w.root, "shared/paths.py"));
  lock.release();
  expect(await child.exited).toBe(3);
  expect(await child.stdout.text()).toContain(`${w.root}/shared/paths.py: vanished before it was read`);
});

test("sparse files stay sparse, stored and restored", () => {
  const w = world({ root: { "rollback.yaml": "configs: [big.bin, end.bin]\n" } });
  const size = 20 << 20;
  for (const [name, at] of [
    ["big.bin", size / 2],
    ["end.bin", 0],
  ] as const) {
    const fd = openSync(join(w.root, name), "w");
    writeSync(fd, "data", at);
    ftruncateSync(fd, size);
    closeSync(fd);
  }
  const id = w.create();
  const used = (path: string) => statSync(path).blocks * 512;
  for (const name of ["big.bin", "end.bin"]) {
    const before = readFileSync(join(w.root, name));
    const stored = join(w.store, id, "config", name);
    expect(readFileSync(stored).equals(before)).toBe(true);
    if (used(join(w.root, name)) < size / 2) expect(used(stored)).toBeLessThan(size / 2);
    writeFileSync(join(w.root, name), "changed");
    must(w.run("restore", id, "--only", name, "--force"));
    expect(readFileSync(join(w.root, name)).equals(before)).toBe(true);
    expect(used(join(w.root, name))).toBe(used(stored));
  }
});

test.skipIf(process.platform !== "linux")("a file that states no size is stored as it reads (needs /proc)", () => {
  const w = world({ root: { "rollback.yaml": "configs: [/proc/version]\n" } });
  const id = w.create();
  const text = readFileSync("/proc/version");
  expect(readFileSync(join(w.store, id, "config/version")).equals(text)).toBe(true);
  expect(manifestOf(w, id).config_files[0]?.size_bytes).toBe(text.length);
  must(w.run("verify", id));
});

test("a time before 1970 comes back", () => {
  const w = world({ root: { "rollback.yaml": "configs: [old.txt]\n", "old.txt": "o" } });
  const then = new Date("1960-05-06T07:08:09.000Z");
  utimesSync(join(w.root, "old.txt"), then, then);
  const id = w.create();
  writeFileSync(join(w.root, "old.txt"), "new");
  must(w.run("restore", id, "--force"));
  expect(statSync(join(w.root, "old.txt")).mtime).toEqual(then);
});

test("a name with control characters is stored, shown escaped, and restored where it is chosen", () => {
  const name = "a\u0001\u001b[31mb.txt";
  const w = world({ root: { "rollback.yaml": 'configs: ["a*b.txt", other.txt]\n', [name]: "1", "other.txt": "1" } });
  const id = w.create();
  w.put({ [`root/${name}`]: "2", "root/other.txt": "2" });
  const { stdout } = must(w.run("restore", id));
  expect(stdout).toContain(
    "a\\x01\\x1b[31mb.txt (holds control characters: only a file that --only names is restored so)",
  );
  expect(stdout).not.toContain("\u001b");
  expect(w.run("restore", id, "--force").exit).toBe(7);
  must(w.run("restore", id, "--only", "a*b.txt", "--force"));
  expect(readTree(w.root)).toMatchObject({ [name]: { bytes: "1" }, "other.txt": { bytes: "2" } });
});

test("a snapshots folder around the project is refused: its .gitignore would hide the project", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  for (const folder of [".", "..", w.root, "/"]) {
    const { exit, stderr } = w.run("create", "x y", "--snapshots", folder);
    expect(exit).toBe(7);
    expect(stderr).toContain("can't be the snapshots folder");
  }
  expect(readdirSync(w.root)).toEqual([".mcp.json"]);
});

test.skipIf(process.platform !== "linux")(
  "a name that is not UTF-8 is named as such (needs Linux: APFS has none)",
  () => {
    const w = world({ root: { "rollback.yaml": 'configs: ["*.txt"]\n', "good.txt": "g" } });
    writeFileSync(Buffer.concat([Buffer.from(`${w.root}/bad`), Buffer.from([0xff]), Buffer.from(".txt")]), "b");
    const { exit, value } = w.json(created, "create", "odd");
    expect(exit).toBe(3);
    expect(value.files.config).toBe(1);
    expect(value.skipped).toEqual([
      { path: `${w.root}/bad\ufffd.txt`, reason: "its name is not UTF-8: give it another" },
    ]);
  },
);
