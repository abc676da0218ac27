// A folder from its archive: byte for byte and mode for mode, whole or not at all.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archiveWorld, clearError, identityOf, newKey, sealedOf, zipOf } from "../archives.ts";
import { listed, unpacked } from "../contract.ts";
import { legacyIds, must, placeLegacySnapshots, readTree, type Tree, type World, world } from "../harness.ts";
import { holdLock } from "../lock-holder.ts";

const snapshotsIn = (w: World) =>
  readTree(w.store, { skip: (path) => path === "audit.jsonl" || path === ".rollback/lock" });

describe("the folder as it was", () => {
  for (const form of ["plain", "sealed"])
    test(`from a ${form} archive in the store`, () => {
      const w = archiveWorld();
      newKey(w);
      w.put({ "root/shared/secrets.py": { file: new Uint8Array([0, 255, 10, 13, 0x1a]), mode: 0o755 } });
      w.put({ "root/shared/paths.py": { link: "secrets.py" } });
      const id = w.create();
      const before = readTree(join(w.store, id));
      must(w.run("pack", id, "--move", ...(form === "sealed" ? ["--seal"] : [])));
      const { value } = w.json(unpacked, "unpack", id);
      const files = { plist: 2, config: 3, credential: 1, total: 6 };
      expect(value).toEqual({ schema: 1, ok: true, command: "unpack", id, path: join(w.store, id), files });
      expect(readTree(join(w.store, id))).toEqual(before);
      expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({
        id,
        status: "ok",
        forms: ["folder", form === "sealed" ? "zip.age" : "zip"],
      });
    });

  test("of a snapshot without credentials that is incomplete", () => {
    const unreadable = { file: "{}", mode: 0 };
    const w = world({ root: { ".mcp.json": unreadable, "shared/paths.py": "p" } }, { ordinary: true });
    const { exit, stdout } = w.run("create", "x", "--quiet");
    expect(exit).toBe(3);
    const id = stdout.trim();
    const before = readTree(join(w.store, id));
    must(w.run("pack", id, "--move"));
    must(w.run("unpack", id));
    expect(readTree(join(w.store, id))).toEqual(before);
  });

  test("of the original tool: its bytes and stored modes and times, in private folders", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    placeLegacySnapshots(w.store);
    for (const id of legacyIds) {
      const files = (tree: Tree) =>
        Object.fromEntries(
          Object.entries(tree).flatMap(([name, seen]) => {
            if (seen.kind !== "file") return [];
            const { mtime = "" } = seen;
            return [[name, name.includes("/") ? { ...seen, mtime: mtime.slice(0, 19) } : seen.bytes]];
          }),
        );
      const before = files(readTree(join(w.store, id), { mtimes: true }));
      must(w.run("pack", id, "--move"));
      expect(existsSync(join(w.store, id))).toBe(false);
      must(w.run("unpack", id));
      const after = readTree(join(w.store, id), { mtimes: true });
      expect(files(after)).toEqual(before);
      const folders = Object.values(after).filter(({ kind }) => kind === "folder");
      expect(folders.every((folder) => "mode" in folder && folder.mode === "0700")).toBe(true);
    }
    expect(must(w.run("verify")).stdout).toContain("3 snapshots verified");
  });

  test("from elsewhere, under another name, into a store that is not there yet", () => {
    const w = archiveWorld();
    newKey(w);
    const id = w.create();
    const before = readTree(join(w.store, id));
    must(w.run("pack", id));
    must(w.run("pack", id, "--seal"));
    const fresh = world({ root: { ".mcp.json": "{}" } });
    renameSync(zipOf(w, id), join(fresh.away, "from a friend.zip"));
    renameSync(sealedOf(w, id), join(fresh.away, "sealed.zip.age"));
    must(fresh.runWith({ cwd: fresh.away }, "unpack", "from a friend.zip"));
    expect(readTree(join(fresh.store, id))).toEqual(before);
    rmSync(join(fresh.store, id), { recursive: true });
    expect(clearError(fresh.run("unpack", "../away/sealed.zip.age"), 5)).toBeUndefined();
    expect(must(fresh.run("unpack", "../away/sealed.zip.age", "--identity", identityOf(w), "--quiet")).stdout).toBe(
      `${id}\n`,
    );
    expect(readTree(join(fresh.store, id))).toEqual(before);
    expect(must(fresh.run("verify", id)).exit).toBe(0);
  });
});

describe("refused, and nothing is touched", () => {
  test("where the folder is there, a file, or a link to nowhere", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    const folder = join(w.store, id);
    const refused = () => {
      const before = snapshotsIn(w);
      expect(clearError(w.run("unpack", id), 1)).toBeUndefined();
      expect(clearError(w.run("unpack", zipOf(w, id)), 1)).toBeUndefined();
      expect(snapshotsIn(w)).toEqual(before);
      rmSync(folder, { recursive: true });
    };
    writeFileSync(join(folder, "config/secrets.py"), "an edit that must not be lost");
    refused();
    mkdirSync(folder);
    const empty = snapshotsIn(w);
    expect(clearError(w.run("unpack", zipOf(w, id)), 1)).toBeUndefined();
    expect(snapshotsIn(w)).toEqual(empty);
    rmSync(folder, { recursive: true });
    w.put({ [folder]: { link: join(w.away, "planted") } });
    expect(clearError(w.run("unpack", zipOf(w, id)), 1)).toBeUndefined();
    expect(existsSync(join(w.away, "planted"))).toBe(false);
  });

  test("where there is no archive, or the words are wrong", () => {
    const w = archiveWorld();
    const id = w.create();
    const before = snapshotsIn(w);
    const wrong: [number, string[]][] = [
      [5, ["unpack", id]],
      [5, ["unpack", "19990101_000000"]],
      [5, ["unpack", "../away/none.zip"]],
      [5, ["unpack", w.store]],
      [2, ["unpack"]],
      [2, ["unpack", id, "more"]],
    ];
    for (const [exit, words] of wrong) expect([words, clearError(w.run(...words), exit)]).toEqual([words, undefined]);
    expect(snapshotsIn(w)).toEqual(before);
  });

  test("while another rollback writes, and while a restore is unfinished", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id, "--move"));
    const lock = holdLock(w.store);
    expect(clearError(w.run("unpack", id, "--lock-wait", "0"), 6)).toBeUndefined();
    lock.release();
    w.put({ [join(w.store, ".rollback/journal.ready")]: "{}" });
    expect(clearError(w.run("unpack", id), 1, 4)).toBeUndefined();
    expect(existsSync(join(w.store, id))).toBe(false);
  });
});

test("packed, unpacked and packed again: the same bytes", () => {
  const w = archiveWorld();
  const id = w.create();
  must(w.run("pack", id, "--move"));
  const first = readFileSync(zipOf(w, id));
  must(w.run("unpack", id));
  rmSync(zipOf(w, id));
  must(w.run("pack", id));
  expect(readFileSync(zipOf(w, id)).equals(first)).toBe(true);
});
