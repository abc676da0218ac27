// What is packed is read again, by us and by the unzips of this world, byte for byte, with modes and times.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentOf, extract } from "../../src/archive/zip/extract.ts";
import { readZipDirectory } from "../../src/archive/zip/read.ts";
import { zipBytes } from "../../src/archive/zip/write.ts";
import { contentsOf, file, folder, MTIME, memory, packed, utf8 } from "./parts.ts";

const work = mkdtempSync(join(tmpdir(), "archive-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Bytes that no compression makes smaller, the same each time. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
const lines = (length: number): Uint8Array => {
  const count = Math.ceil(length / 32);
  const text = Array.from(
    { length: count },
    (_, line) => `${`line ${line} says ${(line * 7919) % 1000}`.padEnd(31)}\n`,
  );
  return utf8(text.join("")).subarray(0, length);
};

const LARGE = lines(9 << 20);
const NOISE = noise(5 << 20);
const MEDIUM = lines(200_000);
const entries = () => [
  folder("20251211_143600/"),
  folder("20251211_143600/config/"),
  file("20251211_143600/config/empty", ""),
  file("20251211_143600/config/mcp.json", '{"mcpServers":{}}'.repeat(9), { mode: 0o644 }),
  file("20251211_143600/config/gr\u00fc\u00dfe \u{1f511}.json", "{}"),
  file("20251211_143600/config/medium.txt", MEDIUM, { mtimeMs: MTIME + 999 }),
  file("20251211_143600/config/large.txt", LARGE, { mtimeMs: MTIME - 86_400_000 }),
  file("20251211_143600/config/noise.bin", NOISE),
  file("20251211_143600/config/small.gz", noise(3000)),
];
const NAMES = entries().map(({ name }) => name);

/** A tool of the machine, or why its test is skipped; in CI none is. */
function tool(name: string): string {
  return Bun.which(name) ?? (process.env.CI ? name : "");
}
function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: work, env: { ...process.env, TZ: "Asia/Tokyo" } });
  expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.toString();
}
const [unzip, zipinfo, python, zip] = ["unzip", "zipinfo", "python3", "zip"].map(tool);
const unless = (path: string | undefined, name: string) => (path ? "" : ` (skipped: ${name} is not installed)`);

describe("our own archive", () => {
  test("is read again, whole", async () => {
    const { top, contents } = await contentsOf(await packed(...entries()));
    expect(top).toBe("20251211_143600");
    expect(contents.map(({ name }) => name)).toEqual(NAMES);
    expect(contents.map(({ mode }) => mode.toString(8))).toEqual("700 700 600 644 600 600 600 600 600".split(" "));
    expect(contents.map(({ mtimeMs }) => mtimeMs - MTIME)).toEqual([0, 0, 0, 0, 0, 0, -86_400_000, 0, 0]);
    for (const [index, bytes] of [
      [5, MEDIUM],
      [6, LARGE],
      [7, NOISE],
    ] as const)
      expect(Buffer.from(contents[index]?.content ?? "", "latin1").equals(bytes)).toBe(true);
    expect(contents.map(({ method }) => method)).toEqual(
      "stored stored stored deflated stored deflated deflated stored stored".split(" "),
    );
  });

  test("gives one small file at once, and refuses a large one", async () => {
    const source = memory(await packed(...entries()));
    const found = readZipDirectory(source, { totalBytes: 1 << 30 }).entries.filter(({ folder }) => !folder);
    const texts = found.slice(1, 3).map((entry) => Buffer.from(contentOf(source, entry, 1000)).toString());
    expect(texts).toEqual(['{"mcpServers":{}}'.repeat(9), "{}"]);
    for (const entry of found.slice(3, 5)) expect(() => contentOf(source, entry, 1000)).toThrow(RangeError);
    for (const entry of found.slice(3, 5)) expect(contentOf(source, entry, 1 << 24).length).toBe(entry.size);
  });

  test("has the same bytes however its files are cut into chunks, and whatever the time zone", async () => {
    const cut = (bytes: Uint8Array, by: number) => ({
      *read() {
        for (let offset = 0; offset < bytes.length; offset += by) yield bytes.slice(offset, offset + by);
      },
    });
    const whole = await packed(...entries());
    const inChunks = entries().map((entry) => ({ ...entry, ...cut(Buffer.concat([...entry.read()]), 100_003) }));
    expect(Buffer.from(await packed(...inChunks)).equals(whole)).toBe(true);
    const script = join(work, "zone.ts");
    const parts = join(import.meta.dir, "parts.ts");
    // 02:30 on a day on which clocks in New York skip that hour.
    const at = Date.UTC(2025, 2, 9, 2, 30);
    writeFileSync(
      script,
      `import { file, packed } from ${JSON.stringify(parts)};
       const bytes = await packed(file("top/a", "x", { mtimeMs: ${at} }), file("top/b", "x", { mtimeMs: ${MTIME} }));
       console.log(new Date(0).getHours(), Bun.SHA256.hash(bytes, "hex"));`,
    );
    const answers = ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"].map((zone) => {
      const { stdout } = Bun.spawnSync([process.execPath, script], { env: { ...process.env, TZ: zone } });
      return stdout.toString().trim().split(" ");
    });
    expect(new Set(answers.map(([hour]) => hour)).size).toBeGreaterThan(2);
    expect(new Set(answers.map(([, hash]) => hash)).size).toBe(1);
    expect(answers[0]?.[1]).toHaveLength(64);
  });

  test("is written and read in small pieces, however large a file", async () => {
    let asked = 0;
    let given = 0;
    const size = 64 << 20;
    const block = lines(1 << 20);
    const many = (name: string, bytes: Uint8Array) => ({
      ...file(name, "", { size }),
      *read() {
        for (let offset = 0; offset < size; offset += bytes.length) {
          asked++;
          yield bytes;
        }
      },
    });
    const parts: Uint8Array[] = [];
    for (const chunk of await zipBytes([many("top/text", block), many("top/noise", noise(1 << 20))])) {
      if (parts.length === 1) given = asked;
      expect(chunk.length).toBeLessThanOrEqual(2 << 20);
      parts.push(chunk);
    }
    expect(given).toBeLessThan(6);
    const source = memory(Buffer.concat(parts));
    for (const entry of readZipDirectory(source, { totalBytes: 1 << 30 }).entries) {
      let total = 0;
      await extract(source, entry, (chunk) => {
        expect(chunk.length).toBeLessThanOrEqual(1 << 20);
        total += chunk.length;
      });
      expect(total).toBe(size);
    }
    expect(source.largestRead).toBeLessThanOrEqual(1 << 20);
  });

  test("says nothing of sizes in front of the data: they follow in a descriptor", async () => {
    const archive = Buffer.from(await packed(file("top/a", MEDIUM)));
    expect([archive.readUInt16LE(6), ...archive.subarray(14, 26)]).toEqual([1 << 3, ...new Uint8Array(12)]);
    const descriptor = archive.indexOf(Buffer.from([0x50, 0x4b, 7, 8]));
    expect(archive.readUInt32LE(descriptor + 12)).toBe(MEDIUM.length);
  });

  test("closes the file that is being read when its reader stops", async () => {
    let open = 0;
    const entry = {
      ...file("top/a", "", { size: 8 << 20 }),
      *read() {
        open++;
        try {
          for (let block = 0; block < 8; block++) yield lines(1 << 20);
        } finally {
          open--;
        }
      },
    };
    for (const chunk of await zipBytes([entry])) if (chunk.length > 1000) break;
    expect(open).toBe(0);
  });
});

