// The judge of secrets: what it takes for one, and what it leaves for people to read.
import { describe, expect, test } from "bun:test";
import { knownSecrets } from "../../src/secrets/known.ts";
import { maskLines, maskValue } from "../../src/secrets/line-secrets.ts";
import { HIDDEN, hideTokens, isSecretFile, isSecretName } from "../../src/secrets/secret.ts";
import { maskWords } from "../../src/secrets/word-secrets.ts";

const H = HIDDEN;

test.each([
  "API_KEY",
  "apiKey",
  "clientSecret",
  "db_password",
  "PGPASS",
  "refresh_token",
  "SSH_KEY",
  "Authorization",
  "webhook_url",
  "dsn",
])("%s names a secret", (name) => expect(isSecretName(name)).toBe(true));

test.each(["keyboard", "monkey", "Label", "StandardOutPath", "compass", "path", "KeepAlive", "pinned", "design"])(
  "%s does not",
  (name) => expect(isSecretName(name)).toBe(false),
);

test.each([
  ["/root/shared/secrets.py", true],
  ["/root/.env.production", true],
  ["/home/.netrc", true],
  ["/home/.ssh/id_ed25519", true],
  ["/x/service-account.json", true],
  ["/x/server.pem", true],
  ["/root/shared/paths.py", false],
  ["/root/.mcp.json", false],
  ["/root/environment.md", false],
])("%s is a file of secrets: %p", (path, expected) => expect(isSecretFile(path)).toBe(expected));

describe("tokens are hidden wherever they stand", () => {
  test.each([
    ["AKIAIOSFODNN7EXAMPLE", H],
    ["url https://alex:hunter2@example.com/x", `url https://${H}@example.com/x`],
    ["curl -u alex:hunter2 https://example.com", `curl -u ${H} https://example.com`],
    ["--header=ghp_16C7e42F292c6912E7710c838347Ae178B4a", `--header=${H}`],
    ["xoxb-123456789012-abcdefghijkl", H],
    ["https://hooks.slack.com/services/T000/B000/XXXX", H],
    ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", H],
  ])("%s", (text, expected) => expect(hideTokens(text)).toBe(expected));

  test.each([
    "/Users/alex/Library/LaunchAgents/com.petesbrain.daily-intel-report.plist",
    "python3 -m http.server 8080",
    "2025-12-11T14:36:00.123456",
    "https://developers.google.com/identity/protocols/oauth2/scopes",
    "mcp-server-google-analytics-reporting-data",
    "Content-Type: application/json; charset=utf-8",
  ])("%s stays", (text) => expect(hideTokens(text)).toBe(text));
});

test.each<[string[], string[]]>([
  [
    ["node", "--token", "abc", "x.js"],
    ["node", "--token", H, "x.js"],
  ],
  [["--password=abc"], [`--password=${H}`]],
  [
    ["curl", "-u", "a:b"],
    ["curl", "-u", H],
  ],
  [
    ["mysql", "-p", "geheim"],
    ["mysql", "-p", H],
  ],
  [
    ["psql", "-p", "5432"],
    ["psql", "-p", "5432"],
  ],
  [["FOO=bar"], [`FOO=${H}`]],
  [["LANG=C"], ["LANG=C"]],
])("words of a command line: %j", (words, expected) => expect(maskWords(words)).toEqual(expected));

test("what is nothing but a path is shown, whatever it is called", () => {
  expect(maskValue("/Users/alex/secrets/token.json")).toBe("/Users/alex/secrets/token.json");
  expect(maskValue("~/.config/tokens/a.json")).toBe("~/.config/tokens/a.json");
  expect(maskValue("token=/a/b")).not.toContain("/a/b");
});

describe("lines", () => {
  const masked = (text: string, secretFile = false) => maskLines(text.split("\n"), secretFile).join("\n");

  test("a value behind a telling key, over as many lines as it goes on", () => {
    expect(masked('A = 1\nAPI_KEY = """\nline one\nline two\n"""\nB = 2')).toBe(
      `A = 1\nAPI_KEY = ${H}\n${H}\n${H}\n${H}\nB = 2`,
    );
    expect(masked("token: >\n  one\n  two\nname: x")).toBe(`token: ${H}\n${H}\n${H}\nname: x`);
    expect(masked('export TOKEN=a\\\nb\nexport NAME="x"')).toBe(`export TOKEN=${H}\n${H}\nexport NAME=${H}`);
  });

  test("a private key, also one of which the beginning is missing", () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc=\n-----END PRIVATE KEY-----";
    expect(masked(`${pem}\nthe end`)).toBe(`${H}\n${H}\n${H}\n${H}\nthe end`);
    expect(masked("x\nMIIEvQ\nabc=\n-----END PRIVATE KEY-----")).not.toMatch(/MIIEvQ|abc=/);
  });

  test("in a file of secrets the keys are shown, and of values what their names say they are", () => {
    expect(masked('NAME = "alex"\nPORT=1\n# a comment', true)).toBe(`NAME = ${H}\nPORT=1\n${H}`);
  });

  test("ordinary code stays as it is", () => {
    const code = 'import os\n\ndef main(path):\n    return os.path.join(path, "x")\n\nROOT = "/Users/alex"\n';
    expect(masked(code)).toBe(code);
  });

  test("as many lines come out as went in", () => {
    for (const text of ["", "\n", "a\n\n", "KEY=\n\n\nx", '"""\nTOKEN\n'])
      expect(masked(text).split("\n")).toHaveLength(text.split("\n").length);
  });
});

test("a check's command, an agent's whole command line in one word: the flag's value is hidden, the rest is not", () => {
  expect(maskWords(["/usr/bin/curl -u bob:Tr0ub4dor99 https://x.test/"])).toEqual([
    `/usr/bin/curl -u ${H} https://x.test/`,
  ]);
  expect(maskWords(["/bin/sh", "-c", "cd /tmp && ./sync --pass 'geheim99' --verbose"])).toEqual([
    "/bin/sh",
    "-c",
    `cd /tmp && ./sync --pass '${H}' --verbose`,
  ]);
});

test("what was hidden once is hidden by its value, in each of its forms", () => {
  const known = knownSecrets();
  known.note("PASSWORD=Tr0ub4dor99", `PASSWORD=${H}`, true);
  const forms = ["Tr0ub4dor99", "xTr0ub4dor99x", "99rod4bu0rT", Buffer.from("alex:Tr0ub4dor99 ").toString("base64")];
  for (const form of forms) expect(known.hide(`a ${form} b`)).toContain(H);
  expect(known.hide("a plain sentence")).toBe("a plain sentence");
});
