// Both ways with the original tool: its snapshots are read as they are, and it can read ours.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { listed, restored, shown, verified } from "../contract.ts";
import {
  legacyIds,
  legacySnapshots,
  liveTree,
  modeOf,
  must,
  placeLegacySnapshots,
  plist,
  readJson,
  readTree,
  world,
} from "../harness.ts";
import { manifestOf, manifestPath } from "../manifests.ts";

const file = { original: v.string(), backup: v.string(), hash: v.string() };
const credential = { name: v.string(), ...file, size_bytes: v.number() };
/** A manifest of the original format, all of it. */
const original = v.strictObject({
  created_at: v.string(),
  description: v.string(),
  category: v.string(),
  plist_files: v.array(v.strictObject(file)),
  config_files: v.array(v.strictObject(file)),
  credential_files: v.array(v.strictObject(credential)),
  git_state: v.strictObject({ commit: v.string(), branch: v.string(), timestamp: v.string() }),
  venv_metadata: v.record(v.string(), v.strictObject({ exists: v.boolean(), python_version: v.string() })),
});
const sections = ["plist_files", "config_files", "credential_files"] as const;
const legacy = (id: string) => readJson(join(legacySnapshots, id, "manifest.json"), original);
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
const OLD_HOME = "/Users/administrator";

describe("its snapshots", () => {
  const w = world();
  placeLegacySnapshots(w.store);
  const newRoot = join(w.home, "Documents/PetesBrain.nosync");
  const map = ["--map", `${OLD_HOME}=${w.home}`, "--root", newRoot, "--snapshots", w.store];
  const asTheyWere = () =>
    Object.fromEntries(legacyIds.map((id) => [id, readTree(join(w.store, id), { mtimes: true })]));
  const before = asTheyWere();

  test("list", () => {
    const rows = w.json(listed, "list").value.snapshots;
    expect(
      rows.map(({ id, description, category, created_at, files, status }) => ({
        id,
        description,
        category,
        created_at,
        files,
        status,
      })),
    ).toEqual(
      legacyIds.toReversed().map((id) => {
        const { description, category, created_at, plist_files, config_files, credential_files } = legacy(id);
        const [plists, configs, credentials] = [plist_files.length, config_files.length, credential_files.length];
        const files = {
          plist: plists,
          config: configs,
          credential: credentials,
          total: plists + configs + credentials,
        };
        return { id, description, category, created_at, files, status: "ok" };
      }),
    );
  });

  test("show gives the manifest as it stands on disk", () => {
    for (const id of legacyIds) expect(w.json(shown, "show", id).value.manifest).toEqual(legacy(id));
    const page = w.run("show", legacyIds[0]).stdout;
    expect(page).toContain(`Home: ${OLD_HOME}\n`);
    expect(page).toContain(`Root: ${OLD_HOME}/Documents/PetesBrain.nosync\n`);
  });

  test("verify", () => {
    expect(w.json(verified, "verify")).toMatchObject({ exit: 0, value: { audit: { ok: true } } });
  });

  test("restore without --map: every path is refused, nothing is touched", () => {
    const { exit, stderr } = w.run("restore", legacyIds[0], "--force");
    expect(exit).toBe(7);
    expect(stderr).toContain(`${OLD_HOME}/Library/LaunchAgents/`);
    expect(Object.keys(readTree(w.home))).toEqual([""]);
  });

  for (const id of legacyIds)
    test(`restore ${id} with --map: byte for byte, secrets readable by nobody else`, () => {
      const { exit, value } = w.json(restored, "restore", id, ...map, "--force");
      expect(exit).toBe(0);
      const manifest = legacy(id);
      const paths = new Set<string>();
      for (const section of sections)
        for (const entry of manifest[section]) {
          const path = entry.original.replace(OLD_HOME, w.home);
          const stored = join(legacySnapshots, id, ...entry.backup.split("/").slice(-2));
          paths.add(path);
          expect(readFileSync(path).equals(readFileSync(stored))).toBe(true);
          expect(modeOf(path)).toBe(section === "plist_files" ? "0644" : "0600");
        }
      // Two credentials stand in it twice, under two names: one change each.
      expect(value.changes.filter(({ action }) => action !== "extra")).toHaveLength(paths.size);
      const again = w.json(restored, "restore", id, ...map).value;
      expect(again.summary).toMatchObject({ unchanged: paths.size, modify: 0, create: 0, skipped: 0, refused: 0 });
    });

  test("a plist that is not in the snapshot is left alone", () => {
    const inFirst = legacy(legacyIds[0]).plist_files.map(({ original: path }) => basename(path));
    const inSecond = new Set(legacy(legacyIds[1]).plist_files.map(({ original: path }) => basename(path)));
    const gone = inFirst.filter((name) => !inSecond.has(name));
    expect(gone).toHaveLength(1);
    const { value } = w.json(restored, "restore", legacyIds[1], ...map);
    expect(value.changes.filter(({ action }) => action === "extra").map(({ name }) => name)).toEqual(gone);
  });

  test("a live file keeps its own mode, which the original format does not record", () => {
    const path = join(newRoot, "shared/secrets.py");
    w.put({ [path]: { file: "changed", mode: 0o640 } });
    must(w.run("restore", legacyIds[0], ...map, "--only", "config", "--force"));
    expect(modeOf(path)).toBe("0640");
  });

  test("none of them was rewritten by all this", () => {
    expect(asTheyWere()).toEqual(before);
  });

  test("no credential_files at all is as good as an empty list", () => {
    const other = world();
    placeLegacySnapshots(other.store);
    const { credential_files: _, ...rest } = legacy(legacyIds[0]);
    other.put({ [manifestPath(other, legacyIds[0])]: JSON.stringify(rest) });
    expect(other.json(listed, "list").value.snapshots[2]?.files).toMatchObject({ credential: 0, total: 74 });
  });

  test("a created_at without microseconds, which Python leaves out where they are 0", () => {
    const other = world();
    placeLegacySnapshots(other.store);
    other.put({
      [manifestPath(other, legacyIds[0])]: JSON.stringify({
        ...legacy(legacyIds[0]),
        created_at: "2025-12-11T14:36:00",
      }),
    });
    expect(other.json(listed, "list").value.snapshots[2]).toMatchObject({
      status: "ok",
      created_at: "2025-12-11T14:36:00",
    });
  });
});

