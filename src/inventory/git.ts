// What the project's git checkout is at. Commit and branch are read from `.git` itself; git is started only for "dirty".
import type { AbsPath, Env } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { ifReadable, look, readText } from "../system/files.ts";
import { childEnvironment, pour, run, which } from "../system/process.ts";

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

/** The `.git` of the repository at or above a folder, and the one that its worktrees share. */
export function findRepository(folder: AbsPath): { top: AbsPath; folder: AbsPath; common: AbsPath } | null {
  for (let at = folder; ; at = parentOf(at)) {
    const git = below(at, ".git");
    const stats = ifReadable(() => look(git));
    if (stats !== null) {
      const pointer = stats.isFile() ? line(git) : null;
      const inside = pointer?.startsWith("gitdir: ") ? absolute(pointer.slice(8), at) : git;
      const common = line(below(inside, "commondir"));
      return { top: at, folder: inside, common: common === null ? inside : absolute(common, inside) };
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
  const argv = await gitWith(env, words);
  if (argv === null) return null;
  const ran = await run(argv, { env: environment(env, index), timeoutMs: TIMEOUT_MS, cwd: folder });
  return ran?.exitCode === 0 ? ran.stdout : null;
}

async function gitWith(env: Env, words: string[]): Promise<[AbsPath, ...string[]] | null> {
  const program = which("git", env);
  if (program === null || !(await mayStart(program, env))) return null;
  return [program, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...words];
}

const environment = (env: Env, index?: string): Record<string, string> => ({
  ...childEnvironment(env),
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
});

/** git may be busy with a large object; silent for longer it hangs. */
const IDLE_MS = 20_000;

/**
 * Hands over git's objects one after another, in chunks, the last of each marked. False where git does not answer; an object that is
 * not in this clone is passed over. Format: git-cat-file(1), `--batch`.
 */
export async function readObjects(
  folder: AbsPath,
  env: Env,
  ids: string[],
  take: (id: string, size: number, chunk: Uint8Array, isLast: boolean) => void,
): Promise<boolean> {
  const argv = await gitWith(env, ["cat-file", "--batch"]);
  if (argv === null) return false;
  let head = "";
  let id = "";
  let size = 0;
  /** Bytes of the object that are still to come; null between two. The newline behind one is read as its header's beginning. */
  let left: number | null = null;
  return pour(argv, { env: environment(env), cwd: folder, input: `${ids.join("\n")}\n`, idleMs: IDLE_MS }, (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (left === null) {
        const end = chunk.indexOf(10, at);
        head += Buffer.from(chunk.buffer, chunk.byteOffset + at, (end < 0 ? chunk.length : end) - at).toString(
          "latin1",
        );
        at = end < 0 ? chunk.length : end + 1;
        const match = end < 0 ? null : /^([0-9a-f]+) \w+ (\d+)$/.exec(head);
        if (end >= 0) head = "";
        if (match === null) continue;
        [id, size] = [match[1] ?? "", Number(match[2])];
        left = size;
        if (size > 0) continue;
      }
      const part = chunk.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      take(id, size, part, left === 0);
      if (left === 0) left = null;
    }
  });
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
