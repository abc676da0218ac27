// Builds the binaries into dist/. `bun build.ts` makes the one for this machine, `--if-stale` only when a source is
// newer; `--all` makes the release: a binary for each target, also compressed, the man pages, install.sh and SHA256SUMS.
import { join } from "node:path";
import { compile, programIn } from "./build/compile.ts";
import { readBuildInfo } from "./build/info.ts";
import { writeManPages } from "./build/man.ts";
import { release } from "./build/release.ts";
import { isOlderThanSources } from "./build/stale.ts";
import { hostTarget } from "./build/targets.ts";

const here = import.meta.dir;
const dist = join(here, "dist");
const out = join(dist, "rollback");

/** True where dist/rollback is missing or older than any file it is made of. */
export function isStale(): boolean {
  return isOlderThanSources(out, here);
}

/** Compiles src/main.ts to dist/rollback for this machine, and its man pages into dist/man. */
export async function build(): Promise<void> {
  const info = await readBuildInfo(here, hostTarget());
  await compile({ ...programIn(here), outfile: out, info });
  await writeManPages(join(dist, "man"), info);
}

/** The exit code: 0 done, 1 failed, 2 unknown words. */
async function main(args: readonly string[]): Promise<number> {
  const flags = args.join(" ");
  if (!["", "--if-stale", "--all"].includes(flags)) {
    console.error(`unknown: ${flags}\nusage: bun build.ts [--if-stale | --all]`);
    return 2;
  }
  try {
    if (flags === "--all") await release({ root: here, out: dist });
    else if (flags === "" || isStale()) await build();
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
