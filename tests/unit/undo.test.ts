import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AbsPath, Digest } from "../../src/model.ts";
import type { Journal } from "../../src/restore/journal.ts";
import { undoSteps } from "../../src/restore/undo.ts";
import { digestOf } from "../../src/system/files.ts";
import { world } from "../harness.ts";

/** Three files that a restore has replaced: old content beside each, the new one at its place. */
function replaced() {
  const { away } = world();
  const steps = ["a", "b", "c"].map((name): Journal["steps"][number] => {
    const at = join(away, name) as AbsPath;
    writeFileSync(at, `new ${name}`, { mode: 0o644 });
    writeFileSync(`${at}.old`, `old ${name}`);
    const was = { state: "file", hash: digestOf(`old ${name}`) as Digest } as const;
    const becomes = { hash: digestOf(`new ${name}`), mode: 0o644 };
    return { at, temp: `${at}.new` as AbsPath, keep: `${at}.old` as AbsPath, was, becomes };
  });
  const journal: Journal = { snapshot: "s", autoBackup: null, steps, folders: [], relaxed: [] };
  return { away, journal, read: (name: string) => readFileSync(join(away, name), "utf8") };
}

test("one step that can't be put back does not hold up the others, and is named with what holds its old bytes", () => {
  const { away, journal, read } = replaced();
  // Nothing renames a folder over a file, not even root.
  rmSync(join(away, "b.old"));
  mkdirSync(join(away, "b.old"));
  const { kept, stuck } = undoSteps(journal, true);
  expect(kept).toEqual([]);
  expect(stuck.map(({ at, holds }) => ({ at, holds }))).toEqual([
    { at: join(away, "b") as AbsPath, holds: join(away, "b.old") as AbsPath },
  ]);
  expect([read("a"), read("c")]).toEqual(["old a", "old c"]);
});

test("a step with nothing but a path that is too long is over", () => {
  const { journal, read } = replaced();
  const [step] = journal.steps;
  if (step === undefined) throw new Error("no step");
  const long = `${step.at}${"x".repeat(300)}` as AbsPath;
  const { stuck } = undoSteps({ ...journal, steps: [{ ...step, temp: long, keep: long }] }, false);
  expect(stuck).toEqual([]);
  expect(read("a")).toBe("new a");
  expect(existsSync(`${step.at}.old`)).toBe(true);
});