describe("our manifests", () => {
  const w = world({
    home: {
      "Library/LaunchAgents/com.petesbrain.mail.plist": plist("com.petesbrain.mail"),
      ".google-ads/google-ads.yaml": "t: x\n",
    },
    root: {
      ".mcp.json": "{}",
      "shared/paths.py": "p",
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/refs/heads/main": `${"a1".repeat(20)}\n`,
      "venv-google/pyvenv.cfg": "version = 3.12.12\n",
      "venv-google/bin/python3": { file: "#!/bin/sh\necho Python 3.12.12\n", mode: 0o755 },
    },
  });
  const id = w.create("Before Phase 4 migration", "pre-phase-4");
  const ours = manifestOf(w, id);

  test("hold every key of the original format, with values of the same kind", () => {
    const loosened = v.looseObject({
      ...original.entries,
      plist_files: v.array(v.looseObject(file)),
      config_files: v.array(v.looseObject(file)),
      credential_files: v.array(v.looseObject(credential)),
      git_state: v.looseObject(original.entries.git_state.entries),
      venv_metadata: v.record(v.string(), v.looseObject({ exists: v.boolean(), python_version: v.string() })),
    });
    expect(v.safeParse(loosened, ours).issues).toBeUndefined();
    // The fixtures themselves hold these keys and no others.
    for (const legacyId of legacyIds) expect(v.safeParse(original, legacy(legacyId)).issues).toBeUndefined();
  });

  test("in the original's order, before ours", () => {
    const keys = Object.keys(legacy(legacyIds[0]));
    expect(Object.keys(ours).slice(0, keys.length)).toEqual(keys);
  });

  test("mean the same: paths are absolute, the backup lies where it says, the hash is of its bytes", () => {
    for (const section of sections)
      for (const entry of ours[section]) {
        expect(entry.original).toStartWith(`${w.base}/`);
        expect(dirname(dirname(entry.backup))).toBe(join(w.store, id));
        expect(entry.hash).toBe(sha256(entry.backup));
        expect(entry.hash).toBe(sha256(entry.original));
        expect(entry.size_bytes).toBe(readFileSync(entry.backup).length);
      }
    const folders = sections.map((section) => [
      ...new Set(ours[section].map(({ backup }) => basename(dirname(backup)))),
    ]);
    expect(folders).toEqual([["plist"], ["config"], ["credentials"]]);
  });

  test("times are local and naive, as Python's isoformat() writes them", () => {
    expect(ours.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(ours.git_state.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    expect(`${ours.created_at}Z`).toBe(ours.created_at_utc);
  });

  test("git and venvs are said in its words", () => {
    expect(ours.git_state).toMatchObject({ commit: "a1".repeat(20), branch: "main" });
    expect(ours.venv_metadata).toMatchObject({ "venv-google": { exists: true, python_version: "Python 3.12.12" } });
  });

  test("are enough for a tool that knows the original keys alone to put everything back", () => {
    const before = liveTree(w);
    for (const section of sections) for (const { original: path } of ours[section]) w.put({ [path]: "changed" });
    for (const section of sections)
      for (const { original: path, backup } of ours[section]) w.put({ [path]: readFileSync(backup) });
    expect(liveTree(w)).toEqual(before);
  });
});
