// prune: the preview and what --force does with it.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aged, DAY } from "../aged.ts";
import { newKey, sealedOf, zipOf } from "../archives.ts";
import { binary } from "../binary.ts";
import { failed, pruned } from "../contract.ts";
import { needing } from "../crash/tracing.ts";
import { liveTree, must, placeLegacySnapshots, readTree, type World, world } from "../harness.ts";
import { holdLock } from "../lock-holder.ts";
import { inTmpfs, tmpfsMissing } from "../tmpfs.ts";

const small = (config?: string) =>
  world({
    root: { "shared/paths.py": "p\n", ".mcp.json": "{}", ...(config === undefined ? {} : { "rollback.yaml": config }) },
  });
const ids = (w: World) => w.run("list", "--all", "--quiet").stdout.trim().split("\n");
const goes = (w: World, ...words: string[]) =>
  w
    .json(pruned, "prune", ...words)
    .value.snapshots.filter(({ keep }) => !keep)
    .map(({ id }) => id);
/** The store but for the lock, which any writer touches. */
const storeTree = (w: World) => readTree(w.store, { mtimes: true, skip: (path) => path === ".rollback/lock" });

/** One of today and one of each of the days before, newest first. */
function daily(w: World, count: number, category = "manual"): string[] {
  const newest = w.create("today", category);
  return [newest, ...Array.from({ length: count - 1 }, (_, n) => aged(w, newest, (n + 1) * DAY))];
}

describe("the preview", () => {
  test("changes nothing, gives every reason and the very command, which then does it", () => {
    const w = small();
    const [first, second, third] = daily(w, 3);
    const before = storeTree(w);
    const shown = w.run("prune", "--keep-last", "2", "--category", "manual");
    expect(shown).toEqual({
      exit: 0,
      stdout: [
        "DRY RUN: Prune",
        `- Keep: ${first} (manual): the newest complete one of its category, last snapshot`,
        `- Keep: ${second} (manual): last snapshot`,
        `✓ Would remove: ${third} (manual): no rule keeps it`,
        "",
        "⚠️  This is a dry run. Use --force to actually remove:",
        "   rollback prune --keep-last 2 --category manual --force",
        "",
      ].join("\n"),
      stderr: "",
    });
    expect(storeTree(w)).toEqual(before);
    expect(w.run("prune", "--keep-last", "2", "--category", "manual", "--force")).toEqual({
      exit: 0,
      stdout: `✓ Removed: ${third} (manual): no rule keeps it\n✅ Removed 1 of 3 snapshots\n`,
      stderr: "",
    });
    expect(ids(w)).toEqual([first, second] as string[]);
    expect(readFileSync(join(w.store, "audit.jsonl"), "utf8")).toContain(`"command":"prune","id":"${third}"`);
    expect(must(w.run("verify")).exit).toBe(0);
  });

  test("is the same plan as --force carries out, in JSON too; live files are not touched", () => {
    const w = small();
    daily(w, 6);
    const live = liveTree(w, { mtimes: true });
    const preview = w.json(pruned, "prune", "--keep-daily", "2").value;
    const done = w.json(pruned, "prune", "--keep-daily", "2", "--force").value;
    expect(done).toEqual({ ...preview, dry_run: false });
    expect(liveTree(w, { mtimes: true })).toEqual(live);
    expect(goes(w, "--keep-daily", "2")).toEqual([]);
    expect(w.run("prune", "--keep-daily", "2").stdout).toContain("✅ Nothing to remove\n");
  });

  test("of a store that is not there is empty, and makes none", () => {
    const w = small();
    expect(w.json(pruned, "prune").value.snapshots).toEqual([]);
    expect(existsSync(w.store)).toBe(false);
  });
});

