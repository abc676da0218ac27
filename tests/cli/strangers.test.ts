// Manifests and snapshots folders that somebody else has had in their hands: refused whole, before anything is touched.
import { describe, expect, test } from "bun:test";
import { chmodSync, chownSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { failed, restored } from "../contract.ts";
import { isRoot, liveTree, must, readTree, type World, world } from "../harness.ts";
import { editManifest, type LooseManifest, only } from "../manifests.ts";

const parts = {
  root: { "rollback.yaml": "configs: [first.txt, second.txt]\n", "first.txt": "1", "second.txt": "2" },
  away: { "target.txt": "not ours" },
};

/** A snapshot of two files, both edited since. */
function edited(): { w: World; id: string } {
  const w = world(parts);
  const id = w.create();
  w.put({ "root/first.txt": "edited", "root/second.txt": "edited" });
  return { w, id };
}

/** The restore of `id` is refused with exit 7, and nothing has changed, neither out there nor in the snapshot. */
function expectRefused(w: World, id: string, ...words: string[]): string {
  const live = liveTree(w);
  const stored = readTree(join(w.store, id));
  const { value, exit } = w.json(failed, "restore", id, "--force", ...words);
  expect(exit).toBe(7);
  expect(value.error.code).toBe("refused");
  expect(liveTree(w)).toEqual(live);
  expect(readTree(join(w.store, id))).toEqual(stored);
  expect(w.run("list", "--quiet").stdout.trim()).toBe(id);
  return value.error.message;
}

describe("an `original` that no restore may write", () => {
  const originals: Record<string, (w: World) => string> = {
    "above the root by ..": (w) => `${w.root}/../away/target.txt`,
    "a .. that stays inside": (w) => `${w.root}/x/../first.txt`,
    "a . in it": (w) => `${w.root}/./first.txt`,
    "an empty part": (w) => `${w.root}//first.txt`,
    "a slash at the end": (w) => `${w.root}/first.txt/`,
    "not absolute": () => "first.txt",
    empty: () => "",
    "a tilde": () => "~/first.txt",
    "a NUL": (w) => `${w.root}/first\0.txt`,
    "an escape character": (w) => `${w.root}/first\u001b[31m.txt`,
    "a DEL": (w) => `${w.root}/first\u007f.txt`,
    "in /etc": () => "/etc/rollback-test",
    "the file system's root": () => "/",
    "outside home and root": (w) => `${w.away}/target.txt`,
    "a name that begins like the root's": (w) => `${w.root}-other/first.txt`,
    "the root itself": (w) => w.root,
    "in the snapshots folder": (w) => `${w.store}/audit.jsonl`,
    "the lock": (w) => `${w.store}/.rollback/lock`,
    "the very manifest": (w) => `${w.store}/manifest.json`,
  };
  for (const [what, original] of Object.entries(originals))
    test(what, () => {
      const { w, id } = edited();
      editManifest(w, id, ({ config_files: [first] }) => {
        if (first !== undefined) first.original = original(w);
      });
      expectRefused(w, id);
      // A preview shows it, and is a preview: exit 0.
      const { exit, value } = w.json(restored, "restore", id);
      expect(exit).toBe(0);
      expect(value.summary.refused).toBe(1);
    });

  test("--allow opens a place that lies outside, and neither the snapshots folder nor what is not a plain path", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.original = `${w.store}/audit.jsonl`;
    });
    expectRefused(w, id, "--allow", "/");
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.original = `${w.root}/../away/target.txt`;
    });
    expectRefused(w, id, "--allow", "/");
  });

  test("each is named, and with --except the rest is restored", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.original = `${w.away}/target.txt`;
    });
    expect(expectRefused(w, id)).toContain(`${w.away}/target.txt`);
    must(w.run("restore", id, "--force", "--except", "target.txt"));
    expect(readTree(w.root)["second.txt"]).toMatchObject({ bytes: "2" });
    expect(readTree(w.away)["target.txt"]).toMatchObject({ bytes: "not ours" });
  });
});

