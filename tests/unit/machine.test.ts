// The machine's name: asked of a stand-in for scutil, and a recorded one compared with today's.
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { hostname } from "node:os";
import { isThisMachine, localHostName } from "../../src/system/machine.ts";
import { world } from "../harness.ts";

test("scutil's answer is the name; where it fails, hangs or is missing there is none", () => {
  const w = world();
  const ask = (script: string, limitMs = 5000) => {
    w.put({ "away/scutil": `#!/bin/sh\n${script}\n` });
    chmodSync(w.path("away/scutil"), 0o755);
    return localHostName(w.path("away/scutil"), limitMs);
  };
  expect(ask('[ "$*" = "--get LocalHostName" ] && echo Alexs-MacBook')).toBe("Alexs-MacBook");
  expect(ask("echo LocalHostName: not set; exit 1")).toBeNull();
  expect(ask("exit 0")).toBeNull();
  expect(ask("exec sleep 60", 50)).toBeNull();
  expect(localHostName(w.path("away/none"), 5000)).toBeNull();
});

test("a recorded name is this machine's with any domain of any network behind it", () => {
  const [first = ""] = hostname().split(".");
  for (const name of [first, `${first}.local`, `${first}.corp.example`, first.toUpperCase()])
    expect([name, isThisMachine(name)]).toEqual([name, true]);
  expect(isThisMachine(`${first}-2`)).toBe(false);
});
