// A disk that is really full: run inside a small tmpfs. Its arguments are the binary and the tmpfs's folder. Restores with
// ever more room, until it succeeds, and prints what happened as JSON.
import { closeSync, ftruncateSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run } from "../crash/strace.ts";
import {
  buildWorld,
  expectClear,
  expectNoStrays,
  expectSettled,
  expectSnapshotKept,
  recoverAndVerify,
} from "../crash/world.ts";

const PAGE = 4096;

/** Leaves just `pages` pages free in the file system of `folder`. */
function fill(folder: string, pages: number): void {
  const fd = openSync(join(folder, "filler"), "w");
  try {
    const free = statfsSync(folder).bavail - pages;
    const page = new Uint8Array(PAGE);
    for (let written = 0; written < free; written++) writeSync(fd, page);
  } catch {
    ftruncateSync(fd, 0);
    throw new Error("could not fill the disk");
  } finally {
    closeSync(fd);
  }
}

const [, , binary = "", folder = ""] = process.argv;
const failures: string[] = [];
const exits: number[] = [];
const world = buildWorld(binary, folder);
for (let pages = 0; exits.at(-1) !== 0 && pages < 400; pages++) {
  rmSync(join(folder, "filler"), { force: true });
  world.reset();
  fill(folder, pages);
  const ended = run(world.command("restore", world.snapshot, "--force"));
  exits.push(ended.exitCode);
  try {
    expectClear(ended);
    const now = expectSettled(world);
    if (![0, 1].includes(ended.exitCode)) throw new Error("an exit code that a full disk can't have");
    if (now !== (ended.exitCode === 0 ? "restored" : "edited")) throw new Error(`the files are ${now}`);
    recoverAndVerify(world);
    expectNoStrays(world);
    expectSnapshotKept(world);
    if (expectSettled(world) !== now) throw new Error("recover changed the files");
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    failures.push(`${pages} pages free, exit ${ended.exitCode}: ${message}\n  stderr: ${ended.stderr.trim()}`);
  }
}
console.log(JSON.stringify({ exits, failures }));
