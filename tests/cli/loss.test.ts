// What the last complete snapshot held and is lost: told by create, noted, watched by health, and never pruned away.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { created } from "../contract.ts";
import { plist, world } from "../harness.ts";

const AGENTS = ["a", "b", "c", "d", "e", "f"].map((name) => `com.petesbrain.${name}`);
const CREDENTIALS = "root/shared/credentials";

function brain() {
  return world({
    home: Object.fromEntries(AGENTS.map((label) => [`Library/LaunchAgents/${label}.plist`, plist(label)])),
    root: {
      "rollback.yaml": "retention: {manual: {keep-last: 1}}\n",
      ".mcp.json": '{"mcpServers":{"a":{"command":"node"}}}',
      "shared/secrets.py": "KEY = 1\n",
      "shared/paths.py": "ROOT = 2\n",
      "shared/credentials/one.json": '{"token":"x"}',
      "shared/credentials/two.json": '{"token":"y"}',
    },
  });
}
const agentAt = (name: string) => `home/Library/LaunchAgents/com.petesbrain.${name}.plist`;
const remove = (w: ReturnType<typeof brain>, ...names: string[]) => {
  for (const name of names) rmSync(w.path(agentAt(name)));
};

describe("create names it", () => {
  test("once, with what it is, in words, in JSON and in the manifest", () => {
    const w = brain();
    const first = w.create();
    remove(w, "a", "b", "c", "d");
    w.put({
      [agentAt("e")]: "<plist>cut off",
      [`${CREDENTIALS}/one.json`]: "",
      [`${CREDENTIALS}/two.json`]: '{"a":{}}',
    });
    const { value } = w.json(created, "create", "after");
    expect(value.gone?.map(({ name, reason }) => [name, reason])).toEqual([
      ...["a", "b", "c", "d"].map((name) => [`com.petesbrain.${name}.plist`, "gone"]),
      ["com.petesbrain.e.plist", "unparsable"],
      ["root/shared/credentials/one.json", "empty"],
      ["root/shared/credentials/two.json", "empty"],
    ]);
    const manifest = JSON.parse(readFileSync(join(w.store, value.id, "manifest.json"), "utf8"));
    expect(manifest.gone).toEqual(value.gone);
    expect(manifest.gone_from).toEqual({ id: first, plist: 6, config: 3, credential: 2, total: 11 });
    expect(w.json(created, "create", "again").value.gone).toBeUndefined();
  });

  test("as a warning with three names and a count, and what to do about it", () => {
    const w = brain();
    const first = w.create();
    remove(w, "a", "b", "c", "d");
    const { exit, stdout, stderr } = w.run("create", "after");
    expect(exit).toBe(0);
    expect(stderr).toContain(
      `4 of 6 plists are gone since ${first}: com.petesbrain.a.plist, com.petesbrain.b.plist, com.petesbrain.c.plist and 1 more`,
    );
    expect(stdout).toContain(`rollback diff ${first}\n`);
    expect(stdout).toContain("rollback health --accept");
  });

  test("not what is there still and only left out by a new rule, nor what was empty before", () => {
    const w = brain();
    w.put({ "root/shared/paths.py": "# nothing yet\n" });
    w.create();
    w.put({
      "root/rollback.yaml": "configs: [.mcp.json, shared/paths.py]\n",
      "root/shared/paths.py": "# still nothing\n",
    });
    expect(w.json(created, "create", "x").value.gone).toBeUndefined();
  });
});

