// Every command that takes a REF takes an archive: in the store, elsewhere, plain or sealed, by any path.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archiveWorld, clearError, identityOf, newKey, SECRET, sealedOf, shell, zipOf } from "../archives.ts";
import { binFolder } from "../binary.ts";
import { listed, restored, shown, verified } from "../contract.ts";
import { liveTree, must, readTree, type World } from "../harness.ts";

interface Place {
  name: string;
  /** Puts the archive there, as the only form of the snapshot; the words that name it. */
  put(w: World, id: string): string[];
}

const move = (from: string, to: string) => {
  renameSync(from, to);
  return to;
};
const PLACES: Place[] = [
  { name: "the id of a .zip", put: (_, id) => [id] },
  { name: "the id of a .zip.age", put: (_, id) => [id] },
  { name: "a .zip elsewhere, by its absolute path", put: (w, id) => [move(zipOf(w, id), join(w.away, "a b.zip"))] },
  {
    name: "a .zip.age elsewhere, by a relative path",
    put(w, id) {
      move(sealedOf(w, id), join(w.away, `${id}.zip.age`));
      return [`../away/${id}.zip.age`];
    },
  },
  {
    name: "a .zip in the current folder",
    put(w, id) {
      move(zipOf(w, id), join(w.root, `${id}.zip`));
      return [`${id}.zip`];
    },
  },
  {
    name: "a .zip.age in the current folder",
    put(w, id) {
      move(sealedOf(w, id), join(w.root, `${id}.zip.age`));
      return [`${id}.zip.age`];
    },
  },
  {
    name: "a .zip.age and an identity elsewhere",
    put: (w, id) => [sealedOf(w, id), "--identity", move(identityOf(w), join(w.away, "key.txt"))],
  },
];

for (const { name, put } of PLACES)
  describe(name, () => {
    const w = archiveWorld();
    newKey(w);
    const id = w.create();
    const manifest: unknown = JSON.parse(readFileSync(join(w.store, id, "manifest.json"), "utf8"));
    w.put({ "root/.mcp.json": "{}", "home/.google-ads/google-ads.yaml": { file: "changed", mode: 0o600 } });
    rmSync(join(w.home, "Library/LaunchAgents/com.petesbrain.a.plist"));
    const byFolder = w.json(restored, "restore", id).value;
    must(w.run("pack", id, "--move", ...(name.includes(".age") ? ["--seal"] : [])));
    const words = put(w, id);

    test("show", () => {
      const { value } = w.json(shown, "show", ...words);
      expect(value.manifest).toEqual(manifest as typeof value.manifest);
      expect(value.forms).toEqual([name.includes(".age") ? "zip.age" : "zip"]);
      expect(must(w.run("show", ...words)).stdout).toContain("~/.google-ads/google-ads.yaml");
    });

    test("verify", () => {
      const { value } = w.json(verified, "verify", ...words);
      expect(value.snapshots).toMatchObject([{ status: "ok", files_checked: 5, problems: [] }]);
    });

    test("the preview is the folder's, and leaves everything as it is", () => {
      const before = readTree(w.base, { mtimes: true });
      const { value } = w.json(restored, "restore", ...words);
      expect(value.changes).toEqual(byFolder.changes);
      expect(value.summary).toMatchObject({ create: 1, modify: 2, unchanged: 2 });
      expect(readTree(w.base, { mtimes: true })).toEqual(before);
    });

    test("the command that the preview ends with does it", async () => {
      const next =
        must(w.run("restore", ...words))
          .stdout.trimEnd()
          .split("\n")
          .at(-1) ?? "";
      expect(next).toEndWith(" --force");
      const ran = await shell(w, next, { env: { PATH: `${binFolder}:/usr/bin:/bin` } });
      expect({ exit: ran.exit, stderr: ran.stderr.replace(/^⚠️ .*\n/gm, "") }).toEqual({ exit: 0, stderr: "" });
      expect(ran.stdout).toContain("✅ Restored 3 files");
      expect(readFileSync(join(w.home, ".google-ads/google-ads.yaml"), "utf8")).toContain(SECRET);
      expect(w.json(restored, "restore", ...words).value.summary).toMatchObject({ unchanged: 5, modify: 0, create: 0 });
    });
  });