describe("rules", () => {
  test("--category leaves all others alone; without it every category is judged by itself", () => {
    const w = small();
    const newest = w.create("today", "a");
    const old = [1, 2].map((n) => aged(w, newest, n * DAY));
    const others = [3, 4, 5].map((n) => aged(w, newest, n * DAY, { category: "b" }));
    expect(goes(w, "--keep-last", "1", "--category", "a")).toEqual(old);
    expect(goes(w, "--keep-last", "1")).toEqual([...old, ...others.slice(1)]);
  });

  test("without a flag the config's retention decides, and a category without one keeps everything", () => {
    const w = small("retention: {nightly: {keep-last: 2}}\n");
    const newest = w.create("today", "nightly");
    const old = [1, 2, 3].map((n) => aged(w, newest, n * DAY));
    [4, 5].map((n) => aged(w, newest, n * DAY, { category: "manual" }));
    expect(goes(w)).toEqual(old.slice(1));
    expect(goes(w, "--category", "manual")).toEqual([]);
    expect(goes(w, "--category", "nightly", "--keep-last", "1")).toEqual(old);
  });

  test("the built-in retention: of auto-daily seven days and at least seven", () => {
    const w = small();
    const newest = w.create("today", "auto-daily");
    const all = [newest, ...Array.from({ length: 9 }, (_, n) => aged(w, newest, (n + 1) * DAY - 3_600_000))];
    expect(goes(w)).toEqual(all.slice(8));
  });

  test("a pinned one stays, and so does the newest complete one behind incomplete ones", () => {
    const w = small();
    const newest = w.create();
    const [a, b, c, d] = [1, 2, 3, 4].map((n) => aged(w, newest, n * DAY, { complete: n > 2 })) as [
      string,
      string,
      string,
      string,
    ];
    rmSync(join(w.store, newest), { recursive: true });
    must(w.run("pin", d));
    expect(goes(w, "--keep-last", "1")).toEqual([b]);
    must(w.run("prune", "--keep-last", "1", "--force"));
    expect(ids(w)).toEqual([a, c, d]);
  });

  test("a damaged one and a sealed one stay, as nobody can tell their category", () => {
    const w = small();
    newKey(w);
    const [, , third, fourth] = daily(w, 4) as [string, string, string, string];
    writeFileSync(join(w.store, third, "manifest.json"), "{");
    writeFileSync(sealedOf(w, fourth), "age-encryption.org/v1\n");
    rmSync(join(w.store, fourth), { recursive: true });
    const verdicts = w.json(pruned, "prune", "--keep-last", "1").value.snapshots;
    for (const id of [third, fourth])
      expect(verdicts.find((one) => one.id === id)).toEqual({
        id,
        category: null,
        keep: true,
        reasons: ["its category can't be read"],
      });
  });

  test("one whose stored files are gone is not the complete one that lets others go", () => {
    const w = small();
    const [first, second] = daily(w, 3) as [string, string, string];
    rmSync(join(w.store, first, "config"), { recursive: true });
    expect(goes(w, "--keep-last", "1")).not.toContain(second);
  });

  test("a broken archive stays as well, and hinders nothing", () => {
    const w = small();
    const [, second] = daily(w, 2) as [string, string];
    writeFileSync(zipOf(w, "20250101_000000"), "PK");
    expect(goes(w, "--keep-last", "1")).toEqual([second]);
  });

  test("the original tool's snapshots are judged too", () => {
    const w = small();
    placeLegacySnapshots(w.store);
    const verdicts = w.json(pruned, "prune", "--keep-last", "1").value.snapshots;
    expect(verdicts.map(({ category }) => category)).not.toContain(null);
    expect(verdicts.filter(({ keep }) => keep)).not.toEqual([]);
  });

  test.each([
    ["--keep-last", "0"],
    ["--keep-daily", "-1"],
    ["--keep-weekly", "1.5"],
    ["--keep-monthly", "many"],
    ["--keep-within", "0d"],
    ["--keep-within", "7"],
    ["--keep-within", "week"],
    ["--keep-yearly", "1"],
  ])("%s %s is a usage error, and removes nothing", (flag, value) => {
    const w = small();
    daily(w, 2);
    expect(w.json(failed, "prune", "--force", `${flag}=${value}`)).toMatchObject({
      exit: 2,
      value: { error: { code: "usage" } },
    });
    expect(ids(w)).toHaveLength(2);
  });
});

describe("--force", () => {
  test("removes a snapshot's archives with it, and one that is only an archive", () => {
    const w = small();
    const [first, second, third] = daily(w, 3) as [string, string, string];
    must(w.run("pack", second));
    must(w.run("pack", third, "--move"));
    const strangers = ["notes.zip", "20200101_000000.tar"];
    for (const name of strangers) writeFileSync(join(w.store, name), "mine");
    expect(goes(w, "--keep-last", "1")).toEqual([second, third]);
    must(w.run("prune", "--keep-last", "1", "--force"));
    expect(readdirSync(w.store).sort()).toEqual(
      [...strangers, ".gitignore", ".metadata_never_index", ".rollback", first, "audit.jsonl"].sort(),
    );
  });

  test("stops beside an unfinished restore, and at a lock that is held; the preview still works", () => {
    const w = small();
    daily(w, 2);
    const lock = holdLock(w.store);
    expect(w.run("prune", "--keep-last", "1", "--force", "--lock-wait", "0").exit).toBe(6);
    expect(w.run("prune", "--keep-last", "1").exit).toBe(0);
    lock.release();
    const journal = { snapshot: "20250101_000000", autoBackup: null, steps: [], folders: [], relaxed: [] };
    writeFileSync(join(w.store, ".rollback/journal.ready"), JSON.stringify(journal), { mode: 0o600 });
    expect(w.run("prune", "--keep-last", "1", "--force")).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining("rollback recover"),
    });
    expect(w.run("prune", "--keep-last", "1")).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining("rollback recover"),
    });
    expect(ids(w)).toHaveLength(2);
  });
});

