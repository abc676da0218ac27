// A signal to guard at any moment: counted by the system calls of its main thread, so that no clock decides where it strikes.
import { expect } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { must, type World, world } from "../harness.ts";
import { evenly, everyPoint, summary } from "./sweep.ts";
import { tracing } from "./tracing.ts";

const OLD = "old = 1\n";
const SIGNALS = ["INT", "TERM", "HUP"] as const;
const INTERRUPTED = { INT: 130, TERM: 143, HUP: 129 } as const;

/** The command breaks a file and fails, so whatever arrives, guard has to bring it back: or not to start it. */
const GUARD = ["guard", "x", "--auto-recover", "--", "/bin/sh", "-c", "echo broken > shared/paths.py; exit 4"];

/** Calls of one name: all of them, or those that are about one file. */
interface Calls {
  call: string;
  of?: string;
}

/** Runs guard under strace; its main thread gets the signal as it enters the nth of the calls. Returns the exit code and how many there were. */
function struck(
  w: World,
  { call, of }: Calls,
  blow: { signal: string; nth: number } | null,
): { exit: number; calls: number } {
  const log = w.path("away/log");
  const injected = blow === null ? [] : ["-e", `inject=${call}:signal=${blow.signal}:when=${blow.nth}`];
  const about = of === undefined ? [] : ["-P", of];
  const argv = [
    "strace",
    "-qqq",
    "-o",
    log,
    "-e",
    `trace=${call}`,
    "-e",
    "signal=none",
    ...about,
    ...injected,
    binary,
    ...GUARD,
  ];
  const ended = Bun.spawnSync(argv, { cwd: w.root, env: w.environment(), stdin: "ignore", stderr: "pipe" });
  const calls = readFileSync(log, "latin1").split("\n").length - 1;
  // Before it listens, the signal itself ends it.
  const killedBy = ended.signalCode == null ? 0 : constants.signals[ended.signalCode as NodeJS.Signals];
  return { exit: killedBy === 0 ? ended.exitCode : 128 + killedBy, calls };
}

tracing("one signal, wherever it strikes: the command does not start, or all that it did is rolled back", () => {
  const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": OLD } });
  const path = join(w.root, "shared/paths.py");
  const mark = join(w.store, ".rollback/guard.json");
  must(w.run("create", "first"));
  const failures: string[] = [];
  const ends = { notStarted: 0, rolledBack: 0 };
  // The file itself is opened by all that there is: snapshot, preview, auto-backup, restore.
  const kinds: (Calls & { spread: number })[] = [
    { call: "openat", of: path, spread: 20 },
    { call: "openat", spread: 5 },
    { call: "rename", spread: 2 },
    { call: "fsync", spread: 2 },
  ];
  for (const { spread, ...kind } of kinds) {
    const { calls } = struck(w, kind, null);
    const moments = Array.from({ length: calls }, (_, index) => index + 1);
    const tried = everyPoint ? moments : evenly(moments, spread);
    for (const [index, nth] of tried.entries()) {
      writeFileSync(path, OLD);
      const signal = SIGNALS[index % SIGNALS.length] ?? "INT";
      const { exit } = struck(w, kind, { signal, nth });
      const at = `SIG${signal} at ${kind.call} ${nth} of ${calls}: exit ${exit}`;
      if (readFileSync(path, "utf8") !== OLD) failures.push(`${at}, and what the command broke is still there`);
      if (existsSync(mark)) failures.push(`${at}, and a mark is left`);
      if (exit === 4) ends.rolledBack++;
      else if (exit === INTERRUPTED[signal]) ends.notStarted++;
      else failures.push(at);
    }
  }
  expect(summary(failures)).toBe("");
  // Both ends were seen: the moments do spread over the whole run.
  expect(Math.min(ends.notStarted, ends.rolledBack)).toBeGreaterThan(0);
});
