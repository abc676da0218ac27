// What starting costs and what the binaries weigh: `--version` beside a bare Bun binary built with the same flags, run in turn.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../build/compile.ts";
import { readBuildInfo } from "../build/info.ts";
import { hostTarget } from "../build/targets.ts";
import { build } from "../build.ts";

const RUNS = 60;
const root = join(import.meta.dir, "..");
const dist = join(root, "dist");
const folder = mkdtempSync(join(tmpdir(), "rollback-bench-"));

/** Wall time of one run in ms. */
function time(argv: string[]): number {
  const began = performance.now();
  const { exitCode } = Bun.spawnSync(argv, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    env: { PATH: "/usr/bin:/bin" },
  });
  if (exitCode !== 0) throw new Error(`${argv.join(" ")} ended with ${exitCode}`);
  return performance.now() - began;
}
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const row = (cells: string[]): string => `| ${cells.join(" | ")} |`;

try {
  await build();
  const bare = join(folder, "bare");
  writeFileSync(join(folder, "bare.ts"), 'console.log("0.0.0");\n');
  const info = await readBuildInfo(root, hostTarget());
  await compile({ root: folder, entry: join(folder, "bare.ts"), outfile: bare, info });

  const ours = [join(dist, "rollback"), "--version"];
  const pairs = Array.from({ length: RUNS }, () => [time(ours), time([bare])] as const).slice(5);
  const ratio = median(pairs.map(([a, b]) => a / b));
  console.log(row(["start", "median ms"]));
  console.log(row(["---", "---"]));
  console.log(row(["`rollback --version`", median(pairs.map(([a]) => a)).toFixed(1)]));
  console.log(row(["a bare Bun binary", median(pairs.map(([, b]) => b)).toFixed(1)]));
  console.log(row(["ratio, pair by pair (at most 1.6)", `${ratio.toFixed(2)}${ratio > 1.6 ? " MISSED" : ""}`]));

  console.log(`\n${row(["binary", "MB", "MB, gzip -6"])}\n${row(["---", "---", "---"])}`);
  const binaries = existsSync(dist)
    ? readdirSync(dist).filter((name) => /^rollback(-[a-z0-9]+-[a-z0-9]+)?$/.test(name))
    : [];
  for (const name of binaries.sort()) {
    const bytes = readFileSync(join(dist, name));
    const packed = Bun.gzipSync(bytes, { level: 6 }).length;
    console.log(row([name, (bytes.length / 1e6).toFixed(1), (packed / 1e6).toFixed(1)]));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
