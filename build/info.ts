// What a binary says about itself: fixed by the commit alone, so that two builds of it are the same bytes.
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { type InferOutput, object, parse, string } from "valibot";

export interface BuildInfo {
  readonly version: string;
  /** The commit's full name, with `-dirty` where the work tree differs from it; null outside a git checkout. */
  readonly commit: string | null;
  /** `darwin-arm64` and the like. */
  readonly target: string;
  /** Bun's version. */
  readonly bun: string;
  /** The commit's time, or SOURCE_DATE_EPOCH, in ISO 8601 and UTC; null where neither is known. */
  readonly builtAt: string | null;
}

export async function readBuildInfo(root: string, target: string): Promise<BuildInfo> {
  const { version } = await readPackage(root);
  return { version, target, bun: Bun.version, ...readCommit(root) };
}

const Package = object({ version: string(), devDependencies: object({ bun: string() }) });

/** What the build needs of package.json. */
export async function readPackage(root: string): Promise<InferOutput<typeof Package>> {
  return parse(Package, await Bun.file(join(root, "package.json")).json());
}

function readCommit(root: string): Pick<BuildInfo, "commit" | "builtAt"> {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const [head, seconds] = isCheckout(root) ? (git(root, "log", "-1", "--format=%H %ct")?.split(" ") ?? []) : [];
  const dirty = head && git(root, "status", "--porcelain") !== "" ? "-dirty" : "";
  return { commit: head ? head + dirty : null, builtAt: isoTime(epoch || seconds) };
}

function isoTime(seconds: string | undefined): string | null {
  if (seconds === undefined) return null;
  if (!/^\d{1,11}$/.test(seconds)) throw new Error(`SOURCE_DATE_EPOCH is not a count of seconds: ${seconds}`);
  return new Date(Number(seconds) * 1000).toISOString();
}

/** True where `root` itself is the top of a checkout: sources unpacked inside some other checkout are not its commit. */
function isCheckout(root: string): boolean {
  if (!Bun.which("git") || !hasDeveloperTools()) return false;
  const top = git(root, "rev-parse", "--show-toplevel");
  return top !== null && realpathSync(top) === realpathSync(root);
}

/** On a Mac without developer tools /usr/bin/git is a stub that opens an install dialog. */
function hasDeveloperTools(): boolean {
  if (process.platform !== "darwin" || Bun.which("git") !== "/usr/bin/git") return true;
  return Bun.spawnSync(["/usr/bin/xcode-select", "-p"]).exitCode === 0;
}

/** What git prints, trimmed; null where it fails. GIT_* of a surrounding hook would point at another repository. */
function git(root: string, ...args: readonly string[]): string | null {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  const result = Bun.spawnSync(["git", "--no-optional-locks", "-C", root, ...args], { env, stderr: "ignore" });
  return result.exitCode === 0 ? result.stdout.toString().trim() : null;
}
