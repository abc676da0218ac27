// A small file system of its own, to be filled up: in a mount namespace that nobody else sees and that goes with its last process.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const asRoot = process.getuid?.() === 0;
const NAMESPACE = ["unshare", "--mount", ...(asRoot ? [] : ["--user", "--map-root-user"])];

/** Runs `argv` with a tmpfs of this size mounted on a folder, whose path is its last argument. */
export function inTmpfs(size: string, argv: string[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rollback-mount-"));
  try {
    const mount = `mount -t tmpfs -o size=${size} none "$0" && exec "$@" "$0"`;
    const ended = Bun.spawnSync([...NAMESPACE, "sh", "-c", mount, folder, ...argv], {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Why that can't be done here, or undefined where it can. */
export function tmpfsMissing(): string | undefined {
  if (process.platform !== "linux" || Bun.which("unshare") === null) return "it takes Linux and unshare";
  return inTmpfs("1m", ["true"]).exit === 0 ? undefined : "a tmpfs may not be mounted here";
}
