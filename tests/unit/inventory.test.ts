import { describe, expect, test } from "bun:test";
import { credentialName } from "../../src/inventory/credential-name.ts";
import { mcpPaths } from "../../src/inventory/mcp.ts";
import { venvKey } from "../../src/inventory/venv.ts";
import type { AbsPath } from "../../src/model.ts";
import { isShim } from "../../src/system/developer-tools.ts";

const places = { home: "/Users/a" as AbsPath, root: "/Users/a/Brain" as AbsPath };

test.each([
  ["/Users/a/Brain/infrastructure/mcp-servers/ads/credentials.json", "mcp/ads/credentials.json"],
  ["/Users/a/.google-ads/google-ads.yaml", "~/.google-ads/google-ads.yaml"],
  ["/Users/a/Brain/keys/k.json", "root/keys/k.json"],
  ["/etc/k.json", "/etc/k.json"],
])("the credential %s is shown as %s", (path, name) => expect(credentialName(path as AbsPath, places)).toBe(name));

test.each([
  ["/Users/a/Brain/venv-google", "venv-google"],
  ["/Users/a/Brain/infrastructure/mcp-servers/ads/.venv", "mcp/ads"],
  ["/Users/a/Brain/agents/mail/.venv", "agent/mail"],
  ["/Users/a/Brain/tools/x/.venv", "tools/x/.venv"],
  ["/Users/a/other/.venv", "~/other/.venv"],
])("the venv %s has the key %s", (path, key) => expect(venvKey(path as AbsPath, places)).toBe(key));

describe(".mcp.json", () => {
  const servers = (env: Record<string, unknown>) =>
    JSON.stringify({ mcpServers: { s: { command: "x", env } } }, null, 1);
  const read = async (text: string) => {
    const { paths, problem } = await mcpPaths(text);
    return [paths.map(({ path }) => path), problem];
  };
  test("values of credential-like variables that look like paths are taken", async () => {
    const env = { X_OAUTH_PATH: "/a", a_token: "~/b", MY_KEY: "/k", SECRET: "/s", GOOGLE_CREDENTIALS: "/c" };
    expect(await read(servers(env))).toEqual([["/a", "~/b", "/k", "/s", "/c"], null]);
  });
  test("other variables, relative values, secrets themselves and non-texts are not", async () => {
    const env = { HOME_DIR: "/a", TOKEN: "sk-123", KEY: "./x", OAUTH: 7, CREDENTIAL: null };
    expect(await read(servers(env))).toEqual([[], null]);
  });
  test("without servers or env there are none", async () => {
    for (const text of ["{}", '{"mcpServers":{"s":{}}}']) expect(await read(text)).toEqual([[], null]);
  });
  test("comments, commas at the end and a byte order mark are taken", async () => {
    const text = servers({ KEY: "/k" }).replace('"/k"', '"/k", /* mine */ // the old one');
    expect(await read(`\ufeff// servers\n${text}`)).toEqual([["/k"], null]);
  });
  test("of what is broken, that can be read; the line is told", async () => {
    const text = servers({ KEY: "/k", TOKEN: "/t", SECRET: "/s" });
    expect(await read(text.slice(0, text.indexOf('"SECRET"')))).toEqual([["/k", "/t"], "is not JSON (line 8)"]);
    expect(await read(text.replace('"/k",', '"/k"'))).toEqual([["/k", "/t", "/s"], "is not JSON (line 7)"]);
    expect(await read('{"mcpServers":{"a":{"env":[1]},"b":{"env":{"KEY":"/k"}}}}')).toEqual([
      ["/k"],
      "is not in the form of an .mcp.json",
    ]);
  });
  test("what leads nowhere is told, however deep it is", async () => {
    for (const [text, where] of [
      ["", " (line 1)"],
      ["{", " (line 1)"],
      ["\n7 7", " (line 2)"],
      ["[".repeat(50_000), ""],
    ] as const)
      expect(await read(text)).toEqual([[], `is not JSON${where}`]);
  });
  test("of another shape is told", async () => {
    for (const text of ["[]", '{"mcpServers":[]}', "7"])
      expect(await read(text)).toEqual([[], "is not in the form of an .mcp.json"]);
  });
});

test("on a Mac the shims of the developer tools are known; elsewhere nothing is one", () => {
  for (const path of ["/usr/bin/git", "/usr/bin/python3", "/usr/bin/python3.9"])
    expect(isShim(path as AbsPath, "darwin")).toBe(true);
  for (const path of ["/opt/homebrew/bin/git", "/bin/ls"]) expect(isShim(path as AbsPath, "darwin")).toBe(false);
  expect(isShim("/usr/bin/git" as AbsPath, "linux")).toBe(false);
});
