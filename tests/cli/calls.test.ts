// What one more file costs of the system's calls: counted, so that a pass over the bytes that comes or goes is seen. Whoever changes a
// number here says in docs/format.md what is looked at, and why that is enough.
import { expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { tracing } from "../crash/tracing.ts";
import { type World, world } from "../harness.ts";

/** A call by what it is for; what is not named here is not counted. */
const PURPOSE: Record<string, string> = {
  ...{ open: "open", openat: "open", openat2: "open" },
  ...{ statx: "look", stat: "look", lstat: "look", fstat: "look", newfstatat: "look" },
  ...{ read: "read", pread64: "read", write: "write", pwrite64: "write" },
  ...{ fsync: "flush", fdatasync: "flush", syncfs: "flush" },
};
const [FEW, MANY] = [20, 120];

const named = (index: number): string => `files/${String(index).padStart(3, "0")}.txt`;
function worldOf(count: number): World {
  const files = Array.from({ length: count }, (_, index) => [named(index), `text of ${index}\n`]);
  const config = "configs: ['files/*.txt']\nplists: []\ncredentials: {files: [], mcp: []}\nvenvs: []\n";
  return world({ root: { ...Object.fromEntries(files), "rollback.yaml": config } });
}

function callsOf(w: World, ...words: string[]): Map<string, number> {
  const folder = mkdtempSync(join(tmpdir(), "rollback-strace-"));
  try {
    const log = join(folder, "log");
    const argv = ["strace", "-f", "-c", "-qqq", "-o", log, "--", binary, ...words];
    const ran = Bun.spawnSync(argv, { cwd: w.root, env: w.environment(), stdout: "ignore", stderr: "pipe" });
    expect(`${ran.stderr}`).toBe("");
    const counts = new Map<string, number>();
    for (const line of readFileSync(log, "utf8").split("\n")) {
      const fields = line.trim().split(/\s+/);
      const purpose = PURPOSE[fields.at(-1) ?? ""];
      if (purpose !== undefined) counts.set(purpose, (counts.get(purpose) ?? 0) + Number(fields[3]));
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

tracing("each further file costs so many calls", () => {
  const [few, many] = [worldOf(FEW), worldOf(MANY)];
  const more = (words: (w: World) => string[]) => {
    const [less, all] = [few, many].map((w) => callsOf(w, ...words(w)));
    const each = ["open", "look", "read", "write", "flush"].map((purpose) => {
      const [before = 0, after = 0] = [less?.get(purpose), all?.get(purpose)];
      return [purpose, Math.round((after - before) / (MANY - FEW))];
    });
    return Object.fromEntries(each);
  };
  const ids = new Map([few, many].map((w) => [w, w.create()]));
  const id = (w: World) => ids.get(w) ?? "";

  expect(more(() => ["create", "Counted", "-q"])).toEqual({ open: 2, look: 12, read: 1, write: 1, flush: 0 });
  expect(more((w) => ["verify", id(w), "-q"])).toEqual({ open: 1, look: 3, read: 1, write: 0, flush: 0 });
  expect(more((w) => ["restore", id(w), "-q"])).toEqual({ open: 1, look: 2, read: 1, write: 0, flush: 0 });
  for (const [w, count] of [
    [few, FEW],
    [many, MANY],
  ] as const)
    for (let index = 0; index < count; index++)
      writeFileSync(w.path(`root/${named(index)}`), `other text of ${index}\n`);
  expect(more((w) => ["restore", id(w), "--force", "-q"])).toEqual({
    open: 11,
    look: 32,
    read: 11,
    write: 2,
    flush: 0,
  });
});
