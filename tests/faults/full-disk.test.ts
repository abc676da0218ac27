import { expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary } from "../binary.ts";
import { summary } from "../crash/sweep.ts";
import { needing } from "../crash/tracing.ts";

/** In a mount namespace of its own: nobody else sees the tmpfs, and it goes with the last process in it. */
const asRoot = process.getuid?.() === 0;
const NAMESPACE = ["unshare", "--mount", ...(asRoot ? [] : ["--user", "--map-root-user"])];
const MOUNT = `mount -t tmpfs -o size=2m none "$0" && exec "$@"`;

function mountMissing(): string | undefined {
  if (process.platform !== "linux" || Bun.which("unshare") === null) return "it takes Linux and unshare";
  const folder = mkdtempSync(join(tmpdir(), "rollback-mount-"));
  const { exitCode } = Bun.spawnSync([...NAMESPACE, "sh", "-c", MOUNT, folder, "true"]);
  rmSync(folder, { recursive: true });
  return exitCode === 0 ? undefined : "a tmpfs may not be mounted here";
}

needing(mountMissing(), "a restore onto a disk that is full, with a page more room each time", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollback-mount-"));
  const script = join(import.meta.dir, "full-disk.ts");
  const ended = Bun.spawnSync([...NAMESPACE, "sh", "-c", MOUNT, folder, process.execPath, script, binary, folder]);
  rmSync(folder, { recursive: true });
  expect(ended.stderr.toString()).toBe("");
  const { exits, failures } = JSON.parse(ended.stdout.toString()) as { exits: number[]; failures: string[] };
  console.log(`a full disk: ${exits.length} sizes`);
  expect(summary(failures)).toBe("");
  expect(exits.length).toBeGreaterThan(5);
  expect(exits.at(-1)).toBe(0);
});