describe("other tools open it", () => {
  const written = async () => {
    writeFileSync(join(work, "ours.zip"), await packed(...entries()));
    return join(work, "ours.zip");
  };

  test.skipIf(!unzip)(`unzip gives files, modes and times back${unless(unzip, "unzip")}`, async () => {
    const archive = await written();
    expect(run(unzip ?? "", "-tqq", archive)).toBe("");
    // With an encoding of its own choice unzip writes names as it pleases; this machine may have no UTF-8 locale.
    Bun.spawnSync([unzip ?? "", "-q", archive, "-d", "out"], { cwd: work, env: { ...process.env, LC_ALL: "C.UTF-8" } });
    for (const entry of entries()) {
      const stats = statSync(join(work, "out", entry.name));
      expect((stats.mode & 0o777).toString(8)).toBe(entry.mode.toString(8));
      expect(stats.mtimeMs).toBe(Math.floor(entry.mtimeMs / 1000) * 1000);
      if (stats.isFile())
        expect(readFileSync(join(work, "out", entry.name)).equals(Buffer.concat([...entry.read()]))).toBe(true);
    }
    expect(readdirSync(join(work, "out"))).toEqual(["20251211_143600"]);
  });

  test.skipIf(!zipinfo)(`zipinfo shows a plain archive made on Unix${unless(zipinfo, "zipinfo")}`, async () => {
    const rows = run(zipinfo ?? "", await written())
      .split("\n")
      .slice(2, -2);
    expect(rows).toHaveLength(NAMES.length);
    // Method, upper case where encrypted; X: extra fields and descriptor.
    expect(rows[0]).toMatch(/^drwx------ {2}2\.0 unx +0 bX stor /);
    expect(rows[3]).toMatch(/^-rw-r--r-- {2}2\.0 unx +153 bX defN /);
    expect(rows[6]).toMatch(/^-rw------- {2}2\.0 unx +\d+ bX defN /);
    expect(rows[7]).toMatch(/^-rw------- {2}2\.0 unx +\d+ bX stor /);
  });

  test.skipIf(!python)(`python reads it${unless(python, "python3")}`, async () => {
    const script =
      "import sys,zipfile,hashlib,json\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
      "print(json.dumps([[i.filename,i.external_attr,list(i.date_time),hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist()]))";
    const rows: unknown = JSON.parse(run(python ?? "", "-c", script, await written()));
    expect(rows).toEqual(
      entries().map((entry) => [
        entry.name,
        entry.name.endsWith("/") ? (0o040000 | entry.mode) * 65536 + 0x10 : (0o100000 | entry.mode) * 65536,
        entry.name.endsWith("large.txt") ? [2025, 12, 10, 14, 36, 0] : [2025, 12, 11, 14, 36, 0],
        new Bun.CryptoHasher("sha256").update(Buffer.concat([...entry.read()])).digest("hex"),
      ]),
    );
  });

  test.skipIf(!zip || !unzip)(
    `what zip makes of the same files is read, also through a pipe${unless(zip, "zip")}`,
    async () => {
      run(unzip ?? "", "-qo", await written(), "-d", "again");
      const shell = (command: string) =>
        Bun.spawnSync(["sh", "-c", command], {
          cwd: join(work, "again"),
          env: { ...process.env, TZ: "Asia/Tokyo", LC_ALL: "C.UTF-8" },
        }).stdout;
      for (const archive of [
        shell("zip -qr ../theirs.zip . && cat ../theirs.zip"),
        shell("zip -qr - 20251211_143600 | cat"),
      ]) {
        const { contents } = await contentsOf(archive);
        expect(contents).toHaveLength(NAMES.length);
        const large = contents.find(({ name }) => name.endsWith("large.txt"));
        expect(Buffer.from(large?.content ?? "", "latin1").equals(LARGE)).toBe(true);
        expect((large?.mtimeMs ?? 0) - MTIME).toBe(-86_400_000);
      }
    },
  );
});