describe("--archive", () => {
  const prune = (w: World, folder: string) => w.run("prune", "--keep-last", "1", "--archive", folder, "--force");

  test("packs what goes into a folder that it makes, and what was packed can be verified and unpacked", () => {
    const w = small();
    const [first, second, third] = daily(w, 3) as [string, string, string];
    const folder = w.path("away/new/archives");
    const stored = readTree(join(w.store, third));
    must(prune(w, folder));
    expect(ids(w)).toEqual([first]);
    expect(readdirSync(folder).sort()).toEqual([`${third}.zip`, `${second}.zip`]);
    expect(Object.values(readTree(folder)).map((seen) => ("mode" in seen ? seen.mode : ""))).toEqual([
      "0700",
      "0600",
      "0600",
    ]);
    must(w.run("verify", join(folder, `${second}.zip`)));
    must(w.run("unpack", join(folder, `${third}.zip`)));
    expect(readTree(join(w.store, third))).toEqual(stored);
  });

  test("is relative to the current folder; without --force nothing is packed", () => {
    const w = small();
    const [, second] = daily(w, 2) as [string, string];
    must(w.run("prune", "--keep-last", "1", "--archive", w.path("away/a")));
    expect(existsSync(w.path("away/a"))).toBe(false);
    must(w.runWith({ cwd: w.away }, "prune", "--keep-last", "1", "--archive", "a", "--force"));
    expect(readdirSync(w.path("away/a"))).toEqual([`${second}.zip`]);
  });

  test("seals where the config names recipients; no plain archive is written", () => {
    const w = small();
    w.put({ "root/rollback.yaml": `seal: {recipients: [${newKey(w)}]}\n` });
    const [, second] = daily(w, 2) as [string, string];
    must(prune(w, w.path("away/a")));
    expect(readdirSync(w.path("away/a"))).toEqual([`${second}.zip.age`]);
    expect(w.run("verify", w.path(`away/a/${second}.zip.age`)).exit).toBe(0);
  });

  test("removes nothing that it could not pack: a damaged one, a folder that is a file, another snapshot's archive", () => {
    const w = small();
    const [, second] = daily(w, 2) as [string, string];
    w.put({ "away/file": "", [`away/other/${second}.zip`]: "mine" });
    expect(prune(w, w.path("away/file")).exit).toBe(1);
    expect(prune(w, w.path("away/other")).exit).toBe(4);
    expect(readFileSync(w.path(`away/other/${second}.zip`), "utf8")).toBe("mine");
    writeFileSync(join(w.store, second, "config/paths.py"), "changed");
    expect(prune(w, w.path("away/a")).exit).toBe(4);
    expect(ids(w)).toHaveLength(2);
    expect(readdirSync(w.path("away/a"))).toEqual([]);
  });

  test("may not be the snapshots folder itself: there the archives would go with their snapshots", () => {
    const w = small();
    const [, second] = daily(w, 2) as [string, string];
    prune(w, w.store);
    expect(existsSync(join(w.store, second)) || existsSync(zipOf(w, second))).toBe(true);
  });

  test("takes along one that is only an archive", () => {
    const w = small();
    const [, second] = daily(w, 2) as [string, string];
    must(w.run("pack", second, "--move"));
    must(prune(w, w.path("away/a")));
    expect(readdirSync(w.path("away/a"))).toEqual([`${second}.zip`]);
  });

  test("does not take any file of the right name for the sealed archive", () => {
    const w = small();
    w.put({ "root/rollback.yaml": `seal: {recipients: [${newKey(w)}]}\n` });
    const [, second] = daily(w, 2) as [string, string];
    w.put({ [`away/a/${second}.zip.age`]: "" });
    prune(w, w.path("away/a"));
    const sealed = readFileSync(w.path(`away/a/${second}.zip.age`));
    expect(existsSync(join(w.store, second)) || sealed.length > 0).toBe(true);
  });

  needing(tmpfsMissing(), "on another disk: packed there, and when it is full nothing is removed", () => {
    const w = small("configs: [noise.bin]\n");
    w.put({ "root/noise.bin": crypto.getRandomValues(new Uint8Array(65536)) });
    const [, second] = daily(w, 2) as [string, string];
    const script =
      '"$0" prune --keep-last 1 --archive "$2/a" --force > "$2/out" 2>&1; echo $?; ls "$2/a"; ' +
      '"$0" verify "$2/a/$1.zip" > "$2/out" 2>&1; echo $?';
    const env = { HOME: w.home, TZ: "UTC", ROLLBACK_ROOT: w.root };
    const on = (size: string) => inTmpfs(size, ["sh", "-c", script, binary, second], env).stdout;
    expect(on("48k")).toBe("1\n5\n");
    expect(ids(w)).toHaveLength(2);
    expect(on("2m")).toBe(`0\n${second}.zip\n0\n`);
    expect(ids(w)).toHaveLength(1);
  });
});

test("a folder of the user's in the place of a pin is left alone", () => {
  const w = small();
  const [, second] = daily(w, 2) as [string, string];
  mkdirSync(join(w.store, ".rollback/pins", second), { recursive: true });
  expect(goes(w, "--keep-last", "1")).toEqual([]);
});
