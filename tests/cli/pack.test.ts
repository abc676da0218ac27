// Plain archives: the same bytes everywhere, readable by unzip and shasum, enough to get everything back by hand.
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { archiveWorld, clearError, LACKS, SECRET, sh, shell, zipOf } from "../archives.ts";
import { binary } from "../binary.ts";
import { packed, verified } from "../contract.ts";
import { GOLDEN, placeGolden } from "../golden.ts";
import {
  lacks,
  liveTree,
  modeOf,
  must,
  placeLegacySnapshots,
  plist,
  readTree,
  type Tree,
  type World,
  world,
} from "../harness.ts";
import { holdLock } from "../lock-holder.ts";

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
/** The store but for what a writer notes in it. */
const stored = (w: World) => readTree(w.store, { skip: (path) => path === "audit.jsonl" || path === ".rollback/lock" });
const filesOf = (tree: Tree) => Object.fromEntries(Object.entries(tree).filter(([, { kind }]) => kind !== "folder"));
/** A byte of the secret in an archive that stores it as it is becomes another. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(SECRET);
  if (at < 0) throw new Error("the archive does not hold the secret as it is");
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}

describe("the same snapshot gives the same bytes", () => {
  test("again, and in another time zone", () => {
    const w = archiveWorld();
    const id = w.create();
    const pack = (TZ: string) => {
      must(w.runWith({ env: { TZ } }, "pack", id));
      const hash = sha256(zipOf(w, id));
      rmSync(zipOf(w, id));
      return hash;
    };
    const first = pack("UTC");
    for (const zone of ["UTC", "Pacific/Auckland", "America/St_Johns"]) expect(pack(zone)).toBe(first);
  });

  // New York and Berlin skip an hour that two of the files were written in.
  test.each(["UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"])("the golden hash: %s", (TZ) => {
    const w = world();
    placeGolden(w.store);
    must(w.runWith({ env: { TZ } }, "pack", GOLDEN.id));
    expect(sha256(zipOf(w, GOLDEN.id))).toBe(GOLDEN.sha256);
  });

  test("from a copy that has kept no times and modes, in another store", () => {
    const w = archiveWorld();
    const id = w.create();
    const other = world({ root: { ".mcp.json": "{}" } });
    mkdirSync(other.store, { recursive: true, mode: 0o700 });
    cpSync(join(w.store, id), join(other.store, id), { recursive: true });
    for (const name of Object.keys(readTree(join(other.store, id))))
      utimesSync(join(other.store, id, name), new Date(0), new Date(0));
    must(w.run("pack", id));
    must(other.run("pack", id));
    expect(readFileSync(zipOf(other, id)).equals(readFileSync(zipOf(w, id)))).toBe(true);
  });

  test("also of the original tool, as long as the copy keeps the times", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    placeLegacySnapshots(w.store);
    const other = world({ root: { ".mcp.json": "{}" } });
    cpSync(w.store, other.store, { recursive: true, preserveTimestamps: true });
    const id = "20251211_143600";
    must(w.run("pack", id));
    must(other.runWith({ env: { TZ: "Asia/Kolkata" } }, "pack", id));
    expect(sha256(zipOf(other, id))).toBe(sha256(zipOf(w, id)));
  });
});

describe.skipIf(LACKS.unzip)("for unzip (needs unzip)", () => {
  test("every entry has its mode and its time", async () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    const listing = await sh(w, `TZ=UTC unzip -Z -T '${zipOf(w, id)}'`);
    const rows = [...listing.matchAll(/^([-d][rwx-]{9}) .* (\d{8}\.\d{6}) (.*)$/gm)].map(([, mode, time, name]) =>
      [mode, name?.includes("/") && /plist\/|config\/.|credentials\/./.test(name ?? "") ? time : "", name].join(" "),
    );
    expect(rows.filter((row) => !row.startsWith("d"))).toEqual([
      `-rw-------  ${id}/manifest.json`,
      `-rw-------  ${id}/CREDENTIAL-MANIFEST.md`,
      `-rw------- 20250601.120000 ${id}/config/mcp.json`,
      `-rw------- 20250601.120002 ${id}/config/secrets.py`,
      `-rw------- 20250101.000000 ${id}/credentials/home_.google-ads_google-ads.yaml`,
      `-rw------- 20250330.013000 ${id}/plist/com.petesbrain.a.plist`,
      `-rw------- 20240229.235959 ${id}/plist/com.petesbrain.it's $HOME.plist`,
      `-rw-------  ${id}/SHA256SUMS`,
      `-rw-------  ${id}/RESTORE.txt`,
    ]);
    const folders = rows.filter((row) => row.startsWith("d")).map((row) => row.split(" ")[0]);
    expect(folders).toEqual(["drwx------", "drwx------", "drwx------", "drwx------"]);
    expect(modeOf(zipOf(w, id))).toBe("0600");
  });

  for (const sums of ["sha256sum -c --strict", "shasum -a 256 -c"])
    test.skipIf(lacks(sums.split(" ")[0] ?? ""))(`SHA256SUMS counts every file, for ${sums} (needs that)`, async () => {
      const w = archiveWorld();
      const id = w.create();
      must(w.run("pack", id));
      await sh(w, `unzip -tqq '${zipOf(w, id)}' && unzip -qq '${zipOf(w, id)}'`, { cwd: w.away });
      const folder = join(w.away, id);
      const said = await sh(w, `${sums} SHA256SUMS`, { cwd: folder });
      const names = Object.keys(filesOf(readTree(folder)));
      const counted = said.match(/: OK$/gm)?.length;
      // All but SHA256SUMS and RESTORE.txt.
      expect(counted).toBe(names.length - 2);
      const plain = join(folder, "config/secrets.py");
      writeFileSync(plain, "changed");
      expect((await shell(w, `${sums} SHA256SUMS`, { cwd: folder })).exit).not.toBe(0);
    });

  /** Unpacks with unzip, takes everything away, and runs the lines of RESTORE.txt by sh. */
  async function byHand(w: World, id: string): Promise<void> {
    await sh(w, `unzip -qq '${zipOf(w, id)}' -d '${w.base}/paper'`);
    const folder = join(w.base, "paper", id);
    const guide = readFileSync(join(folder, "RESTORE.txt"), "utf8");
    const lines = guide.slice(guide.indexOf("\n\nmkdir -p ") + 2);
    expect(lines.startsWith("mkdir -p ")).toBe(true);
    const { exit, stderr } = await shell(w, `set -eu\n${lines}`, { cwd: folder });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    rmSync(join(w.base, "paper"), { recursive: true });
  }

  test("the lines of RESTORE.txt, run by sh, give everything back to an empty home", async () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    const before = filesOf(liveTree(w, { mtimes: true }));
    for (const name of readdirSync(w.home)) rmSync(join(w.home, name), { recursive: true });
    for (const name of [".mcp.json", "shared"]) rmSync(join(w.root, name), { recursive: true });
    expect(filesOf(liveTree(w))).toEqual({});
    await byHand(w, id);
    expect(filesOf(liveTree(w, { mtimes: true }))).toEqual(before);
  });

  test("and overwrite what was changed, links and all", async () => {
    const w = archiveWorld();
    w.put({ "root/lib/paths of ours.py": "P = 1\n", "root/shared/paths.py": { link: "../lib/paths of ours.py" } });
    const id = w.create();
    must(w.run("pack", id));
    const before = filesOf(liveTree(w));
    w.put({ "root/lib/paths of ours.py": "changed", "root/shared/secrets.py": { file: "changed", mode: 0o600 } });
    await byHand(w, id);
    expect(filesOf(liveTree(w))).toEqual(before);
  });

  test("a file behind a link comes back where both are gone", async () => {
    const w = archiveWorld();
    w.put({ "root/lib/paths.py": "P = 1\n", "root/shared/paths.py": { link: "../lib/paths.py" } });
    const id = w.create();
    must(w.run("pack", id));
    for (const name of [".mcp.json", "shared", "lib"]) rmSync(join(w.root, name), { recursive: true });
    await byHand(w, id);
    expect(readFileSync(join(w.root, "shared/paths.py"), "utf8")).toBe("P = 1\n");
  });

  test("of the original tool's snapshots the stored modes and times are kept", async () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    placeLegacySnapshots(w.store);
    const id = "20251211_143600";
    const before = readTree(join(w.store, id), { mtimes: true });
    must(w.run("pack", id));
    await sh(w, `unzip -qq '${zipOf(w, id)}' -d '${w.away}'`);
    const after = readTree(join(w.away, id), { mtimes: true });
    const seconds = (tree: Tree) =>
      Object.fromEntries(
        Object.entries(tree)
          .filter(([name, { kind }]) => kind === "file" && name.includes("/"))
          .map(([name, seen]) => [
            name,
            seen.kind === "file" ? { ...seen, mtime: `${seen.mtime?.slice(0, 19)}` } : seen,
          ]),
      );
    expect(seconds(after)).toEqual(seconds(before));
  });
});

