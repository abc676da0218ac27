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
  const paths = (env: Record<string, unknown>) =>
    mcpPaths(JSON.stringify({ mcpServers: { s: { command: "x", env } } }))?.map(({ path }) => path);
  test("values of credential-like variables that look like paths are taken", () =>
    expect(paths({ X_OAUTH_PATH: "/a", a_token: "~/b", MY_KEY: "/k", SECRET: "/s", GOOGLE_CREDENTIALS: "/c" })).toEqual(
      ["/a", "~/b", "/k", "/s", "/c"],
    ));
  test("other variables, relative values, secrets themselves and non-texts are not", () =>
    expect(paths({ HOME_DIR: "/a", TOKEN: "sk-123", KEY: "./x", OAUTH: 7, CREDENTIAL: null })).toEqual([]));
  test("without servers or env there are none", () => {
    expect(mcpPaths("{}")).toEqual([]);
    expect(mcpPaths('{"mcpServers":{"s":{}}}')).toEqual([]);
  });
  test("broken or of another shape is null", () => {
    for (const text of ["", "{", "[]", '{"mcpServers":[]}', '{"mcpServers":{"s":{"env":[1]}}}', "7"])
      expect(mcpPaths(text)).toBeNull();
  });
});

test("on a Mac the shims of the developer tools are known; elsewhere nothing is one", () => {
  for (const path of ["/usr/bin/git", "/usr/bin/python3", "/usr/bin/python3.9"])
    expect(isShim(path as AbsPath, "darwin")).toBe(true);
  for (const path of ["/opt/homebrew/bin/git", "/bin/ls"]) expect(isShim(path as AbsPath, "darwin")).toBe(false);
  expect(isShim("/usr/bin/git" as AbsPath, "linux")).toBe(false);
});
