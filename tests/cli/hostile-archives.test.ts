// Archives from strangers, through every command that opens one: one clear error, and nothing written anywhere.
// tests/archive/hostile.test.ts has the whole corpus of broken zips; here are the commands, and what only they can see.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { type RawEnd, type RawEntry, rawZip, utf8 } from "../archive/parts.ts";
import { clearError, HOME, LACKS, newKey, ROOT, sh, shell } from "../archives.ts";
import { lacks, must, readTree, world } from "../harness.ts";

const w = world({ home: HOME, root: ROOT });
const recipient = newKey(w);
const id = w.create();
// What the archives claim is edited here, so that a restore would have to write.
w.put({ "root/shared/secrets.py": "edited", "root/.mcp.json": "edited", "away/sub/keep": "kept" });

const text = (path: string) => readFileSync(join(w.store, id, path), "utf8");
const stored = ["config/mcp.json", "config/secrets.py", "credentials/home_.google-ads_google-ads.yaml"];
const plists = ["plist/com.petesbrain.a.plist", "plist/com.petesbrain.it's $HOME.plist"];
const entry = (path: string): RawEntry => ({ name: `${id}/${path}`, content: text(path) });
const sound = (): RawEntry[] => ["manifest.json", ...stored, ...plists].map(entry);
/** The sound archive with one entry in another's place, or one more. */
const replaced = (path: string, by: Partial<RawEntry>): RawEntry[] =>
  sound().map((one) => (one.name === `${id}/${path}` ? { ...one, ...by } : one));
const withMore = (...more: RawEntry[]) => [...sound(), ...more];
const without = (path: string) => sound().filter(({ name }) => name !== `${id}/${path}`);
const withManifest = (edit: (text: string) => string) =>
  replaced("manifest.json", { content: edit(text("manifest.json")) });
const underTop = (top: string) => sound().map((one) => ({ ...one, name: String(one.name).replace(id, top) }));
const secrets = "config/secrets.py";
const zeros = new Uint8Array(64 << 20);

type Case = [what: string, archive: Uint8Array | [RawEntry[], RawEnd?], exits?: number[], only?: string[]];
/** Wrong contents are found once they are read: `show` reads the manifest alone. */
const READS = ["unpack", "verify", "restore", "restore --force"];
const damaged = (bytes: Uint8Array, at: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
  return copy;
};

const CASES: Case[] = [
  // Where they would write.
  ["..", [withMore({ name: `${id}/config/../../../../evil`, content: "x" })]],
  [".. at the top", [withMore({ name: "../evil", content: "x" })]],
  ["an absolute name", [withMore({ name: "/tmp/evil", content: "x" })]],
  ["a drive letter", [withMore({ name: "C:/evil", content: "x" })]],
  ["a backslash", [withMore({ name: `${id}\\..\\evil`, content: "x" })]],
  ["a NUL in a name", [withMore({ name: `${id}/config/a\0.py`, content: "x" })]],
  ["an escape sequence in a name", [withMore({ name: `${id}/config/\x1b[2J`, content: "x" })]],
  ["a second top folder", [withMore({ name: "20200101_000000/config/a", content: "x" })]],
  ["a link", [replaced(secrets, { unix: 0o120777, content: "/etc/passwd" })]],
  ["a link to a folder, and a file below it", [withMore({ name: `${id}/config`, content: "/tmp", unix: 0o120777 })]],
  ["a device", [replaced(secrets, { unix: 0o020666 })]],
  ["a setuid file", [replaced(secrets, { unix: 0o104755 })]],
  // Twice, or nearly.
  ["a duplicate", [withMore(entry(secrets))]],
  ["a twin by case", [withMore({ name: `${id}/config/SECRETS.py`, content: "x" })]],
  [
    "a twin by Unicode form",
    [withMore({ name: `${id}/config/caf\u00e9`, content: "x" }, { name: `${id}/config/cafe\u0301`, content: "x" })],
  ],
  ["two names for one entry", [replaced(secrets, { local: { name: `${id}/config/evil.py!` } })]],
  // Too much.
  ["a bomb by ratio", [replaced(secrets, { data: deflateRawSync("x"), method: 8, size: 0x7fff_ffff })]],
  [
    "a bomb that claims little",
    [replaced(secrets, { data: deflateRawSync(zeros), method: 8, size: text(secrets).length })],
    [4, 7],
    READS,
  ],
  ["a manifest of 2 GB, as it claims", [replaced("manifest.json", { method: 8, size: 0x7fff_fff0 })]],
  ["70,000 entries, as it claims", [sound(), { entries: 65_535 }]],
  // Not whole.
  ["cut off in the middle", rawZip(sound()).subarray(0, 900)],
  ["cut off at its last byte", rawZip(sound()).subarray(0, -1)],
  ["a wrong CRC", [replaced(secrets, { crc: 12345, local: { crc: 12345 } })], [4], READS],
  ["a changed byte of content", damaged(rawZip(sound()), Buffer.from(rawZip(sound())).indexOf("KEY = ")), [4], READS],
  ["encrypted", [replaced(secrets, { flags: 1 })]],
  ["nothing", new Uint8Array(0)],
  ["no zip", utf8("this is a text, and no archive at all\n".repeat(30))],
  ["a shell script", utf8("#!/bin/sh\ntouch /tmp/evil\n")],
  ["a zip of nothing", rawZip([])],
  // A zip, but no snapshot.
  ["no manifest", [without("manifest.json")]],
  ["a manifest that is none", [withManifest(() => "[]")]],
  ["a manifest that is cut off", [withManifest((whole) => whole.slice(0, 400))]],
  ["a manifest that wants more than there is", [without(secrets)]],
  ["a manifest that names less than there is", [withMore({ name: `${id}/config/more.py`, content: "x" })]],
  ["a file at the top that no manifest names", [withMore({ name: `${id}/.bashrc`, content: "x" })]],
  [
    "a file of another size than the manifest says",
    [replaced(secrets, { content: "KEY = 'evil, and longer than before'\n" })],
  ],
  ["other bytes of the same size", [replaced(secrets, { content: text(secrets).replace("KEY", "YEK") })], [4], READS],
  [
    "a manifest whose backup leads out of it",
    [withManifest((whole) => whole.replaceAll("/config/secrets.py", "/config/../../secrets.py"))],
  ],
  [
    "a file of the manifest that is a folder",
    [[...without(secrets), { name: `${id}/${secrets}/`, unix: 0o040755, content: "" }]],
  ],
];

