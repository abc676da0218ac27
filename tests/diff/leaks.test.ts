// Hunts for leaks: secrets are planted in every kind of file, and no rendering of what changed there may hold them or a part of them.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { build, buildBinary, type PlistValue } from "plist";
import { stringify as yaml } from "yaml";
import type { FileDiff } from "../../src/comparison.ts";
import { compareBytes } from "../../src/diff/compare.ts";
import type { Kind } from "../../src/model.ts";
import { changeHtml } from "../../src/page/change.ts";
import { toJson, toText } from "../../src/render/faces.ts";
import { fileLines } from "../../src/render/file-diff.ts";
import { runs } from "../property.ts";

const of = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";

/** Tokens that tell what they are wherever they stand. */
const token = fc.oneof(
  of(UPPER + DIGITS, 16, 16).map((rest) => `AKIA${rest}`),
  of(UPPER + LOWER + DIGITS, 36, 36).map((rest) => `ghp_${rest}`),
  of(UPPER + LOWER + DIGITS, 24, 40).map((rest) => `sk-${rest}`),
  of(UPPER + LOWER + DIGITS, 24, 24).map((rest) => `xoxb-123456789012-${rest}`),
  of(UPPER + LOWER + DIGITS, 35, 35).map((rest) => `AIza${rest}`),
  of(UPPER + LOWER + DIGITS, 30, 60).map((rest) => `eyJ${rest}`),
  of("0123456789abcdef", 16, 64).filter((text) => /\d/.test(text) && /[a-f]/.test(text)),
  of(LOWER, 4, 4).chain((one) =>
    of(LOWER, 12, 12).map((rest) => `${one} ${rest.slice(0, 4)} ${rest.slice(4, 8)} ${rest.slice(8)}`),
  ),
  fc.uint8Array({ minLength: 32, maxLength: 48 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
);
/** What people choose: only the place where it stands tells that it is one. */
const password = fc
  .tuple(
    fc.array(fc.constantFrom("zo", "quj", "xi", "voj", "juz"), { minLength: 3, maxLength: 4 }),
    of(DIGITS, 2, 4),
    of("!$%-_.", 0, 2),
  )
  .map(([syllables, digits, mark]) => `${syllables.join("")}${digits}${mark}`);

const secretName = fc.constantFrom(
  "API_KEY",
  "apiKey",
  "password",
  "client_secret",
  "refresh_token",
  "auth",
  "SMTP_PASS",
);
const plainName = fc.constantFrom("name", "title", "value", "url", "x", "ACCOUNT");

interface Planted {
  path: string;
  kind: Kind;
  bytes: Uint8Array;
}
const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);
type Plant = (secret: string, name: string, other: string) => Planted;

const MYSQLDUMP: Plant = (secret) => agentOf({ ProgramArguments: ["/usr/local/bin/mysqldump", `-p${secret}`, "db"] });

/** Places where a password is one because of where it stands. */
const BY_PLACE: Plant[] = [
  (secret, name) => agentOf({ EnvironmentVariables: { [name]: secret } }),
  (secret, name) => agentOf({ EnvironmentVariables: { [name]: secret } }, true),
  (secret) => agentOf({ ProgramArguments: ["/usr/bin/curl", "--token", secret, "https://example.com"] }),
  (secret) => agentOf({ ProgramArguments: ["/usr/bin/curl", `--password=${secret}`] }, true),
  (secret) => agentOf({ ProgramArguments: ["/usr/bin/curl", "-u", `alex:${secret}`] }),
  (secret) => agentOf({ ProgramArguments: ["/bin/sh", "-c", `PASSWORD='${secret}' ./run.sh`] }),
  (secret, name) => agentOf({ [name === "x" ? "password" : `db_password_${name}`]: [secret, { deep: secret }] }),
  (secret, name) =>
    config(".mcp.json", JSON.stringify({ mcpServers: { gmail: { command: "node", env: { [name]: secret } } } })),
  (secret) => config(".mcp.json", JSON.stringify({ mcpServers: { a: { args: ["--api-key", secret, "x"] } } })),
  (secret) => config("x.json", JSON.stringify({ list: [{ name: "API_KEY", value: secret }] })),
  (secret) => config("x.json", JSON.stringify({ url: `https://alex:${secret}@example.com/` })),
  (secret) => config("x.yaml", yaml({ services: { db: { environment: { ANY: secret }, password: secret } } })),
  (secret) => config("x.yaml", `db:\n  password: >-\n    ${secret}\n    more\nport: 1\n`),
  (secret, name) =>
    config("secrets.py", `"""Secrets."""\n${name.toUpperCase()} = "${secret}"\nLIST = [\n    "${secret}",\n]\n`),
  (secret, name) => config("secrets.py", `class A:\n    ${name} = f'''\n${secret}\n'''\n`),
  (secret) => config("paths.py", `ROOT = "/a"\nAPI_TOKEN = os.environ.get("TOKEN", "${secret}")\nB = 2\n`),
  (secret) => config("paths.py", `TOKENS = {\n    "a":\n        "${secret}",\n}\nB = 2\n`),
  (secret) =>
    config(
      "run.sh",
      `#!/bin/sh\nexport DB_PASSWORD=${secret}\ncurl -H "Authorization: Bearer ${secret}" https://example.com\n`,
    ),
  (secret) => config("run.sh", `PASSWORD=$(cat <<EOF\n${secret}\nEOF\n)\necho done\n`),
  (secret, name) => config(".env", `${name}=${secret}\n# was ${secret}\n`),
  (secret) => config("x.conf", `[login]\nuser = alex\npassword = ${secret}\n`),
  (secret) => config(".netrc", `machine example.com login alex password ${secret}\n`),
  (secret) => config("paths.py", `API_KEY = (\n    "${secret}"\n    "${secret}"\n)\nB = 2\n`),
  (secret) => config("paths.py", `db = connect(host="x", password="${secret}")\n`),
  (secret) => config("paths.py", `db = connect(\n    host="x",\n    password="${secret}",\n)\n`),
  (secret) => config("x.toml", `[servers.a]\nhost = "x"\napi_key = "${secret}" # theirs\n`),
  (secret) =>
    config("x.xml", `<a>\n  <password>${secret}</password>\n  <add key="Password" value="${secret}"/>\n</a>\n`),
  (secret) => config("x.txt", `{\n  "token": [\n    "${secret}"\n  ],\n  "b": 1\n}\n`),
  (secret) => config("run.sh", `mysql --password ${secret} -h x\npsql "postgres://alex:${secret}@db/x"\n`),
  (secret) => config("run.sh", `curl -H 'Cookie: session=${secret}' https://example.com\n`),
  (secret) => config("run.sh", `echo '{"token": "${secret}"}' > /tmp/x\n`),
  (secret) => config("notes.md", `The password is ${secret}.\n\nPassword: ${secret}\n`),
  (secret) => agentOf({ ProgramArguments: ["/bin/sh", "-c", `curl -H 'Authorization: Basic ${secret}' x`] }),
  (secret) => agentOf({ Sockets: { Listener: { SockPassword: secret } } }),
  (secret) => agentOf({ ProgramArguments: ["/usr/bin/psql", `postgres://alex:${secret}@db/x`] }),
  (secret) =>
    config(".mcp.json", JSON.stringify({ mcpServers: { a: { headers: { Authorization: `Bearer ${secret}` } } } })),
  (secret) =>
    config(
      ".mcp.json",
      JSON.stringify({ mcpServers: { a: { args: ["--header", `Authorization: Bearer ${secret}`] } } }),
    ),
  (secret) => agentOf({ ProgramArguments: ["/usr/bin/curl", `--user=alex:${secret}`, "https://example.com"] }),
  MYSQLDUMP,
  (secret) => agentOf({ ProgramArguments: ["/bin/sh", `pw:${secret}`] }),
  (secret) => agentOf({ EnvironmentVariables: `X=${secret}` }),
  (secret) => agentOf({ EnvironmentVariables: [`X=${secret}`] }),
  (secret, name) => config("x.json", JSON.stringify({ headers: { "X-Custom": secret, [name]: secret } })),
  (secret) => config("paths.py", `import os\nos.environ["TOK"] = "${secret}"\n# pw: ${secret}\nB = 2\n`),
  (secret) => config("key.txt", `-----BEGIN PRIVATE KEY-----\n${secret}\n${secret}\n-----END PRIVATE KEY-----\n`),
  (secret, name) => credential("credentials.json", JSON.stringify({ [name]: secret, nested: [{ [name]: [secret] }] })),
  (secret, name) => credential("google-ads.yaml", yaml({ [name]: secret })),
  (secret) => credential("token.txt", `${secret}\n`),
  (secret) => credential("broken.json", `{"a": "${secret}"`),
  (secret) => credential("x.bin", `\0${secret}`),
];
/** Places where only the token itself tells. */
const ANYWHERE: Plant[] = [
  (secret, _, other) => agentOf({ ProgramArguments: ["/usr/bin/env", other, secret] }),
  (secret) => agentOf({ StandardOutPath: `/Users/alex/${secret}/out.log`, WatchPaths: [secret] }, true),
  (secret, name) => config("x.json", JSON.stringify({ [name]: secret, deep: [[{ [name]: { also: secret } }]] })),
  (secret) => config("x.json", JSON.stringify({ [secret]: { [secret]: 1 } })),
  (secret, name) => config("x.yaml", yaml({ [name]: [secret] })),
  (secret) => config("paths.py", `A = 1\nURL = "https://example.com/?q=${secret}"\nB = 2\n`),
  (secret) => config("notes.txt", `one\nthe word ${secret} stands here\nthree\n`),
  (secret) => config("notes.txt", `${secret}\n`),
];

function agentOf(more: Record<string, PlistValue>, binary = false): Planted {
  const value = { Label: "com.acme.a", ProgramArguments: ["/bin/sh"], ...more };
  const bytes = binary ? new Uint8Array(buildBinary(value)) : text(build(value));
  return { path: "/Users/alex/Library/LaunchAgents/com.acme.a.plist", kind: "plist", bytes };
}
const config = (name: string, content: string): Planted => ({
  path: `/Users/alex/root/${name}`,
  kind: "config",
  bytes: text(content),
});
const credential = (name: string, content: string): Planted => ({ ...config(name, content), kind: "credential" });

/** Everything that any command would show of the change. */
async function shown(before: Planted, after: Planted): Promise<string> {
  const { path, kind } = after;
  const content = await compareBytes({ path, kind }, before.bytes, after.bytes);
  const file: FileDiff = {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    kind,
    change: "modified",
    size: { before: before.bytes.length, after: after.bytes.length },
    mode: { before: 0o644, after: 0o600 },
    link: null,
    mtimeMs: null,
    content,
  };
  const side = { id: "20251211_143600", description: "before" };
  const comparison = { before: side, after: side, files: [file], unchanged: 0, problems: [] };
  const outcome = { command: "diff" as const, exit: 0, comparison, stat: false, hunks: false };
  return [
    await toText(outcome, false, (_, plain) => plain),
    await toText({ ...outcome, stat: true }, false, (_, plain) => plain),
    JSON.stringify(await toJson(outcome)),
    changeHtml({ ...file, change: "changed", diff: file }, file.name, "c0-0"),
    ...fileLines(file, (_, plain) => plain),
  ].join("\n");
}

/** Parts of a secret that nobody would meet by chance. */
function* parts(secret: string): Generator<string> {
  const length = Math.min(8, secret.length);
  for (let at = 0; at + length <= secret.length; at++) yield secret.slice(at, at + length);
}
/** What tells whose token it is, or stands in a name of ours anyway. */
const HARMLESS =
  /^(xoxb-123|oxb-1234|xb-12345|b-123456|-1234567|1234567|12345678|23456789|34567890|45678901|56789012|6789012-)/;

async function hunt(plant: Plant, [old, now]: [string, string], name: string, other: string): Promise<void> {
  const all = await shown(plant(old, name, other), plant(now, name, other));
  for (const secret of [old, now])
    for (const part of parts(secret))
      if (!HARMLESS.test(part) && all.includes(part)) throw new Error(`${part} of ${secret} shows in\n${all}`);
}

const words = fc.constantFrom("", "run", "--verbose", "-x", "--name=alex", "/usr/bin/python3");
const two = (one: fc.Arbitrary<string>): fc.Arbitrary<[string, string]> => fc.tuple(one, one);

test("a password shows nowhere where its place tells what it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...BY_PLACE), two(password), fc.oneof(secretName, plainName), words, hunt),
    runs(1500),
  );
});

test("a token shows nowhere at all", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ANYWHERE, ...BY_PLACE),
      two(token),
      fc.oneof(secretName, plainName),
      words,
      hunt,
    ),
    { ...runs(2500), examples: [[MYSQLDUMP, ["aaaa aaaa aaaa aaaa", "0a000000000000000"], "name", ""]] },
  );
});

test("the hunt finds what does show", async () => {
  const plain: Plant = (secret) => config("notes.txt", `${secret}\n`);
  expect(hunt(plain, ["zoxiquj01", "zoxiquj02"], "x", "")).rejects.toThrow("shows in");
});
