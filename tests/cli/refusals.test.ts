// What `restore --force` would refuse: the preview, `create` and `health` say it before, in the same words.
import { describe, expect, test } from "bun:test";
import { chmodSync, lchownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { binary } from "../binary.ts";
import { isRoot, lacks, must, readTree, type World, world } from "../harness.ts";
import { inTmpfs, tmpfsMissing } from "../tmpfs.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p", "shared/secrets.py": "s" } };
const shape = v.object({
  ok: v.boolean(),
  changes: v.array(v.object({ path: v.string(), action: v.string(), reason: v.optional(v.string()) })),
  summary: v.object({ modify: v.number(), refused: v.number() }),
  refusal: v.optional(v.object({ message: v.string(), hint: v.string() })),
  failed: v.optional(v.array(v.object({ path: v.string(), error: v.string() }))),
  restored: v.optional(v.number()),
});
const health = v.object({
  ok: v.boolean(),
  findings: v.array(v.object({ check: v.string(), level: v.string(), message: v.string() })),
});

const findingOf = (w: World, check: string) =>
  w.json(health, "health").value.findings.find((finding) => finding.check === check);

describe("a snapshots folder that others can write to", () => {
  test("is told by the preview (0), counted, and told by create and health with the way out, which works", () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed" });
    chmodSync(w.store, 0o777);
    const refused = w.run("restore", id, "--force");
    expect(refused.exit).toBe(7);
    const [words = "", wayOut = ""] = refused.stderr.split("\n").slice(-3);
    expect(words).toContain(`${w.store} is not safe to restore from: others can write to it`);
    const preview = must(w.run("restore", id));
    expect(preview.stdout).toContain(`${words}\n${wayOut}\n`);
    expect(preview.stdout).toContain("✓ Would restore (modified): paths.py");
    const { value } = w.json(shape, "restore", id);
    expect(value.summary).toMatchObject({ modify: 1, refused: 1 });
    expect(`❌ ${value.refusal?.message}\n   ${value.refusal?.hint}`).toBe(`${words}\n${wayOut}`);
    expect(must(w.run("create", "another")).stderr).toContain("others can write to it");
    expect(findingOf(w, "permissions")).toMatchObject({
      level: "critical",
      message: expect.stringContaining("chmod -R go-w"),
    });
    const command = wayOut.slice(wayOut.indexOf("chmod"));
    expect(Bun.spawnSync(["sh", "-c", command]).exitCode).toBe(0);
    must(w.run("restore", id, "--force"));
    expect(must(w.run("create", "the last")).stderr).not.toContain("others can write");
  });

  test("is told where it is its group's, or its inner folder's", () => {
    for (const [path, mode] of [
      ["", 0o770],
      [".rollback", 0o777],
    ] as const) {
      const w = world(parts);
      const id = w.create();
      w.put({ "root/shared/paths.py": "changed" });
      chmodSync(join(w.store, path), mode);
      expect(must(w.run("restore", id)).stdout).toContain("others can write to it");
      expect(must(w.run("create", "another")).stderr).toContain("others can write to it");
    }
  });
});

test("a file in a folder that a link leads out of home and root: told by create and health, with the flag that allows it", () => {
  const w = world({ ...parts, away: { "elsewhere/own.json": "1" } });
  w.put({ "root/linked": { link: w.path("away/elsewhere") }, "root/rollback.yaml": "configs: [linked/own.json]\n" });
  const created = must(w.run("create", "x y"));
  const told = `leads to ${w.away}/elsewhere/own.json, which lies outside the home and the root`;
  expect(created.stderr).toContain(told);
  expect(created.stderr).toContain(`--allow ${w.away}/elsewhere`);
  expect(findingOf(w, "restore")).toMatchObject({ level: "warning", message: expect.stringContaining(told) });
  w.put({ "away/elsewhere/own.json": "2" });
  expect(w.json(shape, "restore", "latest").value.summary.refused).toBe(1);
  expect(must(w.run("restore", "latest")).stdout).toContain("lies outside the home and the root");
  must(w.run("restore", "latest", "--force", "--allow", `${w.away}/elsewhere`));
  expect(readFileSync(w.path("away/elsewhere/own.json"), "utf8")).toBe("1");
});

describe.skipIf(!isRoot)("what belongs to somebody else (needs root)", () => {
  test("a folder in the home: told by preview, create and health; --keep-going passes it and names it", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed", "root/.mcp.json": '{"a":1}' });
    lchownSync(join(w.root, "shared"), 0, 0);
    const words = `lies in ${w.root}/shared, which belongs to root and is not yours to write to`;
    const { value } = w.json(shape, "restore", id);
    expect(value.summary).toMatchObject({ modify: 1, refused: 1 });
    expect(value.changes.find(({ action }) => action === "refused")?.reason).toContain(words);
    const refused = w.run("restore", id, "--force");
    expect(refused.exit).toBe(1);
    expect(refused.stderr).toContain(words);
    expect(must(w.run("create", "another")).stderr).toContain(words);
    expect(findingOf(w, "restore")?.message).toContain(words);
    const passed = w.json(shape, "restore", id, "--force", "--keep-going");
    expect(passed).toMatchObject({ exit: 3, value: { restored: 1 } });
    expect(passed.value.failed?.map(({ path }) => path)).toEqual([`${w.root}/shared/paths.py`]);
    expect(readTree(w.root)).toMatchObject({ ".mcp.json": { bytes: "{}" }, "shared/paths.py": { bytes: "changed" } });
  });

  test("a file that can't be read: --keep-going passes it and names it", () => {
    const w = world(parts, { ordinary: true });
    const id = w.create();
    w.put({ "root/shared/paths.py": { file: "changed", mode: 0 }, "root/.mcp.json": '{"a":1}' });
    expect(w.run("restore", id, "--force").exit).toBe(1);
    const passed = w.json(shape, "restore", id, "--force", "--keep-going");
    expect(passed).toMatchObject({ exit: 3, value: { restored: 1, summary: { refused: 1 } } });
    expect(passed.value.failed?.[0]).toMatchObject({ path: `${w.root}/shared/paths.py` });
    expect(passed.value.failed?.[0]?.error).toContain("permission denied");
    expect(w.run("restore", id, "--force", "--keep-going").stdout).toContain(`Not restored: ${w.root}/shared/paths.py`);
  });
});

