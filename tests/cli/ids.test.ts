// Snapshot ids: unique, of one form, in the order of creation.
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
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

test("an archive alone takes its id too", () => {
  const w = world(parts);
  const ahead = Math.floor(Date.now() / 1000) * 1000 + HOUR;
  w.put({ [`root/infrastructure/rollback-snapshots/${idAt(ahead)}.zip.age`]: "sealed" });
  expect(w.create()).toBe(idAt(ahead + 1000));
});
