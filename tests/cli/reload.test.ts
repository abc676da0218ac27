// Restored plists become running agents again: bootout, wait, enable, bootstrap, look; each to the state that was recorded.
import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Agent } from "../../src/launchd/agent.ts";
import { bootoutLimit } from "../../src/launchd/reload.ts";
import { NOT_LOADED } from "../../src/launchd/service.ts";
import { binary } from "../binary.ts";
import { agentsListed, failed, reloaded, restored } from "../contract.ts";
import { type Layout, modeOf, must, placeLegacySnapshots, readTree, type World } from "../harness.ts";
import { agentPath, agentPlist, agentWorld, type Launchd, labelOf } from "../launchctl/stand-in.ts";

const AN_AGENT: Agent = {
  ...{ label: "a", program: "/bin/sh", words: [], workingDirectory: null, calendar: [], runAtLoad: false },
  ...{ logs: { out: null, error: null }, variables: {}, ports: [], watchPaths: [], exitTimeOut: null },
  ...{ interval: null, keepAlive: false },
};
const runAtLoad = "<key>RunAtLoad</key><true/>";
const changed = (label: string) => agentPlist(label, "<key>Nice</key><integer>1</integer>");

/** Changes these agents' plists, and loads nothing. */
function change(w: World, ...names: string[]): void {
  for (const name of names) w.put({ [agentPath(labelOf(name))]: changed(labelOf(name)) });
}

/** Agents that are loaded, their snapshot, and then changed plists. */
function loadedAndChanged(...names: string[]): { w: World; launchd: Launchd; id: string } {
  const { w, launchd } = agentWorld(names);
  for (const name of names) launchd.load(labelOf(name));
  const id = w.create();
  change(w, ...names);
  launchd.forgetCalls();
  return { w, launchd, id };
}

const results = (agents: { label: string; result: string }[] | undefined) =>
  Object.fromEntries((agents ?? []).map(({ label, result }) => [label.replace("com.petesbrain.", ""), result]));

// Agents that never come up are waited for as long as a step may take. That goes on beside all other tests of this file.
const hopeless = (() => {
  const names = ["refused", "linked", "malformed", "writable", "fine"];
  const { w, launchd, id } = loadedAndChanged(...names);
  must(w.run("restore", id, "--force"));
  for (const name of ["refused", "linked"]) launchd.refuses(labelOf(name), 5, "Input/output error");
  // One that is not loaded is tried whatever is in its way: there is nothing to lose.
  launchd.unload(labelOf("linked"));
  w.put({
    [agentPath(labelOf("malformed"))]: "garbage",
    [agentPath(labelOf("linked"))]: agentPlist(labelOf("linked"), "", ["/no/such/program"]),
    [agentPath(labelOf("writable"))]: { file: agentPlist(labelOf("writable")), mode: 0o666 },
  });
  const child = w.start([binary, "reload", id, "--json"]);
  return { names, launchd, ended: Promise.all([child.stdout.text(), child.exited]) };
})();

