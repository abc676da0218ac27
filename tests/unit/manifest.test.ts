import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { AbsPath, Digest, Kind, StoredFile, StoredPath } from "../../src/model.ts";
import { RollbackError } from "../../src/rollback-error.ts";
import { formatManifest, type ManifestFacts } from "../../src/snapshot/manifest.ts";
import { byEntry, parseManifest } from "../../src/snapshot/manifest-read.ts";

const HASH = "ab".repeat(32) as Digest;
const facts: ManifestFacts = {
  createdAt: { local: "2025-12-11T14:36:00.123456", utc: "2025-12-11T13:36:00.123456Z" },
  description: "Before",
  category: "manual",
  git: { commit: null, branch: null, timestamp: null, dirty: null },
  venvs: { "mcp/x": { exists: true, python_version: "Python 3.12.1", version_from: "python", healthy: true } },
  host: "mac",
  home: "/Users/a" as AbsPath,
  root: "/Users/a/p" as AbsPath,
  tool: "rollback 0",
  gone: { files: [], from: null },
  skipped: [],
};
const file = (over: Partial<StoredFile> = {}): StoredFile => ({
  kind: "config",
  original: "/Users/a/p/.mcp.json",
  stored: "config/mcp.json" as StoredPath,
  hash: HASH,
  size: 3,
  mode: 0o4755,
  mtimeMs: 1765460160123,
  uid: 501,
  gid: 20,
  symlink: null,
  ...over,
});
const code = (text: string): string => {
  try {
    parseManifest(text, "/s/manifest.json");
    return "accepted";
  } catch (cause) {
    if (cause instanceof RollbackError) return cause.code;
    throw cause;
  }
};
const legacy = (over: Record<string, unknown> = {}, entry: Record<string, unknown> = {}): string =>
  JSON.stringify({
    created_at: "2025-12-11T14:36:00.099028",
    description: "d",
    category: "c",
    plist_files: [
      {
        original: "/Users/bob/Library/LaunchAgents/x.plist",
        backup: "/Users/bob/Brain/infrastructure/rollback-snapshots/20251211_143600/plist/x.plist",
        hash: HASH,
        ...entry,
      },
    ],
    config_files: [],
    git_state: {},
    ...over,
  });

test("what is written is read back: every file with its facts", () => {
  const files = [
    file(),
    file({
      kind: "plist",
      stored: "plist/a.plist" as StoredPath,
      original: "/l/a.plist",
      label: null,
      symlink: "../a",
    }),
    file({ kind: "credential", stored: "credentials/x" as StoredPath, name: "oauth/x", foundBy: ["r1", "r2"] }),
  ];
  const read = parseManifest(formatManifest("/s/20251211_143600" as AbsPath, files, facts), "m");
  expect(read).toMatchObject({
    format: 2,
    complete: true,
    home: "/Users/a",
    createdAtMs: Date.UTC(2025, 11, 11, 13, 36, 0, 123),
  });
  expect(
    read.files.map(({ original, mode, mtimeMs, symlink, foundBy }) => ({ original, mode, mtimeMs, symlink, foundBy })),
  ).toEqual([
    { original: "/l/a.plist", mode: 0o4755, mtimeMs: 1765460160123, symlink: "../a", foundBy: undefined },
    { original: "/Users/a/p/.mcp.json", mode: 0o4755, mtimeMs: 1765460160123, symlink: null, foundBy: undefined },
    { original: "/Users/a/p/.mcp.json", mode: 0o4755, mtimeMs: 1765460160123, symlink: null, foundBy: ["r1", "r2"] },
  ]);
  expect(read.venvs["mcp/x"]).toEqual({
    exists: true,
    python_version: "Python 3.12.1",
    version_from: "python",
    healthy: true,
  });
});

