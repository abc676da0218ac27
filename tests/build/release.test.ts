// Builds the whole release twice. The runtimes come from the package registry once and are kept in node_modules/.cache.
import { beforeAll, describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { compile, programIn } from "../../build/compile.ts";
import { readBuildInfo } from "../../build/info.ts";
import { writePacked } from "../../build/packed.ts";
import { release } from "../../build/release.ts";
import { hostTarget, runtimeOf, TARGETS } from "../../build/targets.ts";
import { checkSignature, verifyAdHoc } from "../../build/verify.ts";
import { imports, llvmMissing, loadCommands } from "./llvm.ts";
import { root, run, scratchFolder, write } from "./scratch.ts";

const scratch = scratchFolder();
const [first, second] = [join(scratch, "first"), join(scratch, "second")];
/** By the availability marks in the headers of macOS 14 and 15: os_sync_wait_on_address.h (14.4), string.h (15.4). */
const NEWER_THAN_13 = /^_(os_sync_\w+|strchrnul)$/;
/** Far more than it takes: no test is to depend on speed. */
const MINUTES = 60 * 60_000;

/** The installed packages, without the ones that only development needs and that are large. */
function runtimePackages(checkout: string): string[] {
  const names = readdirSync(join(checkout, "node_modules")).filter((name) => !name.startsWith("."));
  const large = ["@oven", "@biomejs", "@typescript", "bun", "bun-types", "typescript"];
  return names.filter((name) => !large.includes(name)).map((name) => join("node_modules", name));
}

describe("a release", () => {
  beforeAll(async () => {
    await release({ root, out: first, packed: ["linux-x64"] });
    await release({ root, out: second, packed: [] });
  }, MINUTES);

  const binaries = TARGETS.map((target) => `rollback-${target}`);
  const packed = ["rollback-linux-x64.zst", "rollback-linux-x64.gz"];

  test("holds a binary for each target, also compressed, the man pages, install.sh and SHA256SUMS, and nothing else", () => {
    const names = [...binaries, ...packed, "SHA256SUMS", "install.sh", "rollback-man.tar"];
    expect(readdirSync(first).sort()).toEqual(names.sort());
    for (const name of [...binaries, "install.sh"]) {
      expect([name, (statSync(join(first, name)).mode & 0o777).toString(8)]).toEqual([name, "755"]);
    }
  });

  test.each(TARGETS)("for %s is the same bytes when it is built again", (target) => {
    const bytes = readFileSync(join(first, `rollback-${target}`));
    expect(bytes.equals(readFileSync(join(second, `rollback-${target}`)))).toBe(true);
  });

  test("has man pages of the same bytes when it is built again", () => {
    const bytes = readFileSync(join(first, "rollback-man.tar"));
    expect(bytes.equals(readFileSync(join(second, "rollback-man.tar")))).toBe(true);
  });

  test("compressed is the same bytes again, smaller, and opens to the binary by the system's own tools", async () => {
    const [one = "", two = ""] = ["one", "two"].map((name) =>
      join(write(scratch, { [name]: "some text\n".repeat(999) }), name),
    );
    for (const path of [one, two]) expect(await writePacked(path)).toEqual([".zst", ".gz"]);
    for (const ending of [".zst", ".gz"])
      expect(readFileSync(one + ending).equals(readFileSync(two + ending))).toBe(true);
    const whole = readFileSync(join(first, "rollback-linux-x64"));
    for (const [name = "", tool = ""] of [
      ["rollback-linux-x64.gz", "gzip"],
      ["rollback-linux-x64.zst", "zstd"],
    ]) {
      const bytes = readFileSync(join(first, name));
      expect(bytes.length).toBeLessThan(whole.length / 2);
      if (Bun.which(tool) === null) continue;
      const { stdout } = Bun.spawnSync([tool, "-dc", join(first, name)], { stdout: "pipe" });
      expect(whole.equals(stdout)).toBe(true);
    }
  });

  test("has sums that the system's own tool finds right", () => {
    const tool = Bun.which("sha256sum") ? ["sha256sum", "-c"] : ["shasum", "-a", "256", "-c"];
    const { code, stdout } = run([...tool, "SHA256SUMS"], first, { PATH: process.env.PATH ?? "" });
    expect(stdout).toBe(
      [...binaries.toSpliced(3, 0, ...packed), "rollback-man.tar", "install.sh"]
        .map((name) => `${name}: OK\n`)
        .join(""),
    );
    expect(code).toBe(0);
  });

  test.each(["darwin-arm64", "darwin-x64"] as const)("is signed for %s", (target) => {
    const bytes = readFileSync(join(first, `rollback-${target}`));
    expect(verifyAdHoc(bytes, "rollback")).toMatchObject({ identifier: "rollback", flags: 0x2 });
  });

  const noLlvm = llvmMissing();
  test.skipIf(noLlvm !== undefined).each(["darwin-arm64", "darwin-x64"] as const)(
    `for %s is what LLVM, too, finds fit for macOS 13 (${noLlvm ?? "asked"})`,
    (target) => {
      const file = join(first, `rollback-${target}`);
      const { names, libraries, platform, minimum, signature } = loadCommands(file);
      expect([platform, minimum]).toEqual(["macos", "13.0"]);
      expect(names).toEqual({
        ...{ LC_BUILD_VERSION: 1, LC_CODE_SIGNATURE: 1, LC_DATA_IN_CODE: 1, LC_DYLD_CHAINED_FIXUPS: 1 },
        ...{ LC_DYLD_EXPORTS_TRIE: 1, LC_DYSYMTAB: 1, LC_FUNCTION_STARTS: 1, LC_LOAD_DYLIB: 4 },
        ...{ LC_LOAD_DYLINKER: 1, LC_MAIN: 1, LC_SEGMENT_64: 6, LC_SYMTAB: 1, LC_UUID: 1 },
      });
      // Whole paths of the system's own, none of them searched for.
      expect(libraries.toSorted()).toEqual([
        "/usr/lib/libSystem.B.dylib",
        "/usr/lib/libc++.1.dylib",
        "/usr/lib/libicucore.A.dylib",
        "/usr/lib/libresolv.9.dylib",
      ]);
      // The signature ends the file, and begins as a SuperBlob.
      expect(signature.offset + signature.size).toBe(statSync(file).size);
      expect(readFileSync(file).readUInt32BE(signature.offset)).toBe(0xfade0cc0);
      const symbols = imports(file);
      expect(symbols.length).toBeGreaterThan(100);
      expect(symbols.filter(({ from }) => !["libSystem", "libc++", "libicucore", "libresolv"].includes(from))).toEqual(
        [],
      );
      // What came to libSystem after macOS 13 would stop the start there.
      expect(symbols.filter(({ name, weak }) => !weak && NEWER_THAN_13.test(name))).toEqual([]);
    },
  );

  test.each([
    ["linux-x64", 0x3e],
    ["linux-arm64", 0xb7],
  ] as const)("is an ELF file of the right machine for %s", (target, machine) => {
    const bytes = readFileSync(join(first, `rollback-${target}`));
    expect(bytes.toString("latin1", 0, 4)).toBe("\x7fELF");
    expect(bytes.readUInt16LE(18)).toBe(machine);
  });

  test("is the same bytes when its sources lie elsewhere", async () => {
    const elsewhere = join(scratch, "else where");
    for (const name of ["src", "package.json", "tsconfig.json", ...runtimePackages(root)]) {
      cpSync(join(root, name), join(elsewhere, name), { recursive: true });
    }
    const info = { version: "1", commit: null, target: hostTarget(), bun: Bun.version, builtAt: null };
    const [here, there] = [join(scratch, "here"), join(scratch, "there")];
    await compile({ ...programIn(root), outfile: here, info });
    await compile({ ...programIn(elsewhere), outfile: there, info });
    expect(readFileSync(here).equals(readFileSync(there))).toBe(true);
  });
});

// The verifier was written from the same manuals as the signer. These signatures were not made by that signer.
describe("the verifier, on what others signed", () => {
  test.each([
    ["darwin-arm64", 0x4000],
    ["darwin-x64", 0x1000],
  ] as const)(
    "finds Apple's signature of Bun for %s right",
    (target, pageSize) => {
      expect(checkSignature(readFileSync(runtimeOf(target, root)))).toMatchObject({ identifier: "bun", pageSize });
    },
    MINUTES,
  );

  async function unsigned(target: "darwin-arm64" | "darwin-x64"): Promise<Uint8Array> {
    const outfile = join(scratch, `unsigned-${target}`);
    const entry = join(write(scratch, { "one.ts": "console.log(1);\n" }), "one.ts");
    const compiled = { target: `bun-${target}`, executablePath: runtimeOf(target, root), outfile } as const;
    const { success } = await Bun.build({ entrypoints: [entry], compile: compiled });
    expect(success).toBe(true);
    return readFileSync(outfile);
  }

  test(
    "finds Bun's own ad-hoc signature for darwin-arm64 right",
    async () => {
      expect(checkSignature(await unsigned("darwin-arm64"))).toMatchObject({ identifier: "a.out", flags: 0x20002 });
    },
    MINUTES,
  );

  // Where this test fails after an upgrade of Bun, Bun has mended it.
  test(
    "finds what Bun leaves on darwin-x64 wrong",
    async () => {
      const bytes = await unsigned("darwin-x64");
      expect(() => checkSignature(bytes)).toThrow(/^\d+ of its pages do not match their hashes; the first is page 0$/);
    },
    MINUTES,
  );
});

describe("compile", () => {
  const info = { version: "7.8.9", commit: null, target: hostTarget(), bun: Bun.version, builtAt: null };

  test("puts a new file in the place of the old one, and embeds BUILD_INFO", async () => {
    const entry = join(write(scratch, { "info.ts": "console.log(JSON.stringify(BUILD_INFO));\n" }), "info.ts");
    const outfile = join(write(join(scratch, "new file"), { rollback: "the old one" }), "rollback");
    const old = statSync(outfile).ino;
    await compile({ root: scratch, entry, outfile, info });
    expect(statSync(outfile).ino).not.toBe(old);
    expect(readdirSync(join(scratch, "new file"))).toEqual(["rollback"]);
    expect(JSON.parse(run([outfile], scratch, {}).stdout)).toEqual(info);
  });

  test("that fails leaves the old file and nothing beside it", async () => {
    const entry = join(write(scratch, { "broken.ts": 'import "./absent.ts";\n' }), "broken.ts");
    const outfile = join(write(join(scratch, "kept"), { rollback: "the old one" }), "rollback");
    await expect(compile({ root: scratch, entry, outfile, info })).rejects.toThrow();
    expect(readFileSync(outfile, "utf8")).toBe("the old one");
    expect(readdirSync(join(scratch, "kept"))).toEqual(["rollback"]);
  });
});

test("a runtime of another version of Bun is not built with", async () => {
  const checkout = write(join(scratch, "unpinned"), {
    "package.json": '{"version": "1.0.0", "devDependencies": {"bun": "1.0.0"}}',
  });
  const out = join(scratch, "unpinned", "dist");
  await expect(release({ root: checkout, out })).rejects.toThrow(
    `a release needs Bun 1.0.0, and this is ${Bun.version}`,
  );
  expect(existsSync(out)).toBe(false);
});

describe("build.ts", () => {
  test.each([[["--al"]], [["--all", "--if-stale"]], [["dist"]]])("refuses %j", (words) => {
    const { code, stderr } = run([process.execPath, join(root, "build.ts"), ...words], scratch, {});
    expect(code).toBe(2);
    expect(stderr).toBe(`unknown: ${words.join(" ")}\nusage: bun build.ts [--if-stale | --all]\n`);
  });
});

describe("BUILD_INFO", () => {
  const git = (folder: string, ...args: string[]) => {
    const settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    const env = { PATH: process.env.PATH ?? "", GIT_COMMITTER_DATE: "2026-01-02T03:04:05+0200", HOME: scratch };
    const result = run(["git", ...settings, ...args], folder, env);
    expect(result).toMatchObject({ code: 0 });
    return result.stdout.trim();
  };
  const sources = (name: string) =>
    write(join(scratch, name), { "package.json": '{"version": "1.2.3", "devDependencies": {"bun": "1"}}' });
  const withEpoch = async (epoch: string | undefined, folder: string) => {
    const before = process.env.SOURCE_DATE_EPOCH;
    try {
      if (epoch === undefined) delete process.env.SOURCE_DATE_EPOCH;
      else process.env.SOURCE_DATE_EPOCH = epoch;
      return await readBuildInfo(folder, "darwin-arm64");
    } finally {
      if (before === undefined) delete process.env.SOURCE_DATE_EPOCH;
      else process.env.SOURCE_DATE_EPOCH = before;
    }
  };
  const common = { version: "1.2.3", target: "darwin-arm64", bun: Bun.version };

  test("tells the commit and its time in UTC, and whether the work tree differs", async () => {
    const folder = sources("checkout");
    git(folder, "init", "-q");
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "one");
    const commit = git(folder, "rev-parse", "HEAD");
    const builtAt = "2026-01-02T01:04:05.000Z";
    expect(await withEpoch(undefined, folder)).toEqual({ ...common, commit, builtAt });
    write(folder, { "new.ts": "" });
    expect(await withEpoch(undefined, folder)).toEqual({ ...common, commit: `${commit}-dirty`, builtAt });
    const inside = sources("checkout/vendor/rollback");
    expect(await withEpoch(undefined, inside)).toEqual({ ...common, commit: null, builtAt: null });
  });

  test("takes its time from SOURCE_DATE_EPOCH", async () => {
    const folder = sources("unpacked");
    expect(await withEpoch(undefined, folder)).toEqual({ ...common, commit: null, builtAt: null });
    const info = await withEpoch("1000000000", folder);
    expect(info).toEqual({ ...common, commit: null, builtAt: "2001-09-09T01:46:40.000Z" });
    await expect(withEpoch("yesterday", folder)).rejects.toThrow(
      "SOURCE_DATE_EPOCH is not a count of seconds: yesterday",
    );
  });
});