describe("restore --reload", () => {
  test("does not boot out the job that it runs in: that one's commands are printed, the others are reloaded", () => {
    const { w, launchd, id } = loadedAndChanged("a", "b");
    const env = { XPC_SERVICE_NAME: labelOf("a") };
    const ran = w.runWith({ env }, "restore", id, "--force", "--reload");
    expect(ran.exit).toBe(3);
    expect(launchd.calls(labelOf("a"))).not.toContain("bootout");
    expect(launchd.calls(labelOf("b"))).toContain("bootout");
    expect(ran.stdout).toContain(`launchctl bootout gui/`);
    expect(ran.stdout).not.toContain(`bootout gui/${process.getuid?.()}/${labelOf("b")}`);
  });

  test("boots out, waits until it is gone, bootstraps, and looks", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    const { exit, value } = w.json(restored, "restore", id, "--force", "--reload");
    expect(exit).toBe(0);
    expect(value.reloaded).toEqual([{ label: labelOf("a"), result: "reloaded" }]);
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
    expect(launchd.plistOf(labelOf("a"))).toBe(w.path(agentPath(labelOf("a"))));
    const calls = launchd.calls(labelOf("a"));
    // The auto-backup's question, the state before, and after bootout as many as it takes.
    expect(calls.slice(calls.indexOf("bootout"))).toEqual([
      "bootout",
      ...["print", "print"],
      ...["bootstrap", "print", "bootstrap"],
      "print",
    ]);
  });

  test("reloads only what changed", () => {
    const { w, launchd } = agentWorld(["a", "b", "c"]);
    for (const name of ["a", "b", "c"]) launchd.load(labelOf(name));
    const id = w.create();
    change(w, "b");
    launchd.forgetCalls();
    const { value } = w.json(restored, "restore", id, "--force", "--reload");
    expect(results(value.reloaded)).toEqual({ b: "reloaded" });
    for (const name of ["a", "c"]) expect(launchd.calls(labelOf(name))).toEqual([]);
  });

  test("with no plist changed touches no agent", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.load(labelOf("a"));
    const id = w.create();
    w.put({ "root/.mcp.json": "[]" });
    expect(w.json(restored, "restore", id, "--force", "--reload").value.reloaded).toEqual([]);
    expect(launchd.calls().filter((call) => call.startsWith("boot"))).toEqual([]);
  });

  test("without --force changes nothing, and the command it names says --reload", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    const { stdout } = must(w.run("restore", id, "--reload"));
    expect(stdout.trimEnd().split("\n").at(-1)).toContain("--reload --force");
    expect(launchd.calls().filter((call) => call.startsWith("boot"))).toEqual([]);
  });

  test("leaves fresh files, which others can't write to: launchd refuses them otherwise", () => {
    const { w, launchd } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: { file: agentPlist(labelOf("a")), mode: 0o666 } });
    const id = w.create();
    w.put({ [agentPath(labelOf("a"))]: { file: changed(labelOf("a")), mode: 0o666 } });
    must(w.run("restore", id, "--force", "--reload"));
    expect(modeOf(w.path(agentPath(labelOf("a"))))).toBe("0644");
    expect(launchd.isLoaded(labelOf("a"))).toBe(false);
    must(w.run("reload", labelOf("a")));
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
    // What is as it was recorded, but for what no agent may have, is unchanged.
    expect(w.json(restored, "restore", id).value.summary).toMatchObject({ modify: 0 });
  });

  test("unloads what the replaced plist had been loaded as, where that was another label", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.load(labelOf("a"));
    const id = w.create();
    launchd.unload(labelOf("a"));
    w.put({ [agentPath(labelOf("a"))]: agentPlist("renamed") });
    must(w.run("reload", "renamed"));
    must(w.run("restore", id, "--force", "--reload"));
    expect([launchd.isLoaded(labelOf("a")), launchd.isLoaded("renamed")]).toEqual([true, false]);
  });

  test("tells what became of each on a page", () => {
    const { w, id } = loadedAndChanged("a");
    const { stdout } = must(w.run("restore", id, "--force", "--reload"));
    expect(stdout).toContain(`${labelOf("a")}: reloaded\n`);
    expect(stdout).not.toContain("until they are reloaded");
  });
});

