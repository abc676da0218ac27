// What git holds or is about to: its index, read without touching it, and the plain snapshots in it or in its history.
import { git } from "../inventory/git.ts";
import type { AbsPath, Env } from "../model.ts";
import { absolute } from "../paths.ts";

export interface Staged {
  /** Absolute. */
  path: AbsPath;
  /** Git's id of the bytes. */
  object: string;
}

/**
 * Git's index, all of it or what differs from HEAD (`staged`), of the repository at or above `folder`. Null where there is no git or it
 * does not answer.
 */
export async function indexOf(folder: AbsPath, staged: boolean, env: Env): Promise<Staged[] | null> {
  const top = (await git(folder, env, ["rev-parse", "--show-toplevel"]))?.replace(/\n$/, "");
  if (!top) return null;
  // A hook of `git commit -a` or `git commit FILE` is told of an index of its own: what is about to be committed stands there.
  const own = env.GIT_INDEX_FILE === undefined ? undefined : absolute(env.GIT_INDEX_FILE, top);
  const index = await git(top as AbsPath, env, ["ls-files", "--stage", "-z"], own);
  const changed = staged
    ? await git(top as AbsPath, env, ["diff", "--cached", "--name-only", "-z", "--diff-filter=d"], own)
    : "";
  if (index === null || changed === null) return null;
  const chosen = new Set(changed.split("\0"));
  return index
    .split("\0")
    .map((row) => /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(row))
    .flatMap((match) => {
      const [, mode = "", object = "", name = ""] = match ?? [];
      // A submodule has no bytes here.
      if (match === null || mode === "160000" || (staged && !chosen.has(name))) return [];
      return [{ path: absolute(name, top), object }];
    });
}

/**
 * What `create` says where git holds plain snapshots, now or in its history, with the commands that mend it. `history` is left
 * out where git takes too long to tell.
 */
export async function plainSnapshotsInGit(
  folder: AbsPath,
  store: AbsPath,
  env: Env,
): Promise<{ tracked: number; inHistory: boolean }> {
  const inStore = `:(literal)${store}`;
  const [listing, history] = await Promise.all([
    git(folder, env, ["ls-files", "-z", "--", inStore]),
    // ls-files of git 2.39 finds nothing once a folder and an exclusion stand together; log does.
    git(folder, env, [
      "log",
      "--all",
      "--max-count=1",
      "--format=%h",
      "--",
      inStore,
      ...["*.zip.age", ".gitignore"].map((name) => `:(exclude,glob)**/${name}`),
    ]),
  ]);
  const tracked = (listing ?? "").split("\0").filter((name) => name !== "" && !/(\.zip\.age|\.gitignore)$/.test(name));
  return { tracked: tracked.length, inHistory: (history ?? "").trim() !== "" };
}