describe("health", () => {
  const finding = (w: ReturnType<typeof brain>, ...words: string[]) => {
    const { findings } = JSON.parse(w.run("health", "--json", ...words).stdout);
    return findings.find(({ check }: { check: string }) => check === "loss");
  };

  test("sees it before and after the next snapshot, and is well when it is back", () => {
    const w = brain();
    w.create();
    expect(finding(w).level).toBe("ok");
    remove(w, "a", "b");
    expect(finding(w).level).toBe("critical");
    w.create();
    expect(finding(w)).toMatchObject({ level: "critical", message: expect.stringContaining("2 of 6 plists lost") });
    expect(w.run("health").exit).toBe(2);
    w.put({ [agentAt("a")]: plist("com.petesbrain.a") });
    expect(finding(w).level).toBe("warning");
    w.put({ [agentAt("b")]: plist("com.petesbrain.b") });
    expect(finding(w).level).toBe("ok");
  });

  test("an emptied credential alone is critical", () => {
    const w = brain();
    w.create();
    w.put({ [`${CREDENTIALS}/one.json`]: "{}" });
    expect(finding(w).level).toBe("critical");
  });

  test("--accept takes what is lost now and nothing later; the trail says so", () => {
    const w = brain();
    w.create();
    remove(w, "a", "b");
    w.create();
    expect(finding(w, "--accept").level).toBe("ok");
    expect(finding(w).level).toBe("ok");
    const last = readFileSync(join(w.store, "audit.jsonl"), "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({ command: "accept", files: 2, user: expect.any(String) });
    remove(w, "c");
    expect(finding(w)).toMatchObject({ level: "critical", message: expect.stringContaining("1 of 4 plists lost") });
  });

  test("what was accepted, came back and is lost again is told again", () => {
    const w = brain();
    w.create();
    remove(w, "a");
    w.run("health", "--accept");
    w.put({ [agentAt("a")]: plist("com.petesbrain.a") });
    w.create();
    remove(w, "a");
    expect(finding(w).level).toBe("warning");
  });
});

test("prune keeps the last snapshot that held it, until the loss is accepted or mended", () => {
  const w = brain();
  const first = w.create();
  remove(w, "a", "b");
  w.create("two");
  w.create("three");
  const reasons = () => w.run("prune").stdout;
  expect(reasons()).toContain(`- Keep: ${first} (manual): the last that holds 2 files that were lost`);
  expect(w.run("prune", "--force").exit).toBe(0);
  expect(existsSync(join(w.store, first))).toBe(true);
  w.run("health", "--accept");
  expect(reasons()).toContain(`✓ Would remove: ${first}`);
});

test("prune keeps what was lost little by little, each loss below the limit, however often it runs", () => {
  const w = brain();
  w.create();
  const names = ["a", "b", "c", "d"];
  for (const name of names) {
    remove(w, name);
    w.create(`without ${name}`);
    expect(w.run("prune", "--force").exit).toBe(0);
  }
  w.create("the last");
  for (const _ of names) expect(w.run("prune", "--force").exit).toBe(0);
  const kept = () =>
    readdirSync(w.store)
      .filter((name) => /^\d{8}_\d{6}$/.test(name))
      .flatMap((id) => readdirSync(join(w.store, id, "plist")));
  expect(kept()).toEqual(expect.arrayContaining(names.map((name) => `com.petesbrain.${name}.plist`)));
  w.run("health", "--accept");
  w.run("prune", "--force");
  expect(kept().sort()).toEqual(["com.petesbrain.e.plist", "com.petesbrain.f.plist"]);
});

test("a snapshots folder that the daily job has written to and that is gone is told", () => {
  const w = world({ root: { ".mcp.json": "{}" } });
  const label = "com.rollback.snapshot.root";
  const job = (more: string) =>
    plist(
      label,
      `<key>ProgramArguments</key><array><string>/usr/local/bin/rollback</string><string>schedule</string><string>run</string><string>--root</string><string>${w.root}</string>${more}</array>`,
    );
  const path = join(w.home, "Library/LaunchAgents", `${label}.plist`);
  const warned = (content: string, ageSeconds: number) => {
    rmSync(w.store, { recursive: true, force: true });
    w.put({ [path]: content });
    const written = Date.now() / 1000 - ageSeconds;
    utimesSync(path, written, written);
    return [w.run(), w.run("health"), w.run("create", "x")].map(({ stderr }) => stderr.includes(`${w.store} is gone`));
  };
  expect(warned(job(""), 86_400)).toEqual([true, true, true]);
  expect(w.run("create", "y").stderr).not.toContain("is gone");
  // Just installed, it makes the first one; and what it writes elsewhere says nothing of this folder.
  expect(warned(job(""), 5)).toEqual([false, false, false]);
  expect(warned(job(`<string>--snapshots</string><string>${w.away}/kept</string>`), 86_400)).toEqual([
    false,
    false,
    false,
  ]);
});