describe("to the recorded state", () => {
  test("what was not loaded is not started", () => {
    const { w, launchd } = agentWorld(["a"]);
    const id = w.create();
    change(w, "a");
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({
      a: "left unloaded",
    });
    expect(launchd.isLoaded(labelOf("a"))).toBe(false);
  });

  test("what was not loaded and is now is unloaded", () => {
    const { w, launchd } = agentWorld(["a"]);
    const id = w.create();
    change(w, "a");
    launchd.load(labelOf("a"));
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({ a: "unloaded" });
    expect(launchd.isLoaded(labelOf("a"))).toBe(false);
  });

  test("what was loaded and is not now is loaded", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    launchd.unload(labelOf("a"));
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({ a: "loaded" });
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
  });

  test("what was enabled and is disabled now is enabled, and loads", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    launchd.unload(labelOf("a"));
    launchd.disable(labelOf("a"));
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({ a: "loaded" });
    expect(launchd.isDisabled(labelOf("a"))).toBe(false);
    const calls = launchd.calls(labelOf("a"));
    expect(calls.indexOf("enable")).toBeLessThan(calls.indexOf("bootstrap"));
  });

  test("what was disabled stays disabled", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    for (const name of ["a", "b"]) launchd.disable(labelOf(name));
    // Disabled ones that are loaded all the same: launchd knows that state.
    launchd.load(labelOf("b"));
    const id = w.create();
    change(w, "a", "b");
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({
      a: "left unloaded",
      b: "left disabled",
    });
    expect([launchd.isDisabled(labelOf("a")), launchd.isDisabled(labelOf("b"))]).toEqual([true, true]);
    expect(launchd.calls().filter((call) => call.startsWith("enable"))).toEqual([]);
  });

  test("what no one recorded stays as it is: a snapshot of the original tool", () => {
    const { w, launchd } = agentWorld([]);
    placeLegacySnapshots(w.store);
    const words = ["20251211_143600", "--relocate", "--only", "plist", "--force", "--reload"];
    const { exit, value } = w.json(restored, "restore", ...words);
    expect(exit).toBe(0);
    expect(value.reloaded?.length).toBe(value.restored);
    expect(new Set(value.reloaded?.map(({ result }) => result))).toEqual(new Set(["left unloaded"]));
    for (const { label } of value.reloaded ?? []) expect(launchd.isLoaded(label)).toBe(false);
    expect(launchd.calls().filter((call) => call.startsWith("boot"))).toEqual([]);
  }, 30_000);

  test("that is said only where it was recorded", () => {
    const recorded = loadedAndChanged("a");
    expect(recorded.w.run("restore", recorded.id, "--force", "--reload").stdout).toContain(
      "✅ 1 agent is in the recorded state",
    );
    const { w, launchd } = agentWorld(["a"]);
    launchd.hang();
    const id = w.create();
    rmSync(join(w.base, "launchd/hangs"));
    change(w, "a");
    launchd.load(labelOf("a"));
    const { stdout } = must(w.run("restore", id, "--force", "--reload"));
    expect(stdout).toContain("✅ 1 agent is as before: the snapshot recorded no state");
    expect(stdout).not.toContain("in the recorded state");
    expect(launchd.calls(labelOf("a"))).toContain("bootstrap");
  }, 60_000);

  test("what is disabled and runs is left as it is", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.load(labelOf("a"), { pid: 7 });
    launchd.disable(labelOf("a"));
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "left disabled" });
    expect(launchd.calls(labelOf("a"))).not.toContain("bootout");
  });
});

describe("reload", () => {
  test("without a word: what the last restore changed", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    for (const name of ["a", "b"]) launchd.load(labelOf(name));
    const id = w.create();
    change(w, "a");
    must(w.run("restore", id, "--force"));
    for (const words of [[], [id], ["latest"]]) {
      launchd.forgetCalls();
      const { exit, value } = w.json(reloaded, "reload", ...words);
      expect(exit).toBe(0);
      expect(value).toMatchObject({ agents: [{ label: labelOf("a"), result: "reloaded" }], by_hand: [] });
      expect(launchd.calls(labelOf("b"))).toEqual([]);
    }
  });

  test("a label, or a plist's name: that one, changed or not, recorded or not", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    launchd.load(labelOf("a"));
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "reloaded" });
    expect(results(w.json(reloaded, "reload", `${labelOf("b")}.plist`).value.agents)).toEqual({ b: "loaded" });
    expect(launchd.isLoaded(labelOf("b"))).toBe(true);
    expect(must(w.run("reload", labelOf("b"))).stdout).toContain(labelOf("b"));
  });

  test("a disabled one that was named stays disabled", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.disable(labelOf("a"));
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "left disabled" });
  });

  test("the word of an agent that is none, and no restore yet: exit 5", () => {
    const { w } = agentWorld(["a"]);
    expect(w.json(failed, "reload", "com.petesbrain.none").exit).toBe(5);
    expect(w.json(failed, "reload").exit).toBe(5);
    w.create();
    const { exit, value } = w.json(failed, "reload");
    expect(exit).toBe(5);
    expect(value.error.hint).toContain("rollback agents");
  });

  test("obeys the line that a restore ends with", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    const lines = must(w.run("restore", id, "--force")).stdout.split("\n");
    const [line = ""] = lines.filter((text) => text.startsWith("   rollback reload "));
    expect(results(w.json(reloaded, ...line.trim().split(" ").slice(1)).value.agents)).toEqual({ a: "reloaded" });
    expect(launchd.isLoaded(labelOf("a"))).toBe(true);
  });

  test("obeys it also after a restore that moved the agents to another home", () => {
    const from = agentWorld(["a"]);
    from.launchd.load(labelOf("a"));
    const id = from.w.create();
    const to = agentWorld([]);
    const snapshot = join(from.w.store, id);
    must(to.w.run("restore", snapshot, "--relocate", "--force"));
    to.launchd.forgetCalls();
    expect(results(to.w.json(reloaded, "reload", snapshot).value.agents)).toEqual({ a: "loaded" });
  });
});

