// `doctor`: every assumption tried, and nothing left or changed.
import { expect, test } from "bun:test";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import type * as v from "valibot";
import { doctored } from "../contract.ts";
import { liveTree, readTree, world } from "../harness.ts";
import { agentWorld } from "../launchctl/stand-in.ts";

const parts = { root: { ".mcp.json": "{}", "shared/paths.py": "p" } };
const named = (value: v.InferOutput<typeof doctored>, name: string) =>
  value.probes.find((probe) => probe.name === name);

test("a sound project: the store and all else are as they were, byte for byte", () => {
  const w = world(parts);
  w.create();
  const [live, store] = [liveTree(w, { mtimes: true }), readTree(w.store)];
  const { exit, value } = w.json(doctored, "doctor");
  expect(value.probes.filter(({ result }) => result === "fail")).toEqual([]);
  expect(exit).toBe(value.probes.some(({ result }) => result === "warning") ? 1 : 0);
  expect(named(value, "lock-holds")?.result).toBe("ok");
  expect(named(value, "files")?.found).toBe("2 of 2 files can be read");
  expect(liveTree(w, { mtimes: true })).toEqual(live);
  expect(readTree(w.store)).toEqual(store);
});

test("without a snapshots folder it makes none, and says what was not tried", () => {
  const w = world(parts);
  const { exit, value } = w.json(doctored, "doctor");
  expect(exit).toBe(1);
  expect(named(value, "store")?.result).toBe("warning");
  expect(Object.keys(readTree(w.root))).not.toContain("infrastructure");
});

test("a file that can't be read fails, with its next step; the report names no home", () => {
  const w = world(parts, { ordinary: true });
  w.create();
  chmodSync(join(w.root, ".mcp.json"), 0);
  const { exit, value } = w.json(doctored, "doctor");
  expect(exit).toBe(2);
  expect(named(value, "files")).toMatchObject({
    result: "fail",
    found: expect.stringContaining("1 of 2 can't be read"),
  });
  expect(JSON.stringify(value)).not.toContain(w.home);
  expect(w.run("doctor", "--quiet").stdout).toContain("files\n");
});

test("variables that change how programs run are named, their values are not", () => {
  const w = world(parts);
  const { stdout } = w.runWith({ env: { BUN_CONFIG_TOKEN: "hunter2" } }, "doctor");
  expect(stdout).toContain("environment: BUN_CONFIG_TOKEN");
  expect(stdout).not.toContain("hunter2");
});

test("--launchd loads, reloads and kills a throw-away agent, keeps what launchctl printed, and leaves nothing", () => {
  const { w, launchd } = agentWorld([]);
  w.create();
  launchd.slowness(2, 2);
  const { value } = w.json(doctored, "doctor", "--launchd");
  const tried = value.probes.filter(({ name }) => name.startsWith("launchd-"));
  expect(tried.map(({ name, result }) => [name, result])).toEqual([
    ["launchd-load", "ok"],
    ["launchd-reload", "ok"],
    ["launchd-kill", "ok"],
    ["launchd-gone", "ok"],
  ]);
  expect(tried[1]?.found).toBe("an agent is reloaded, after 2 that came too early (5, 5)");
  const calls = value.launchctl ?? [];
  const verbs = calls.map(({ words: [verb = ""] }) => verb).filter((verb) => verb !== "print");
  expect(verbs).toEqual(["bootstrap", "bootout", "bootstrap", "bootstrap", "bootstrap", "kill", "bootout"]);
  expect(calls.some(({ printed }) => printed.includes("last terminating signal = Killed: 9"))).toBe(true);
  const label = /com\.rollback\.doctor\.\d+/.exec(calls[0]?.words.join(" ") ?? "")?.[0] ?? "";
  expect(launchd.isLoaded(label)).toBe(false);
  expect(existsSync(calls[0]?.words[2] ?? "/")).toBe(false);
});

test("without launchd --launchd is a warning, and without the flag no agent is loaded", () => {
  const w = world(parts);
  w.create();
  const { value } = w.json(doctored, "doctor", "--launchd");
  expect(named(value, "launchd-load")?.result).toBe("warning");
  expect(value.launchctl).toBeNull();
  const { w: mac, launchd } = agentWorld([]);
  expect(mac.json(doctored, "doctor").value.launchctl).toBeNull();
  expect(launchd.calls().every((call) => call.startsWith("print"))).toBe(true);
});

test("copies are looked for where the config names them", () => {
  const config = "copies: {usb: {to: ../away/usb}, gone: {to: ../away/gone}}\n";
  const w = world({ root: { ...parts.root, "rollback.yaml": config }, away: { usb: { folder: 0o700 } } });
  w.create();
  const { value } = w.json(doctored, "doctor");
  expect(value.probes.filter(({ name }) => name.startsWith("copy")).map(({ name, result }) => [name, result])).toEqual([
    ["copy-usb", "ok"],
    ["copy-gone", "warning"],
  ]);
});
