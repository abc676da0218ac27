// `doctor`: every assumption tried, and nothing left or changed.
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import type * as v from "valibot";
import { doctored } from "../contract.ts";
import { liveTree, readTree, world } from "../harness.ts";

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