describe("restore --force from an archive", () => {
  for (const form of ["zip", "zip.age"])
    test(`.${form}: every file, mode and time as it was; what was there stands in the auto-backup; no plain copy stays`, () => {
      const w = archiveWorld();
      newKey(w);
      const id = w.create();
      must(w.run("pack", id, "--move", ...(form === "zip" ? [] : ["--seal"])));
      const before = liveTree(w, { mtimes: true });
      const files = (tree: typeof before) =>
        Object.fromEntries(Object.entries(tree).filter(([, { kind }]) => kind !== "folder"));
      w.put({ "root/shared/secrets.py": "KEY = 'edited'\n", "home/.google-ads/google-ads.yaml": "edited" });
      rmSync(join(w.home, "Library/LaunchAgents/com.petesbrain.a.plist"));
      const TMPDIR = join(w.away, "tmp");
      mkdirSync(TMPDIR);
      const ran = must(w.runWith({ env: { TMPDIR } }, "restore", id, "--force", "--json"));
      const value = JSON.parse(ran.stdout);
      expect(value).toMatchObject({ ok: true, id, restored: 3 });
      const after = liveTree(w, { mtimes: true });
      expect(files(after)).toEqual(files(before));
      expect(Object.keys(readTree(TMPDIR))).toEqual([""]);
      const backup = readTree(join(w.store, value.auto_backup));
      expect(backup["config/secrets.py"]).toMatchObject({ bytes: "KEY = 'edited'\n" });
      const plain = Object.entries(readTree(w.store)).flatMap(([path, item]) =>
        item.kind === "file" && item.bytes.includes(SECRET) && !path.endsWith(".zip") ? [path] : [],
      );
      expect(plain).toEqual([]);
      expect(existsSync(join(w.store, id))).toBe(false);
    });

  test("--only chooses in it as in a folder", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id, "--move"));
    w.put({ "root/shared/secrets.py": "edited", "root/.mcp.json": "edited" });
    const { value } = w.json(restored, "restore", id, "--only", "secrets.py", "--force");
    expect(value).toMatchObject({ restored: 1 });
    expect(readFileSync(join(w.root, ".mcp.json"), "utf8")).toBe("edited");
  });

  test("a damaged one restores nothing, not even what is sound in it", () => {
    const w = archiveWorld();
    const id = w.create();
    w.create("another with the same bytes");
    must(w.run("pack", id, "--move"));
    const bytes = readFileSync(zipOf(w, id));
    bytes.writeUInt8(1, bytes.indexOf(SECRET));
    writeFileSync(zipOf(w, id), bytes);
    w.put({ "root/shared/secrets.py": "edited", "root/.mcp.json": "edited" });
    const before = readTree(w.base, { skip: (path) => path.endsWith(".rollback/lock") });
    for (const more of [[], ["--keep-going"]])
      expect(clearError(w.run("restore", id, "--force", ...more), 4)).toBeUndefined();
    expect(readTree(w.base, { skip: (path) => path.endsWith(".rollback/lock") })).toEqual(before);
  });
});

describe("list", () => {
  test("tells the forms, in JSON and in words", () => {
    const w = archiveWorld();
    newKey(w);
    const ids = ["folder", "both", "zip alone", "sealed alone"].map((description) => w.create(description));
    const [, both = "", zip = "", sealed = ""] = ids;
    must(w.run("pack", both));
    must(w.run("pack", both, "--seal"));
    must(w.run("pack", zip, "--move"));
    must(w.run("pack", sealed, "--seal", "--move"));
    const rows = w.json(listed, "list").value.snapshots;
    expect(rows.map(({ id, forms, status, description }) => [id, forms, status, description])).toEqual([
      [sealed, ["zip.age"], "sealed", null],
      [zip, ["zip"], "ok", "zip alone"],
      [both, ["folder", "zip", "zip.age"], "ok", "both"],
      [ids[0] ?? "", ["folder"], "ok", "folder"],
    ]);
    const { stdout } = w.run("list");
    const row = (id: string) => stdout.slice(stdout.indexOf(id)).split("\n\n")[0] ?? "";
    expect(row(sealed)).toContain("Sealed");
    expect(row(both)).toMatch(/zip/);
    expect(row(zip)).toMatch(/zip/);
    expect(row(ids[0] ?? "")).not.toMatch(/zip/);
  });

  test("of an archive that is none says damaged, and the others are listed", () => {
    const w = archiveWorld();
    const id = w.create();
    w.put({ [zipOf(w, "20200101_000000")]: "no archive" });
    const rows = w.json(listed, "list").value.snapshots;
    expect(rows.map((row) => [row.id, row.status])).toEqual([
      [id, "ok"],
      ["20200101_000000", "damaged"],
    ]);
    expect(must(w.run("list")).stdout).not.toMatch(/^\s+at /m);
  });

  test("a new snapshot's id is none that an archive has", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id, "--move"));
    expect(w.create("in the same second") > id).toBe(true);
  });

  test("latest and latest:CATEGORY find snapshots that are archives", () => {
    const w = archiveWorld();
    newKey(w);
    const old = w.create("old", "special");
    const id = w.create();
    must(w.run("pack", "--all", "--move"));
    expect(must(w.run("latest", "--quiet")).stdout).toBe(`${id}\n`);
    expect(w.json(shown, "show", "latest:special").value.id).toBe(old);
    expect(w.json(shown, "show", old.slice(0, 15)).value.id).toBe(old);
  });
});