describe("a manifest of the original tool", () => {
  test("needs no credential_files, and its home and root are inferred", () => {
    expect(parseManifest(legacy(), "m")).toMatchObject({
      format: 1,
      complete: true,
      home: "/Users/bob",
      root: "/Users/bob/Brain",
    });
  });
  test("records neither mode nor link", () => {
    const [only] = parseManifest(legacy(), "m").files;
    expect([only?.mode, only?.symlink]).toEqual([undefined, undefined]);
  });
  test("is in local time, with microseconds or without", () => {
    const at = new Date(2025, 11, 11, 14, 36, 0).getTime();
    expect(parseManifest(legacy(), "m").createdAtMs).toBe(at + 99);
    expect(parseManifest(legacy({ created_at: "2025-12-11T14:36:00" }), "m").createdAtMs).toBe(at);
  });
});

describe("a stranger's manifest", () => {
  test.each([
    ["", "damaged"],
    ["{", "damaged"],
    ["[]", "damaged"],
    ["null", "damaged"],
    [legacy({ format: 3 }), "damaged"],
    [legacy({ format: "2" }), "damaged"],
    [legacy({ plist_files: {} }), "damaged"],
    [legacy({ created_at: "yesterday" }), "damaged"],
    [legacy({ description: 7 }), "damaged"],
    [legacy({}, { hash: "abc" }), "damaged"],
    [legacy({}, { backup: "/x/config/x.plist" }), "refused"],
    [legacy({}, { backup: "/x/plist/.." }), "refused"],
    [legacy({}, { backup: "/x/plist/" }), "refused"],
    [legacy({}, { backup: "x.plist" }), "refused"],
    [legacy({}, { backup: "/x/plist/a\0b" }), "refused"],
    [legacy({}, { backup: "/nowhere/plist/ok.plist" }), "accepted"],
  ])("%p is %s", (text, expected) => expect(code(text)).toBe(expected));

  test("of any bytes is accepted or refused with one clear error", () => {
    const kinds: Kind[] = ["plist", "config", "credential"];
    const junk = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ created_at: fc.string(), description: fc.anything(), plist_files: fc.array(fc.anything()) })
        .map((value) => JSON.stringify(value) ?? ""),
      fc
        .tuple(fc.string(), fc.constantFrom(...kinds))
        .map(([backup, kind]) => legacy({}, { backup: `/${kind}/${backup}` })),
    );
    fc.assert(fc.property(junk, (text) => expect(["accepted", "damaged", "refused"]).toContain(code(text))));
  });
});

describe("a long manifest, read entry by entry", () => {
  const files = (["plist", "config", "credential"] as const).flatMap((kind) =>
    ["a", 'b"\n    },\n  ],\n'].map((name) =>
      file({
        kind,
        original: `/Users/a/${name}`,
        stored: `${kind === "credential" ? "credentials" : kind}/x` as StoredPath,
      }),
    ),
  );
  const text = formatManifest("/s" as AbsPath, files, facts);

  test("is what it is as a whole", () => {
    expect(byEntry(text, "m")).toEqual(parseManifest(text, "m"));
    expect(byEntry(text, "m")?.files).toHaveLength(6);
    expect(byEntry(JSON.stringify(JSON.parse(text)), "m")).toEqual(parseManifest(text, "m"));
  });
  test.each([
    ["a list that stands deeper", (before: string) => before.replace('"config_files"', '"git": {\n  "config_files"')],
    ["a list that stands again later", (before: string) => before.replace(/\n}\n$/, ',\n  "config_files": [{}]\n}\n')],
    ["no comma", (before: string) => before.replace("    },\n    {", "    }\n    {")],
    ["a comma too many", (before: string) => before.replace("    }\n  ]", "    },\n  ]")],
    ["a hash that is none", (before: string) => before.replace(HASH, "x")],
  ])("with %s is left to the other reader", (_, change) => {
    expect(change(text)).not.toBe(text);
    expect(byEntry(change(text), "m")).toBeNull();
  });
  test("with any bytes changed is the same to both, or left to the other", () => {
    const pieces = ["", " ", "\n", ",", "]", "\n  ]", "\n    }", "{", "}", '"', ":", "1"];
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(9), fc.constantFrom(...pieces), (at, length, piece) => {
        const changed = text.slice(0, at) + piece + text.slice(at + length);
        const read = byEntry(changed, "m");
        if (read !== null) expect(read).toEqual(parseManifest(changed, "m"));
      }),
    );
  });
});