describe("--move", () => {
  test("removes the folder, and the archive is the snapshot from then on", () => {
    const w = archiveWorld();
    const id = w.create();
    const { value } = w.json(packed, "pack", id, "--move");
    const path = zipOf(w, id);
    expect(value.packed).toEqual([{ id, path, size_bytes: statSync(path).size, written: true, moved: true }]);
    expect(existsSync(join(w.store, id))).toBe(false);
    expect(readdirSync(join(w.store, ".rollback"))).not.toContain("staging");
    expect(w.json(verified, "verify", id).value.snapshots).toMatchObject([{ id, status: "ok", files_checked: 5 }]);
    expect(clearError(w.run("pack", id), 5)).toBeUndefined();
  });

  test("keeps the folder where the archive beside it is not whole", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    damage(zipOf(w, id));
    const before = stored(w);
    expect(clearError(w.run("pack", id, "--move"), 4)).toBeUndefined();
    expect(stored(w)).toEqual(before);
  });

  test("removes nothing that the archive does not hold", () => {
    const w = archiveWorld();
    const id = w.create();
    w.put({ [join(w.store, id, "config/notes.txt")]: "what I must not forget" });
    w.run("pack", id, "--move");
    const kept = Object.values(readTree(w.store)).some(
      (item) => item.kind === "file" && item.bytes.includes("what I must not forget"),
    );
    expect(kept).toBe(true);
  });

  test("of all: every folder goes, also where the archive was there already", () => {
    const w = archiveWorld();
    const first = w.create();
    const second = w.create("another");
    must(w.run("pack", first));
    must(w.run("pack", "--all", "--move"));
    expect([first, second].filter((id) => existsSync(join(w.store, id)))).toEqual([]);
    expect(must(w.run("verify")).exit).toBe(0);
  });
});