const archiveOf = ([, archive]: Case) => (archive instanceof Uint8Array ? archive : rawZip(...archive));
const everything = () => readTree(w.base, { skip: (path) => path.endsWith(".rollback/lock") });
const COMMANDS = ["show", "verify", "restore", "restore --force", "unpack"];

/** Runs each command on an archive; what is wrong with how they end, nothing where all is well. */
function judge(path: string, exits: number[], commands: string[]): string[] {
  return commands.flatMap((command) => {
    const ran = w.run(...command.split(" "), path);
    // verify has a result: that archive is damaged.
    if (command === "verify" && ran.exit === 4 && ran.stdout.includes("damaged") && ran.stderr === "") return [];
    const wrong = clearError(ran, ...exits);
    const sentence = (ran.stderr + ran.stdout).replaceAll("\n", "");
    const raw = /[\0-\x08\x0b-\x1f\x7f]/.test(sentence) ? ["prints control characters"] : [];
    return [...(wrong === undefined ? [] : [`${command}: ${wrong}`]), ...raw];
  });
}

test("the sound archive, made the same way, is read by every command: the control", () => {
  w.put({ "away/sub/sound.zip": rawZip(sound()) });
  for (const command of ["show", "verify", "restore"]) must(w.run(command, "../away/sub/sound.zip"));
  const other = world({ root: { ".mcp.json": "{}" } });
  must(other.run("unpack", join(w.away, "sub/sound.zip")));
  expect(readTree(join(other.store, id))["config/secrets.py"]).toEqual(
    readTree(join(w.store, id))["config/secrets.py"] ?? { kind: "other", mode: "" },
  );
});

/** Unpacking would be refused for the folder that is there, whatever the archive holds. */
const unpacking = (path: string, exits: number[]) => {
  const other = world({ home: { "keep.txt": "x" }, root: { ".mcp.json": "{}" } });
  const before = other.create();
  const skip = (name: string) => name.endsWith(".rollback/lock");
  const tree = readTree(other.base, { skip });
  const wrong = clearError(other.run("unpack", path), ...exits);
  expect(readTree(other.base, { skip })).toEqual(tree);
  expect(other.run("list", "--quiet").stdout).toBe(`${before}\n`);
  return wrong;
};

for (const one of CASES) {
  const [what, , exits = [4, 7], only = COMMANDS] = one;
  test(`${what}`, () => {
    const path = join(w.away, "sub/x.zip");
    w.put({ [path]: archiveOf(one) });
    const before = everything();
    expect(
      judge(
        path,
        exits,
        only.filter((command) => command !== "unpack"),
      ),
    ).toEqual([]);
    expect(everything()).toEqual(before);
    expect(unpacking(path, exits)).toBeUndefined();
  });
}

describe("a folder inside that is not a snapshot's id", () => {
  for (const top of ["evil", ".rollback", "20251211_143600.zip", "audit.jsonl"])
    test(top, () => {
      const path = join(w.away, "sub/x.zip");
      w.put({ [path]: rawZip(underTop(top)) });
      expect(unpacking(path, [4, 7])).toBeUndefined();
    });
});

test("targets outside home and root are refused, from an archive too", () => {
  const path = join(w.away, "sub/x.zip");
  const outside = (whole: string) => whole.replaceAll(join(w.root, "shared/secrets.py"), "/etc/cron.d/evil");
  w.put({ [path]: rawZip(withManifest(outside)) });
  const before = everything();
  expect(clearError(w.run("restore", path, "--force"), 7)).toBeUndefined();
  expect(everything()).toEqual(before);
});

describe.skipIf(LACKS.age)("the same, sealed (needs age)", () => {
  const chosen = [
    "..",
    "a link",
    "a duplicate",
    "a wrong CRC",
    "cut off in the middle",
    "no zip",
    "a manifest that wants more than there is",
    "a bomb that claims little",
  ];
  for (const one of CASES.filter(([what]) => chosen.includes(what)))
    test(one[0], async () => {
      const [, , exits = [4, 7], only = COMMANDS] = one;
      w.put({ "away/sub/plain": archiveOf(one) });
      await sh(w, `age -r ${recipient} -o ../away/sub/x.zip.age ../away/sub/plain`);
      const path = join(w.away, "sub/x.zip.age");
      const before = everything();
      expect(
        judge(
          path,
          exits,
          only.filter((command) => command !== "unpack"),
        ),
      ).toEqual([]);
      expect(everything()).toEqual(before);
    });
});

test.skipIf(lacks("zip"))("what zip's own tools make of a snapshot's folder is read (needs zip)", async () => {
  const made = await shell(w, `cd '${w.store}' && zip -qr '${w.away}/theirs.zip' ${id}`);
  expect(made).toEqual({ exit: 0, stdout: "", stderr: "" });
  must(w.run("verify", "../away/theirs.zip"));
});
