// The binary killed at every disk-changing system call: afterwards each live file is old or new, `recover` makes it all
// of one kind, `verify` is content and nothing is left behind. ROLLBACK_SWEEP=1 tries every call, else a spread.
import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { binary } from "../binary.ts";
import { cutOffStages, STAGES } from "./cut-off.ts";
import { run } from "./strace.ts";
import { everyPoint, type Swept, summary, sweep } from "./sweep.ts";
import { tracing } from "./tracing.ts";
import { differences, readTree, type Tree, writeTree } from "./tree.ts";
import {
  buildWorld,
  expectNoStrays,
  expectSettled,
  expectSnapshotKept,
  expectWhole,
  recoverAndVerify,
  storedFiles,
  toUndo,
  type World,
} from "./world.ts";

const SPREAD = 24;
const KILL = [{ signal: "KILL" }] as const;
let world: World;

beforeAll(() => {
  world = buildWorld(binary);
});
afterAll(() => world.remove());

function report(name: string, { tried, missed, failures }: Swept, mayMiss = 0): void {
  console.log(`${name}: killed at ${tried} points${missed > 0 ? `, ${missed} out of reach` : ""}`);
  expect(summary(failures)).toBe("");
  expect(missed).toBeLessThanOrEqual(mayMiss);
  expect(tried).toBeGreaterThan(5);
}

function settles(): "edited" | "restored" {
  recoverAndVerify(world);
  expectNoStrays(world);
  expectSnapshotKept(world);
  return expectSettled(world);
}