describe("a snapshot that is damaged is not packed, and nothing is left", () => {
  const file = "config/secrets.py";
  const cases: [string, (path: string) => void][] = [
    ["a changed byte", (path) => writeFileSync(path, `KEY = '${SECRET.toLowerCase()}'\n`)],
    ["a file that is gone", (path) => rmSync(path)],
    [
      "a link in a file's place",
      (path) => {
        renameSync(path, join(path, "../../../elsewhere.py"));
        symlinkSync("../../../elsewhere.py", path);
      },
    ],
  ];
  for (const [what, change] of cases)
    for (const form of ["plain", "sealed"])
      test(`${what}, ${form}`, () => {
        const w = archiveWorld();
        const id = w.create();
        if (form === "sealed") must(w.run("key", "new"));
        change(join(w.store, id, file));
        const before = stored(w);
        const ran = w.run("pack", id, "--move", ...(form === "sealed" ? ["--seal"] : []));
        expect(clearError(ran, 4)).toBeUndefined();
        expect(ran.stderr).toContain(file);
        expect(stored(w)).toEqual(before);
      });
});

describe("what stands at the target already", () => {
  test("the same snapshot, whole: it stays as it is", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    const before = statSync(zipOf(w, id), { bigint: true });
    const { value } = w.json(packed, "pack", id);
    expect(value.packed[0]).toMatchObject({ written: false, moved: false });
    const after = statSync(zipOf(w, id), { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  test("the same snapshot, damaged: not taken for whole, not overwritten", () => {
    const w = archiveWorld();
    const id = w.create();
    must(w.run("pack", id));
    damage(zipOf(w, id));
    const before = stored(w);
    expect(clearError(w.run("pack", id), 4)).toBeUndefined();
    expect(stored(w)).toEqual(before);
  });

  test("another snapshot, no archive at all, a folder: an error, and it stays", () => {
    const w = archiveWorld();
    const [id, other] = [w.create(), w.create("another")];
    must(w.run("pack", other));
    const expectKept = (...exits: number[]) => {
      const before = stored(w);
      expect(clearError(w.run("pack", id), ...exits)).toBeUndefined();
      expect(stored(w)).toEqual(before);
      rmSync(zipOf(w, id), { recursive: true });
    };
    copyFileSync(zipOf(w, other), zipOf(w, id));
    expectKept(4);
    writeFileSync(zipOf(w, id), "no archive");
    expectKept(4);
    mkdirSync(zipOf(w, id));
    expectKept(1, 4);
  });
});

test("--all packs what has no archive of that form yet, and says when nothing is left", () => {
  const w = archiveWorld();
  const ids = [w.create("one"), w.create("two"), w.create("three")].reverse();
  must(w.run("pack", ids[1] ?? ""));
  expect(w.json(packed, "pack", "--all").value.packed.map(({ id }) => id)).toEqual([ids[0] ?? "", ids[2] ?? ""]);
  expect(must(w.run("pack", "--all")).stdout).toBe("✅ Every snapshot is packed already\n");
  must(w.run("key", "new"));
  expect(w.json(packed, "pack", "--all", "--seal").value.packed.map(({ id }) => id)).toEqual(ids);
  expect(must(w.run("pack", "--all", "--seal", "--quiet")).stdout).toBe("");
});

test("wrong words pack nothing", () => {
  const w = archiveWorld();
  const id = w.create();
  const before = stored(w);
  const wrong: [number, string[]][] = [
    [2, ["pack"]],
    [2, ["pack", id, "--all"]],
    [2, ["pack", id, "--recipient", "age1abc"]],
    [2, ["pack", id, "--seal", "--recipient", "age1abc"]],
    [2, ["pack", id, "--seal", "--recipient", ""]],
    [2, ["pack", id, "--passphrase", "x"]],
    [5, ["pack", "19990101_000000"]],
    [5, ["pack", id, "--seal"]],
  ];
  for (const [exit, words] of wrong) expect([words, clearError(w.run(...words), exit)]).toEqual([words, undefined]);
  const lock = holdLock(w.store);
  expect(clearError(w.run("pack", id, "--lock-wait", "0"), 6)).toBeUndefined();
  lock.release();
  expect(stored(w)).toEqual(before);
});

test("a user who is not root packs and unpacks, too", () => {
  const w = archiveWorld({ ordinary: true });
  const id = w.create();
  const before = readTree(join(w.store, id));
  must(w.run("pack", id, "--move"));
  must(w.run("unpack", id));
  expect(readTree(join(w.store, id))).toEqual(before);
});

test("a store that can't be written to: one error, and nothing changes", () => {
  const w = archiveWorld({ ordinary: true });
  const id = w.create();
  w.put({ [w.store]: { folder: 0o500 } });
  const before = stored(w);
  expect(clearError(w.run("pack", id), 1)).toBeUndefined();
  expect(stored(w)).toEqual(before);
});

test("no secret is shown, whatever comes of it", () => {
  const w = archiveWorld();
  w.put({ "root/shared/secrets.py": `KEY = '${SECRET}' '${SECRET}'\n` });
  const id = w.create();
  must(w.run("key", "new"));
  const silent = (...words: string[]) => {
    for (const manner of [[], ["--json"], ["--quiet"]]) {
      const { stdout, stderr } = w.run(...words, ...manner);
      expect(stdout + stderr).not.toContain(SECRET);
    }
  };
  for (const words of [
    ["pack", id],
    ["pack", id, "--seal"],
    ["unpack", id],
  ])
    silent(...words);
  writeFileSync(join(w.store, id, "config/secrets.py"), `KEY = '${SECRET}!'`);
  silent("pack", id);
  rmSync(join(w.store, id), { recursive: true });
  for (const words of [
    ["show", id],
    ["verify", id],
    ["restore", id],
    ["unpack", id],
  ])
    silent(...words);
  expect(readFileSync(join(w.store, "audit.jsonl"), "utf8")).not.toContain(SECRET);
});

describe("a file of 300 MB", () => {
  const BOUND = 250 << 20;
  const SIZE = 300 << 20;
  const w = world({
    home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a") },
    root: { "rollback.yaml": "configs: [big.bin]\ncredentials: {files: [], mcp: []}\nvenvs: []\n" },
  });
  const fd = openSync(join(w.root, "big.bin"), "w");
  const noise = crypto.getRandomValues(new Uint8Array(65536));
  for (let at = 0; at < SIZE; at += 16 << 20) writeSync(fd, noise, 0, noise.length, at);
  ftruncateSync(fd, SIZE);
  const id = w.create();
  rmSync(join(w.root, "big.bin"));

  // A process begins with the peak of the one that started it, and this one is large: a small one stands between.
  const MEASURE = `
    const child = Bun.spawn(process.argv.slice(1), { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
    const exit = await child.exited;
    console.log(JSON.stringify({ exit, peak: child.resourceUsage().maxRSS }));`;

  /** Peak memory in bytes. */
  async function peak(...words: string[]): Promise<number> {
    const child = w.start([process.execPath, "-e", MEASURE, binary, ...words]);
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(stderr).toBe("");
    const measured = v.parse(v.object({ exit: v.literal(0), peak: v.number() }), JSON.parse(stdout));
    return measured.peak;
  }

  test("packs, seals, verifies and unpacks in flat memory", async () => {
    must(w.run("key", "new"));
    const peaks = {
      pack: await peak("pack", id),
      verify: await peak("verify", id),
      seal: await peak("pack", id, "--seal", "--move"),
      unpack: await peak("unpack", id),
    };
    for (const [what, bytes] of Object.entries(peaks)) {
      expect([what, bytes < BOUND]).toEqual([what, true]);
      // What can't be right is not a measurement.
      expect(bytes).toBeGreaterThan(10 << 20);
    }
    expect(must(w.run("verify", id)).exit).toBe(0);
  }, 60_000);
});
