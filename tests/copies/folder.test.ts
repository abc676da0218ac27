// push and pull against a folder: a disk that is not there, is full, is read-only, or holds something else.
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { hostKey } from "../../src/copies/address.ts";
import { clearError, sealedOf, shell } from "../archives.ts";
import { binary } from "../binary.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { modeOf, must, readTree, type World, world } from "../harness.ts";
import { inTmpfs, tmpfsMissing } from "../tmpfs.ts";
import { changed, freshMac, own, sealing } from "./worlds.ts";

const host = hostKey(hostname());
const latin1 = (path: string) => readFileSync(path, "latin1");
function usb(w: World): string {
  const folder = join(w.away, "usb");
  mkdirSync(folder);
  return folder;
}

test("there and back, with only the identity and the folder", () => {
  const w = sealing();
  const folder = usb(w);
  const id = w.create();
  must(w.run("push", folder));
  const copy = join(folder, own(w), `${id}.zip.age`);
  expect(latin1(copy)).toBe(latin1(sealedOf(w, id)));
  expect([modeOf(copy), modeOf(join(folder, own(w)))]).toEqual(["0600", "0700"]);
  expect(must(w.run("push", folder)).stdout).toContain("1 archive there already");
  const mac = freshMac(w);
  must(mac.run("pull", "latest", folder));
  expect(latin1(sealedOf(mac, id))).toBe(latin1(copy));
  expect(must(mac.run("restore", "latest", "--relocate", "--force")).stdout).toContain("✅ Restored");
  expect(w.run("list", "--from", folder).stdout).toContain(
    `[${id}] before the edits (manual): 2 plist, 2 config, 1 credentials; ${own(w)}, zip.age, `,
  );
  expect(w.run("list", "--from", folder, "--quiet").stdout).toBe(`${own(w)}/${id}.zip.age\n`);
});