describe("two files for one place", () => {
  const twins: Record<string, (w: World) => [string, string]> = {
    "the same path": (w) => [`${w.root}/first.txt`, `${w.root}/first.txt`],
    "apart in case": (w) => [`${w.root}/new.txt`, `${w.root}/NEW.txt`],
    "apart in a folder's case": (w) => [`${w.root}/new/a.txt`, `${w.root}/New/a.txt`],
    "apart in Unicode form": (w) => [`${w.root}/\u00e9.txt`, `${w.root}/e\u0301.txt`],
    "one through a link": (w) => {
      w.put({ "root/link": { link: "." } });
      return [`${w.root}/first.txt`, `${w.root}/link/first.txt`];
    },
  };
  for (const [what, paths] of Object.entries(twins))
    test(`${what}: refused where their bytes differ`, () => {
      const { w, id } = edited();
      const [a, b] = paths(w);
      editManifest(w, id, ({ config_files: [first, second] }) => {
        if (first !== undefined) first.original = a;
        if (second !== undefined) second.original = b;
      });
      expectRefused(w, id);
    });

  test("the same path with the same bytes is one file", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files }) => {
      config_files[1] = { ...only(config_files.slice(0, 1)) };
    });
    const { exit, value } = w.json(restored, "restore", id, "--force");
    expect(exit).toBe(0);
    expect(value.restored).toBe(1);
  });

  test("a file, and another below it as if it were a folder", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files: [first, second] }) => {
      if (first !== undefined) first.original = `${w.root}/new`;
      if (second !== undefined) second.original = `${w.root}/new/below`;
    });
    const live = liveTree(w);
    expect(w.run("restore", id, "--force").exit).not.toBe(0);
    expect(liveTree(w)).toEqual(live);
    expect(w.run("recover").stdout).toContain("Nothing to recover");
  });
});

describe("a `backup` that leads out", () => {
  const backups: Record<string, (folder: string) => string> = {
    "another folder of the snapshot": () => "credentials/first.txt",
    "no folder": () => "first.txt",
    "a folder of another name": () => "other/first.txt",
    "its last part is ..": () => "config/..",
    "its last part is .": () => "config/.",
    "its last part is empty": () => "config/",
    empty: () => "",
    "a NUL": () => "config/first\0.txt",
  };
  for (const [what, backup] of Object.entries(backups))
    test(`${what}: the whole manifest is refused`, () => {
      const { w, id } = edited();
      editManifest(w, id, ({ config_files: [first] }) => {
        if (first !== undefined) first.backup = backup(join(w.store, id));
      });
      expectRefused(w, id);
    });

  test("only its last two parts count: an absolute path elsewhere is never followed", () => {
    const { w, id } = edited();
    w.put({ "away/config/first.txt": "a stranger's bytes" });
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.backup = `${w.away}/config/first.txt`;
    });
    must(w.run("restore", id, "--force"));
    expect(readTree(w.root)["first.txt"]).toMatchObject({ bytes: "1" });
  });
});

describe("links inside a snapshot", () => {
  test("in a stored file's place: refused, not followed", () => {
    const { w, id } = edited();
    const path = join(w.store, id, "config/first.txt");
    renameSync(path, join(w.away, "moved"));
    symlinkSync(join(w.away, "moved"), path);
    expectRefused(w, id);
  });

  test("in a folder's place", () => {
    const { w, id } = edited();
    const path = join(w.store, id, "config");
    renameSync(path, join(w.away, "moved"));
    symlinkSync(join(w.away, "moved"), path);
    expectRefused(w, id);
  });

  test("in the manifest's place: it can't be used", () => {
    const { w, id } = edited();
    const path = join(w.store, id, "manifest.json");
    renameSync(path, join(w.away, "moved"));
    symlinkSync(join(w.away, "moved"), path);
    expect(w.run("restore", id, "--force").exit).toBe(4);
    expect(readTree(w.root)["first.txt"]).toMatchObject({ bytes: "edited" });
  });

  test("a recorded link that leads out of home and root", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.symlink = "../away/target.txt";
    });
    expectRefused(w, id);
  });

  test("a recorded link that leads into the snapshots folder", () => {
    const { w, id } = edited();
    editManifest(w, id, ({ config_files: [first] }) => {
      if (first !== undefined) first.symlink = "infrastructure/rollback-snapshots/audit.jsonl";
    });
    expectRefused(w, id);
  });

  test("a recorded link with a NUL or control characters in it", () => {
    for (const target of ["a\0b", "a\u001b[31mb"]) {
      const { w, id } = edited();
      editManifest(w, id, ({ config_files: [first] }) => {
        if (first !== undefined) first.symlink = target;
      });
      expectRefused(w, id);
    }
  });
});