describe("nothing is booted out that can't come back: it is left running and named", () => {
  const a = labelOf("a");
  const xattr = `#!/bin/sh\necho '0081;x;Safari'\n`;
  const cases: Record<string, [Layout, string]> = {
    "cut off": [{ [agentPath(a)]: agentPlist(a).slice(0, 150) }, "its plist: "],
    "no Label": [{ [agentPath(a)]: agentPlist(a).replace("Label", "Lable") }, "its plist: has no Label"],
    "others can write to it": [{ [agentPath(a)]: { file: agentPlist(a), mode: 0o666 } }, "others can write to it"],
    "no program": [{ [agentPath(a)]: agentPlist(a, "", ["/nowhere/x"]) }, "its program is missing: /nowhere/x"],
    quarantine: [{ "bin/xattr": { file: xattr, mode: 0o755 } }, "is in quarantine"],
  };
  for (const [what, [layout, reason]] of Object.entries(cases))
    test(what, () => {
      const { w, launchd } = agentWorld(["a"]);
      launchd.load(a, { pid: 7 });
      w.put(layout);
      const { exit, value } = w.json(reloaded, "reload", a);
      expect(exit).toBe(3);
      expect(value.agents).toEqual([{ label: a, result: "left running", reason: expect.stringContaining(reason) }]);
      expect(launchd.calls(a)).not.toContain("bootout");
      expect(launchd.isLoaded(a)).toBe(true);
    });

  test("of two plists with one Label the one that is named like it counts, and agents names both", () => {
    const { w, launchd } = agentWorld(["a"]);
    const copy = `${a} 2.plist`;
    w.put({ [`home/Library/LaunchAgents/${copy}`]: changed(a) });
    launchd.load(a);
    const { value } = w.json(agentsListed, "agents");
    expect(value.agents.map(({ problems }) => problems)).toEqual([
      [
        `its Label differs from its name: ${a}`,
        `has the same Label as ${a}.plist: ${a}; ${a}.plist is the one that is loaded`,
      ],
      [`has the same Label as ${copy}: ${a}; ${a}.plist is the one that is loaded`],
    ]);
    const left = w.json(reloaded, "reload", copy);
    expect([left.exit, results(left.value.agents)]).toEqual([3, { a: "left running" }]);
    expect(launchd.calls(a)).not.toContain("bootout");
    expect(results(w.json(reloaded, "reload", a).value.agents)).toEqual({ a: "reloaded" });
    expect(launchd.plistOf(a)).toBe(w.path(agentPath(a)));
    launchd.unload(a);
    expect(results(w.json(reloaded, "reload", copy).value.agents)).toEqual({ a: "failed" });
    expect(launchd.isLoaded(a)).toBe(false);
  });

  test("a bootout may take as long as the agent may take to end", () => {
    const limit = (seconds: number | null, loaded: number | null) =>
      bootoutLimit({ ...AN_AGENT, exitTimeOut: seconds }, { ...NOT_LOADED, exitTimeout: loaded });
    expect([limit(null, null), limit(40, 5), limit(null, 30), limit(0, 5), limit(9999, null)]).toEqual([
      ...[15_000, 55_000, 45_000],
      ...[300_000, 300_000],
    ]);
  });
});

