// Snapshot ids: unique, of one form, in the order of creation.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { listed } from "../contract.ts";
import { world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

const FORM = /^\d{8}_\d{6}$/;
const parts = { root: { ".mcp.json": "{}" } };

/** The id of a moment, in the worlds' time zone. */
function idAt(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10).replaceAll("-", "")}_${text.slice(11, 19).replaceAll(":", "")}`;
}
const HOUR = 3_600_000;

test("fifty creates at once from fifty processes: every id follows the newest by a second, none twice", async () => {
  const w = world(parts);
  // A newest snapshot ahead of the clock puts all of them into one and the same second.
  const ahead = Math.floor(Date.now() / 1000) * 1000 + HOUR;
  mkdirSync(join(w.store, idAt(ahead)), { recursive: true });
  const children = Array.from({ length: 50 }, () =>
    w.start([binary, "create", "at once", "--quiet", "--lock-wait", "120"]),
  );
  const printed = await Promise.all(children.map((child) => child.stdout.text()));
  expect(await Promise.all(children.map((child) => child.exited))).toEqual(Array(50).fill(0));
  const ids = printed.map((text) => text.trim()).sort();
  expect(ids).toEqual(Array.from({ length: 50 }, (_, index) => idAt(ahead + (index + 1) * 1000)));
  expect(readdirSync(w.store).filter((name) => FORM.test(name))).toHaveLength(51);

  const moments = ids.map((id) => manifestOf(w, id).created_at_utc);
  expect(moments).toEqual([...moments].sort());
  rmdirSync(join(w.store, idAt(ahead)));
  expect(w.run("verify").exit).toBe(0);
}, 120_000);

test("the local second of the creation, where that is free", () => {
  const w = world(parts);
  const id = w.create();
  expect(id).toMatch(FORM);
  expect(id).toBe(manifestOf(w, id).created_at.slice(0, 19).replace("T", "_").replaceAll(/[-:]/g, ""));
});

test("in the zone of whoever made it", () => {
  const w = world(parts);
  const id = w.runWith({ env: { TZ: "Asia/Kathmandu" } }, "create", "x", "--quiet").stdout.trim();
  const { created_at, created_at_utc } = manifestOf(w, id);
  expect(id).toBe(created_at.slice(0, 19).replace("T", "_").replaceAll(/[-:]/g, ""));
  expect(Date.parse(`${created_at}Z`) - Date.parse(created_at_utc)).toBe(5.75 * HOUR);
});

test("an hour back, as when daylight saving ends: still after the newest", () => {
  const w = world(parts);
  const ahead = Math.floor(Date.now() / 1000) * 1000 + HOUR;
  mkdirSync(join(w.store, idAt(ahead)), { recursive: true });
  expect(w.create()).toBe(idAt(ahead + 1000));
});

test("a snapshot dated wrongly, days ahead, does not drag the others along", () => {
  const w = world(parts);
  mkdirSync(join(w.store, "20990101_000000"), { recursive: true });
  expect(w.create() < "20990101_000000").toBe(true);
});

describe("around the world", () => {
  const zones = [
    "Pacific/Kiritimati",
    "Asia/Tokyo",
    "Asia/Kathmandu",
    "UTC",
    "America/Los_Angeles",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
  ];
  test.each([
    ["westward", zones],
    ["eastward", zones.toReversed()],
  ])(
    "%s: in each zone the last snapshot is the latest, and what it held comes back",
    (_, journey) => {
      const rules = "retention: {manual: {keep-last: 3}}\n";
      const w = world({ root: { "rollback.yaml": rules, ".mcp.json": "{}" } });
      const ids: string[] = [];
      for (const [index, zone] of journey.entries()) {
        const run = (...words: string[]) => w.runWith({ env: { TZ: zone } }, ...words);
        const good = JSON.stringify({ stop: index });
        w.put({ "root/.mcp.json": good });
        const id = run("create", zone, "--if-changed", "--quiet").stdout.trim();
        expect(id > (ids.at(-1) ?? "")).toBe(true);
        ids.push(id);
        expect(run("create", "again", "--if-changed", "--quiet").stdout.trim()).toBe(id);
        expect(run("latest", "--quiet").stdout.trim()).toBe(id);
        if (index > 0) expect(run("show", "latest~1", "--quiet").stdout.trim()).toBe(ids[index - 1] ?? "");

        w.put({ "root/.mcp.json": "broken" });
        expect(run("restore", "latest", "--force").exit).toBe(0);
        expect(readFileSync(w.path("root/.mcp.json"), "utf8")).toBe(good);
        expect(run("prune", "--force").exit).toBe(0);
        expect(ids.slice(-3).filter((kept) => !existsSync(join(w.store, kept)))).toEqual([]);
      }
      expect(ids.slice(0, -3).filter((gone) => existsSync(join(w.store, gone)))).toEqual([]);
    },
    120_000,
  );
});

describe("a snapshot that a wrong clock dated ahead", () => {
  const AHEAD = "20361224_180000";
  /** A snapshot with a file's state of its own, as a Mac whose clock stood at Christmas of 2036 made it. */
  function worldAhead() {
    const w = world({ root: { "rollback.yaml": "retention: {manual: {keep-last: 1}}\n", ".mcp.json": "{}" } });
    const id = w.create("made in 2036");
    const at = join(w.store, id, "manifest.json");
    const text = readFileSync(at, "utf8")
      .replaceAll(id, AHEAD)
      .replace(/"created_at_utc": "\d{4}/, '"created_at_utc": "2036');
    writeFileSync(at, text);
    renameSync(join(w.store, id), join(w.store, AHEAD));
    return w;
  }

  test("is never the latest, nor what --if-changed compares with, but is shown by its id", () => {
    const w = worldAhead();
    const alone = w.run("show", "latest");
    expect(alone.exit).toBe(5);
    expect(alone.stderr).toContain(`every snapshot is dated ahead of the clock, the newest is ${AHEAD}`);
    const id = w.run("create", "now", "--if-changed", "--quiet").stdout.trim();
    expect(id < AHEAD).toBe(true);
    for (const ref of ["latest", "latest:manual", "2099-01-01"])
      expect(w.run("show", ref, "--quiet").stdout.trim()).toBe(id);
    expect(w.run("show", "latest~1").exit).toBe(5);
    expect(w.run("show", AHEAD, "--quiet").stdout.trim()).toBe(AHEAD);
  });

  test("stands apart in the list, whatever its limit, and health names it", () => {
    const w = worldAhead();
    const id = w.create();
    const { stdout } = w.run("list", "--limit", "1");
    expect(stdout.indexOf(id)).toBeLessThan(stdout.indexOf("Dated ahead of the clock"));
    expect(stdout.indexOf("Dated ahead of the clock")).toBeLessThan(stdout.indexOf(`[${AHEAD}]`));
    const { value } = w.json(listed, "list");
    expect(value.snapshots.map(({ id: row, ahead }) => [row, ahead])).toEqual([
      [id, undefined],
      [AHEAD, true],
    ]);
    expect(w.run("health").stdout).toContain(`dated ahead of the clock, never the latest and never pruned: ${AHEAD}`);
  });

  test("is never pruned, and does not count for the rules", () => {
    const w = worldAhead();
    const [first, second] = [w.create("one"), w.create("two")];
    expect(w.run("prune", "--force").exit).toBe(0);
    expect(
      readdirSync(w.store)
        .filter((name) => FORM.test(name))
        .sort(),
    ).toEqual([second ?? "", AHEAD]);
    expect(first).not.toBe(second);
  });
});

describe("a date as a REF", () => {
  /** Three snapshots of one day, and an auto-backup after the second. Times are in UTC. */
  function dated() {
    const w = world({ root: { ".mcp.json": "{}" } });
    const make = (at: string, category: string) => {
      const id = at.replace("T", "_").replaceAll(/[-:]/g, "");
      const made = w.create(at, category);
      const manifest = join(w.store, made, "manifest.json");
      const text = readFileSync(manifest, "utf8").replace(/("created_at_utc": ")[^"]+/, `$1${at}.000000Z`);
      writeFileSync(manifest, text);
      renameSync(join(w.store, made), join(w.store, id));
      return id;
    };
    const ids = ["2025-11-19T23:50:00", "2025-11-20T08:00:30", "2025-11-20T14:30:40"].map((at) => make(at, "manual"));
    make("2025-11-20T09:00:00", "auto-backup");
    const named = (ref: string, zone = "UTC") => w.runWith({ env: { TZ: zone } }, "show", ref, "--quiet").stdout.trim();
    return { w, ids, named };
  }

  test("means the newest that was made by then, and no auto-backup", () => {
    const { ids, named } = dated();
    const [evening, morning, noon] = ids;
    expect(named("2025-11-20")).toBe(noon ?? "");
    expect(named("2025-11-20T14:30")).toBe(noon ?? "");
    expect(named("2025-11-20T14:30:39")).toBe(morning ?? "");
    expect(named("2025-11-20T10:00")).toBe(morning ?? "");
    expect(named("2025-11-20 08:00")).toBe(morning ?? "");
    expect(named("2025-11-19")).toBe(evening ?? "");
  });

  test("is read in the zone of whoever asks", () => {
    const { ids, named } = dated();
    const [evening, morning] = ids;
    expect(named("2025-11-20T08:00", "Europe/Berlin")).toBe(evening ?? "");
    expect(named("2025-11-20T09:00", "Europe/Berlin")).toBe(morning ?? "");
    expect(named("2025-11-20", "Asia/Tokyo")).toBe(ids[2] ?? "");
    expect(named("2025-11-19", "America/Los_Angeles")).toBe(evening ?? "");
  });

  test("that there is not is a usage error; one before all of them finds none", () => {
    const { w } = dated();
    for (const ref of ["2025-02-30", "2025-13-01", "2025-11-20T24:00", "2025-11-20T10:60"])
      expect(w.run("show", ref).exit).toBe(2);
    expect(w.run("show", "2025-11-18").exit).toBe(5);
  });
});

test("an archive alone takes its id too", () => {
  const w = world(parts);
  const ahead = Math.floor(Date.now() / 1000) * 1000 + HOUR;
  w.put({ [`root/infrastructure/rollback-snapshots/${idAt(ahead)}.zip.age`]: "sealed" });
  expect(w.create()).toBe(idAt(ahead + 1000));
});
