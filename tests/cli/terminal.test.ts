// What reaches a terminal: no control character, one line for one thing, whatever a text holds; and on disk the text is whole.
import { describe, expect, test } from "bun:test";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { created, listed, shown } from "../contract.ts";
import { legacyIds, placeLegacySnapshots, plist, type Ran, type World, world } from "../harness.ts";
import { editManifest, manifestOf } from "../manifests.ts";
import { inTerminal } from "../pty.ts";

const ESCAPE = "\u001b[31mred\u001b[0m";
const TITLE = "\u001b]0;owned\u0007";
const C1 = "\u009b31m";
const BIDI = "a\u202eb\u2066c\u200fd";
const NASTY = `line one\nline two\r\ttab ${ESCAPE} ${TITLE} ${C1} ${BIDI} \u007f \u2028 end`;

/** No byte that a terminal obeys, but for the newlines between lines. */
function expectPlain({ stdout, stderr }: Ran): void {
  expect(stdout + stderr).not.toMatch(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/,
  );
}

const parts = { home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a") }, root: { ".mcp.json": "{}" } };

describe("a description", () => {
  const w = world(parts);
  // 10 KB, as an argument may hold.
  const description = `${NASTY}${"long ".repeat(2000)}${NASTY}`;
  const ran = w.run("create", description, `cate\ngory ${ESCAPE}`);
  const [id = ""] = w.json(listed, "list").value.snapshots.map((row) => row.id);

  test("of 10 KB with newlines, escapes and bidi marks is stored whole", () => {
    expect(ran.exit).toBe(0);
    expect(manifestOf(w, id).description).toBe(description);
    expect(w.json(shown, "show", id).value.manifest.description).toBe(description);
    expect(w.json(listed, "list").value.snapshots[0]?.category).toBe(`cate\ngory ${ESCAPE}`);
  });

  test("takes one line of every output, with nothing that a terminal obeys", () => {
    w.put({ "root/.mcp.json": "changed" });
    const outputs = [
      ran,
      ...[["list"], ["show", id], ["latest"], ["restore", id], ["verify"], ["restore", id, "--force"]].map((words) =>
        w.run(...words),
      ),
    ];
    for (const output of outputs) expectPlain(output);
    for (const { stdout } of outputs.slice(0, 5)) {
      const lines = stdout.split("\n").filter((line) => line.includes("line one\\nline two"));
      expect(lines).toHaveLength(1);
    }
  });

  test("as JSON holds no raw control character either", () => {
    for (const words of [["list"], ["show", id], ["restore", id]])
      expect(w.run(...words, "--json").stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("of 100 KB", () => {
    const long = "word ".repeat(20_000).trim();
    expect(w.json(created, "create", long).value.description).toBe(long);
  });

  test("of emoji and other scripts is shown as it is", () => {
    expect(w.run("create", "до миграции 🚀 の前").stdout).toContain("Description: до миграции 🚀 の前\n");
  });
});

describe("words of the command line", () => {
  const w = world(parts);
  const id = w.create();
  const words: string[][] = [
    [NASTY],
    ["list", `--${ESCAPE}`],
    ["list", ESCAPE],
    ["list", "--limit", ESCAPE],
    ["list", "--category", ESCAPE],
    ["show", ESCAPE],
    ["show", NASTY],
    ["restore", id, "--only", ESCAPE],
    ["restore", id, "--only", "config", "--only", ESCAPE],
    ["restore", id, "--except", NASTY],
    ["restore", id, "--map", ESCAPE],
    ["restore", id, "--map", `/nowhere=${ESCAPE}`],
    ["restore", id, "--allow", NASTY],
    ["create", "x", "--root", ESCAPE],
    ["create", "x", "--config", ESCAPE],
    ["list", "--snapshots", NASTY],
  ];
  for (const line of words)
    test(JSON.stringify(line).slice(0, 60).replaceAll(id, "ID"), () => {
      expectPlain(w.run(...line));
    });
});

describe("paths", () => {
  const inside = (name: string): World => {
    const w = world({ home: { [`Library/LaunchAgents/petesbrain${name}.plist`]: plist("a") } });
    w.put({ "root/.mcp.json": JSON.stringify({ mcpServers: { [name]: { env: { KEY: `~/${name}` } } } }) });
    w.put({ [`home/${name}`]: "key", [`root/infrastructure/mcp-servers/${name}/credentials.json`]: "{" });
    return w;
  };

  for (const name of [ESCAPE, "new\nline", BIDI])
    test(`with ${JSON.stringify(name)} in them`, () => {
      const w = inside(name);
      expectPlain(w.run("create", "x"));
      const [row] = w.json(listed, "list").value.snapshots;
      w.put({ [`home/Library/LaunchAgents/petesbrain${name}.plist`]: plist(name), [`home/${name}`]: "changed" });
      for (const words of [
        ["show", "latest"],
        ["restore", "latest"],
        ["restore", "latest", "--quiet"],
        ["restore", "latest", "--force"],
        ["verify"],
      ])
        expectPlain(w.run(...words));
      expect(row?.status).toBe("ok");
    });

  test("of the root, the store and a snapshot's folder", () => {
    const w = world();
    const root = join(w.home, ESCAPE);
    w.put({ [join(root, ".mcp.json")]: "{}" });
    expectPlain(w.run("create", "x", "--root", root));
    w.put({ [join(root, ".mcp.json")]: "changed" });
    for (const words of [
      ["list"],
      ["show", "latest"],
      ["restore", "latest"],
      ["verify"],
      ["restore", "latest", "--force"],
    ])
      expectPlain(w.run(...words, "--root", root));
    const store = join(root, "infrastructure/rollback-snapshots");
    const [id = ""] = w.run("list", "--quiet", "--root", root).stdout.split("\n");
    const folder = join(w.home, `copy ${ESCAPE}`);
    renameSync(join(store, id), folder);
    for (const words of [
      ["show", folder],
      ["show", folder, "--quiet"],
      ["verify", folder],
      ["verify", folder, "--quiet"],
      ["restore", folder],
    ])
      expectPlain(w.run(...words, "--root", root));
  });
});

describe("what a stranger wrote into a manifest", () => {
  test("of ours", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "home/Library/LaunchAgents/com.petesbrain.a.plist": "changed" });
    editManifest(w, id, (manifest) => {
      Object.assign(manifest, {
        host: NASTY,
        home: `/${NASTY}`,
        root: `/${NASTY}`,
        created_at: NASTY,
        tool: NASTY,
        complete: false,
        skipped: [{ path: NASTY, reason: NASTY }],
        git_state: { commit: NASTY, branch: NASTY, timestamp: NASTY },
        venv_metadata: { [NASTY]: { exists: true, python_version: NASTY } },
      });
      for (const file of manifest.plist_files) Object.assign(file, { label: `a ${NASTY}` });
    });
    for (const words of [
      ["list"],
      ["show", id],
      ["restore", id],
      ["restore", id, "--quiet"],
      ["verify"],
      ["restore", id, "--force"],
    ])
      expectPlain(w.run(...words));
  });

  test("of the original tool's", () => {
    const w = world();
    placeLegacySnapshots(w.store);
    const [id] = legacyIds;
    editManifest(w, id, (manifest) => {
      for (const section of [manifest.plist_files, manifest.config_files, manifest.credential_files ?? []])
        for (const file of section) {
          file.original = file.original.replace("/Users/administrator", `/Users/${ESCAPE}`);
          file.backup = file.backup.replace("/Users/administrator", `/Users/${ESCAPE}`);
        }
    });
    for (const words of [
      ["show", id],
      ["restore", id],
      ["restore", id, "--force"],
    ])
      expectPlain(w.run(...words));
  });
});

describe("where LANG is C or POSIX", () => {
  const w = world({ ...parts, root: { ...parts.root, ".env": { file: "KEY=made-up\n", mode: 0o600 } } });
  const lang = (env: Record<string, string>, ...words: string[]) => {
    const { stdout, stderr } = w.runWith({ env }, ...words);
    return stdout + stderr;
  };
  const id = w.create("до миграции");

  test("every sign is ASCII, and says in a word what it said; what somebody wrote stays", () => {
    w.put({ "root/.mcp.json": "{ }", "root/.env": "KEY=other-made-up\n" });
    w.run("pin", id);
    const outputs = [
      ["list"],
      ["list", "--oneline"],
      ["show", id],
      ["restore", id],
      ["diff", id],
      ["verify"],
      ["health"],
      ["agents"],
      ["audit"],
      ["history", ".mcp.json"],
      ["help"],
      ["help", "troubleshooting"],
      ["list", "--nope"],
      [],
    ].map((words) => lang({ LANG: "C" }, ...words));
    for (const text of outputs) expect(text.replaceAll("до миграции", "")).toMatch(/^[\x20-\x7e\n]*$/);
    expect(outputs.join("")).toContain("до миграции");
    expect(lang({ LANG: "POSIX" }, "restore", id)).toContain(
      "WARN: This is a dry run. Use --force to actually restore:",
    );
    expect(lang({ LANG: "C" }, "list")).toContain(`1. [${id}] pinned\n`);
    expect(lang({ LANG: "C" }, "list", "--nope")).toStartWith("FAIL: `list` knows no flag");
    expect(lang({ LANG: "C" }, "create", "x")).toStartWith("OK: Snapshot created");
  });

  test("the first of LC_ALL, LC_CTYPE and LANG counts; UTF-8, nothing at all, JSON and contents are as ever", () => {
    const emoji = "📦 Available Snapshots";
    for (const env of [
      {},
      { LANG: "C.UTF-8" },
      { LANG: "C", LC_ALL: "en_US.UTF-8" },
      { LANG: "POSIX", LC_CTYPE: "UTF-8" },
      { LANG: "" },
    ])
      expect(lang(env, "list")).toStartWith(emoji);
    expect(lang({ LANG: "en_US.UTF-8", LC_ALL: "C" }, "list")).toStartWith("Available Snapshots");
    for (const words of [["list", "--json", "--limit", "1"], ["completions", "zsh"], ["init"]])
      expect(lang({ LANG: "C" }, ...words).replace(/"age_seconds": \d+/g, "")).toBe(
        lang({}, ...words).replace(/"age_seconds": \d+/g, ""),
      );
  });
});

test("no colours and no progress where no terminal is", () => {
  const w = world(parts);
  for (const env of [
    {},
    { FORCE_COLOR: "0" },
    { FORCE_COLOR: "1", NO_COLOR: "1" },
    { CLICOLOR_FORCE: "1", TERM: "xterm-256color" },
  ]) {
    expectPlain(w.runWith({ env }, "create", "x"));
    expectPlain(w.runWith({ env }, "list"));
    expectPlain(w.runWith({ env }, "list", "--nope"));
    expectPlain(w.runWith({ env }, "list", "--help"));
    expectPlain(w.runWith({ env }, "--help"));
  }
  expectPlain(w.runWith({ env: { FORCE_COLOR: "1" } }, "list", "--no-color"));
  mkdirSync(join(w.store, "20200101_000000"));
  expectPlain(w.run("verify"));
});

test("FORCE_COLOR colours a pipe, too; what a file is to hold it does not", () => {
  const w = world(parts);
  w.create();
  const env = { FORCE_COLOR: "1", TERM: "dumb" };
  expect(w.runWith({ env }, "list").stdout).toContain("\u001b[1mAvailable Snapshots\u001b[0m");
  expect(w.runWith({ env }, "lst").stderr).toContain("   \u001b[36mrollback list\u001b[0m\n");
  for (const words of [["completions", "zsh"], ["init"], ["list", "--json"], ["list", "--quiet"]])
    expect(w.runWith({ env }, ...words).stdout).not.toContain("\u001b");
});

test("long work is a line that is drawn over itself; after the result nothing of it is left", async () => {
  // It is waited for as long as progress waits: whatever is stored then comes late enough to be shown.
  const python = { file: "#!/bin/sh\nexec sleep 60\n", mode: 0o755 };
  const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": "p", "venv-google/bin/python3": python } });
  const { exit, raw } = await inTerminal(w, {}, "create", "slow");
  expect(exit).toBe(0);
  expect(raw).toContain("\r\u001b[KStoring 1 of 2 · 0 of 3 B · .mcp.json");
  expect(raw).toContain("\r\u001b[KFlushing · 0 of 3 B");
  expect(raw.slice(raw.lastIndexOf("\r\u001b[K"))).not.toContain("Flushing");
  expect(raw).toContain("Files backed up: 2");
});
