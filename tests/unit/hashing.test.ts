// Hashing with several threads. Here, unbundled, the worker's file is not where the binary has it: every thread fails to start.
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { hashFiles } from "../../src/system/hashing.ts";

const MUCH_BYTES = 1e9;
const needing = availableParallelism() > 1 ? test : test.skip;

needing("a thread that fails is told, and all is hashed without it (needs two cores)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hashing-"));
  try {
    const names = ["a", "b", "c"];
    for (const name of names) writeFileSync(join(folder, name), name);
    const lost: string[] = [];
    let read = 0;
    const meanwhile = {
      between: async () => {},
      lost: (reason: string) => void lost.push(reason),
      progress: (bytes: number) => {
        read = Math.max(read, bytes);
      },
    };
    const hashed = await hashFiles(
      names.map((name) => join(folder, name)),
      MUCH_BYTES,
      meanwhile,
    );
    expect(hashed.map((one) => ("hash" in one ? String(one.hash) : one.failed))).toEqual(
      names.map((name) => createHash("sha256").update(name).digest("hex")),
    );
    expect(lost.length).toBeGreaterThan(0);
    expect(read).toBe(3);
    for (const reason of lost) expect(reason).not.toBe("");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
