// All that a release holds: a binary for each target, also compressed, the man pages, install.sh, and SHA256SUMS over them.
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, programIn } from "./compile.ts";
import { readBuildInfo, readPackage } from "./info.ts";
import { manArchive } from "./man.ts";
import { writePacked } from "./packed.ts";
import { runtimeOf, TARGETS, type Target } from "./targets.ts";

/** For every system the same; install.sh unpacks it beside the binary's folder. */
const MAN_PAGES = "rollback-man.tar";

export interface ReleasePlan {
  /** The checkout: package.json, bun.lock, src/main.ts. */
  readonly root: string;
  readonly out: string;
  readonly targets?: readonly Target[];
  /** Those that are written compressed, too; all unless told. */
  readonly packed?: readonly Target[];
}

/** Builds the release into `out`. SHA256SUMS is gone while the rest changes: it never names bytes that are not there. */
export async function release({ root, out, targets = TARGETS, packed = targets }: ReleasePlan): Promise<void> {
  await mustBePinned(root);
  rmSync(join(out, "SHA256SUMS"), { force: true });
  const binaries: string[] = [];
  for (const target of targets) {
    const name = `rollback-${target}`;
    await compile({
      ...programIn(root),
      outfile: join(out, name),
      info: await readBuildInfo(root, target),
      cross: { target, runtime: runtimeOf(target, root) },
    });
    const endings = packed.includes(target) ? await writePacked(join(out, name)) : [];
    binaries.push(name, ...endings.map((ending) => name + ending));
  }
  writeFileSync(join(out, MAN_PAGES), await manArchive(await readBuildInfo(root, "any")));
  copyFileSync(join(root, "build", "install.sh"), join(out, "install.sh"));
  chmodSync(join(out, "install.sh"), 0o755);
  writeSums(out, [...binaries, MAN_PAGES, "install.sh"]);
}

/** Other versions of Bun make other bytes, and some of them broken signatures. */
async function mustBePinned(root: string): Promise<void> {
  const pinned = (await readPackage(root)).devDependencies.bun;
  if (pinned !== Bun.version) throw new Error(`a release needs Bun ${pinned}, and this is ${Bun.version}`);
}

/** In the form that `shasum -a 256 -c` reads. */
function writeSums(out: string, names: readonly string[]): void {
  const lines = names.map(
    (name) => `${Bun.CryptoHasher.hash("sha256", readFileSync(join(out, name)), "hex")}  ${name}\n`,
  );
  const fresh = join(out, `.SHA256SUMS-${process.pid}`);
  writeFileSync(fresh, lines.join(""));
  renameSync(fresh, join(out, "SHA256SUMS"));
}
