// Every disk call failing once: each live file stays whole, the exit code tells the truth, the message is one clear error,
// and `recover` and `verify` find nothing amiss. ROLLBACK_SWEEP=1 tries every call with every error, else a spread.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { binary } from "../binary.ts";
import { cutOffStages, STAGES } from "../crash/cut-off.ts";
import { type Struck, type Swept, summary, sweep } from "../crash/sweep.ts";
import { tracing } from "../crash/tracing.ts";
import { writeTree } from "../crash/tree.ts";
import {
  buildWorld,
  expectClear,
  expectNoStrays,
  expectSettled,
  expectSnapshotKept,
  expectWhole,
  journalLeft,
  recoverAndVerify,
  type World,
} from "../crash/world.ts";

const SPREAD = 24;
const ERRORS = ["ENOSPC", "EIO", "EACCES", "EROFS"].map((error) => ({ error }));
let world: World;

beforeAll(() => {
  world = buildWorld(binary);
});
afterAll(() => world.remove());

function report(name: string, { tried, missed, failures }: Swept): void {
  console.log(`${name}: ${tried} calls failed once${missed > 0 ? `, ${missed} out of reach` : ""}`);
  expect(summary(failures)).toBe("");
  expect(missed).toBe(0);
  expect(tried).toBeGreaterThan(5);
}

function expectDocumented({ run }: Struck): void {
  expectClear(run);
  if (![0, 1, 3].includes(run.exitCode)) throw new Error("an exit code that this failure can't have");
}

function settles(): "edited" | "restored" {
  recoverAndVerify(world);
  expectNoStrays(world);
  expectSnapshotKept(world);
  return expectSettled(world);
}

describe("every call failing once", () => {
  const restoreHolds = (struck: Struck) => {
    const { exitCode, stderr } = struck.run;
    expectWhole(world);
    expectDocumented(struck);
    const waiting = journalLeft(world);
    if (waiting && !stderr.includes("rollback recover")) throw new Error("a journal was left, and recover not named");
    if (!waiting) {
      const now = expectSettled(world);
      if (exitCode === 0 && now !== "restored") throw new Error("exit 0, yet nothing was restored");
      if (exitCode === 1 && now !== "edited") throw new Error("exit 1, yet files were changed");
    }
    const end = settles();
    if (exitCode === 0 && end !== "restored") throw new Error("exit 0, yet recover undid it");
  };

  tracing("restore", () => {
    const { command, scene, reset, snapshot } = world;
    const restore = command("restore", snapshot, "--force");
    report("restore", sweep({ command: restore, scene, blows: ERRORS, spread: SPREAD, reset, check: restoreHolds }));
  });

  tracing("restore's flushes, where each file is flushed on its own as on macOS", () => {
    const { command, scene, reset, snapshot } = world;
    const flushes = { names: ["fsync", "fdatasync"], refused: ["syncfs"], blows: [{ error: "EIO" }], spread: 60 };
    const restore = command("restore", snapshot, "--force");
    report("restore's flushes", sweep({ ...flushes, command: restore, scene, reset, check: restoreHolds }));
  });

  tracing("recover, from each stage in which a restore may be cut off", () => {
    const { command, scene, folder } = world;
    for (const [stage, tree] of cutOffStages(world)) {
      const check = (struck: Struck) => {
        expectWhole(world);
        expectDocumented(struck);
        if (struck.run.exitCode === 0 && journalLeft(world)) throw new Error("exit 0, yet a journal is left");
        settles();
      };
      const reset = () => writeTree(folder, tree);
      const spread = SPREAD / STAGES.length;
      report(
        `recover from ${stage}`,
        sweep({ command: command("recover"), scene, blows: ERRORS, spread, reset, check }),
      );
    }
  });

  tracing("create", () => {
    const { command, scene, reset } = world;
    const check = (struck: Struck) => {
      expectDocumented(struck);
      if (settles() !== "edited") throw new Error("create touched live files");
    };
    const create = command("create", "on a bad disk");
    report("create", sweep({ command: create, scene, blows: ERRORS, spread: SPREAD, reset, check }));
  });
});