describe("what launchd does meanwhile", () => {
  test("it is slow to let go: bootout is asked about until it is through, and bootstrap again while it is too early", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    launchd.slowness(4, 4);
    expect(results(w.json(restored, "restore", id, "--force", "--reload").value.reloaded)).toEqual({ a: "reloaded" });
    const calls = launchd.calls(labelOf("a")).filter((call) => call !== "print");
    expect(calls).toEqual(["bootout", ...Array(5).fill("bootstrap")]);
  });

  test("it lets go at once", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    launchd.slowness(0, 0);
    must(w.run("restore", id, "--force", "--reload"));
    expect(launchd.calls(labelOf("a")).filter((call) => call !== "print")).toEqual(["bootout", "bootstrap"]);
  });

  test("an agent that dies at its start: exit 3, its exit code, and the end of its log", () => {
    const { w, launchd } = agentWorld([]);
    const log = join(w.home, "a.log");
    const more = `${runAtLoad}<key>StandardErrorPath</key><string>${log}</string>`;
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), more), [log]: `${"old words\n".repeat(1000)}` });
    launchd.load(labelOf("a"));
    launchd.dies(labelOf("a"), { code: 78, words: "ModuleNotFoundError: No module named 'google'" });
    const id = w.create();
    change(w, "a");
    const { exit, value } = w.json(restored, "restore", id, "--force", "--reload");
    expect(exit).toBe(3);
    expect(value.restored).toBe(1);
    const [agent] = value.reloaded ?? [];
    expect(agent).toMatchObject({ label: labelOf("a"), result: "failed" });
    expect(agent?.reason).toContain("78");
    expect(agent?.reason).toEndWith("ModuleNotFoundError: No module named 'google'");
    expect(agent?.reason?.length).toBeLessThan(1000);
    const { exit: again, stdout } = w.run("reload", labelOf("a"));
    expect(again).toBe(3);
    expect(stdout).toContain("ModuleNotFoundError");
  });

  test("an agent that dies a moment after its start", () => {
    const { w, launchd } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), runAtLoad) });
    launchd.dies(labelOf("a"), { code: 1, calls: 1 });
    expect(w.json(reloaded, "reload", labelOf("a"))).toMatchObject({
      exit: 3,
      value: { agents: [{ result: "failed" }] },
    });
  });

  test.each([
    ["Segmentation fault", "Segmentation_fault:11", "it was killed by signal 11 (Segmentation_fault), at once"],
    ["spawn failed", "spawn-failed", "it could not be started: spawn failed (78 EX_CONFIG), at once"],
    ["a start that never comes", "never", "it did not start, kicked or not"],
  ])("an agent that dies at its start: %s", (_, code, reason) => {
    const { w, launchd } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), runAtLoad) });
    launchd.dies(labelOf("a"), { code, words: "" });
    const { exit, value } = w.json(reloaded, "reload", labelOf("a"));
    expect(exit).toBe(3);
    expect(value.agents).toEqual([{ label: labelOf("a"), result: "failed", reason: expect.stringContaining(reason) }]);
  });

  test("an agent that should have started and did not is kicked", () => {
    const { w, launchd } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), runAtLoad) });
    launchd.dies(labelOf("a"), { code: "pended" });
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "loaded" });
    expect(launchd.calls(labelOf("a"))).toContain("kickstart");
  });

  test("it takes two seconds for each answer", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.load(labelOf("a"));
    launchd.slow(2);
    launchd.slowness(0, 0);
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "reloaded" });
  }, 60_000);

  test("an agent that does its work and ends well has come up", () => {
    const { w, launchd } = agentWorld([]);
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), runAtLoad) });
    launchd.dies(labelOf("a"), { code: 0 });
    expect(results(w.json(reloaded, "reload", labelOf("a")).value.agents)).toEqual({ a: "loaded" });
  });

  test("its log may hold anything: a terminal is told one line of it, and no secret", () => {
    const { w, launchd } = agentWorld([]);
    const more = `${runAtLoad}<key>StandardErrorPath</key><string>${w.home}/a.log</string>`;
    w.put({
      [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), more),
      "home/a.log": "\u001b[31mred\u0007 --token hunter2-SHIBBOLETH\n",
    });
    launchd.dies(labelOf("a"), { code: 1 });
    const { stdout, stderr } = w.run("reload", labelOf("a"));
    expect(stdout + stderr).toContain("red");
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|SHIBBOLETH/);
  });
});

