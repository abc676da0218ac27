// rollback.yaml: whatever is wrong in it is a usage error that names file, line and key, and nothing is done.
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { created, failed } from "../contract.ts";
import { world } from "../harness.ts";

const cases: Record<string, { text: string; line: number; says: string }> = {
  "an unknown key": { text: "version: 1\n\nplsts: [a]\n", line: 3, says: "plsts" },
  "an unknown key further in": { text: "credentials:\n  files: []\n  mpc: []\n", line: 3, says: "credentials.mpc" },
  "an unknown key in a category": {
    text: "retention:\n  auto-daily:\n    keep-lst: 7\n",
    line: 3,
    says: "retention.auto-daily.keep-lst",
  },
  "a text where a list belongs": { text: "plists: one.plist\n", line: 1, says: "plists" },
  "a number where a text belongs": { text: "plists:\n  - ok\n  - 7\n", line: 3, says: "plists.1" },
  "a list where a text belongs": { text: "version: 1\nsnapshots: [a]\n", line: 2, says: "snapshots" },
  "an empty pattern": { text: 'configs:\n  - ""\n', line: 2, says: "configs.0" },
  "a pattern that leaves out": { text: 'configs:\n  - "!secret"\n', line: 2, says: "configs.0" },
  "a version to come": { text: "# new\nversion: 2\n", line: 2, says: "version" },
  "a retention of 0": {
    text: "retention:\n  manual:\n    keep-last: 0\n",
    line: 3,
    says: "retention.manual.keep-last",
  },
  "a retention that is not a whole number": {
    text: "retention:\n  manual: {keep-daily: 1.5}\n",
    line: 2,
    says: "keep-daily",
  },
  "a duration that is none": { text: "retention:\n  manual:\n    keep-within: a week\n", line: 3, says: "keep-within" },
  "a duration with two readings": {
    text: "retention:\n  manual: {keep-within: 6m}\n",
    line: 2,
    says: "write 6min for minutes or 6mo for months",
  },
  "a size that is none": { text: "health:\n  max-size: lots\n", line: 2, says: "health.max-size" },
  "a key twice": { text: "plists: []\nconfigs: []\nplists: []\n", line: 3, says: "stands twice" },
  "a quote that is not closed": { text: 'version: 1\nsnapshots: "here\n', line: 3, says: "quote" },
  "a tab that indents": { text: "credentials:\n\tfiles: []\n", line: 2, says: "" },
  "a list at the top": { text: "- plists\n", line: 1, says: "list" },
  "a text at the top": { text: "plists\n", line: 1, says: "" },
  "an alias to nothing": { text: "version: 1\nplists: *nowhere\n", line: 2, says: "an alias names no anchor" },
  "a document after the first": { text: "version: 1\n---\nversion: 1\n", line: 2, says: "" },
  "a command": { text: "version: 1\nhook: rm -rf /\n", line: 2, says: "hook" },
  "a prototype": { text: "__proto__:\n  plists: [a]\n", line: 1, says: "__proto__" },
};

describe("what can't be used", () => {
  for (const [what, { text, line, says }] of Object.entries(cases))
    test(what, () => {
      const w = world({ root: { "rollback.yaml": text, ".mcp.json": "{}" } });
      const { exit, value } = w.json(failed, "create", "x");
      expect(exit).toBe(2);
      expect(value.error.code).toBe("usage");
      expect(value.error.message).toStartWith(`${w.root}/rollback.yaml:${line}: `);
      expect(value.error.message).toContain(says);
      expect(existsSync(w.store)).toBe(false);
    });

  test("aliases that grow without end", () => {
    const rows = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [index, name] of [..."bcdefghi"].entries())
      rows.push(`${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[index]}`).join(", ")}]`);
    const w = world({ root: { "rollback.yaml": rows.join("\n"), ".mcp.json": "{}" } });
    expect(w.json(failed, "create", "x")).toMatchObject({ exit: 2, value: { error: { code: "usage" } } });
  });

  test("a file that is too large, a folder, one that may not be read", () => {
    const large = world({ root: { "rollback.yaml": "#".repeat(2_000_000), ".mcp.json": "{}" } });
    expect(large.run("create", "x").exit).toBe(2);
    const folder = world({ root: { "rollback.yaml/inside": "", ".mcp.json": "{}" } });
    expect(folder.run("create", "x").stderr).toContain(`can't read the config ${folder.root}/rollback.yaml`);
    expect(folder.run("create", "x").exit).toBe(2);
    const shut = world(
      { root: { "rollback.yaml": { file: "version: 1\n", mode: 0 }, ".mcp.json": "{}" } },
      { ordinary: true },
    );
    expect(shut.run("create", "x")).toMatchObject({ exit: 2 });
  });

  test("the values of a file that was named by mistake are not repeated", () => {
    const w = world({ root: { ".mcp.json": "{}", "secret.yaml": "developer_token: hunter2-hunter2\n" } });
    const { exit, stdout, stderr } = w.run("create", "x", "--config", "secret.yaml");
    expect(exit).toBe(2);
    expect(stdout + stderr).not.toContain("hunter2");
  });
});

describe("what can", () => {
  const good: Record<string, string> = {
    "an empty file": "",
    "comments alone": "# nothing yet\n",
    "a byte order mark": "\ufeffversion: 1\n",
    "line ends of Windows": "version: 1\r\nconfigs: [.mcp.json]\r\n",
    JSON: '{"version": 1, "configs": [".mcp.json"]}',
    "every key": `version: 1
snapshots: infrastructure/rollback-snapshots
plists: ["~/Library/LaunchAgents/*petesbrain*.plist"]
configs: [.mcp.json]
credentials: {files: ["x/*.json"], mcp: [.mcp.json]}
venvs: [venv]
retention: {auto-daily: {keep-within: 7d, keep-last: 7, keep-daily: 1, keep-weekly: 1, keep-monthly: 1}}
health: {max-age: 26h, max-size: 1GiB, min-free: 500MiB}
`,
  };
  for (const [what, text] of Object.entries(good))
    test(what, () => {
      const w = world({ root: { "rollback.yaml": text, ".mcp.json": "{}" } });
      expect(w.json(created, "create", "x").value.files.config).toBe(1);
    });

  test("--config over the root's own", () => {
    const w = world({
      root: { "rollback.yaml": "broken: [", ".mcp.json": "{}", "other.yaml": "configs: [other.yaml]\n" },
    });
    expect(w.json(created, "create", "x", "--config", "other.yaml").value.files.config).toBe(1);
  });
});

test("an error never repeats what may be a secret that stands in the wrong place", () => {
  const token = "ghp_q8Zr2LmX0vT5nB7kD3wHyC6jF9sA1eG4uN8b";
  for (const text of [
    `${token}: x\n`,
    `plists: [a]\n${token}\n`,
    `plists: *${token}\n`,
    `plists: "${token}\n`,
    `health: {max-age: ${token}}\n`,
    `seal: {recipients: [AGE-SECRET-KEY-1${token}]}\n`,
    `copies: {${token}: {to: 3}}\n`,
    `snapshots: [${token}]\n`,
    `a: !${token} b\n`,
  ]) {
    const w = world({ root: { "rollback.yaml": text, ".mcp.json": "{}" } });
    for (const words of [["list"], ["create", "x"], ["list", "--json"]]) {
      const { exit, stdout, stderr } = w.run(...words);
      expect([text, exit]).toEqual([text, 2]);
      expect(`${stdout}${stderr}`).not.toContain(token);
    }
  }
});