describe("killed at every call", () => {
  tracing("create", () => {
    const { command, scene, reset } = world;
    const check = () => {
      const changed = differences(live(world), world.edited);
      if (changed.length > 0) throw new Error(`create touched live files: ${changed.join(", ")}`);
      if (settles() !== "edited") throw new Error("create touched live files");
    };
    report(
      "create",
      sweep({ command: command("create", "cut off"), scene, blows: KILL, spread: SPREAD, reset, check }),
    );
  });

  tracing("restore", () => {
    const { command, scene, reset, snapshot } = world;
    const ends = new Set<string>();
    const check = () => {
      expectWhole(world);
      ends.add(settles());
    };
    const restore = command("restore", snapshot, "--force");
    report("restore", sweep({ command: restore, scene, blows: KILL, spread: SPREAD, reset, check }));
    expect(ends).toEqual(new Set(["edited", "restored"]));
  });

  tracing("undo, with an edit since that is merged", () => {
    const undoing = toUndo(world);
    const ends = new Set<string>();
    const check = () => {
      expectWhole(undoing);
      recoverAndVerify(undoing);
      expectNoStrays(undoing);
      expectSnapshotKept(undoing);
      ends.add(expectSettled(undoing));
    };
    const { command, scene, reset } = undoing;
    report("undo", sweep({ command: command("undo", "--force"), scene, blows: KILL, spread: SPREAD, reset, check }));
    expect(ends).toEqual(new Set(["edited", "restored"]));
  });

  tracing("bisect, in any trial: what was tried is taken back", () => {
    const { command, scene, reset, snapshot } = world;
    const check = () => {
      expectWhole(world);
      if (settles() !== "edited") throw new Error("a trial was finished");
    };
    const search = command("bisect", snapshot, "--check", "grep -q first project/private/secrets.py", "--force");
    // Its checks are programs of their own: how many calls those make depends on how the system runs them side by side.
    report("bisect", sweep({ command: search, scene, blows: KILL, spread: SPREAD / 3, reset, check }), 2);
  });

  tracing("recover, from each stage in which a restore may be cut off", () => {
    const { command, scene, folder } = world;
    for (const [stage, tree] of cutOffStages(world)) {
      const check = () => {
        expectWhole(world);
        settles();
      };
      const reset = () => writeTree(folder, tree);
      const spread = SPREAD / STAGES.length;
      report(`recover from ${stage}`, sweep({ command: command("recover"), scene, blows: KILL, spread, reset, check }));
    }
  });

  // Nothing gives a file the name of a folder that is not empty, nor removes that: not even root.
  tracing("restore, where one step can then be neither put back nor cleaned up: recover ends, and names it", () => {
    const { command, scene, reset, snapshot, folder } = world;
    const ends = new Set<string>();
    const checkWith = (which: number) => () => {
      const all = [...readTree(folder).keys()].filter((path) => path.endsWith(".old"));
      const kept = all[which % Math.max(1, all.length)];
      if (kept !== undefined) {
        rmSync(join(folder, kept));
        mkdirSync(join(folder, kept));
        writeFileSync(join(folder, kept, "inside"), "");
      }
      const first = run(command("recover"));
      const named = kept === undefined ? undefined : basename(kept);
      if (named !== undefined && (first.exitCode !== 3 || !first.stdout.includes(named)))
        throw new Error(`recover: exit ${first.exitCode}, ${named} is not named: ${first.stdout}${first.stderr}`);
      if (named === undefined && first.exitCode !== 0)
        throw new Error(`recover: exit ${first.exitCode}: ${first.stderr}`);
      const again = run(command("recover"));
      if (again.exitCode !== 0 || !again.stdout.includes("Nothing to recover"))
        throw new Error(`recover did not end: exit ${again.exitCode}: ${again.stdout}${again.stderr}`);
      const now = live(world);
      const apart = [world.edited, world.restored].map((tree) =>
        differences(now, tree).filter((path) => kept === undefined || dirname(path) !== dirname(kept)),
      );
      if (apart.every((paths) => paths.length > 0)) throw new Error(`neither old nor new: ${apart.join("; ")}`);
      ends.add(named === undefined ? "whole" : "stuck");
    };
    const restore = command("restore", snapshot, "--force");
    // Each step in turn is the one that is stuck: over a thousand points where every one is tried.
    for (const which of everyPoint ? [0, 1, 2, 3, 4, 5, 6, 7] : [0]) {
      const check = checkWith(which);
      report(
        "restore with a stuck step",
        sweep({ command: restore, scene, blows: KILL, spread: SPREAD, reset, check }),
      );
    }
    expect(ends).toEqual(new Set(["whole", "stuck"]));
  });

  tracing("verify --heal", () => {
    // A second snapshot holds the same bytes; of the first, one stored file is damaged and one is gone.
    world.reset();
    const { command, scene, folder, restored } = world;
    if (run(command("restore", world.snapshot, "--force")).exitCode !== 0) throw new Error("could not restore");
    if (run(command("create", "a second copy")).exitCode !== 0) throw new Error("could not create");
    const [first, second] = storedFiles(world);
    if (first === undefined || second === undefined) throw new Error("nothing was stored");
    writeFileSync(join(folder, first), "damaged");
    rmSync(join(folder, second));
    const damaged = readTree(folder);
    const check = () => {
      const changed = differences(live(world), restored);
      if (changed.length > 0) throw new Error(`verify --heal touched live files: ${changed.join(", ")}`);
      const now = readTree(folder);
      for (const path of storedFiles(world)) {
        if (!now.has(path) && path !== second) throw new Error(`lost: ${path}`);
        const bytes = now.has(path) ? readFileSync(join(folder, path)) : undefined;
        const whole = bytes === undefined || bytes.equals(stored(world, path)) || `${bytes}` === "damaged";
        if (!whole) throw new Error(`half healed: ${path}`);
      }
      const healed = run(command("verify", "--heal"));
      if (healed.exitCode !== 0) throw new Error(`not healed: exit ${healed.exitCode}: ${healed.stderr}`);
      settles();
    };
    const reset = () => writeTree(folder, damaged);
    const heal = command("verify", "--heal");
    report("verify --heal", sweep({ command: heal, scene, blows: KILL, spread: SPREAD, reset, check }));
  });
});

function live(of: World): Tree {
  const now = readTree(of.folder);
  return new Map([...now].filter(([path]) => of.edited.has(path) || of.restored.has(path)));
}

function stored(of: World, path: string): Buffer {
  const node = of.start.get(path);
  if (node?.kind !== "file") throw new Error(`not stored at the start: ${path}`);
  return Buffer.from(node.bytes);
}
