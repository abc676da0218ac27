// prune --force killed, or its machine stopped, at every disk-changing system call: a snapshot is whole or gone, what was to be archived is in the
// archive before it goes, and the next prune ends what this one began. ROLLBACK_SWEEP=1 tries every call, else a spread.
import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { losePower, type PowerLost } from "./power-loss.ts";
import { run } from "./strace.ts";
import { everyPoint, type Swept, summary, sweep } from "./sweep.ts";
import { tracing } from "./tracing.ts";
import { differences, part, readTree, type Tree, writeTree } from "./tree.ts";
import { buildWorld, expectNoStrays, recoverAndVerify, type World } from "./world.ts";

const SPREAD = 10;
const KILL = [{ signal: "KILL" }] as const;
const STORE = "project/infrastructure/rollback-snapshots";
let world: World;
let start: Tree;
/** Oldest first; the last is the one that stays. */
let ids: string[];

beforeAll(() => {
  world = buildWorld(binary);
  const take = (...more: string[]) => {
    const made = run(world.command("create", "another", "--quiet", ...more));
    if (made.exitCode !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  };
  // The world's own snapshot is the last that holds what the world has lost since, and the next one notes that: prune keeps both.
  take();
  ids = [take(), take("--pack"), take()];
  start = readTree(world.folder);
});
afterAll(() => world.remove());

const below = (tree: Tree, path: string) => part(tree, (name) => name === path || name.startsWith(`${path}/`));

/** Throws where a snapshot is neither as it was nor gone, or anything outside the snapshots folder changed. Returns which are gone. */
function whole(now: Tree): string[] {
  const live = (tree: Tree) => part(tree, (path) => !path.startsWith(STORE) && !path.startsWith("away"));
  const touched = differences(live(now), live(start));
  if (touched.length > 0) throw new Error(`touched: ${touched.join(", ")}`);
  return ids.filter((id) => {
    const folder = below(now, `${STORE}/${id}`);
    if (folder.size === 0 && now.has(`${STORE}/${id}.zip`)) throw new Error(`${id}: its archive outlived its folder`);
    if (folder.size === 0) return true;
    const changed = differences(folder, below(start, `${STORE}/${id}`));
    if (changed.length > 0) throw new Error(`half gone: ${changed.join(", ")}`);
    return false;
  });
}

function ended(): void {
  const [first = "", second = "", newest = ""] = ids;
  const again = run(world.command("prune", "--keep-last", "1", "--force"));
  if (again.exitCode !== 0) throw new Error(`not ended by the next prune: exit ${again.exitCode}: ${again.stderr}`);
  const gone = whole(readTree(world.folder));
  if (gone.join() !== [first, second].join()) throw new Error(`gone: ${gone.join()}, not all but ${newest}`);
  recoverAndVerify(world);
  expectNoStrays(world);
}

function report(name: string, { tried, missed, failures }: Swept): void {
  console.log(`${name}: killed at ${tried} points${missed > 0 ? `, ${missed} out of reach` : ""}`);
  expect(summary(failures)).toBe("");
  expect(missed).toBe(0);
  expect(tried).toBeGreaterThan(5);
}

tracing("prune --force", () => {
  const met = new Set<string>();
  const check = () => {
    met.add(whole(readTree(world.folder)).join());
    ended();
  };
  const reset = () => writeTree(world.folder, start);
  const command = world.command("prune", "--keep-last", "1", "--force");
  report("prune", sweep({ command, scene: world.scene, blows: KILL, spread: SPREAD, reset, check }));
  expect(met.size).toBeGreaterThan(1);
});

tracing("prune --archive: what is gone is in the archive", () => {
  const away = join(world.folder, "away");
  const check = () => {
    for (const id of whole(readTree(world.folder))) {
      const verified = run(world.command("verify", join(away, `${id}.zip`)));
      if (verified.exitCode !== 0) throw new Error(`${id} is gone, and its archive: ${verified.stderr}`);
    }
    const again = run(world.command("prune", "--keep-last", "1", "--archive", away, "--force"));
    if (again.exitCode !== 0) throw new Error(`not ended by the next prune: exit ${again.exitCode}: ${again.stderr}`);
    const lacking = ids.slice(0, 2).filter((id) => !existsSync(join(away, `${id}.zip`)));
    if (lacking.length > 0) throw new Error(`not archived: ${lacking.join(", ")}`);
    ended();
  };
  const reset = () => writeTree(world.folder, start);
  const command = world.command("prune", "--keep-last", "1", "--archive", away, "--force");
  report("prune --archive", sweep({ command, scene: world.scene, blows: KILL, spread: SPREAD, reset, check }));
});

function reportLoss(name: string, { states, tried, failures }: PowerLost): void {
  console.log(`${name}: ${tried} of ${states} states after a power loss`);
  expect(summary(failures)).toBe("");
  expect(tried).toBeGreaterThan(5);
}

tracing("prune --force, power lost", () => {
  const { scene } = world;
  const lost = losePower({
    command: world.command("prune", "--keep-last", "1", "--force"),
    scene,
    before: start,
    spread: SPREAD,
    dull: (path) => path.includes("/staging/"),
    check({ reported }, { exitCode }) {
      if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
      const gone = whole(readTree(world.folder));
      if (reported && gone.length < 2) throw new Error("success had been reported, yet a snapshot is back");
      ended();
    },
  });
  reportLoss("prune", lost);
});

// A spread would seldom meet the few states that matter here.
if (everyPoint)
  tracing("prune --archive, power lost: what is gone is in the archive", () => {
    const archive = "away/new";
    const away = join(world.folder, archive);
    const command = world.command("prune", "--keep-last", "1", "--archive", away, "--force");
    // The same snapshot gives the same archive: so each is compared with one of an undisturbed run.
    writeTree(world.folder, start);
    expect(run(command).exitCode).toBe(0);
    const archived = readTree(world.folder);
    const lost = losePower({
      command,
      scene: world.scene,
      before: start,
      spread: SPREAD,
      dull: (path) => path.includes("/staging/"),
      check(_, { exitCode }) {
        if (exitCode !== 0) throw new Error(`the recorded run failed: exit ${exitCode}`);
        const now = readTree(world.folder);
        for (const id of whole(now)) {
          const path = `${archive}/${id}.zip`;
          if (differences(below(now, path), below(archived, path)).length > 0)
            throw new Error(`${id} is gone, and its archive: ${now.has(path) ? "not whole" : "too"}`);
        }
      },
    });
    reportLoss("prune --archive", lost);
  });