describe("a snapshots folder that others may have written to", () => {
  const writable = (w: World, path: string, mode: number) => chmodSync(join(w.store, path), mode);
  const places = (id: string) => [
    "",
    ".rollback",
    ".rollback/lock",
    id,
    `${id}/manifest.json`,
    `${id}/config`,
    `${id}/plist`,
  ];
  for (const [index, name] of places("ID").entries())
    test(`${name === "" ? "the folder itself" : name} with write permission for the group, or for all`, () => {
      for (const mode of [0o770, 0o707]) {
        const { w, id } = edited();
        const path = places(id)[index] ?? "";
        writable(w, path, mode);
        const message = expectRefused(w, id);
        expect(message).toContain("others can write to it");
        // What it says mends it.
        const { error } = w.json(failed, "restore", id, "--force").value;
        Bun.spawnSync(["/bin/sh", "-c", error.hint.slice(error.hint.indexOf("chmod"))]);
        must(w.run("restore", id, "--force"));
      }
    });

  test("also where the snapshots folder is a link to it", () => {
    const { w, id } = edited();
    renameSync(w.store, join(w.away, "real"));
    symlinkSync(join(w.away, "real"), w.store);
    chmodSync(join(w.away, "real"), 0o777);
    const live = readTree(w.root);
    expect(w.run("restore", id, "--force").exit).toBe(7);
    expect(readTree(w.root)).toEqual(live);
  });

  test("also where the snapshot's own folder is a link to such a one", () => {
    const { w, id } = edited();
    renameSync(join(w.store, id), join(w.away, "real"));
    symlinkSync(join(w.away, "real"), join(w.store, id));
    chmodSync(join(w.away, "real"), 0o777);
    const live = readTree(w.root);
    expect(w.run("restore", id, "--force").exit).toBe(7);
    expect(readTree(w.root)).toEqual(live);
  });

  test("a preview still works", () => {
    const { w, id } = edited();
    writable(w, "", 0o777);
    expect(w.run("restore", id).exit).toBe(0);
  });

  test("one that belongs to somebody else", () => {
    const { w, id } = edited();
    if (isRoot) {
      for (const path of ["", id, `${id}/manifest.json`]) {
        chownSync(join(w.store, path), 65534, 65534);
        const message = expectRefused(w, id);
        expect(message).toContain("it belongs to another user (uid 65534)");
        chownSync(join(w.store, path), 0, 0);
      }
    } else {
      const { exit, stderr } = w.run("restore", join(w.store, id), "--snapshots", "/", "--force");
      expect(exit).toBe(7);
      expect(stderr).toContain("it belongs to another user (uid 0)");
    }
  });
});

test("a description and names with control characters reach the screen as words", () => {
  const { w, id } = edited();
  editManifest(w, id, (manifest: LooseManifest) => {
    manifest.description = "\u001b]0;owned\u0007\u001b[2J";
    manifest.category = "\u001b[31m";
  });
  for (const words of [["list"], ["show", id], ["restore", id], ["latest"], ["verify"]]) {
    const { stdout, stderr } = w.run(...words);
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
});
