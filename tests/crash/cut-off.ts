// A world in which a restore, or the undoing of one, was killed: one for each name that its journal may then have.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, strike } from "./strace.ts";
import { readTree, type Tree, writeTree } from "./tree.ts";
import type { World } from "./world.ts";

export const STAGES = ["journal.prepare", "journal.ready", "journal.undo", "journal.done"] as const;
export type Stage = (typeof STAGES)[number];

/** Each stage as the folder stood in the middle of it. Throws where a stage was not met. */
export function cutOffStages(world: World): ReadonlyMap<Stage, Tree> {
  const restore = world.command("restore", world.snapshot, "--force");
  const found = new Map<Stage, Tree>();
  for (const [stage, call] of [
    ["journal.prepare", "link"],
    ["journal.ready", "rename"],
    ["journal.done", "unlink"],
  ] as const) {
    found.set(stage, middle(stage, killedAt(world, restore, call, world.start)));
  }
  found.set("journal.undo", undoing(world, found.get("journal.ready") ?? world.start));
  return found;
}

/** A temporary that is not what was prepared makes `recover` undo what it would have finished. */
function undoing(world: World, ready: Tree): Tree {
  writeTree(world.folder, ready);
  const temporary = [...ready.keys()].find((path) => path.endsWith(".new"));
  if (temporary === undefined) throw new Error("nothing was prepared");
  writeFileSync(join(world.folder, temporary), "damaged");
  return middle("journal.undo", killedAt(world, world.command("recover"), "rename", readTree(world.folder)));
}

function killedAt(world: World, command: Command, name: string, start: Tree): Tree[] {
  const trees: Tree[] = [];
  for (let ordinal = 1; ; ordinal++) {
    writeTree(world.folder, start);
    if (strike(command, { name, ordinal }, { signal: "KILL" }).exitCode !== 137) return trees;
    trees.push(readTree(world.folder));
  }
}

function middle(stage: Stage, trees: readonly Tree[]): Tree {
  const those = trees.filter((tree) => [...tree.keys()].some((path) => path.endsWith(`/${stage}`)));
  const tree = those[Math.floor(those.length / 2)];
  if (tree === undefined) throw new Error(`no kill left ${stage}`);
  return tree;
}
