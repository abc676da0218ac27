// Timing whole commands with hyperfine, in turn, so that a machine that changes its mind changes it for all of them.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";

/** A command and what has to be done before each of its runs, which is not timed. */
export interface Timed {
  argv: string[];
  prepare?: string | undefined;
  /** Its exit code is its finding. */
  mayFail?: boolean | undefined;
}

export interface Effort {
  /** How often each command has its turn. */
  rounds: number;
  /** Counted runs in a turn. */
  runs: number;
}
export const QUICK: Effort = { rounds: 6, runs: 12 };
export const SLOW: Effort = { rounds: 3, runs: 3 };

const Report = v.object({ results: v.array(v.object({ times: v.array(v.number()) })) });

/** Each command's median in ms, in the order of `commands`. Throws where one of them fails. */
export function medians(commands: Timed[], { rounds, runs }: Effort, env: Record<string, string>): number[] {
  const folder = mkdtempSync(join(tmpdir(), "rollback-bench-"));
  const file = join(folder, "times.json");
  try {
    const times = commands.map((): number[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [index, { argv, prepare, mayFail = false }] of commands.entries()) {
        const options = ["--shell=none", "--style=none", "--warmup=1", `--runs=${runs}`, `--export-json=${file}`];
        const before = prepare === undefined ? [] : ["--prepare", `sh -c ${quote(prepare)}`];
        if (mayFail) options.push("--ignore-failure");
        const { exitCode, stderr } = Bun.spawnSync(["hyperfine", ...options, ...before, argv.map(quote).join(" ")], {
          stdin: "ignore",
          stdout: "ignore",
          stderr: "pipe",
          env,
        });
        if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
        const { results } = v.parse(Report, JSON.parse(readFileSync(file, "utf8")));
        times[index]?.push(...(results[0]?.times ?? []).map((seconds) => seconds * 1000));
      }
    return times.map(median);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export const quote = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The most memory that one run of a command has resident, in bytes. */
export const peakBytes = (argv: string[], env: Record<string, string>): number =>
  Number(must([process.execPath, join(import.meta.dir, "peak.ts"), ...argv], env));

/** Runs what sets a benchmark up; throws where it fails. */
export function must(argv: string[], env: Record<string, string>, cwd?: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(argv, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stderr}${stdout}`);
  return stdout.toString();
}
