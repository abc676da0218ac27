// `leaks` by value: whatever a captured file holds as a secret is found in git's index, in whatever form and file it stands there.
import { beforeAll, describe, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import * as v from "valibot";
import { LACKS, newKey, sealedOf, sh, zipOf } from "../archives.ts";
import { checkout, git } from "../checkout.ts";
import { leaksFound } from "../contract.ts";
import { type Item, must, plist, type World, world } from "../harness.ts";

const PATH = process.env.PATH ?? "/usr/bin:/bin";
const DEVELOPER = "dvT0k-Q7x/93+aZ&<mnp>K2";
const PASSWORD = "Sommerregen=2031!ja";
const PHRASE = "quiet otter paints nine barns";
const CHAIN = [
  "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKB",
  "wEiOfQ1fFGs2A8xBQ2k3ZkS9Qx2sY2T9q1zJk3xO0uV5b6nM8dE7rF4gH1iJ2kL3",
];
const PEM = `-----BEGIN PRIVATE KEY-----\n${CHAIN.join("\n")}\n-----END PRIVATE KEY-----\n`;
const AGENT = "kx9Pq2Lm7Rt4Vw8Yb3Nc6";
const ALL = [DEVELOPER, PASSWORD, PHRASE, AGENT, ...CHAIN];

const secretWorld = (): World =>
  world({
    home: {
      ".google-ads/google-ads.yaml": {
        file: `developer_token: '${DEVELOPER}'\nclient_id: 1234-abc.apps.googleusercontent.com\nuse_proto_plus: True\n`,
        mode: 0o600,
      },
      "Library/LaunchAgents/com.petesbrain.a.plist": plist(
        "com.petesbrain.a",
        `<key>Program</key><string>/bin/sh</string><key>EnvironmentVariables</key><dict><key>INTEL_API_KEY</key><string>${AGENT}</string><key>PATH</key><string>/usr/bin:/bin:/opt/homebrew/bin</string><key>REPORT_TITLE</key><string>Weekly Intel Report 2031</string></dict>`,
      ),
    },
    root: {
      ".mcp.json": JSON.stringify({
        mcpServers: { ads: { command: "node", args: ["server.js"], env: { DB_PASSWORD: PASSWORD } } },
      }),
      "shared/secrets.py": `import os\n\nPASSPHRASE = "${PHRASE}"\n`,
      "infrastructure/mcp-servers/drive/credentials.json": JSON.stringify({
        type: "service_account",
        project_id: "petes-brain-204813",
        private_key: PEM,
        client_email: "drive@petes-brain-204813.iam.gserviceaccount.com",
        token_uri: "https://oauth2.googleapis.com/token",
      }),
      ".gitignore": "*\n!/code/\n!/code/**\n",
    },
  });

interface Ran {
  exit: number | null;
  found: v.InferOutput<typeof leaksFound>;
}

function look(
  w: World,
  { cwd = w.root, env = {} }: { cwd?: string; env?: Record<string, string | undefined> } = {},
  ...more: string[]
): Ran {
  const { exit, stdout, stderr } = w.runWith({ env: { PATH, ...env }, cwd }, "leaks", "--json", ...more);
  for (const secret of ALL) expect(stdout + stderr).not.toContain(secret);
  const text = w.runWith({ env: { PATH, ...env }, cwd }, "leaks", ...more);
  for (const secret of ALL) expect(text.stdout + text.stderr).not.toContain(secret);
  return { exit, found: v.parse(leaksFound, JSON.parse(stdout)) };
}

/** Puts files below code/, stages them alone, and says what is found: `NAME:LINE key`. */
async function staged(w: World, files: Record<string, Item>): Promise<string[]> {
  await git(w, ["rm", "-r", "-q", "-f", "--cached", "--ignore-unmatch", "."]);
  w.put(Object.fromEntries(Object.entries(files).map(([name, item]) => [`root/code/${name}`, item])));
  await git(w, ["add", "--", "code"]);
  const { exit, found } = look(w);
  expect(exit).toBe(found.leaks.length === 0 ? 0 : 7);
  rmSync(join(w.root, "code"), { recursive: true });
  return found.leaks.map(
    ({ path, line, held_by, kind }) => `${relative(join(w.root, "code"), path)}:${line} ${held_by?.key ?? kind}`,
  );
}

const wide = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const columns = (text: string, width: number): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join("\n");

/** By name: what is staged, and the line and the key that are told of it. */
const FORMS: Record<string, [Item, string]> = {
  "as it is, pasted into notes": [`# Notes\n\nUse ${DEVELOPER} for now.\n`, "3 developer_token"],
  "inside another word": [`x\nprefix${AGENT}suffix\n`, "2 EnvironmentVariables.INTEL_API_KEY"],
  "pretty-printed JSON, with its escapes": [
    JSON.stringify({ a: { token: `"${DEVELOPER}"` } }, null, 2).replaceAll("/", "\\/"),
    "3 developer_token",
  ],
  "JSON as Go writes it": [
    `{"t": "${DEVELOPER.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")}"}`,
    "1 developer_token",
  ],
  CRLF: [`a\r\nb\r\ntoken: ${PASSWORD}\r\n`, "3 mcpServers.ads.env.DB_PASSWORD"],
  XML: [
    `<a>\n<b>${DEVELOPER.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</b></a>`,
    "2 developer_token",
  ],
  "a URL's query": [
    `curl 'https://x.test/?p=${encodeURIComponent(PASSWORD)}&q=1'\n`,
    "1 mcpServers.ads.env.DB_PASSWORD",
  ],
  base64: [`data:\n  k: ${base64(AGENT)}\n`, "2 EnvironmentVariables.INTEL_API_KEY"],
  "base64 of a text around it": [`h: Basic ${base64(`bob:${PASSWORD}`)}\n`, "1 mcpServers.ads.env.DB_PASSWORD"],
  "base64 in lines, broken inside of it": [
    `---\n${columns(base64(`${"padding ".repeat(6)}${PHRASE} and more ${"padding ".repeat(9)}`), 76)}\n`,
    "2 PASSPHRASE",
  ],
  hexadecimal: [`${Buffer.from(AGENT).toString("hex")}\n`, "1 EnvironmentVariables.INTEL_API_KEY"],
  "UTF-16": [wide(`one\r\ntwo ${PHRASE}\r\n`), "2 PASSPHRASE"],
  "a key in a notebook": [JSON.stringify({ cells: [{ source: [`k = """${PEM}"""`] }] }), "1 private_key"],
  "a key of several lines, told once": [`# key\n${PEM}`, "3 private_key"],
  gzip: [gzipSync(`x\n${PASSWORD}\n`), "2 mcpServers.ads.env.DB_PASSWORD"],
  "a zip's entry": [
    Buffer.from(zipSync({ "a/b.txt": Buffer.from(`x\n\n${PASSWORD}`) })),
    "3 mcpServers.ads.env.DB_PASSWORD",
  ],
  "bytes that are no text": [
    Buffer.concat([Buffer.alloc(70_000), Buffer.from(PHRASE), Buffer.alloc(9)]),
    "null PASSPHRASE",
  ],
  "a large file": [`${"all is well here\n".repeat(300_000)}${AGENT}\n`, "300001 EnvironmentVariables.INTEL_API_KEY"],
};

describe.skipIf(LACKS.git)("a captured value is found (needs git)", () => {
  const w = secretWorld();
  beforeAll(async () => {
    await checkout(w);
    w.create();
  });

  test.each(Object.entries(FORMS))("%s", async (_name, [item, expected]) => {
    expect(await staged(w, { "file.dat": item })).toEqual([`file.dat:${expected}`]);
  });

  test("what is no secret is not: names, paths, addresses, versions, titles, mails, ids", async () => {
    expect(
      await staged(w, {
        "readme.md": [
          "petes-brain-204813 is the project, drive@petes-brain-204813.iam.gserviceaccount.com its account",
          "https://oauth2.googleapis.com/token service_account 1234-abc.apps.googleusercontent.com",
          "PATH=/usr/bin:/bin:/opt/homebrew/bin Weekly Intel Report 2031",
          "com.petesbrain.a developer_token use_proto_plus PASSPHRASE INTEL_API_KEY DB_PASSWORD",
          "-----BEGIN PRIVATE KEY----- stands at the top of one",
        ].join("\n"),
      }),
    ).toEqual([]);
  });

  test("every place of it is told, each with its line; the text names the file that holds it", async () => {
    expect(await staged(w, { "a.txt": `${AGENT}\n\n${AGENT} ${PASSWORD}\n`, "b.txt": AGENT })).toEqual([
      "a.txt:1 EnvironmentVariables.INTEL_API_KEY",
      "a.txt:3 EnvironmentVariables.INTEL_API_KEY",
      "a.txt:3 mcpServers.ads.env.DB_PASSWORD",
      "b.txt:1 EnvironmentVariables.INTEL_API_KEY",
    ]);
    w.put({ "root/code/a.txt": `\n${PASSWORD}\n` });
    await git(w, ["add", "--", "code/a.txt"]);
    const { stdout, exit } = w.runWith({ env: { PATH } }, "leaks", "--staged");
    expect(exit).toBe(7);
    expect(stdout).toContain(`${w.root}/code/a.txt:2: the value of mcpServers.ads.env.DB_PASSWORD in .mcp.json\n`);
    rmSync(join(w.root, "code"), { recursive: true });
  });

  test("a token of a known form that no captured file holds; not what documents show", async () => {
    const google = `AIza${"Sy9kQ2mXw7Lp4Rt8Vb1Nc6Zd3Fg5Hj0Ka_u"}`;
    expect(
      await staged(w, {
        "a.md": `AKIAIOSFODNN7EXAMPLE\npostgres://user:password@localhost/db\nsk-... ghp_<token>\nAPI_KEY=your-api-key\n`,
        "b.py": `A = "${google}"\nB = 1\nC = "${["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_")}"\n`,
      }),
    ).toEqual(["b.py:1 token", "b.py:3 token"]);
  });

  test("a file's name that is one is told masked", async () => {
    expect(await staged(w, { [`${AGENT}.txt`]: "x" })).toEqual(["‹hidden›:null EnvironmentVariables.INTEL_API_KEY"]);
  });

  test("an archive of a snapshot elsewhere, and one that is called sealed and is not", async () => {
    newKey(w);
    const id = w.create();
    must(w.run("pack", id));
    must(w.run("pack", id, "--seal"));
    await sh(w, `tar cf '${w.away}/s.tar' -C '${w.store}' ${id} && gzip -k '${w.away}/s.tar'`);
    const found = await staged(w, {
      "copy.zip": readFileSync(zipOf(w, id)),
      "false.zip.age": readFileSync(zipOf(w, id)),
      "true.zip.age": readFileSync(sealedOf(w, id)),
      "s.tar": readFileSync(join(w.away, "s.tar")),
      "s.tgz": readFileSync(join(w.away, "s.tar.gz")),
    });
    expect(found).toContain("copy.zip:null archive");
    expect(found).toContain("false.zip.age:null unsealed");
    expect(found).toContain("s.tar:null archive");
    expect(found).toContain("s.tgz:null archive");
    expect(found.join()).not.toContain("true.zip.age");
  });

  test("a plain snapshot outside the snapshots folder", async () => {
    const id = w.create();
    cpSync(join(w.store, id), join(w.root, "code/old", id), { recursive: true });
    expect(await staged(w, {})).toContain(`old/${id}/config/secrets.py:null snapshot`);
  });
});

describe.skipIf(LACKS.git)("what it is compared with (needs git)", () => {
  const paste = async (w: World) => {
    w.put({ "root/code/a.txt": `${AGENT}\n` });
    await git(w, ["add", "--", "code"]);
  };
  /** The value is gone from the live file. */
  const rotate = (w: World) =>
    w.put({
      "home/Library/LaunchAgents/com.petesbrain.a.plist": plist(
        "com.petesbrain.a",
        "<key>Program</key><string>/bin/sh</string>",
      ),
    });

  test("no snapshot: said, and 3, never that all is well; a live value is found all the same", async () => {
    const w = secretWorld();
    await checkout(w);
    const text = w.runWith({ env: { PATH } }, "leaks");
    expect(text.exit).toBe(3);
    expect(text.stdout).toContain("No snapshot to compare with");
    expect(text.stdout).not.toContain("✅");
    await paste(w);
    expect(look(w).exit).toBe(7);
  });

  test("a value of an older snapshot, which is named", async () => {
    const w = secretWorld();
    await checkout(w);
    const id = w.create();
    rotate(w);
    w.create();
    await paste(w);
    const { found } = look(w);
    expect(found.leaks[0]?.held_by).toMatchObject({ live: false, snapshots: [id] });
    expect(found.leaks[0]?.why).toEndWith(`, as snapshot ${id} holds it`);
  });

  test("a sealed snapshot where the identity is at hand; else it is said that it was not looked into", async () => {
    const w = secretWorld();
    await checkout(w);
    newKey(w);
    const id = w.create();
    must(w.run("pack", id, "--seal", "--move"));
    rotate(w);
    w.create();
    await paste(w);
    expect(look(w).found.leaks[0]?.held_by?.snapshots).toEqual([id]);
    await sh(w, `mv '${w.home}/.config/rollback/identity.txt' '${w.away}/key'`);
    const without = look(w);
    expect(without.found).toMatchObject({ leaks: [], not_looked_into: [{ what: id }] });
    expect(w.runWith({ env: { PATH } }, "leaks").stderr).toContain(`not looked into: ${id}: it is sealed`);
    expect(look(w, {}, "--identity", join(w.away, "key")).exit).toBe(7);
  });

  test("in a linked worktree, and in a clone, the main checkout's snapshots and files", async () => {
    const w = secretWorld();
    await checkout(w);
    w.create();
    rotate(w);
    await git(w, ["worktree", "add", "-q", "-b", "side", join(w.away, "side"), "HEAD"]);
    await git(w, ["clone", "-q", w.root, join(w.away, "clone")]);
    for (const name of ["side", "clone"]) {
      const cwd = join(w.away, name);
      w.put({ [`away/${name}/a.txt`]: `x\n${AGENT}\n`, [`away/${name}/b.txt`]: PASSWORD });
      await git(w, ["add", "a.txt", "b.txt"], cwd);
      for (const env of [{ ROLLBACK_ROOT: undefined }, { ROLLBACK_ROOT: w.root }]) {
        const { exit, found } = look(w, { cwd, env }, "--staged");
        expect(exit).toBe(7);
        expect(found.leaks.map(({ path, line }) => `${relative(cwd, path)}:${line}`)).toEqual(["a.txt:2", "b.txt:1"]);
      }
    }
  });
});