describe("sessions", () => {
  test.each([112, 125] as const)("no GUI session (%p): the user's domain", (code) => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.without("gui", code);
    launchd.load(labelOf("a"), { domain: "user" });
    const id = w.create();
    change(w, "a");
    const { exit, value } = w.json(restored, "restore", id, "--force", "--reload");
    expect(exit).toBe(0);
    expect(results(value.reloaded)).toEqual({ a: "reloaded" });
    expect(launchd.isLoaded(labelOf("a"), "user")).toBe(true);
    expect(launchd.isLoaded(labelOf("a"), "gui")).toBe(false);
  });

  test("an agent is reloaded in the domain where it lives", () => {
    const { w, launchd } = agentWorld(["a", "b"]);
    launchd.load(labelOf("a"), { domain: "user" });
    launchd.load(labelOf("b"));
    must(w.run("reload", labelOf("a")));
    must(w.run("reload", labelOf("b")));
    expect([launchd.isLoaded(labelOf("a"), "user"), launchd.isLoaded(labelOf("a"), "gui")]).toEqual([true, false]);
    expect([launchd.isLoaded(labelOf("b"), "user"), launchd.isLoaded(labelOf("b"), "gui")]).toEqual([false, true]);
  });

  test("one that belongs to the desktop's session: its commands are printed, with the reason", () => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.without("gui", 113);
    launchd.refuses(labelOf("a"), 134, "Service cannot load in requested session");
    const { exit, value } = w.json(reloaded, "reload", labelOf("a"));
    expect(exit).toBe(3);
    expect(value.agents).toMatchObject([{ result: "failed", reason: expect.stringContaining("(134)") }]);
    expect(value.by_hand).toEqual([
      `launchctl bootout gui/${w.uid}/${labelOf("a")}; launchctl bootstrap gui/${w.uid} ${w.path(agentPath(labelOf("a")))}`,
    ]);
  });

  test.each([112, 113, 125, 134] as const)("no session at all, told apart: %p", (code) => {
    const { w, launchd } = agentWorld(["a"]);
    launchd.without("gui", code);
    launchd.without("user", code);
    const { exit, stderr } = w.run("reload", labelOf("a"));
    expect(exit).toBe(1);
    expect(stderr).toContain(`there is no launchd session to reload in: `);
    expect(stderr).toContain(`(${code})`);
  });

  test("neither: the restore stands, and the exact commands are printed", () => {
    const { w, launchd, id } = loadedAndChanged("a");
    launchd.without("gui", 112);
    launchd.without("user", 125);
    const line = `launchctl bootout gui/${w.uid}/${labelOf("a")}; launchctl bootstrap gui/${w.uid} ${w.path(agentPath(labelOf("a")))}`;
    const { stdout, stderr } = w.run("restore", id, "--force", "--reload");
    expect(stdout).toContain(`   ${line}\n`);
    expect(stderr).toContain("⚠️");
    expect(readTree(w.home)["Library/LaunchAgents/com.petesbrain.a.plist"]).toMatchObject({
      bytes: agentPlist(labelOf("a")),
    });
    const { exit, value } = w.json(reloaded, "reload", id);
    expect(exit).toBe(1);
    expect(value).toMatchObject({ agents: [], by_hand: [line] });
  });

  test("no launchctl: a warning, and the restore is done", () => {
    const { w, id } = loadedAndChanged("a");
    rmSync(join(w.base, "bin/launchctl"));
    const { exit, stdout, stderr } = w.run("restore", id, "--force", "--reload");
    expect(exit).toBe(0);
    expect(stderr).toContain("there is no launchctl here: nothing was reloaded");
    expect(stdout).toContain("✅ Restored 1 file");
    expect(stdout).toContain("launchctl bootstrap");
    expect(w.run("reload", id).exit).toBe(1);
  });
});

