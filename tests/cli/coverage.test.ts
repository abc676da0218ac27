// coverage: what no rule reaches is named, --write makes it captured, and the rest of rollback.yaml stays as it is written.
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { coverage } from "../contract.ts";
import { modeOf, must, plist, readTree, type World, world } from "../harness.ts";

const SECRET = "made-up-secret";
const agent = (label: string, ...words: string[]) =>
  plist(label, `<key>ProgramArguments</key><array>${words.map((word) => `<string>${word}</string>`).join("")}</array>`);

/** The first owner's, with what the defaults leave out. */
function owner(): World {
  const w = world({
    root: {
      ".mcp.json": "{}",
      "shared/paths.py": "p",
      "infrastructure/mcp-servers/drive/token.json": SECRET,
      "tools/ads/google-ads.yaml": SECRET,
      "tools/ads/client_secret_1.json": SECRET,
      "tools/.mcp.json": "{}",
      "agents/sync/run.py": "",
      "agents/sync/config.yaml": "",
      "agents/sync/.venv/pyvenv.cfg": "",
      "agents/sync/.venv/bin/python3": "",
      "clients/one/token.json": SECRET,
      "node_modules/x/token.json": SECRET,
      "models/tokenizer.json": "{}",
      ".env.example": "",
    },
    home: {
      ".claude.json": SECRET,
      ".stripe/token.json": SECRET,
      "Library/LaunchAgents/net.other.job.plist": plist("net.other.job"),
      "Library/LaunchAgents/com.google.keystone.plist": plist("com.google.keystone"),
      "Library/LaunchAgents/com.petesbrain.old.plist.disabled": plist("com.petesbrain.old"),
      "Library/LaunchAgents-retired/com.petesbrain.older.plist": plist("com.petesbrain.older"),
      "bin/nightly.sh": "",
      "Library/Logs/x.log": "",
    },
    bin: { crontab: { file: "#!/bin/sh\n[ $1 = -l ] && echo '0 8 * * * x'\n", mode: 0o755 } },
  });
  const run = `cd ${w.root} &amp;&amp; ${w.home}/bin/nightly.sh >> ${w.home}/Library/Logs/x.log`;
  w.put({
    "home/Library/LaunchAgents/com.petesbrain.sync.plist": agent(
      "com.petesbrain.sync",
      `${w.root}/agents/sync/.venv/bin/python3`,
      `${w.root}/agents/sync/run.py`,
      `--config=${w.root}/agents/sync/config.yaml`,
    ),
    "home/Library/LaunchAgents/com.petesbrain.nightly.plist": agent("com.petesbrain.nightly", "/bin/sh", "-c", run),
  });
  return w;
}

const MISSED = [
  ["~/.stripe/token.json", "credential"],
  ["tools/ads/client_secret_1.json", "credential"],
  ["tools/ads/google-ads.yaml", "credential"],
  ["~/Library/LaunchAgents/net.other.job.plist", "agent"],
  ["tools/.mcp.json", "mcp"],
  ["~/.claude.json", "assistant"],
  ["~/bin/nightly.sh", "named-by-plist"],
  ["agents/sync/config.yaml", "named-by-plist"],
  ["agents/sync/run.py", "named-by-plist"],
  ["~/Library/LaunchAgents-retired/com.petesbrain.older.plist", "retired-agent"],
  ["~/Library/LaunchAgents/com.petesbrain.old.plist.disabled", "retired-agent"],
  ["crontab", "crontab"],
];

describe("what no rule reaches", () => {
  test("is named with its group, its rule and who names it; names alone are read, and nothing is changed", () => {
    const w = owner();
    const before = readTree(w.base, { mtimes: true });
    const { exit, value, stderr } = w.json(coverage, "coverage");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(value.missed.map(({ path, group }) => [path, group]).sort()).toEqual(MISSED.toSorted());
    expect(value.missed.find(({ path }) => path === "~/bin/nightly.sh")).toMatchObject({
      about: "com.petesbrain.nightly",
      rule: { list: "configs", line: '- "~/bin/nightly.sh"' },
    });
    expect(value.captured.find(({ name }) => name === "mcp/drive/token.json")?.rules).toEqual([
      "infrastructure/mcp-servers/*/{*credentials*,*oauth*,*token*,client_secret*,*service-account*}.json",
    ]);
    const { stdout } = must(w.run("coverage", "--all"));
    expect(stdout).toContain("5 files are captured, 12 more look as if they should be\n");
    expect(stdout).toContain("Credentials, by their names:\n  ~/.stripe/token.json\n");
    expect(stdout).toMatch(/Named by a captured plist:\n {2}~\/bin\/nightly\.sh +com\.petesbrain\.nightly\n/);
    expect(stdout).toMatch(/crontab +not a file: crontab -l > crontab\.txt\n/);
    expect(stdout).toEndWith("Write 11 of them into rollback.yaml:  rollback coverage --write\n");
    expect(readTree(w.base, { mtimes: true })).toEqual(before);
  });

  test("is counted by create in one line, and told by health", () => {
    const w = owner();
    expect(must(w.run("create", "x y")).stderr).toContain(
      "⚠️  11 more files look as if they should be captured: `rollback coverage` names them\n",
    );
    expect(w.run("health").stdout).toContain("not captured: ~/.stripe/token.json, tools/ads/client_secret_1.json");
  });

  test("what `never` names is not", () => {
    const w = owner();
    w.put({ "root/rollback.yaml": "never: [clients, tools/ads, ~/.stripe/token.json]\n" });
    const paths = w.json(coverage, "coverage").value.missed.map(({ path }) => path);
    expect(paths).toContain("tools/.mcp.json");
    expect(paths.filter((path) => /stripe|ads|clients/.test(path))).toEqual([]);
    // The folders of the default are no law.
    w.put({ "root/rollback.yaml": "never: []\n" });
    expect(w.json(coverage, "coverage").value.missed.map(({ path }) => path)).toContain("clients/one/token.json");
  });
});

