// What a snapshot is on disk: names, modes from the first moment, and a store that a restore may trust.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { modeOf, must, plist, readTree, world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

const parts = {
  home: {
    "Library/LaunchAgents/com.petesbrain.a.plist": { file: plist("a"), mode: 0o644 },
    ".google-ads/google-ads.yaml": { file: "developer_token: x\n", mode: 0o666 },
  },
  root: { ".mcp.json": { file: "{}", mode: 0o777 } },
};

for (const umask of ["000", "022", "0777"])
  test(`folders are 0700 and files 0600, whatever their own mode and with umask ${umask}`, () => {
    const w = world(parts);
    const id = must(w.runWith({ umask }, "create", "x", "--quiet")).stdout.trim();
    const tree = readTree(w.store);
    const modes = Object.entries(tree).map(([path, item]) => [path, item.kind === "link" ? "link" : item.mode]);
    expect(Object.fromEntries(modes)).toEqual({
      "": "0700",
      ".gitignore": "0600",
      ".metadata_never_index": "0600",
      ".rollback": "0700",
      ".rollback/lock": "0600",
      [id]: "0700",
      [`${id}/CREDENTIAL-MANIFEST.md`]: "0600",
      [`${id}/config`]: "0700",
      [`${id}/config/mcp.json`]: "0600",
      [`${id}/credentials`]: "0700",
      [`${id}/credentials/home_.google-ads_google-ads.yaml`]: "0600",
      [`${id}/manifest.json`]: "0600",
      [`${id}/plist`]: "0700",
      [`${id}/plist/com.petesbrain.a.plist`]: "0600",
      "audit.jsonl": "0600",
    });
    const manifest = manifestOf(w, id);
    expect(
      [...manifest.plist_files, ...manifest.config_files, ...manifest.credential_files].map(({ mode }) => mode),
    ).toEqual(["0644", "0777", "0666"]);
  });

for (const umask of ["000", "0777"])
  test(`a restore gives files their recorded modes with umask ${umask}`, () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/.mcp.json": "changed", "home/.google-ads/google-ads.yaml": "changed" });
    must(w.runWith({ umask }, "restore", id, "--force"));
    expect(modeOf(join(w.root, ".mcp.json"))).toBe("0777");
    expect(modeOf(join(w.home, ".google-ads/google-ads.yaml"))).toBe("0666");
  });

describe("git", () => {
  test("the snapshots folder keeps all but sealed archives out of git", () => {
    const w = world(parts);
    w.create();
    expect(readFileSync(join(w.store, ".gitignore"), "utf8")).toBe("*\n!*.zip.age\n");
  });

  test("a .gitignore that somebody put there stays", () => {
    const w = world(parts);
    w.put({ "root/infrastructure/rollback-snapshots/.gitignore": "mine\n" });
    w.create();
    expect(readFileSync(join(w.store, ".gitignore"), "utf8")).toBe("mine\n");
  });
});

test("CREDENTIAL-MANIFEST.md: name, original, size and the first 16 digits of the hash, in the original tool's words", () => {
  const w = world(parts);
  const id = w.create();
  const manifest = manifestOf(w, id);
  const [credential] = manifest.credential_files;
  expect(readFileSync(join(w.store, id, "CREDENTIAL-MANIFEST.md"), "utf8")).toBe(`# Credential Files Backed Up

Snapshot: ${id}
Created: ${manifest.created_at}

## Backed Up Credentials

- **~/.google-ads/google-ads.yaml**
  - Original: \`${w.home}/.google-ads/google-ads.yaml\`
  - Size: 19 bytes
  - Hash: \`${credential?.hash.slice(0, 16)}...\`
`);
});

test("none without credentials", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  expect(Object.keys(readTree(join(w.store, w.create())))).not.toContain("CREDENTIAL-MANIFEST.md");
});

test("what a writer that was killed left in staging is cleared by the next", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  w.create();
  w.put({ "root/infrastructure/rollback-snapshots/.rollback/staging/snapshot/plist/half": "half" });
  w.create();
  expect(Object.keys(readTree(w.store)).filter((path) => path.includes("staging/"))).toEqual([]);
  expect(w.run("list", "--quiet").stdout.trim().split("\n")).toHaveLength(2);
});

test("a snapshots folder that can't be written to: exit 1, its path and the reason", () => {
  const w = world({ root: { ".mcp.json": "{}" } }, { ordinary: true });
  w.put({ "root/infrastructure": { folder: 0o555 } });
  const { exit, stderr } = w.run("create", "x");
  expect(exit).toBe(1);
  expect(stderr).toContain(`can't write to the snapshots folder ${w.store}: permission denied (EACCES)`);
});

test("a snapshots folder that is a file: exit 1", () => {
  const w = world({ root: { ".mcp.json": "{}", "infrastructure/rollback-snapshots": "a file" } });
  expect(w.run("create", "x").exit).toBe(1);
  expect(readFileSync(w.store, "utf8")).toBe("a file");
});

test("reading a snapshots folder that is a file says so, instead of calling it empty", () => {
  const w = world({ root: { ".mcp.json": "{}", "infrastructure/rollback-snapshots": "a file" } });
  const { exit, stderr } = w.run("list");
  expect(stderr).toContain(w.store);
  expect(exit).not.toBe(0);
});
