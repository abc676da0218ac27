// Builds the binaries into dist/. `bun build.ts` makes the one for this machine; `--if-stale` only when a source is newer.
import { mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

const here = import.meta.dir;
const out = join(here, "dist", "rollback");

/** True where dist/rollback is missing or older than any file it is made of. */
export function isStale(): boolean {
  const built = statSync(out, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = [...new Glob("{src/**/*.ts,build.ts,build/*.ts,package.json,bun.lock}").scanSync(here)];
  return sources.some((path) => statSync(join(here, path)).mtimeMs > built);
}

/** Compiles src/main.ts to dist/rollback; a new file that is then renamed, so that a running binary is never overwritten. */
export async function build(): Promise<void> {
  mkdirSync(join(here, "dist"), { recursive: true });
  const fresh = `${out}.${process.pid}`;
  const result = await Bun.build({
    entrypoints: [join(here, "src/main.ts")],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    define: { "process.env.NODE_ENV": '"production"' },
    compile: {
      outfile: fresh,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
      execArgv: ["--disallow-code-generation-from-strings=strict"],
    },
  });
  if (!result.success) throw new AggregateError(result.logs, "the build failed");
  renameSync(fresh, out);
}

if (import.meta.main && !(process.argv.includes("--if-stale") && !isStale())) await build();