const flag = (path: string, how: "+i" | "-i") => Bun.spawnSync(["chattr", how, path]).exitCode === 0;
const noFlags = (): boolean => {
  if (!isRoot || process.platform !== "linux" || lacks("chattr")) return true;
  const { root } = world({ root: { x: "" } });
  const can = flag(join(root, "x"), "+i");
  flag(join(root, "x"), "-i");
  return !can;
};

describe.skipIf(noFlags())("what is immutable (needs root and chattr)", () => {
  const check = (locked: string) => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed", "root/.mcp.json": '{"a":1}' });
    const path = join(w.root, locked);
    expect(flag(path, "+i")).toBe(true);
    try {
      const words = `chattr -ia ${path}`;
      const { value } = w.json(shape, "restore", id);
      expect(value.summary).toMatchObject({ modify: 1, refused: 1 });
      expect(must(w.run("restore", id)).stdout).toContain(words);
      const refused = w.run("restore", id, "--force");
      expect(refused.exit).toBe(1);
      expect(refused.stderr).toContain(words);
      expect(must(w.run("create", "another")).stderr).toContain(words);
      expect(w.json(shape, "restore", id, "--force", "--keep-going")).toMatchObject({
        exit: 3,
        value: { restored: 1 },
      });
      must(w.run("restore", id, "--except", "paths.py", "--force"));
    } finally {
      flag(path, "-i");
    }
    must(w.run("restore", id, "--force"));
  };
  test("a file: refused in all places in the same words", () => check("shared/paths.py"), 60_000);
  test("a folder: the same", () => check("shared"), 60_000);
});

const missing = tmpfsMissing();
test.skipIf(missing !== undefined)(
  `a store on a read-only disk: the preview works, and --force names what does (${missing})`,
  () => {
    const w = world(parts);
    const id = w.create();
    w.put({ "root/shared/paths.py": "changed" });
    const script = [
      `cp -Rp '${w.store}' "$1/s" && mount -o remount,ro "$1" || exit 99`,
      `rollback restore ${id} --snapshots "$1/s" || exit 98`,
      `rollback restore ${id} --snapshots "$1/s" --force 2>"$HOME/said"; [ $? -eq 1 ] || exit 97`,
      `command=$(sed -n '/of this machine:/{n;s/^ *//p;}' "$HOME/said"); echo "COMMAND $command"; sh -c "$command"`,
    ].join("\n");
    const ran = inTmpfs("8m", ["sh", "-c", script, "sh"], {
      ...w.environment(),
      PATH: `${join(binary, "..")}:/usr/sbin:/usr/bin:/sbin:/bin`,
    });
    expect(ran).toMatchObject({ exit: 0 });
    expect(ran.stdout).toContain("✓ Would restore (modified): paths.py");
    expect(ran.stdout).toContain("is on a disk that is read-only");
    expect(ran.stdout).toContain("COMMAND rollback restore /");
    expect(readFileSync(join(w.root, "shared/paths.py"), "utf8")).toBe("p");
  },
);

describe.skipIf(process.platform !== "linux")("a path near the limit (4095 bytes on Linux)", () => {
  test.each(["c.json", "é.json", "a"])("with a short name, %s, is restored like any other", (name) => {
    const w = world({ root: { ".mcp.json": "{}" } });
    w.put({ "root/rollback.yaml": `configs: ["deep/**/${name}", .mcp.json]\n` });
    // Folder by folder, for no call takes the whole path at once when it is as long as can be.
    const script = `import os,sys
os.chdir(sys.argv[1]); os.mkdir('deep'); os.chdir('deep')
size = len(os.fsencode(os.getcwd())); wanted = 4095 - 1 - len(os.fsencode(sys.argv[2]))
while size < wanted:
    part = min(200, wanted - size - 1)
    if wanted - size - 1 - part == 1: part -= 2
    os.mkdir('d' * part); os.chdir('d' * part); size += part + 1
open(sys.argv[2], 'w').write('good')
print(os.getcwd() + '/' + sys.argv[2])`;
    const made = Bun.spawnSync(["python3", "-c", script, w.root, name]);
    const path = made.stdout.toString().trim();
    expect(Buffer.byteLength(path)).toBe(4095);
    const id = w.create();
    writeFileSync(path, "bad");
    expect(w.json(shape, "restore", id).value.summary).toMatchObject({ modify: 1, refused: 0 });
    must(w.run("restore", id, "--force"));
    expect(readFileSync(path, "utf8")).toBe("good");
    expect(readdirSync(join(path, "..")).length).toBe(1);
    must(w.run("recover"));
  });
});
