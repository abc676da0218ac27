// Sealed archives: age's own format both ways, opened by the right identity and by nothing else, and never plain on a disk.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  archiveWorld,
  clearError,
  identityOf,
  LACKS,
  newKey,
  SECRET,
  sealedOf,
  secretKey,
  sh,
  shell,
  zipOf,
} from "../archives.ts";
import { binary } from "../binary.ts";
import { keyed, packed } from "../contract.ts";
import { record } from "../crash/strace.ts";
import { tracing } from "../crash/tracing.ts";
import { modeOf, must, readTree, type World } from "../harness.ts";

const hexed = (text: string) =>
  [...Buffer.from(text, "latin1")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const WRITES = /^(p?write(v|64|v2)?|copy_file_range|sendfile)$/;

/** A world with an identity and a sealed snapshot that has no other form. */
function sealedWorld(): { w: World; id: string; recipient: string } {
  const w = archiveWorld();
  const recipient = newKey(w);
  const id = w.create();
  must(w.run("pack", id, "--seal", "--move"));
  return { w, id, recipient };
}

describe("key", () => {
  test("new makes an identity for its owner alone, and says what to keep", () => {
    const w = archiveWorld();
    const { exit, stdout, stderr } = must(w.run("key", "new"));
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(modeOf(identityOf(w))).toBe("0600");
    expect(modeOf(join(w.home, ".config/rollback"))).toBe("0700");
    expect(stdout).toContain(identityOf(w));
    expect(stdout).toContain("print that file out");
    expect(stdout).toMatch(/age1[0-9a-z]{58}\b/);
    expect(stdout).not.toContain("AGE-SECRET-KEY");
  });

  test("new overwrites nothing", () => {
    const w = archiveWorld();
    newKey(w);
    const before = readTree(w.home, { mtimes: true });
    expect(clearError(w.run("key", "new"), 1)).toBeUndefined();
    w.put({ "home/.config/rollback/other.txt": "mine" });
    const other = join(w.home, ".config/rollback/other.txt");
    expect(clearError(w.run("key", "new", "--identity", other), 1)).toBeUndefined();
    expect(readFileSync(other, "utf8")).toBe("mine");
    rmSync(other);
    w.put({ "home/.config/rollback/other.txt": { link: join(w.away, "planted") } });
    expect(clearError(w.run("key", "new", "--identity", other), 1)).toBeUndefined();
    rmSync(other);
    expect(existsSync(join(w.away, "planted"))).toBe(false);
    expect(Object.keys(readTree(w.home))).toEqual(Object.keys(before));
    expect(readFileSync(identityOf(w), "latin1")).toBe(Object(before[".config/rollback/identity.txt"]).bytes);
  });

  test("show prints recipients, never the key; each new one is another", () => {
    const w = archiveWorld();
    const recipient = newKey(w);
    const key = secretKey(identityOf(w));
    for (const manner of [[], ["--json"], ["--quiet"]]) {
      const { stdout, stderr } = must(w.run("key", "show", ...manner));
      expect(stdout).toContain(recipient);
      expect(stdout + stderr).not.toContain(key.slice(15, 40));
    }
    const second = newKey(w, "--identity", join(w.away, "second.txt"));
    expect(second).not.toBe(recipient);
    w.put({
      "away/both.txt": `# two\n${key}\n\n${secretKey(join(w.away, "second.txt"))}\n`,
    });
    const { value } = w.json(keyed, "key", "show", "--identity", join(w.away, "both.txt"));
    expect(value.recipients).toEqual([recipient, second]);
  });

  test("no identity is not found; a file that is none is a usage error that repeats nothing of it", () => {
    const w = archiveWorld();
    const ran = w.run("key", "show");
    expect(clearError(ran, 5)).toBeUndefined();
    expect(ran.stderr).toContain("rollback key new");
    for (const text of [SECRET, "", "# a comment\n", `AGE-SECRET-KEY-1${"Q".repeat(58)}\n`, `ssh-ed25519 ${SECRET}`]) {
      w.put({ "away/none.txt": text });
      const none = w.run("key", "show", "--identity", "../away/none.txt");
      expect(clearError(none, 2)).toBeUndefined();
      expect(none.stdout + none.stderr).not.toContain(SECRET);
    }
    w.put({ "away/big": "x" });
    truncateSync(join(w.away, "big"), 1 << 30);
    for (const [path, why] of [
      ["../away", "folder"],
      ["/dev/zero", "device"],
      ["../away/big", "larger"],
    ]) {
      const ran = w.run("key", "show", "--identity", path ?? "");
      expect([path, clearError(ran, 2)]).toEqual([path, undefined]);
      expect(ran.stderr).toMatch(new RegExp(`can't be read as an identity: .*${why}`));
    }
    expect(clearError(w.run("key", "old"), 2)).toBeUndefined();
  });

  test.skipIf(LACKS.age)("is an identity of age's, and the other way round (needs age)", async () => {
    const w = archiveWorld();
    const recipient = newKey(w);
    expect(await sh(w, `age-keygen -y '${identityOf(w)}'`)).toBe(`${recipient}\n`);
    await sh(w, "age-keygen -o ../away/theirs.txt");
    const theirs = (await sh(w, "age-keygen -y ../away/theirs.txt")).trim();
    expect(w.json(keyed, "key", "show", "--identity", "../away/theirs.txt").value.recipients).toEqual([theirs]);
  });
});

describe.skipIf(LACKS.age || LACKS.unzip)("age opens what rollback sealed (needs age and unzip)", () => {
  test("age -d and unzip give the very files", async () => {
    const w = archiveWorld();
    newKey(w);
    const id = w.create();
    const before = readTree(join(w.store, id));
    must(w.run("pack", id, "--seal"));
    await sh(
      w,
      `age -d -i '${identityOf(w)}' '${sealedOf(w, id)}' > ../away/a.zip && unzip -qq ../away/a.zip -d ../away`,
    );
    const after = readTree(join(w.away, id));
    for (const paper of ["SHA256SUMS", "RESTORE.txt"]) delete after[paper];
    expect(after).toEqual(before);
    must(w.run("pack", id));
    expect(readFileSync(join(w.away, "a.zip")).equals(readFileSync(zipOf(w, id)))).toBe(true);
  });

  test("with each of two recipients, and with no third", async () => {
    const w = archiveWorld();
    newKey(w);
    const [mine, spare, stranger] = ["mine", "spare", "stranger"].map((name) => join(w.away, `${name}.txt`));
    const [a, b] = [mine, spare].map((path) => newKey(w, "--identity", path ?? ""));
    newKey(w, "--identity", stranger ?? "");
    const id = w.create();
    must(w.run("pack", id, "--seal", "--recipient", a ?? "", "--recipient", b ?? ""));
    for (const path of [mine, spare]) expect((await shell(w, `age -d -i '${path}' '${sealedOf(w, id)}'`)).exit).toBe(0);
    for (const path of [stranger, identityOf(w)])
      expect((await shell(w, `age -d -i '${path}' '${sealedOf(w, id)}'`)).exit).not.toBe(0);
    rmSync(join(w.store, id), { recursive: true });
    for (const path of [mine, spare]) expect(must(w.run("verify", id, "--identity", path ?? "")).exit).toBe(0);
    for (const words of [[], ["--identity", stranger ?? ""]])
      expect(clearError(w.run("show", id, ...words), 5)).toBeUndefined();
  });
});

describe.skipIf(LACKS.age)("rollback opens what age sealed (needs age)", () => {
  for (const [form, flag] of [
    ["binary", ""],
    ["armored", "-a"],
  ])
    test(`${form}`, async () => {
      const w = archiveWorld();
      const recipient = newKey(w);
      const id = w.create();
      must(w.run("pack", id, "--move"));
      await sh(w, `age ${flag} -r ${recipient} -o '${sealedOf(w, id)}' '${zipOf(w, id)}' && rm '${zipOf(w, id)}'`);
      if (form === "armored") expect(readFileSync(sealedOf(w, id), "utf8")).toStartWith("-----BEGIN AGE");
      for (const words of [
        ["show", id],
        ["verify", id],
        ["restore", id],
        ["unpack", id],
      ])
        must(w.run(...words));
      expect(must(w.run("verify", id)).exit).toBe(0);
    });

  test("armor with Windows line ends, and with blank lines around it", async () => {
    const w = archiveWorld();
    const recipient = newKey(w);
    const id = w.create();
    must(w.run("pack", id, "--move"));
    const armored = await sh(w, `age -a -r ${recipient} '${zipOf(w, id)}'`);
    for (const text of [armored.replaceAll("\n", "\r\n"), `\n\n${armored}\n\n`]) {
      w.put({ "away/x.zip.age": text });
      expect(w.run("show", "../away/x.zip.age").exit).toBe(0);
    }
  });
});

describe("whom it is sealed to", () => {
  test("config seal.recipients, and --recipient instead of them", () => {
    const w = archiveWorld();
    const [kept, named] = ["kept", "named"].map((name) => join(w.away, `${name}.txt`));
    const [a, b] = [kept, named].map((path) => newKey(w, "--identity", path ?? ""));
    w.put({ "root/rollback.yaml": `seal: {recipients: [${a}]}\n` });
    const opens = (id: string, path = "") => w.run("show", sealedOf(w, id), "--identity", path).exit;
    // No identity of this machine's is needed for that.
    const first = w.create();
    must(w.run("pack", first, "--seal"));
    expect([opens(first, kept), opens(first, named)]).toEqual([0, 5]);
    const second = w.create();
    must(w.run("pack", second, "--seal", "--recipient", b ?? ""));
    expect([opens(second, kept), opens(second, named)]).toEqual([5, 0]);
  });

  test("a recipient that is none is a usage error with its line", () => {
    const w = archiveWorld();
    const id = w.create();
    w.put({ "root/rollback.yaml": "version: 1\nseal:\n  recipients: [age1nobody]\n" });
    const ran = w.run("pack", id, "--seal");
    expect(clearError(ran, 2)).toBeUndefined();
    expect(ran.stderr).toContain("rollback.yaml:3");
    expect(existsSync(sealedOf(w, id))).toBe(false);
  });

  test("with nobody named and no identity: not found, with the command that makes one", () => {
    const w = archiveWorld();
    const id = w.create();
    const before = readTree(w.store);
    const ran = w.run("pack", id, "--seal");
    expect(clearError(ran, 5)).toBeUndefined();
    expect(ran.stderr).toContain("rollback key new");
    expect(readTree(w.store)).toEqual(before);
  });

  test("the same snapshot sealed twice gives different bytes, and one that is there stays", () => {
    const w = archiveWorld();
    newKey(w);
    const id = w.create();
    must(w.run("pack", id, "--seal"));
    const first = readFileSync(sealedOf(w, id));
    expect(clearError(w.run("pack", id, "--seal", "--move"), 1)).toBeUndefined();
    expect(existsSync(join(w.store, id))).toBe(true);
    expect(readFileSync(sealedOf(w, id)).equals(first)).toBe(true);
    rmSync(sealedOf(w, id));
    expect(w.json(packed, "pack", id, "--seal").value.packed[0]?.written).toBe(true);
    expect(readFileSync(sealedOf(w, id)).equals(first)).toBe(false);
  });
});

describe("an archive that does not open", () => {
  test("without an identity, or with another: not found, and what to do", () => {
    const { w, id } = sealedWorld();
    const other = join(w.away, "other.txt");
    newKey(w, "--identity", other);
    const before = readTree(w.base);
    for (const words of [
      ["show", id],
      ["restore", id],
      ["restore", id, "--force"],
      ["verify", id],
      ["unpack", id],
    ]) {
      const ran = w.run(...words, "--identity", other);
      expect([words, clearError(ran, 5)]).toEqual([words, undefined]);
      expect(ran.stderr).toContain("--identity");
    }
    expect(readTree(w.base)).toEqual(before);
    rmSync(identityOf(w));
    for (const words of [
      ["show", id],
      ["restore", id],
      ["verify", id],
      ["unpack", id],
    ])
      expect(clearError(w.run(...words), 5)).toBeUndefined();
    // What nobody asked for is not a failure: but it is said that it was not looked at.
    const all = w.run("verify");
    expect(all.exit).toBe(0);
    expect(all.stderr).toContain("was not verified");
    expect(all.stdout).not.toContain("No snapshots");
  });

  test("a key with a wrong letter: a usage error that names file and line and shows nothing of it", () => {
    const { w, id } = sealedWorld();
    const path = identityOf(w);
    const sound = readFileSync(path, "utf8");
    const key = secretKey(path);
    const last = key.endsWith("Q") ? "P" : "Q";
    for (const wrong of [`${key.slice(0, -1)}${last}`, key.slice(0, -5), `${key}AA`, key.replace("KEY-1", "KEY-")]) {
      writeFileSync(path, sound.replace(key, wrong));
      for (const words of [["show", id], ["restore", id], ["diff", id], ["verify", id], ["verify"], ["unpack", id]]) {
        for (const manner of [[], ["--json"]]) {
          const ran = w.run(...words, ...manner);
          expect([words, ran.exit]).toEqual([words, 2]);
          expect(ran.stdout + ran.stderr).toContain(`${path}, line 3`);
          expect(ran.stdout + ran.stderr).not.toContain(key.slice(15, 27));
        }
      }
      // Nothing is sealed to fewer keys than the file has lines.
      const sealing = w.run("pack", w.create(), "--seal");
      expect([sealing.exit, sealing.stderr.includes(key.slice(15, 27))]).toEqual([2, false]);
    }
    // The other keys of the file count.
    writeFileSync(path, `${key.slice(0, -1)}${last}\n${sound}nonsense\n`);
    expect(must(w.run("verify", id)).stdout).toContain(id);
  });

  test("a changed byte anywhere: never opened, nothing written", () => {
    const { w, id } = sealedWorld();
    const sound = readFileSync(sealedOf(w, id));
    const payload = sound.indexOf("\n", sound.indexOf("\n---")) + 1;
    const positions = [0, 10, 22, 25, 30, 60, 90, 120, payload - 30, payload - 1, payload, payload + 7, payload + 15];
    for (let at = payload + 16; at < sound.length; at += Math.ceil((sound.length - payload) / 12)) positions.push(at);
    positions.push(sound.length - 1);
    const before = readTree(w.base, { skip: (path) => path.endsWith(".zip.age") });
    for (const [index, at] of positions.entries()) {
      const bytes = Buffer.from(sound);
      bytes.writeUInt8((bytes[at] ?? 0) ^ 4, at);
      writeFileSync(sealedOf(w, id), bytes);
      const words =
        [
          ["show", id],
          ["unpack", id],
          ["restore", id, "--force"],
        ][index % 3] ?? [];
      // In the header it may be the key's wrapping that was changed: then no identity opens it.
      const exits = at < payload ? [4, 5] : [4];
      expect([at, words, clearError(w.run(...words), ...exits)]).toEqual([at, words, undefined]);
    }
    expect(readTree(w.base, { skip: (path) => path.endsWith(".zip.age") })).toEqual(before);
  });

  test("cut off or with bytes behind it: damaged", () => {
    const { w, id } = sealedWorld();
    const sound = readFileSync(sealedOf(w, id));
    for (const bytes of [
      ...[0, 1, 21, 22, 100, 200, sound.length - 17, sound.length - 1].map((end) => sound.subarray(0, end)),
      Buffer.concat([sound, Buffer.from("x")]),
      Buffer.concat([sound, sound]),
      Buffer.alloc(1000),
    ]) {
      writeFileSync(sealedOf(w, id), bytes);
      expect([bytes.length, clearError(w.run("unpack", id), 4)]).toEqual([bytes.length, undefined]);
      expect(w.run("verify", id).exit).toBe(4);
    }
    expect(existsSync(join(w.store, id))).toBe(false);
  });

  test.skipIf(LACKS.age)("sealed, but no zip inside: damaged (needs age)", async () => {
    const w = archiveWorld();
    const recipient = newKey(w);
    for (const inside of ["no zip at all", ""]) {
      await sh(w, `printf '%s' '${inside}' | age -r ${recipient} -o ../away/x.zip.age`);
      expect(clearError(w.run("show", "../away/x.zip.age"), 4)).toBeUndefined();
    }
  });

  test("sealed by a passphrase: no identity opens it", () => {
    const w = archiveWorld();
    newKey(w);
    w.put({
      "away/x.zip.age": `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} 18\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n${"x".repeat(40)}`,
    });
    expect(clearError(w.run("show", "../away/x.zip.age"), 4, 5)).toBeUndefined();
  });
});

/** What a run wrote anywhere, as strace shows it. */
function written(w: World, ...words: string[]): string[] {
  const { exitCode, calls } = record({ argv: [binary, ...words], cwd: w.root, env: w.environment() });
  expect(exitCode).toBe(0);
  return calls.filter(({ name }) => WRITES.test(name)).flatMap(({ args }) => args);
}

tracing("a plain archive's writes hold the secret: the control for the tests below", () => {
  const w = archiveWorld();
  const id = w.create();
  expect(written(w, "pack", id).some((arg) => arg.includes(hexed(SECRET)))).toBe(true);
});

tracing("sealing writes no plain byte to any disk", () => {
  const w = archiveWorld();
  newKey(w);
  const id = w.create();
  const args = written(w, "pack", id, "--seal");
  expect(args.some((arg) => arg.includes(hexed("age-encryption.org/v1")))).toBe(true);
  for (const plain of [SECRET, "PK\x03\x04", secretKey(identityOf(w))])
    expect(args.filter((arg) => arg.includes(hexed(plain)))).toEqual([]);
});

tracing("looking into a sealed archive writes nothing of it", () => {
  const { w, id } = sealedWorld();
  const TMPDIR = join(w.away, "tmp");
  mkdirSync(TMPDIR);
  for (const words of [
    ["show", id],
    ["verify", id],
    ["restore", id],
  ]) {
    const { exitCode, calls } = record({ argv: [binary, ...words], cwd: w.root, env: w.environment({ TMPDIR }) });
    expect(exitCode).toBe(0);
    const args = calls.filter(({ name }) => WRITES.test(name)).flatMap((call) => call.args);
    for (const plain of [SECRET, "PK\x03\x04", secretKey(identityOf(w))])
      expect(args.filter((arg) => arg.includes(hexed(plain)))).toEqual([]);
  }
  expect(Object.keys(readTree(TMPDIR))).toEqual([""]);
});
