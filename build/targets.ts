// The systems that rollback is built for, and the Bun runtime that each binary starts with.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export const TARGETS = ["darwin-arm64", "darwin-x64", "linux-x64", "linux-arm64"] as const;
export type Target = (typeof TARGETS)[number];

/** The package that holds a target's runtime at bin/bun, and the system names that the package manager picks it by. */
const RUNTIMES: Record<Target, { readonly name: string; readonly os: string; readonly cpu: string }> = {
  "darwin-arm64": { name: "@oven/bun-darwin-aarch64", os: "darwin", cpu: "arm64" },
  "darwin-x64": { name: "@oven/bun-darwin-x64", os: "darwin", cpu: "x64" },
  "linux-x64": { name: "@oven/bun-linux-x64", os: "linux", cpu: "x64" },
  "linux-arm64": { name: "@oven/bun-linux-aarch64", os: "linux", cpu: "arm64" },
};

/**
 * The path of the target's Bun runtime, fetched once into `<root>/node_modules/.cache`. Bun's own downloader asks one
 * fixed registry and checks no hash; so the package manager installs it here, from the configured registry and against
 * the hashes in bun.lock.
 */
export function runtimeOf(target: Target, root: string): string {
  const cache = join(root, "node_modules", ".cache", "runtimes");
  const kept = join(cache, `bun-${Bun.version}-${target}`);
  if (existsSync(kept)) return kept;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "fresh-"));
  try {
    installRuntime(target, root, fresh);
    renameSync(join(fresh, "node_modules", RUNTIMES[target].name, "bin", "bun"), kept);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return kept;
}

function installRuntime(target: Target, root: string, folder: string): void {
  for (const name of ["package.json", "bun.lock", "bunfig.toml", ".npmrc"]) {
    if (existsSync(join(root, name))) copyFileSync(join(root, name), join(folder, name));
  }
  const { os, cpu } = RUNTIMES[target];
  const result = Bun.spawnSync(
    [process.execPath, "install", "--frozen-lockfile", "--ignore-scripts", "--os", os, "--cpu", cpu],
    { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  if (result.exitCode !== 0) throw new Error(`the runtime for ${target} can't be had:\n${result.stderr.toString()}`);
}

/** The target name of the machine that builds; it need not be one of TARGETS. */
export function hostTarget(): string {
  return `${process.platform}-${process.arch}`;
}
