// `leaks --where`: every captured place that holds one secret value, by its keys and lines, and never the value.
import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { identityOf, newKey } from "../archives.ts";
import { leakPlaces } from "../contract.ts";
import { must, plist, world } from "../harness.ts";

const KEY = "kx9Pq2Lm7Rt4Vw8Yb3Nc6";
const OLD = "old3Kf8Wq1Zt6Hd9Xs2Jv";
const SHORT = "hunter2";
const agent = (key: string) =>
  plist("com.petesbrain.a", `<key>EnvironmentVariables</key><dict><key>INTEL_KEY</key><string>${key}</string></dict>`);
const mcp = (key: string) =>
  JSON.stringify({ mcpServers: { a: { command: "node", env: { INTEL_KEY: key, PORT: "8080" } } } }, null, 1);

const made = () =>
  world({
    home: {
      "Library/LaunchAgents/com.petesbrain.a.plist": agent(KEY),
      "Library/LaunchAgents/com.petesbrain.b.plist": agent(OLD),
    },
    root: {
      ".mcp.json": mcp(KEY),
      "shared/secrets.py": `DB_PASSWORD = "${SHORT}"\nCOPY = "${Buffer.from(`user:${KEY}`).toString("base64")}"\n`,
      "shared/paths.py": `NOTE = "${SHORT}ville"\nDSN = "postgres://me:${SHORT}@db/x"\n`,
      "rollback.yaml": "version: 1\ncopies: {disk: {to: ../copies}}\n",
      "../copies/x": "",
    },
  });

const ask = (w: ReturnType<typeof made>, where: string, ...more: string[]) => {
  const ran = w.run("leaks", "--where", where, "--json", ...more);
  return { ...ran, found: v.parse(leakPlaces, JSON.parse(ran.stdout)) };
};

describe("leaks --where", () => {
  const w = made();
  newKey(w);
  const first = w.create();
  must(w.run("push", "disk"));
  // What holds it only in the past, and in a copy whose snapshot is no longer here.
  w.put({ "home/Library/LaunchAgents/com.petesbrain.b.plist": agent(KEY) });
  const second = w.create();
  must(w.run("push", "disk"));
  w.put({ "home/Library/LaunchAgents/com.petesbrain.b.plist": agent(OLD) });
  must(w.run("prune", "--keep-last", "1", "--force"));

  test("names files with lines and keys, also coded ones, snapshots, and copies whose snapshot is gone", () => {
    const { exit, found, stdout, stderr } = ask(w, ".mcp.json:INTEL_KEY");
    expect(exit).toBe(0);
    const [one, ...others] = found.values;
    expect(others).toEqual([]);
    expect(one).toMatchObject({ name: ".mcp.json", key: "mcpServers.a.env.INTEL_KEY", snapshots: [second] });
    const short = one?.files.map(({ name, live, keys, lines, written }) => [name, live, keys, lines, written]);
    expect(new Set(short)).toEqual(
      new Set([
        [".mcp.json", true, ["mcpServers.a.env.INTEL_KEY"], [6], ["plain"]],
        ["com.petesbrain.a.plist", true, ["EnvironmentVariables.INTEL_KEY"], [2], ["plain"]],
        ["secrets.py", true, [], [2], ["base64"]],
        ["com.petesbrain.b.plist", false, ["EnvironmentVariables.INTEL_KEY"], [2], ["plain"]],
      ]),
    );
    expect(one?.copies.map(({ key }) => key.slice(-23, -8)).sort()).toEqual([first, second]);
    const text = must(w.run("leaks", "--where", join(w.root, ".mcp.json:INTEL_KEY"))).stdout;
    expect(text).toContain("🔐 mcpServers.a.env.INTEL_KEY of .mcp.json stands in 3 files:\n");
    expect(text).toContain("     secrets.py, line 2 (base64)\n");
    expect(text).toContain(`.INTEL_KEY (no longer; snapshot ${second} holds it)\n   1 snapshot holds it: ${second}\n`);
    for (const shown of [stdout, stderr, text]) expect(shown).not.toContain(KEY);
  });

  test("finds a short one as a word of its own", () => {
    const { found, stdout } = ask(w, "secrets.py:DB_PASSWORD");
    const lines = found.values[0]?.files.map(({ name, lines }) => [name, lines]);
    expect(lines).toEqual([
      ["secrets.py", [1]],
      ["paths.py", [2]],
    ]);
    expect(stdout).not.toContain(SHORT);
  });

  test("an unknown file or key is not found, and what has no name there is told", () => {
    for (const [where, said] of [
      ["nowhere.json:KEY", "no snapshot holds nowhere.json"],
      [".mcp.json:PORT", ".mcp.json holds no secret of 6 characters or more under PORT"],
      [".mcp.json:OTHER", "mcpServers.a.env.INTEL_KEY"],
    ] as const)
      expect(w.run("leaks", "--where", where)).toMatchObject({ exit: 5, stderr: expect.stringContaining(said) });
    expect(w.run("leaks", "--where", ".mcp.json", "--staged").exit).toBe(2);
  });

  test("what no identity at hand opens is named, and the exit code tells it", () => {
    rmSync(identityOf(w));
    const { exit, found } = ask(w, ".mcp.json:INTEL_KEY");
    expect(exit).toBe(3);
    expect(found.not_looked_into).toEqual([
      { what: expect.stringContaining(`${first}.zip.age`), reason: "it is sealed, and no identity at hand opens it" },
    ]);
  });
});