describe("plutil, where it is, decides before anything is booted out", () => {
  const answers = (words: string) => ({
    "bin/plutil": { file: `#!/bin/sh\nshift 2\nfor f; do echo "$f: ${words}"; done\n`, mode: 0o755 },
  });
  const reloadOf = (words: string, plist: string) => {
    const { w, launchd } = loadedAndChanged("a");
    w.put({ ...answers(words), [agentPath(labelOf("a"))]: plist });
    const { value } = w.json(reloaded, "reload", `${labelOf("a")}.plist`);
    return { agents: value.agents, calls: launchd.calls(labelOf("a")) };
  };

  test("what it refuses is left running, though we find nothing", () => {
    const { agents, calls } = reloadOf("(Junk at line 3)", agentPlist(labelOf("a")));
    expect(agents).toMatchObject([{ result: "left running" }]);
    expect(agents[0]?.reason).toContain("says plutil, and rollback finds nothing: Junk at line 3");
    expect(calls).not.toContain("bootout");
  });

  test("what it takes is reloaded, though we find something", () => {
    const plist = agentPlist(labelOf("a"), "", ["/bin/sh", "-c", "a & b"]);
    const { agents, calls } = reloadOf("OK", plist);
    expect(agents).toMatchObject([{ result: "reloaded" }]);
    expect(calls).toContain("bootout");
  });

  test("without it our own word counts", () => {
    const { w, launchd } = loadedAndChanged("a");
    w.put({ [agentPath(labelOf("a"))]: agentPlist(labelOf("a"), "", ["/bin/sh", "-c", "a & b"]) });
    const { value } = w.json(reloaded, "reload", `${labelOf("a")}.plist`);
    expect(value.agents[0]?.reason).toBe("its plist: is malformed: line 4, column 88: & must be written &amp;");
    expect(launchd.calls(labelOf("a"))).not.toContain("bootout");
  });
});

test("71 agents side by side", () => {
  const names = Array.from({ length: 71 }, (_, index) => `agent-${index}`);
  const { w, launchd, id } = loadedAndChanged(...names);
  launchd.slowness(2, 2);
  const { exit, value } = w.json(restored, "restore", id, "--force", "--reload");
  expect(exit).toBe(0);
  expect(results(value.reloaded)).toEqual(Object.fromEntries(names.map((name) => [name, "reloaded"])));
  expect(names.filter((name) => !launchd.isLoaded(labelOf(name)))).toEqual([]);
  // The last bootout comes before the first bootstrap: no agent waits for another.
  const order = launchd.calls().map((call) => call.split(" ")[0] ?? "");
  expect(order.lastIndexOf("bootout")).toBeLessThan(order.lastIndexOf("bootstrap") - 71);
  expect(readFileSync(w.path(agentPath(labelOf("agent-7"))), "utf8")).toBe(agentPlist(labelOf("agent-7")));
}, 30_000);

test("agents that never come up: exit 3 with launchd's own words, and the others are up", async () => {
  const { names, launchd, ended } = hopeless;
  const [stdout, exit] = await ended;
  expect(exit).toBe(3);
  const { agents } = v.parse(reloaded, JSON.parse(stdout));
  expect(Object.fromEntries(agents.map(({ label, reason }) => [label, reason ?? "up"]))).toEqual({
    [labelOf("refused")]: expect.stringMatching(
      /^Bootstrap failed: 5: Input.*nothing is wrong that can be seen; .*sfltool/,
    ),
    [labelOf("linked")]: "Bootstrap failed: 5: Input/output error: its program is missing: /no/such/program",
    [labelOf("malformed")]: "its plist: is malformed: line 1, column 1: a property list begins with <?xml or <plist",
    [labelOf("writable")]: "its plist: others can write to it",
    [labelOf("fine")]: "up",
  });
  expect(names.filter((name) => launchd.isLoaded(labelOf(name)))).toEqual(["malformed", "writable", "fine"]);
}, 40_000);
