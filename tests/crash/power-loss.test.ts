// The machine stops at every call: what may then be on the medium is put onto the disk, and `recover` must end in all old
// or all new, in all new once success was reported. ROLLBACK_SWEEP=1 tries every state, else a spread.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { binary } from "../binary.ts";
import { cutOffStages } from "./cut-off.ts";
import { losePower, type PowerLost } from "./power-loss.ts";
import { run } from "./strace.ts";
import { summary } from "./sweep.ts";
import { tracing } from "./tracing.ts";
import {
  buildWorld,
  expectNoStrays,
  expectSettled,
  expectSnapshotKept,
  expectWhole,
  inSnapshot,
  recoverAndVerify,
  toUndo,
  type World,
} from "./world.ts";

const SPREAD = 96;
let world: World;

beforeAll(() => {
  world = buildWorld(binary);
});
afterAll(() => world.remove());

function report(name: string, { states, tried, failures }: PowerLost): void {
  console.log(`${name}: ${tried} of ${states} states after a power loss`);
  expect(summary(failures)).toBe("");
  expect(tried).toBeGreaterThan(10);
}

function settles(of = world): "edited" | "restored" {
  recoverAndVerify(of);
  expectNoStrays(of);
  expectSnapshotKept(of);
  return expectSettled(of);
}

describe("power lost at every call", () => {
  tracing("restore", () => {
    const { command, scene, start: before, snapshot } = world;
    const ends = new Set<string>();
    const lost = losePower({
      command: command("restore", snapshot, "--force"),
      scene,
      before,
      spread: SPREAD,
      dull: inSnapshot,
      check({ reported }, { exitCode }) {
        if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
        expectWhole(world);
        const end = settles();
        if (reported && end !== "restored") throw new Error("success had been reported, yet all is old");
        ends.add(end);
      },
    });
    report("restore", lost);
    expect(ends).toEqual(new Set(["edited", "restored"]));
  });

  tracing("undo, with an edit since that is merged", () => {
    const undoing = toUndo(world);
    const lost = losePower({
      command: undoing.command("undo", "--force"),
      scene: undoing.scene,
      before: undoing.start,
      spread: SPREAD / 2,
      dull: inSnapshot,
      check({ reported }, { exitCode }) {
        if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
        expectWhole(undoing);
        const end = settles(undoing);
        if (reported && end !== "restored") throw new Error("success had been reported, yet all is old");
      },
    });
    report("undo", lost);
  });

  tracing("recover, from each stage in which a restore may be cut off", () => {
    const { command, scene } = world;
    for (const [stage, before] of cutOffStages(world)) {
      const lost = losePower({
        command: command("recover"),
        scene,
        before,
        spread: SPREAD / 8,
        dull: inSnapshot,
        check({ reported }, { exitCode }) {
          if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
          expectWhole(world);
          if (reported) expectSettled(world);
          settles();
        },
      });
      report(`recover from ${stage}`, lost);
    }
  });

  tracing("create", () => {
    const { command, scene, start: before } = world;
    const lost = losePower({
      command: command("create", "cut off", "--quiet"),
      scene,
      before,
      spread: SPREAD / 2,
      dull: () => false,
      check({ reported }, { exitCode, stdout }) {
        if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
        if (settles() !== "edited") throw new Error("create touched live files");
        const shown = run(command("show", stdout.trim()));
        if (reported && shown.exitCode !== 0)
          throw new Error(`the snapshot was reported, yet is lost: ${shown.stderr}`);
      },
    });
    report("create", lost);
  });
});
