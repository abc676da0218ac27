// Nothing is called safe that was not opened; whose a copy is, and whether a folder is still the place that it was.
import { describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { aged, DAY } from "../aged.ts";
import { clearError, identityOf, sealedOf, zipOf } from "../archives.ts";
import { pulled } from "../contract.ts";
import { must, type World, world } from "../harness.ts";
import { changed, freshMac, own, sealing } from "./worlds.ts";

const latin1 = (path: string) => readFileSync(path, "latin1");
function usb(w: World, name = "usb"): string {
  const folder = join(w.away, name);
  mkdirSync(folder);
  return folder;
}

/** Every way in which an archive is not what its name says, and how to make one of a sound one. */
const BAD: [string, (w: World, id: string, other: string) => void][] = [
  ["an empty one", (w, id) => writeFileSync(sealedOf(w, id), "")],
  ["one that was cut in its head", (w, id) => truncateSync(sealedOf(w, id), 100)],
  ["one that was cut", (w, id) => truncateSync(sealedOf(w, id), latin1(sealedOf(w, id)).length - 1)],
  ["one that was changed", (w, id) => writeFileSync(sealedOf(w, id), changed(latin1(sealedOf(w, id))), "latin1")],
  ["another snapshot's", (w, id, other) => cpSync(sealedOf(w, other), sealedOf(w, id))],
  ["a plain one", (w, id) => cpSync(zipOf(w, id), sealedOf(w, id))],
  ["a text", (w, id) => writeFileSync(sealedOf(w, id), "age-encryption.org/v1\n")],
];

describe.each(BAD)("%s", (_, spoil) => {
  const spoiled = (keepFolder: boolean) => {
    const w = sealing();
    const [id, other] = [w.create(), w.create()];
    for (const one of [id, other]) must(w.run("pack", one, "--seal"));
    must(w.run("pack", id));
    spoil(w, id, other);
    rmSync(zipOf(w, id));
    if (!keepFolder) rmSync(join(w.store, id), { recursive: true });
    return { w, id, folder: usb(w) };
  };

  test("is made again where its folder is there, and what is sent can be restored", () => {
    const { w, id, folder } = spoiled(true);
    must(w.run("push", "--all", folder));
    const mac = freshMac(w);
    must(mac.run("pull", id, folder));
    expect(mac.run("verify", id).exit).toBe(0);
  });

  test("is named where it is all there is, with 4; the others are sent", () => {
    const { w, id, folder } = spoiled(false);
    expect(clearError(w.run("push", id, folder), 4)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    const ran = w.run("push", "--all", folder);
    expect([ran.exit, ran.stdout]).toEqual([4, expect.stringContaining(`❌ ${id} was not sent: `)]);
    expect(readdirSync(join(folder, own(w)))).toHaveLength(1);
    const health = w.run("health", "--deep", "--json");
    expect(JSON.parse(health.stdout).findings).toContainEqual(
      expect.objectContaining({ check: "damage", level: "critical", message: expect.stringContaining(id) }),
    );
  });
});

test("a snapshot that is a plain archive alone is sealed from it, those very bytes; a damaged one is named and goes nowhere", () => {
  const w = sealing();
  const folder = usb(w);
  const id = w.create();
  must(w.run("pack", id, "--move"));
  must(w.run("push", "--all", folder));
  expect(w.run("push", "--all", folder).stdout).toContain("1 archive there already");
  const mac = freshMac(w);
  must(mac.run("pull", id, folder));
  must(mac.run("unpack", id));
  must(mac.run("pack", id));
  expect(readFileSync(zipOf(mac, id)).equals(readFileSync(zipOf(w, id)))).toBe(true);
  const bad = w.create();
  must(w.run("pack", bad, "--move"));
  const bytes = readFileSync(zipOf(w, bad));
  const at = bytes.indexOf("manifest.json") + 300;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(zipOf(w, bad), bytes);
  expect(w.run("push", "--all", folder).exit).toBe(4);
  expect(existsSync(sealedOf(w, bad))).toBe(false);
});

test("pull --all names no file for a copy that it does not take; the others are there", () => {
  const w = sealing();
  const folder = usb(w);
  const [good, bad] = [w.create(), w.create()];
  must(w.run("push", "--all", folder));
  truncateSync(join(folder, own(w), `${bad}.zip.age`), 700);
  const mac = freshMac(w);
  const { exit, value } = mac.json(pulled, "pull", "--all", folder);
  expect(exit).toBe(4);
  const paths = Object.fromEntries(value.archives.map(({ id, path }) => [id, path]));
  expect(paths).toEqual({ [good]: sealedOf(mac, good), [bad]: null });
  expect(existsSync(sealedOf(mac, bad))).toBe(false);
  expect(mac.run("pull", "--all", folder, "--quiet").stdout).toBe(`${sealedOf(mac, good)}\n`);
});

describe("without an identity", () => {
  test("what was opened when it was made may go, and nothing else", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    must(w.run("pack", id, "--seal", "--move"));
    unlinkSync(identityOf(w));
    must(w.run("push", id, folder));
    expect(w.run("health", "--deep", "--json").stdout).toMatch(/re-hashed, none damaged"/);
    truncateSync(sealedOf(w, id), 400);
    expect(clearError(w.run("push", id, usb(w, "other")), 5)).toBeUndefined();
    expect(w.run("health", "--deep", "--json").stdout).toContain(`no identity here opens ${id}.zip.age`);
  });
});

describe("prune removes nothing for an archive that does not hold it", () => {
  const big = { root: { "shared/paths.py": crypto.getRandomValues(new Uint8Array(100_000)) } };
  const rot = (path: string) => {
    const bytes = readFileSync(path);
    bytes[50_000] = (bytes[50_000] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };
  const prune = (w: World) => w.run("prune", "--keep-last", "1", "--archive", join(w.away, "kept"), "--force");

  test("one that is all there is", () => {
    const w = sealing(big);
    const old = aged(w, w.create(), 90 * DAY);
    must(w.run("pack", old, "--move"));
    rot(zipOf(w, old));
    expect(clearError(prune(w), 4)).toBeUndefined();
    expect(existsSync(zipOf(w, old))).toBe(true);
  });

  test.each([false, true])("one that stands there already, sealed: %p", (isSealed) => {
    const w = sealing(big);
    const recipient = must(w.run("key", "show", "--quiet")).stdout.trim();
    if (isSealed) w.put({ "root/rollback.yaml": `version: 1\nseal: {recipients: [${recipient}]}\n` });
    const old = aged(w, w.create(), 90 * DAY);
    must(w.run("pack", old, ...(isSealed ? ["--seal"] : [])));
    const archive = isSealed ? sealedOf(w, old) : zipOf(w, old);
    mkdirSync(join(w.away, "kept"));
    renameSync(archive, join(w.away, "kept", basename(archive)));
    rot(join(w.away, "kept", basename(archive)));
    expect(clearError(prune(w), 4)).toBeUndefined();
    expect(existsSync(join(w.store, old, "manifest.json"))).toBe(true);
  });
});

describe("--replace-damaged", () => {
  test("puts a good copy in the place of one that is of no use, and nothing in the place of a sound one", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    must(w.run("push", folder));
    const copy = join(folder, own(w), `${id}.zip.age`);
    const ours = latin1(copy);
    writeFileSync(copy, ours.slice(0, 300), "latin1");
    expect(clearError(w.run("push", folder), 4)).toBeUndefined();
    expect(must(w.run("push", folder, "--replace-damaged")).stdout).toContain("1 in place of a damaged one");
    expect(latin1(copy)).toBe(ours);
    // The same snapshot, sealed anew: other bytes, and sound.
    rmSync(sealedOf(w, id));
    must(w.run("pack", id, "--seal"));
    expect(clearError(w.run("push", folder, "--replace-damaged"), 4)).toBeUndefined();
    expect(latin1(copy)).toBe(ours);
  });

  test("leaves what this identity can't open", () => {
    const [w, other] = [sealing(), sealing()];
    const folder = usb(w);
    const id = w.create();
    must(w.run("push", folder));
    const copy = join(folder, own(w), `${id}.zip.age`);
    const theirs = other.create();
    must(other.run("pack", theirs, "--seal"));
    cpSync(sealedOf(other, theirs), copy);
    expect(clearError(w.run("push", folder, "--replace-damaged"), 5)).toBeUndefined();
    expect(latin1(copy)).toBe(latin1(sealedOf(other, theirs)));
  });
});

describe("a folder that copies went to", () => {
  test("is marked by the first push; an empty one of its name is refused until --init", () => {
    const w = sealing();
    const folder = usb(w);
    const first = w.create();
    must(w.run("push", folder));
    expect(latin1(join(folder, ".rollback-copies"))).toMatch(/^rollback keeps copies here\n[0-9a-f]{32}\n$/);
    renameSync(folder, join(w.away, "pulled-out"));
    mkdirSync(folder);
    const second = w.create();
    const ran = w.run("push", "--all", folder);
    expect(clearError(ran, 7)).toBeUndefined();
    expect(ran.stderr).toContain(`rollback push --init ${folder}`);
    expect(readdirSync(folder)).toEqual([]);
    must(w.run("push", "--all", "--init", folder));
    expect(readdirSync(join(folder, own(w)))).toHaveLength(2);
    expect(existsSync(join(folder, own(w), `${first}.zip.age`))).toBe(true);
    expect(existsSync(join(folder, own(w), `${second}.zip.age`))).toBe(true);
    must(w.run("push", folder));
  });

  test("is refused, too, where another disk has its name; the other places get theirs", () => {
    const [w, stranger] = [sealing(), sealing()];
    const [folder, other] = [usb(w), usb(w, "other")];
    w.put({ "root/rollback.yaml": `version: 1\ncopies: {usb: {to: ${folder}}, other: {to: ${other}}}\n` });
    const id = w.create();
    must(w.run("push"));
    const theirs = usb(stranger);
    stranger.create();
    must(stranger.run("push", theirs));
    rmSync(folder, { recursive: true });
    cpSync(theirs, folder, { recursive: true });
    const later = w.create();
    const ran = w.run("push", "--all");
    expect([ran.exit, ran.stdout]).toEqual([3, expect.stringContaining("that of another place")]);
    expect(readdirSync(join(other, own(w))).sort()).toEqual([id, later].map((one) => `${one}.zip.age`).sort());
    expect(existsSync(join(folder, own(w)))).toBe(false);
  });

  test("that can't be sent to is not marked", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    const folder = usb(w);
    w.create();
    expect(clearError(w.run("push", folder), 7)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("equal names", () => {
  test("two projects of one name on one Mac never mix, and neither is sent over the other", () => {
    const [one, two] = [sealing(), sealing()];
    cpSync(identityOf(one), identityOf(two));
    const folder = usb(one);
    one.create("ours");
    two.create("theirs");
    for (const w of [one, two]) must(w.run("push", folder));
    expect(own(one)).not.toBe(own(two));
    expect(dirname(own(one))).toBe(dirname(own(two)));
    for (const [w, told] of [
      [one, "ours"],
      [two, "theirs"],
    ] as const) {
      for (const name of readdirSync(w.store)) if (/^2/.test(name)) rmSync(join(w.store, name), { recursive: true });
      must(w.run("pull", "latest", folder));
      expect(must(w.run("show", "latest")).stdout).toContain(told);
    }
    const bare = freshMac(one);
    const ran = bare.run("pull", "latest", folder);
    expect(clearError(ran, 5)).toBeUndefined();
    for (const w of [one, two]) expect(ran.stderr).toContain(basename(own(w)));
    must(bare.run("pull", "latest", folder, "--project", basename(own(two))));
    expect(must(bare.run("show", "latest")).stdout).toContain("theirs");
  });

  test("a snapshots folder that was copied gets an id of its own", () => {
    const w = sealing();
    const folder = usb(w);
    w.create();
    must(w.run("push", folder));
    const copied = join(w.away, "copied");
    cpSync(w.store, copied, { recursive: true });
    must(w.run("push", folder, "--snapshots", copied));
    expect(readdirSync(join(folder, dirname(own(w))))).toHaveLength(2);
    // One that was moved keeps it.
    const moved = join(w.away, "moved");
    renameSync(copied, moved);
    must(w.run("push", folder, "--snapshots", moved));
    expect(readdirSync(join(folder, dirname(own(w))))).toHaveLength(2);
  });

  test("a host's name that changed with the network stays what it was at the first push", () => {
    const w = sealing();
    const folder = usb(w);
    w.create();
    must(w.run("push", folder));
    const file = join(w.store, ".rollback/store.json");
    const renamed = latin1(file).replace(/"machine": "[^"]*"/, '"machine": "at-home"');
    writeFileSync(file, renamed);
    must(w.run("push", folder));
    expect(readdirSync(join(folder, "at-home"))).toHaveLength(1);
  });
});
