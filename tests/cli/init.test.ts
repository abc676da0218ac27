// init: what it finds is what a snapshot with its rollback.yaml holds; it overwrites nothing and shows no secret.
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { coverage, failed, initialized } from "../contract.ts";
import { modeOf, must, plist, readTree, type World, world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

const SECRET = "made-up-secret";
const agents = (...labels: string[]) =>
  Object.fromEntries(labels.map((label) => [`Library/LaunchAgents/${label}.plist`, plist(label)]));

/** A machine of another owner than the one whom the defaults are for. */
function acme(): World {
  return world({
    home: {
      ...agents("com.acme.daily", "com.acme.hourly", "net.single.job", "com.google.keystone.agent"),
      ".aws/credentials": SECRET,
      ".config/ads/my_token.json": SECRET,
    },
    root: {
      ".mcp.json": JSON.stringify({ mcpServers: { a: { env: { GOOGLE_CREDENTIALS: "~/keys/named.json" } } } }),
      "tools/helper/.mcp.json": "{}",
      "tools/helper/service-account.json": SECRET,
      ".env": SECRET,
      ".env.example": "",
      "clients/one/credentials.json": SECRET,
      "infrastructure/mcp-servers/a/credentials.json": SECRET,
      "infrastructure/mcp-servers/b/credentials.json": SECRET,
      "agents/x/.venv/pyvenv.cfg": "version = 3.12.1\n",
      "agents/x/.venv/secrets.json": SECRET,
      "agents/y/.venv/pyvenv.cfg": "version = 3.12.1\n",
      "node_modules/p/credentials.json": SECRET,
    },
    away: {},
  });
}

test("another owner's machine: what is proposed, and why", () => {
  const w = acme();
  w.put({ "home/keys/named.json": SECRET });
  const before = readTree(w.base, { mtimes: true });
  const { exit, stdout, stderr } = w.run("init");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(readTree(w.base, { mtimes: true })).toEqual(before);
  expect(stdout).not.toContain(SECRET);
  expect(
    stdout,
  ).toBe(`# What rollback captures on this machine, and how. \`rollback create\` takes a snapshot of it; \`rollback help config\` explains every key.
# Paths are below this file's folder, ~/ is the home, * and {a,b} are wildcards. A line that begins with # is off.
version: 1

# LaunchAgents, by the beginning of their labels.
plists:
  - "~/Library/LaunchAgents/com.acme.*.plist"  # 2 agents
  - "~/Library/LaunchAgents/net.single.job.plist"  # 1 agent
  # Other vendors' agents: their installers bring them back.
  # - "~/Library/LaunchAgents/com.google.keystone.agent.plist"  # 1 agent

# Small files that the agents and assistants need, stored as they are.
configs:
  - .mcp.json
  - tools/helper/.mcp.json

# Secrets: stored readable by you alone, never shown, and never handed to git but sealed.
credentials:
  files:
    - "~/.aws/credentials"
    - "~/.config/ads/my_token.json"
    - ".env"
    - "infrastructure/mcp-servers/*/credentials.json"
    - tools/helper/service-account.json
  # Files in the form of .mcp.json: the credential files that their servers' variables name are captured, too.
  mcp:
    - .mcp.json
    - tools/helper/.mcp.json

# Python environments: their versions are noted and checked, their files are not captured.
venvs:
  - "agents/*/.venv"

# Whom \`pack --seal\` and \`push\` seal to; without this, this machine's own identity (rollback key new).
# seal: {recipients: ["age1…"]}

# Where \`push\` copies sealed snapshots; with \`auto: true\` the daily job does it.
# copies:
#   usb: {to: /Volumes/USB/rollback}
#   cloud: {to: s3://BUCKET/PREFIX, region: eu-central-1, auto: true}

# Everything else keeps its default: snapshots, never, schedule, retention, health.
`);
});

test("--write, then create: the snapshot holds just that", () => {
  const w = acme();
  w.put({ "home/keys/named.json": SECRET });
  const { exit, value } = w.json(initialized, "init", "--write");
  expect(exit).toBe(0);
  expect(value).toMatchObject({ path: join(w.root, "rollback.yaml"), written: true });
  expect(readFileSync(join(w.root, "rollback.yaml"), "utf8")).toBe(value.content);
  expect(modeOf(join(w.root, "rollback.yaml"))).toBe("0644");
  const { plist_files, config_files, credential_files, venv_metadata } = manifestOf(w, w.create());
  const originals = (files: { original: string }[]) =>
    files.map(({ original }) => original.replace(`${w.base}/`, "")).sort();
  expect(originals(plist_files)).toEqual(
    ["com.acme.daily", "com.acme.hourly", "net.single.job"].map((label) => `home/Library/LaunchAgents/${label}.plist`),
  );
  expect(originals(config_files)).toEqual(["root/.mcp.json", "root/tools/helper/.mcp.json"]);
  expect(originals(credential_files)).toEqual([
    "home/.aws/credentials",
    "home/.config/ads/my_token.json",
    "home/keys/named.json",
    "root/.env",
    "root/infrastructure/mcp-servers/a/credentials.json",
    "root/infrastructure/mcp-servers/b/credentials.json",
    "root/tools/helper/service-account.json",
  ]);
  expect(Object.keys(venv_metadata)).toEqual(["agent/x", "agent/y"]);
});

describe("never overwrites", () => {
  test.each(["version: 1\n", "no: {yaml", ""])("a rollback.yaml that holds %j", (text) => {
    const w = acme();
    w.put({ "root/rollback.yaml": text });
    const { exit, value } = w.json(failed, "init", "--write");
    expect({ exit, code: value.error.code }).toEqual({ exit: 1, code: "failed" });
    expect(readFileSync(join(w.root, "rollback.yaml"), "utf8")).toBe(text);
    // To look at what it would be does no harm.
    expect(w.run("init").exit).toBe(0);
  });
});

test("without a root it is the current folder; --quiet says where it is", () => {
  const w = acme();
  const here = join(w.away, "new");
  w.put({ [here]: { folder: 0o755 } });
  const env = { ROLLBACK_ROOT: undefined };
  expect(w.runWith({ cwd: here, env }, "init", "--write", "--quiet")).toEqual({
    exit: 0,
    stdout: `${here}/rollback.yaml\n`,
    stderr: "",
  });
  must(w.runWith({ cwd: here, env }, "create", "first"));
  expect(w.runWith({ cwd: here, env: { ROLLBACK_ROOT: join(w.away, "gone") } }, "init").exit).toBe(2);
});

test("a machine on which there is nothing: it says so, and writes nothing; folders that can't be read are told", () => {
  const w = world({ root: {}, home: agents("com.google.keystone.agent") }, { ordinary: true });
  const { value } = w.json(initialized, "init");
  expect(Object.values({ ...value.found, agents: [] }).flat()).toEqual([]);
  expect(must(w.run("init")).stderr).toContain("nothing was found to capture");
  const refused = w.run("init", "--write");
  expect(refused.exit).toBe(1);
  expect(refused.stderr).toContain(`nothing was found to capture: no agent, config or credential in the usual places`);
  expect(existsSync(join(w.root, "rollback.yaml"))).toBe(false);
  w.put({ "root/locked": { folder: 0 } });
  expect(w.run("init").stderr).toContain("root/locked was not looked into: permission denied (EACCES)");
});

describe("another kind of user: rules, that create captures and after which coverage misses nothing", () => {
  const USERS: [string, Parameters<typeof world>[0], string[]][] = [
    [
      "on Linux",
      {
        home: {
          ".config/systemd/user/sync.service": "[Service]",
          ".config/systemd/user/sync.timer": "[Timer]",
          ".config/autostart/x.desktop": "",
          ".netrc": SECRET,
        },
        root: { ".env": SECRET, "etc/prod.env": SECRET },
      },
      ["sync.service", "sync.timer", "x.desktop", ".netrc", ".env", "prod.env"],
    ],
    [
      "of Homebrew",
      { home: agents("homebrew.mxcl.redis", "homebrew.mxcl.postgresql@16") },
      ["homebrew.mxcl.redis.plist", "homebrew.mxcl.postgresql@16.plist"],
    ],
    [
      "of assistants",
      {
        home: {
          ".claude.json": JSON.stringify({ mcpServers: { a: { env: { API_TOKEN: "~/keys/named.json" } } } }),
          "keys/named.json": SECRET,
          ".claude/settings.json": "{}",
          ".codex/config.toml": "",
          ".codex/auth.json": SECRET,
          ".cursor/mcp.json": "{}",
          ".gemini/oauth_creds.json": SECRET,
          "Library/Application Support/Claude/claude_desktop_config.json": "{}",
        },
        root: { ".claude/settings.local.json": "{}", ".vscode/mcp.json": "{}" },
      },
      [
        ".claude.json",
        "named.json",
        "settings.json",
        "config.toml",
        "auth.json",
        "mcp.json",
        "oauth_creds.json",
        "claude_desktop_config.json",
        "settings.local.json",
        "mcp.json",
      ],
    ],
  ];
  test.each(USERS)("%s", (_, parts, names) => {
    const w = world(parts);
    must(w.run("init", "--write"));
    const { plist_files, config_files, credential_files } = manifestOf(w, w.create());
    const all = [...plist_files, ...config_files, ...credential_files].map(({ original }) => basename(original));
    expect(all.sort()).toEqual(names.toSorted());
    expect(w.json(coverage, "coverage").value.missed).toEqual([]);
  });
});

test("links are not followed, and names that YAML and globs know are names", () => {
  const w = acme();
  const odd = [
    "it's: a #token.json",
    "!token.json",
    "[x]token{a,b}.json",
    "*token*.json",
    "~token.json",
    'a"token\\.json',
    "tökén-token 1.yaml",
    "&token.json",
    "- token.json",
  ];
  w.put(Object.fromEntries(odd.map((name) => [`root/odd/${name}`, SECRET])));
  w.put({ "root/odd/loop": { link: "." } });
  const { found } = w.json(initialized, "init", "--write").value;
  const expected = odd.map((name) => `odd/${name}`).sort();
  expect(found.credentials.filter((path) => path.startsWith("odd/"))).toEqual(expected);
  expect(found.unreached).toEqual([]);
  const { credential_files } = manifestOf(w, w.create());
  expect(
    credential_files
      .map(({ original }) => original.replace(`${w.root}/`, ""))
      .filter((path) => path.startsWith("odd/"))
      .sort(),
  ).toEqual(expected);
});
