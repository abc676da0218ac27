// Another writer, as far as a snapshots folder can tell.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { tryFlock } from "../src/system/native.ts";

/** Holds the lock of a snapshots folder until `release`, and says so in it. */
export function holdLock(store: string, command = "rollback something"): { release(): void } {
  const folder = join(store, ".rollback");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(join(folder, "lock"), "w+", 0o600);
  if (tryFlock(fd) !== null) throw new Error("somebody else holds the lock");
  writeSync(fd, `${JSON.stringify({ pid: process.pid, command, since: Date.now() - 61_000 })}\n`);
  return { release: () => closeSync(fd) };
}
