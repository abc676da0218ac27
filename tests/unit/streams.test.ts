// Bytes at random: many archives are read in turn, and no descriptor is kept of what was let go.
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collect, collector, openAtRandom } from "../../src/system/streams.ts";

const openNow = () => readdirSync("/dev/fd").length;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test("many files at once hold few descriptors; one that was replaced is not read on", () => {
  const folder = mkdtempSync(join(tmpdir(), "streams-"));
  try {
    const before = openNow();
    const paths = Array.from({ length: 100 }, (_, index) => join(folder, `${index}`));
    for (const [index, path] of paths.entries()) writeFileSync(path, `file ${index} of many`);
    const files = paths.map(openAtRandom);
    for (const [index, file] of files.entries()) expect(text(file.read(5, file.size - 13))).toBe(`${index}`);
    expect(openNow() - before).toBeLessThanOrEqual(32);
    writeFileSync(join(folder, "new"), "file 0 of MANY");
    renameSync(join(folder, "new"), join(folder, "0"));
    expect(() => files[0]?.read(0, 4)).toThrow("was replaced");
    for (const file of files) file.close();
    expect(openNow()).toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what does not fit into memory gives its descriptor back: closed, begun anew, or cut off", async () => {
  const before = openNow();
  const part = new Uint8Array(33 << 20);
  const { take, restart, taken } = collector();
  for (let round = 0; round < 2; round++) {
    restart();
    take(part);
    take(part);
    expect(openNow()).toBe(before + 1);
  }
  const whole = taken();
  expect(whole.size).toBe(66 << 20);
  whole.close();
  whole.close();
  expect(openNow()).toBe(before);
  const parts = [part, part];
  const cut = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = parts.pop();
      if (next === undefined) controller.error(new Error("cut"));
      else controller.enqueue(next);
    },
  });
  await expect(collect(cut)).rejects.toThrow("cut");
  expect(openNow()).toBe(before);
});