describe("verify looks at every form", () => {
  const world = () => {
    const w = archiveWorld();
    newKey(w);
    const id = w.create();
    must(w.run("pack", id));
    must(w.run("pack", id, "--seal"));
    return { w, id };
  };
  const damage = (path: string) => {
    const bytes = readFileSync(path);
    bytes.writeUInt8((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1);
    writeFileSync(path, bytes);
  };

  for (const form of ["zip", "zip.age"])
    test(`a damaged .${form} beside a sound folder is damage, and named`, () => {
      const { w, id } = world();
      expect(must(w.run("verify")).exit).toBe(0);
      damage(join(w.store, `${id}.${form}`));
      for (const words of [["verify"], ["verify", id], ["verify", id, "--heal"]]) {
        const { exit, value } = w.json(verified, ...words);
        expect(exit).toBe(4);
        expect(value.snapshots[0]?.status).toBe("damaged");
        expect(value.snapshots[0]?.problems.map(({ path }) => path.startsWith(`${id}.${form}`))).toEqual([true]);
      }
      // The folder is what a restore takes: that is sound.
      expect(must(w.run("restore", id)).exit).toBe(0);
    });

  test("another snapshot's archive under this one's name is not taken for it", () => {
    const { w, id } = world();
    const other = w.create("another");
    must(w.run("pack", other, "--move"));
    renameSync(zipOf(w, other), zipOf(w, id));
    expect(w.run("verify", id).exit).toBe(4);
  });

  test("--heal mends the folder, never an archive", () => {
    const { w, id } = world();
    w.create("another with the same bytes");
    writeFileSync(join(w.store, id, "config/secrets.py"), "damaged");
    const before = readFileSync(zipOf(w, id));
    expect(w.json(verified, "verify", id, "--heal").value.snapshots[0]).toMatchObject({ status: "ok" });
    expect(readFileSync(zipOf(w, id)).equals(before)).toBe(true);
  });
});

test("REFs that are not archives: not found, whatever they end in", () => {
  const w = archiveWorld();
  w.create();
  w.put({ "away/folder.zip": { folder: 0o755 }, "away/text.txt": "x", "away/gone.zip": { link: "nowhere.zip" } });
  for (const ref of [
    "../away/none.zip",
    "../away/folder.zip",
    "../away/text.txt",
    "../away/gone.zip",
    ".zip",
    ".zip.age",
  ])
    for (const command of ["show", "verify", "restore", "unpack"])
      expect([ref, command, clearError(w.run(command, ref), 5)]).toEqual([ref, command, undefined]);
});

test("an archive that may not be read is not a damaged one: it says so", () => {
  const w = archiveWorld({ ordinary: true });
  const id = w.create();
  must(w.run("pack", id, "--move"));
  w.put({ "away/locked.zip": { file: readFileSync(zipOf(w, id)), mode: 0 } });
  for (const command of ["show", "restore", "unpack"]) {
    const ran = w.run(command, "../away/locked.zip");
    expect([command, clearError(ran, 1)]).toEqual([command, undefined]);
    expect(ran.stderr).toContain("permission denied");
  }
});
