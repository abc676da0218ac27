// Compiles src/main.ts with a Bun runtime into one binary.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildInfo } from "./info.ts";
import { signAdHoc } from "./sign.ts";
import type { Target } from "./targets.ts";
import { verifyAdHoc } from "./verify.ts";

/** The name that macOS knows the program by, beside its hash. */
export const IDENTIFIER = "rollback";

/** What the program is compiled from in a checkout. */
export const programIn = (root: string) => ({
  root,
  entry: join(root, "src", "main.ts"),
  workers: [join(root, "src", "system", "hash-worker.ts")],
});

export interface Job {
  /** The checkout: source paths are taken from here, so that where it lies does not show in the binary. */
  readonly root: string;
  /** Absolute, as outfile is. */
  readonly entry: string;
  /** Threads of the program, each an entry point of its own. */
  readonly workers?: readonly string[];
  /** The finished file; its folder is made. It is written under a fresh name and renamed. */
  readonly outfile: string;
  readonly info: BuildInfo;
  /** For another system than this one: its name and its runtime. */
  readonly cross?: { readonly target: Target; readonly runtime: string };
}

/**
 * Compiles and, for a Mac, signs and verifies. The file appears whole or not at all, and as a new file: a running
 * signed binary that is written over gets killed.
 */
export async function compile(job: Job): Promise<void> {
  mkdirSync(dirname(job.outfile), { recursive: true });
  const fresh = mkdtempSync(join(dirname(job.outfile), ".fresh-"));
  try {
    // Always this name: it becomes part of the binary, as argv[1].
    const binary = join(fresh, "rollback");
    await inFolder(job.root, () => bundle(job, binary));
    const finished = job.info.target.startsWith("darwin-") ? signed(binary) : binary;
    chmodSync(finished, 0o755);
    renameSync(finished, job.outfile);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Bun names its chunks by a hash of the sources' paths from the working folder; its `root` option does not change that. */
async function inFolder(folder: string, work: () => Promise<void>): Promise<void> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    await work();
  } finally {
    process.chdir(before);
  }
}

async function bundle({ entry, workers = [], info, cross }: Job, outfile: string): Promise<void> {
  const result = await Bun.build({
    entrypoints: [entry, ...workers],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    define: { "process.env.NODE_ENV": '"production"', BUILD_INFO: JSON.stringify(info) },
    compile: {
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
      // Most runs are over before code that the JIT compiled has paid for itself; system/jit.ts takes this back for long ones.
      jitPolicy: 16,
      execArgv: ["--disallow-code-generation-from-strings=strict"],
      ...(cross && { target: `bun-${cross.target}`, executablePath: cross.runtime }),
    },
  });
  if (!result.success) throw new AggregateError(result.logs, `the build for ${info.target} failed`);
}

/** The path of a signed copy, read back and verified. A copy, as a Mac may keep in mind what it saw of the first file. */
function signed(binary: string): string {
  const copy = `${binary}.signed`;
  writeFileSync(copy, signAdHoc(readFileSync(binary), IDENTIFIER));
  verifyAdHoc(readFileSync(copy), IDENTIFIER);
  return copy;
}