test("every step stands in the audit trail, and the chain holds", () => {
  const w = sealing();
  const folder = usb(w);
  const id = w.create();
  must(w.run("push", folder));
  expect(w.run("push", join(w.away, "nowhere")).exit).toBe(1);
  const mac = freshMac(w);
  must(mac.run("pull", folder));
  const events = (of: World) =>
    latin1(join(of.store, "audit.jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .map(({ command, description, id: of_, files, result }) => [command, of_ ?? description, files, result]);
  expect(events(w).slice(1)).toEqual([
    ["pack", id, undefined, "zip.age"],
    ["push", folder, 1, "ok"],
    ["push", join(w.away, "nowhere"), 0, "failed"],
  ]);
  expect(events(mac)).toEqual([["pull", id, undefined, "ok"]]);
  expect(w.run("verify").exit).toBe(0);
});

describe("a folder that can't take it", () => {
  test("is not there: it is not made, and the disk is asked for", () => {
    const w = sealing();
    w.create();
    const ran = w.run("push", join(w.away, "Volumes/USB"));
    expect(clearError(ran, 1)).toBeUndefined();
    expect(ran.stderr).toContain("Is the disk mounted?");
    expect(existsSync(join(w.away, "Volumes"))).toBe(false);
    expect(clearError(w.run("list", "--from", join(w.away, "Volumes/USB")), 1)).toBeUndefined();
  });

  test("may not be written to", () => {
    const w = sealing({}, { ordinary: true });
    const folder = usb(w);
    w.create();
    chmodSync(folder, 0o500);
    const ran = w.run("push", folder);
    expect(clearError(ran, 1)).toBeUndefined();
    expect(ran.stderr).toContain("permission denied");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("holds other bytes under that name: they stay, with 4", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    const copy = join(folder, own(w), `${id}.zip.age`);
    must(w.run("push", folder));
    const ours = latin1(copy);
    for (const other of ["other", changed(ours)]) {
      writeFileSync(copy, other, "latin1");
      expect(clearError(w.run("push", folder), 4)).toBeUndefined();
      expect(latin1(copy)).toBe(other);
    }
    expect(readdirSync(join(folder, own(w)))).toHaveLength(1);
  });

  test("holds a link there: it is not followed, and not replaced", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    writeFileSync(join(w.away, "precious"), "keep");
    mkdirSync(join(folder, own(w)), { recursive: true });
    symlinkSync(join(w.away, "precious"), join(folder, own(w), `${id}.zip.age`));
    expect(clearError(w.run("push", folder), 4)).toBeUndefined();
    expect(latin1(join(w.away, "precious"))).toBe("keep");
    expect(clearError(freshMac(w).run("pull", folder), 1, 4, 5)).toBeUndefined();
  });

  needing(tmpfsMissing(), "is full: nothing half is left, and it works once there is room", () => {
    const w = sealing({ root: { "shared/paths.py": crypto.getRandomValues(new Uint8Array(200_000)) } });
    const id = w.create();
    must(w.run("pack", id, "--seal"));
    const script = `
      "$0" push "$1"; echo "exit $?"; find "$1" -type f -name "*.age*" | wc -l
      mount -o remount,size=2m "$1"; "$0" push "$1"; echo "exit $?"; find "$1" -type f -name "*.age" | wc -l`;
    const ran = inTmpfs("100k", ["sh", "-c", script, binary], w.environment());
    expect(ran.stdout).toMatch(/^exit 1\n0\n✅ .*\nexit 0\n1\n$/);
    expect(ran.stderr).toContain("no space left on the disk");
  });

  needing(tmpfsMissing(), "a full disk while pulling: nothing half is left, and it works once there is room", () => {
    const w = sealing({ root: { "shared/paths.py": crypto.getRandomValues(new Uint8Array(200_000)) } });
    const folder = usb(w);
    w.create();
    must(w.run("push", folder));
    const mac = freshMac(w);
    const script = `
      "$0" pull "$1" --snapshots "$2/s"; echo "exit $?"; find "$2" -name "*.age" | wc -l
      mount -o remount,size=2m "$2"; "$0" pull "$1" --snapshots "$2/s" --quiet; echo "exit $?"`;
    const ran = inTmpfs("100k", ["sh", "-c", script, binary, folder], mac.environment());
    expect(ran.stdout).toMatch(/^exit 1\n0\n.*\.zip\.age\nexit 0\n$/);
    expect(ran.stderr).toContain("no space left on the disk");
  });
});

needing(
  straceMissing(),
  "killed at any write, link or flush, no half archive stands under a name, and it goes on afterwards",
  () => {
    const w = sealing();
    const id = w.create();
    must(w.run("pack", id, "--seal"));
    for (const call of ["link", "fsync", "syncfs", "unlink", "write", "mkdir"])
      for (const when of [1, 2, 3]) {
        const folder = join(w.away, `${call}-${when}`);
        mkdirSync(folder);
        const inject = `inject=${call},${call}at:signal=KILL:when=${when}`;
        Bun.spawnSync(["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject, binary, "push", folder], {
          cwd: w.root,
          env: w.environment(),
          stdio: ["ignore", "ignore", "ignore"],
        });
        const copy = join(folder, own(w), `${id}.zip.age`);
        if (existsSync(copy)) expect(latin1(copy)).toBe(latin1(sealedOf(w, id)));
        must(w.run("push", folder));
        expect(latin1(copy)).toBe(latin1(sealedOf(w, id)));
      }
  },
);

describe("sealed or not", () => {
  test("with nobody to seal to it stays here, with 7; the config's recipients are enough", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    const folder = usb(w);
    const id = w.create();
    const ran = w.run("push", folder);
    expect(clearError(ran, 7)).toBeUndefined();
    expect(readTree(folder)).toEqual({ "": { kind: "folder", mode: "0755" } });
    const other = sealing();
    const recipient = must(other.run("key", "show", "--quiet")).stdout.trim();
    w.put({ "root/rollback.yaml": `version: 1\nseal: {recipients: [${recipient}]}\n` });
    must(w.run("push", folder));
    must(freshMac(other).run("pull", id, folder));
  });

  test("--plain goes to a folder, and to none that leaves the machine by itself", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    const folder = usb(w);
    const id = w.create();
    must(w.run("push", folder, "--plain"));
    expect(readdirSync(join(folder, own(w)))).toEqual([`${id}.zip`]);
    const mac = world();
    must(mac.run("pull", folder));
    expect(must(mac.run("verify")).stdout).toContain(id);
    mkdirSync(join(w.home, "Dropbox/x"), { recursive: true });
    mkdirSync(join(w.away, "repository/.git"), { recursive: true });
    symlinkSync(join(w.home, "Dropbox/x"), join(w.away, "innocent"));
    for (const place of [
      join(w.home, "Dropbox/x"),
      join(w.away, "repository"),
      join(w.away, "innocent"),
      "s3://bucket/x",
      "git:.",
    ]) {
      const ran = w.runWith({ env: { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" } }, "push", place, "--plain");
      expect(clearError(ran, 7)).toBeUndefined();
    }
  });

  test("a damaged snapshot does not leave, with 4", () => {
    const w = sealing();
    const folder = usb(w);
    const id = w.create();
    writeFileSync(join(w.store, id, "config/mcp.json"), "rot");
    expect(clearError(w.run("push", folder), 4)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("words", () => {
  test("a word alone is a snapshot only where it can be nothing else", () => {
    const w = sealing();
    const folder = usb(w);
    const [first, second] = [w.create(), w.create()];
    w.put({ "root/rollback.yaml": `version: 1\ncopies: {usb: {to: ${folder}}}\n` });
    must(w.run("push", first));
    expect(readdirSync(join(folder, own(w)))).toEqual([`${first}.zip.age`]);
    must(w.run("push", "usb"));
    must(w.run("push", "latest", "usb"));
    expect(readdirSync(join(folder, own(w)))).toHaveLength(2);
    must(w.run("push"));
    const mac = freshMac(w);
    expect(clearError(mac.run("pull"), 2)).toBeUndefined();
    expect(clearError(mac.run("pull", "usb"), 1)).toBeUndefined();
    must(mac.run("pull", second, folder));
    expect(clearError(mac.run("pull", "20", folder), 2)).toBeUndefined();
    expect(clearError(mac.run("pull", "19990101_000000", folder), 5)).toBeUndefined();
    must(mac.run("pull", "--all", folder));
    expect(readdirSync(mac.store).filter((name) => name.endsWith(".age"))).toHaveLength(2);
    expect(clearError(w.run("push", "--all", first, "usb"), 2)).toBeUndefined();
    expect(clearError(w.run("push", "usb", "--lock-wait", "x"), 2)).toBeUndefined();
    expect(clearError(w.run("list", "--host", "x"), 2)).toBeUndefined();
    expect(clearError(w.run("list", "--from", "usb", "--category", "x"), 2)).toBeUndefined();
  });

  test("copies in the config are checked when it is read", () => {
    const w = sealing();
    for (const [text, told] of [
      ["copies: {latest: {to: /x}}", "name"],
      ["copies: {usb: {}}", "to"],
      ["copies: {usb: {to: /x, command: rm}}", "unknown key `copies.usb.command`"],
      ["copies: {c: {to: s3://b, endpoint: 'https://a:b@c'}}", "endpoint"],
    ] as const) {
      w.put({ "root/rollback.yaml": `version: 1\n${text}\n` });
      const ran = w.run("push");
      expect(clearError(ran, 2)).toBeUndefined();
      expect(ran.stderr).toContain(told);
    }
  });
});

test("the daily job pushes what is missing to places that are marked, and health tells where that is overdue", () => {
  const w = sealing();
  const folder = usb(w);
  mkdirSync(join(w.away, "other"));
  const config = (to: string) =>
    w.put({
      "root/rollback.yaml": `version: 1\ncopies: {usb: {to: ${to}, auto: true}, other: {to: ${w.away}/other}}\n`,
    });
  config(folder);
  const finding = () =>
    JSON.parse(w.run("health", "--json").stdout).findings.find(({ check }: { check: string }) => check === "copies");
  const earlier = w.create();
  expect(finding()).toMatchObject({ level: "warning" });
  const ran = w.run("schedule", "run");
  expect(ran.stdout).toContain("✅ push: done (usb: 1 sent)\n");
  expect(readdirSync(join(folder, own(w)))).toContain(`${earlier}.zip.age`);
  expect(readdirSync(join(w.away, "other"))).toEqual([]);
  expect(finding()).toMatchObject({ level: "ok" });
  config(join(w.away, "gone"));
  const failed = w.run("schedule", "run");
  expect(failed.stdout).toContain("❌ push: ended with 1");
  expect(failed.exit).toBe(1);
});

test("two at once: each archive is there whole", async () => {
  const w = sealing();
  const folder = usb(w);
  const ids = [w.create(), w.create(), w.create()];
  const both = await Promise.all([1, 2].map(() => shell(w, `"${binary}" push --all "${folder}"`)));
  for (const ran of both) must(ran);
  for (const id of ids) expect(latin1(join(folder, own(w), `${id}.zip.age`))).toBe(latin1(sealedOf(w, id)));
  expect(readdirSync(join(folder, own(w)))).toHaveLength(3);
});

test("the same second on two Macs: the other's copy is not put beside this one's folder", () => {
  const [one, two] = [sealing(), sealing()];
  const folder = usb(one);
  const id = one.create("ours");
  const theirs = two.create("theirs");
  if (theirs !== id) cpSync(join(two.store, theirs), join(two.store, id), { recursive: true });
  // Theirs under our id, and sealed to us.
  const recipient = must(one.run("key", "show", "--quiet")).stdout.trim();
  must(two.run("pack", id, "--seal", "--recipient", recipient));
  mkdirSync(join(folder, "mini/p-12345678"), { recursive: true });
  cpSync(join(two.store, `${id}.zip.age`), join(folder, "mini/p-12345678", `${id}.zip.age`));
  const ran = one.run("pull", id, folder, "--host", "mini");
  expect(clearError(ran, 4)).toBeUndefined();
  expect(ran.stderr).toContain("another snapshot than the one that is here");
  expect(readdirSync(one.store).filter((name) => name.endsWith(".age"))).toEqual([]);
  must(one.run("pull", id, folder, "--host", "mini", "--snapshots", join(one.away, "apart")));
});

test("of many copies one that is damaged is named, and the others are pulled", () => {
  const w = sealing();
  const folder = usb(w);
  const ids = [w.create(), w.create(), w.create()];
  must(w.run("push", "--all", folder));
  writeFileSync(join(folder, own(w), `${ids[1]}.zip.age`), "");
  const mac = freshMac(w);
  const ran = mac.run("pull", "--all", folder);
  expect(ran.exit).toBe(4);
  expect(ran.stdout).toContain(`❌ ${ids[1]} of ${host}: ${folder}/${own(w)}/${ids[1]}.zip.age is not a whole archive`);
  expect(
    readdirSync(mac.store)
      .filter((name) => name.endsWith(".age"))
      .sort(),
  ).toEqual([ids[0], ids[2]].map((id) => `${id}.zip.age`));
});

test("a place whose keys are missing does not keep the archive from the others", () => {
  const w = sealing();
  const folder = usb(w);
  w.put({ "root/rollback.yaml": `version: 1\ncopies: {usb: {to: ${folder}}, cloud: {to: "s3://bucket-x/y"}}\n` });
  const id = w.create();
  const ran = w.run("push");
  expect(ran.exit).toBe(3);
  expect(ran.stdout).toContain("❌ cloud: no keys for S3");
  expect(readdirSync(join(folder, own(w)))).toEqual([`${id}.zip.age`]);
  expect(clearError(w.run("push", "cloud"), 1)).toBeUndefined();
});

test("a place among the snapshots is none", () => {
  const w = sealing();
  w.create();
  for (const place of [w.store, join(w.store, "copies")]) expect(clearError(w.run("push", place), 2)).toBeUndefined();
});

test("the identity is not a part of what is pushed", () => {
  const w = sealing();
  const folder = usb(w);
  w.create();
  must(w.run("push", folder));
  expect(JSON.stringify(readTree(folder))).not.toContain("AGE-SECRET");
});
