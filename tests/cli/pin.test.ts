// pin, unpin, and what create can do at once: --pin and --pack.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey, sealedOf, zipOf } from "../archives.ts";
import { created, failed, listed, pinned } from "../contract.ts";
import { modeOf, must, world } from "../harness.ts";
import { holdLock } from "../lock-holder.ts";

const small = () => world({ root: { "shared/paths.py": "p\n" } });
const pins = (w: { store: string }) => readdirSync(join(w.store, ".rollback/pins"));
const events = (w: { store: string }) => readFileSync(join(w.store, "audit.jsonl"), "utf8").trim().split("\n").length;

test("pin marks, unpin takes the mark away; again is not an error and no event", () => {
  const w = small();
  const id = w.create();
  const before = events(w);
  expect(w.json(pinned, "pin", "latest").value).toEqual({ schema: 1, ok: true, command: "pin", id, changed: true });
  expect(w.run("list").stdout).toContain(`1. [${id}] 📌\n`);
  expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({ id, pinned: true });
  expect(modeOf(join(w.store, ".rollback/pins"))).toBe("0700");
  expect(w.json(pinned, "pin", id).value.changed).toBe(false);
  expect(events(w)).toBe(before + 1);
  expect(w.json(pinned, "unpin", id).value).toEqual({ schema: 1, ok: true, command: "unpin", id, changed: true });
  expect(w.json(pinned, "unpin", id).value.changed).toBe(false);
  expect(w.json(listed, "list").value.snapshots[0]).toMatchObject({ id, pinned: false });
  expect(w.run("list").stdout).not.toContain("📌");
  expect(pins(w)).toEqual([]);
  expect(events(w)).toBe(before + 2);
  expect(w.run("verify").exit).toBe(0);
});

test("a snapshot that stands only as an archive can be pinned too", () => {
  const w = small();
  const id = w.create();
  must(w.run("pack", id, "--move"));
  expect(w.run("pin", id).exit).toBe(0);
  expect(pins(w)).toEqual([id]);
});

test("no such snapshot is 5, no REF at all is 2, a held lock 6; none of them pins", () => {
  const w = small();
  const id = w.create();
  expect(w.json(failed, "pin", "20200101_000000")).toMatchObject({ exit: 5, value: { error: { code: "not-found" } } });
  expect(w.run("pin").exit).toBe(2);
  const lock = holdLock(w.store);
  expect(w.run("pin", id, "--lock-wait", "0").exit).toBe(6);
  lock.release();
  expect(w.json(listed, "list").value.snapshots[0]?.pinned).toBe(false);
});

test("create --pin pins what it made, or with --if-changed what stands for it", () => {
  const w = small();
  const { id } = w.json(created, "create", "first", "--pin").value;
  expect(pins(w)).toEqual([id]);
  w.run("unpin", id);
  expect(w.json(created, "create", "second", "--if-changed", "--pin").value).toMatchObject({ id, unchanged: true });
  expect(pins(w)).toEqual([id]);
});

test("create --pack writes the archive beside the folder and names it; the daily job's run that finds it there is content", () => {
  const w = small();
  const { value } = w.json(created, "create", "first", "--pack");
  expect(value.archive).toBe(zipOf(w, value.id));
  expect(modeOf(zipOf(w, value.id))).toBe("0600");
  const bytes = readFileSync(zipOf(w, value.id));
  expect(w.json(created, "create", "again", "--pack", "--if-changed").value).toMatchObject({ unchanged: true });
  expect(readFileSync(zipOf(w, value.id)).equals(bytes)).toBe(true);
  expect(w.run("verify").exit).toBe(0);
});

test("create --pack seals where the config names recipients, and leaves no plain archive", () => {
  const w = small();
  const recipient = newKey(w);
  w.put({ "root/rollback.yaml": `seal: {recipients: [${recipient}]}\n` });
  const { value } = w.json(created, "create", "first", "--pack");
  expect(value.archive).toBe(sealedOf(w, value.id));
  expect(readdirSync(w.store).filter((name) => name.endsWith(".zip"))).toEqual([]);
  expect(w.run("verify", sealedOf(w, value.id)).exit).toBe(0);
});

test("create --pack beside an archive that is damaged says so, and leaves it and the snapshot alone", () => {
  const w = small();
  const id = w.create();
  writeFileSync(zipOf(w, id), "no archive");
  expect(w.run("create", "again", "--if-changed", "--pack")).toMatchObject({
    exit: 3,
    stderr: expect.stringContaining("the snapshot stands, without an archive"),
  });
  expect(readFileSync(zipOf(w, id), "utf8")).toBe("no archive");
  expect(w.run("show", id).exit).toBe(0);
});

test("create --if-changed --pin pins the snapshot that stands for it, also where it is pinned already", () => {
  const w = small();
  const id = w.create();
  for (let run = 0; run < 2; run++)
    expect(w.run("create", "again", "--if-changed", "--pin", "--quiet")).toMatchObject({ exit: 0, stdout: `${id}\n` });
  expect(w.run("list").stdout).toContain(`[${id}] 📌`);
});
