// What the project's git checkout is at. Commit and branch are read from `.git` itself; git is started only for "dirty".
import type { AbsPath, Env } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { ifReadable, look, readText } from "../system/files.ts";
import { childEnvironment, run, which } from "../system/process.ts";

const TIMEOUT_MS = 1500;
const LIMIT_BYTES = 64 << 20;

export interface GitHead {
  commit: string | null;
  /** Null where HEAD is detached. */
  branch: string | null;
}

/** HEAD of the repository at or above `folder`, without starting git; null where there is none. Format: gitrepository-layout(5). */
export function readHead(folder: AbsPath): GitHead | null {
  const repository = findRepository(folder);
  if (repository === null) return null;
  const head = line(below(repository.folder, "HEAD"));
  if (head === null) return { commit: null, branch: null };
  if (!head.startsWith("ref: ")) return { commit: asCommit(head), branch: null };
  const ref = head.slice(5).trim();
  if (!/^refs\/[^\0\s]+$/.test(ref) || ref.split("/").includes("..")) return { commit: null, branch: null };
  const loose = asCommit(line(below(repository.folder, ref)) ?? line(below(repository.common, ref)));
  return {
    commit: loose ?? packed(below(repository.common, "packed-refs"), ref),
    branch: ref.replace("refs/heads/", ""),
  };
}

function findRepository(folder: AbsPath): { folder: AbsPath; common: AbsPath } | null {
  for (let at = folder; ; at = parentOf(at)) {
    const git = below(at, ".git");
    const stats = ifReadable(() => look(git));
    if (stats !== null) {
      const pointer = stats.isFile() ? line(git) : null;
      const inside = pointer?.startsWith("gitdir: ") ? absolute(pointer.slice(8), at) : git;
      const common = line(below(inside, "commondir"));
      return { folder: inside, common: common === null ? inside : absolute(common, inside) };
    }
    if (at === "/") return null;
  }
}

const asCommit = (text: string | null): string | null =>
  text !== null && /^[0-9a-f]{40,64}$/.test(text) ? text : null;

function packed(path: AbsPath, ref: string): string | null {
  const text = ifReadable(() => readText(path, LIMIT_BYTES)) ?? "";
  const row = text.split("\n").find((candidate) => candidate.endsWith(` ${ref}`));
  return asCommit(row?.split(" ")[0] ?? null);
}

const line = (path: AbsPath): string | null => ifReadable(() => readText(path, 4096))?.trim() ?? null;
/**
 * What git prints, or null where it is missing, fails, or takes over 1.5 s. It writes nothing: GIT_OPTIONAL_LOCKS=0 leaves the
 * index alone, and no hook or monitor that the repository's config may name is started. `index` is another index than the
 * repository's: that of a commit that is being made.
 */
export async function git(folder: AbsPath, env: Env, words: string[], index?: string): Promise<string | null> {
  const program = which("git", env);
  if (program === null || !(await mayStart(program, env))) return null;
  const ran = await run([program, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...words], {
    env: {
      ...childEnvironment(env),
      GIT_OPTIONAL_LOCKS: "0",
      GIT_TERMINAL_PROMPT: "0",
      ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    },
    timeoutMs: TIMEOUT_MS,
    cwd: folder,
  });
  return ran?.exitCode === 0 ? ran.stdout : null;
}

/**
 * What git itself says: the same, and whether tracked files differ from HEAD (`git describe --dirty`'s meaning: untracked ones do
 * not count). Format: git-status(1), porcelain v2.
 */
export async function askGit(folder: AbsPath, env: Env): Promise<(GitHead & { dirty: boolean }) | null> {
  const status = await git(folder, env, ["status", "--porcelain=v2", "--branch", "--untracked-files=no"]);
  if (status === null) return null;
  const lines = status.split("\n").filter((row) => row !== "");
  const header = (name: string) => lines.find((row) => row.startsWith(`# ${name} `))?.slice(name.length + 3) ?? null;
  const branch = header("branch.head");
  return {
    commit: asCommit(header("branch.oid")),
    branch: branch === "(detached)" ? null : branch,
    dirty: lines.some((row) => !row.startsWith("#")),
  };
}

/**
 * How many commits HEAD has that `commit` lacks, and the other way round; null where git can't tell: the commit is not in this
 * repository, or git is not to be had.
 */
export async function askDistance(
  folder: AbsPath,
  commit: string,
  env: Env,
): Promise<{ ahead: number; behind: number } | null> {
  if (asCommit(commit) === null) return null;
  const counted = await git(folder, env, ["rev-list", "--left-right", "--count", `${commit}...HEAD`, "--"]);
  const [, behind, ahead] = /^(\d+)\s+(\d+)$/.exec(counted?.trim() ?? "") ?? [];
  return ahead === undefined ? null : { ahead: Number(ahead), behind: Number(behind) };
}
