// `bun run release VERSION` makes a release: the version and its heading in CHANGELOG.md, a commit, the files in dist/, the tag. `bun run
// release --check SUMS` builds the commit that is checked out and says whether the files are those that another machine's SHA256SUMS names.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { release } from "./release.ts";

const USAGE = "usage: bun run release VERSION | bun run release --check SHA256SUMS";
const NOT_YET = "(not released yet)";

export interface Cut {
  /** The checkout, without changes of its own. */
  readonly root: string;
  readonly version: string;
  /** `2026-01-31`. */
  readonly day: string;
  /** Writes the release into dist/. It sees the commit. */
  build(): Promise<void>;
}

/** Throws before anything is changed where the work tree differs, the version is none, or CHANGELOG.md has nothing of it. */
export async function cut({ root, version, day, build }: Cut): Promise<void> {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`${version} is not a version; ${USAGE}`);
  if (git(root, "status", "--porcelain") !== "") throw new Error("commit what differs first: a release is one commit");
  if (git(root, "tag", "--list", `v${version}`) !== "") throw new Error(`there is a tag v${version} already`);
  const changes = join(root, "CHANGELOG.md");
  const text = readFileSync(changes, "utf8");
  const heading = `## ${version} ${NOT_YET}\n`;
  // Run again after a build that failed, there is nothing to commit.
  if (text.includes(heading)) {
    writeFileSync(changes, text.replace(heading, `## ${version} (${day})\n`));
    const manifest = join(root, "package.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/^( {2}"version": ").*(",)$/m, `$1${version}$2`));
    git(root, "commit", "--quiet", "-m", version, "--", "package.json", "CHANGELOG.md");
  } else if (!text.includes(`## ${version} (`)) throw new Error(`CHANGELOG.md has no heading "${heading.trim()}"`);
  await build();
  git(root, "tag", "--annotate", `v${version}`, "--message", version);
}

/** The files whose sums differ, or that only one side names. Both are texts in the form of SHA256SUMS. */
export function differing(ours: string, theirs: string): string[] {
  const sums = (text: string) => new Map(text.split("\n").flatMap((line) => pair(line.split(/ [ *]/))));
  const [mine, yours] = [sums(ours), sums(theirs)];
  return [...new Set([...mine.keys(), ...yours.keys()])].filter((name) => mine.get(name) !== yours.get(name));
}

const pair = ([sum, name]: string[]): [string, string][] =>
  sum === undefined || name === undefined ? [] : [[name, sum]];

/** What git prints, trimmed. Throws what it says where it fails. */
function git(root: string, ...words: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["git", "-C", root, ...words], { stdout: "pipe", stderr: "pipe" });
  if (exitCode !== 0) throw new Error(`git ${words[0]}: ${stderr.toString().trim()}`);
  return stdout.toString().trim();
}

async function check(root: string, theirs: string): Promise<void> {
  const wanted = readFileSync(theirs, "utf8");
  const out = mkdtempSync(join(tmpdir(), "rollback-release-"));
  try {
    await release({ root, out });
    const names = differing(readFileSync(join(out, "SHA256SUMS"), "utf8"), wanted);
    if (names.length > 0) throw new Error(`not the same here: ${names.join(", ")}`);
    console.log(`✅ ${git(root, "describe", "--always", "--dirty")} makes the same bytes here`);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The exit code: 0 done, 1 failed, 2 unknown words. */
async function main([first, second, ...more]: readonly string[]): Promise<number> {
  const root = join(import.meta.dir, "..");
  const isCheck = first === "--check" && second !== undefined;
  if (
    first === undefined ||
    more.length > 0 ||
    (second !== undefined && !isCheck) ||
    (first === "--check" && !isCheck)
  ) {
    console.error(USAGE);
    return 2;
  }
  try {
    if (isCheck) await check(root, second);
    else {
      const build = () => release({ root, out: join(root, "dist") });
      await cut({ root, version: first, day: new Date().toISOString().slice(0, 10), build });
      console.log(`✅ dist/ holds ${first}, and the tag v${first} is its commit. Nothing was pushed.`);
    }
    return 0;
  } catch (error) {
    console.error(`❌ ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