describe("--write", () => {
  test("without a rollback.yaml makes one that captures what the defaults do, and all that was missed", () => {
    const w = owner();
    const before = w.json(coverage, "coverage").value.captured.map(({ path }) => path);
    expect(w.json(coverage, "coverage", "--write").value.written).toBe(11);
    expect(modeOf(join(w.root, "rollback.yaml"))).toBe("0644");
    const { value, stderr } = w.json(coverage, "coverage");
    expect(stderr).toBe("");
    expect(value.missed.map(({ path }) => path)).toEqual(["crontab"]);
    for (const path of before) expect(value.captured.map((file) => file.path)).toContain(path);
    must(w.run("create", "x y"));
    expect(must(w.run("coverage", "--write")).stdout).toContain("Nothing to write");
  });

  const OWN = `# Ours.
version: 1

configs:   # small files
  - shared/paths.py   # paths
  # - shared/secrets.py
  - '.mcp.json'

credentials: {files: ["a.json", 'b.json']}
# The end.
health: {max-age: 2d}
`;
  test("keeps comments, order, quotes and form of what stands there, its mode, and a link", () => {
    const w = owner();
    w.put({
      "root/elsewhere.yaml": { file: OWN, mode: 0o600 },
      "root/rollback.yaml": { link: "elsewhere.yaml" },
      "root/a.json": "",
      "root/b.json": "",
    });
    must(w.run("coverage", "--write"));
    const text = readFileSync(join(w.root, "elsewhere.yaml"), "utf8");
    expect(readTree(w.root)).toMatchObject({ "rollback.yaml": { kind: "link", target: "elsewhere.yaml" } });
    expect(modeOf(join(w.root, "elsewhere.yaml"))).toBe("0600");
    const places = ["# Ours.", "version: 1", "configs:", "# small files", "- shared/paths.py", "# paths"];
    const more = ["# - shared/secrets.py", "- '.mcp.json'", "credentials:", '"a.json"', "'b.json'", "# The end."];
    const at = [...places, ...more, "health: {max-age: 2d}", "plists:"].map((part) => text.indexOf(part));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(w.json(coverage, "coverage").value.missed.map(({ path }) => path)).toEqual(["crontab"]);
  });

  test("names of any kind are captured under the line that it writes", () => {
    const odd = [
      "it's: a #token.json",
      "!token.json",
      "[x]token{a,b}.json",
      "*token*.json",
      "~token.json",
      "- token.json",
    ];
    const w = world({ root: { ".mcp.json": "{}", ...Object.fromEntries(odd.map((name) => [`odd/${name}`, SECRET])) } });
    w.put({ "root/!token.json": SECRET });
    must(w.run("coverage", "--write"));
    expect(w.json(coverage, "coverage").value.missed).toEqual([]);
    must(w.run("create", "x y"));
    expect(must(w.run("show", "latest")).stdout).not.toContain(SECRET);
  });

  test("a config that can't be read as one is an error, and stays", () => {
    const w = owner();
    for (const text of ["configs: {a: 1}\n", "a: 1\n---\nb: 2\n", "configs: [a\n"]) {
      writeFileSync(join(w.root, "rollback.yaml"), text);
      expect(w.run("coverage", "--write").exit).toBe(2);
      expect(readFileSync(join(w.root, "rollback.yaml"), "utf8")).toBe(text);
    }
  });
});

test("nothing is missed: it says so", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  expect(must(w.run("coverage")).stdout).toBe(
    "✅ 1 file is captured, and nothing else looks as if it should be\n\nWhat is captured by which rule: rollback coverage --all\n",
  );
});

test("a folder that can't be read is told", () => {
  const w = world({ root: { ".mcp.json": "{}", "a/token.json": SECRET } }, { ordinary: true });
  chmodSync(join(w.root, "a"), 0);
  expect(must(w.run("coverage")).stderr).toContain(`${w.root}/a was not looked into: permission denied (EACCES)`);
});
