// Git checkouts with the same commit ids on every machine.
import type { World } from "./harness.ts";

const AUTHOR = {
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_AUTHOR_DATE: "2025-12-11T14:36:00Z",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.com",
  GIT_COMMITTER_DATE: "2025-12-11T14:36:00Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** Runs git as the world's user in its root, or in `cwd`, and returns what it prints. Throws where it fails. */
export async function git(w: World, args: string[], cwd = w.root): Promise<string> {
  const child = w.start(["git", ...args], { cwd, env: AUTHOR });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (exit !== 0) throw new Error(`git ${args.join(" ")}: exit ${exit}: ${stderr}`);
  return stdout.trim();
}

/** The commit of every fresh checkout. */
export const FIRST_COMMIT = "878217c9b815ec51abbfe4477c2a2183dbee9915";

/** Makes the root a checkout of branch main with one empty commit; its files are untracked. */
export async function checkout(w: World): Promise<void> {
  await git(w, ["init", "-q", "-b", "main"]);
  await git(w, ["commit", "-q", "--allow-empty", "-m", "first"]);
}
