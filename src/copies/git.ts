// Copies on a branch of a git repository, `rollback-snapshots`, built by git's plumbing: no work tree, no index and no other branch is
// touched, and every commit stands on the one before. Commands: git(1), "Low-level commands".
import { fail } from "../errors.ts";
import type { AbsPath, Env } from "../model.ts";
import { absolute, below } from "../paths.ts";
import { inTemporary, removeFile } from "../system/durable.ts";
import { checkpoint } from "../system/interrupt.ts";
import { machineName, whoAmI } from "../system/machine.ts";
import { collector, throughNameless } from "../system/streams.ts";
import { type Copy, keyOf, parseKey } from "./address.ts";
import type { Destination, Local, Sending, Sent } from "./destination.ts";
import { type Git, gitFor, REMOTE } from "./git-run.ts";
import { isMoved, isOtherHash, wordsOf } from "./git-words.ts";

const BRANCH = "rollback-snapshots";
const REF = `refs/heads/${BRANCH}`;
/** How often a branch that others push to at the same time is built anew. */
const ROUNDS = 8;
/** Names on one command line. */
const OBJECTS_AT_ONCE = 500;

/** A repository to build in, and the commit that the branch is at. */
interface Base {
  folder: AbsPath;
  tip: string | null;
}

/** `remote` is a URL, a path from `root`, or a remote's name there; null is the repository of `root` itself. */
export function gitDestination(remote: string | null, root: AbsPath, env: Env): Destination {
  const shown = `git:${remote ?? "."}`;
  const { git, onTip, inOneLook, otherHash } = looking(remote, root, env, shown);
  const isHere = remote === null;

  const get = (copy: Copy, take: (bytes: Uint8Array) => void) =>
    onTip(async (base) => {
      const object = (await entriesOf(git, base)).get(keyOf(copy));
      if (object === undefined) throw fail.noCopy(keyOf(copy), shown);
      await throughNameless((fd) => git.toFile(base.folder, ["cat-file", "blob", object], fd), take);
    });

  return {
    shown,
    async *list(beginning) {
      for (const path of (await onTip((base) => entriesOf(git, base))).keys()) {
        const copy = path.startsWith(beginning) ? parseKey(path) : null;
        if (copy !== null) yield { ...copy, bytes: null };
      }
    },
    async put(files, sending) {
      if (isHere && (await isCheckedOut(git, root))) throw fail.branchCheckedOut(BRANCH);
      await addAll(files, sending, { git, shown, isHere, onTip, otherHash });
    },
    get: (copy, { take }) => get(copy, take),
    inOneLook: (work) => inOneLook((base) => work((copies) => load(git, base, copies, isHere))),
    async begin(copy, most) {
      const { take, taken } = collector();
      await get(copy, take);
      const whole = taken();
      try {
        return whole.read(0, Math.min(most, whole.size));
      } finally {
        whole.close();
      }
    },
  };
}

/** Runs on what is there now: in the repository itself, or in a bare one of the remote's newest commit without its files. */
type Look = <T>(work: (base: Base, scratch: AbsPath) => Promise<T>) => Promise<T>;

function looking(remote: string | null, root: AbsPath, env: Env, shown: string) {
  let url: string | null = null;
  let hash: "sha1" | "sha256" = "sha1";
  /** While one look is to be enough, what it found. */
  let held: [Base, AbsPath] | null = null;
  const git = gitFor(env, shown, () => url);

  const lookAnew: Look = (work) =>
    inTemporary(async (scratch) => {
      if (remote === null) {
        await git(root, ["rev-parse", "--git-dir"]);
        return work({ folder: root, tip: await git.try(root, ["rev-parse", "--verify", "--quiet", REF]) }, scratch);
      }
      url ??= await findUrl(git, root, remote);
      const told = (await git.far(scratch, ["ls-remote", REMOTE, "HEAD", REF])).stdout;
      if (/^[0-9a-f]{64}\t/.test(told)) hash = "sha256";
      const folder = below(scratch, "repository.git");
      const format = hash === "sha1" ? [] : [`--object-format=${hash}`];
      await git(scratch, ["init", "--quiet", "--bare", ...format, folder]);
      if (!told.includes(`\t${REF}\n`)) return work({ folder, tip: null }, scratch);
      const newest = ["--depth=1", "--filter=blob:none", "--no-tags", REMOTE, `+${REF}:${REF}`];
      await git.far(folder, ["fetch", "--quiet", ...newest]);
      return work({ folder, tip: await git(folder, ["rev-parse", "--verify", REF]) }, scratch);
    });
  const onTip: Look = (work) => (held === null ? lookAnew(work) : work(...held));
  const inOneLook: Look = (work) =>
    lookAnew(async (base, scratch) => {
      held = [base, scratch];
      try {
        return await work(base, scratch);
      } finally {
        held = null;
      }
    });
  /** An empty remote does not say by which hash it counts before a push fails. */
  const otherHash = () => {
    hash = hash === "sha1" ? "sha256" : "sha1";
  };
  return { git, onTip, inOneLook, otherHash };
}

interface Branch {
  git: Git;
  shown: string;
  /** It is in the project's own repository. */
  isHere: boolean;
  /** The remote is empty, and counts by the other hash: the next round does so, too. */
  otherHash(): void;
  onTip: Look;
}

/** Adds what is missing, round by round: others may push at the same time. */
async function addAll(files: Local[], { done, mayReplace }: Sending, branch: Branch) {
  const { git, shown, onTip } = branch;
  const sent = new Map<Local, Sent>();
  let why: string | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    await checkpoint("what was pushed before stays");
    const lacking = await onTip(async (base, scratch) => {
      const there = await entriesOf(git, base);
      const missing: [Local, string][] = [];
      for (const file of files) {
        const object = await git(base.folder, ["hash-object", "-w", "--no-filters", "--", file.path]);
        const standing = there.get(keyOf(file));
        if (standing === object) continue;
        if (standing !== undefined && !(await mayReplace({ ...file, bytes: null })))
          throw fail.copyDiffers(keyOf(file), shown);
        missing.push([file, object]);
        sent.set(file, standing === undefined ? "sent" : "replaced");
      }
      if (missing.length > 0) why = await publish(branch, base, await commitAll(git, base, missing, scratch));
      return missing.length;
    });
    // A round that finds all of it there has read it back: an object's name is the hash of its bytes.
    if (lacking > 0) continue;
    for (const file of files) done(file, sent.get(file) ?? "there");
    return;
  }
  throw fail.placeUnreachable(shown, `its branch ${BRANCH} can't be added to: ${why}`);
}

/** A path, a URL, or the URL of a remote that has this name in `root`. */
async function findUrl(git: Git, root: AbsPath, text: string): Promise<string> {
  if (text.includes(":")) return text;
  const named = text.includes("/") ? null : await git.try(root, ["remote", "get-url", "--", text]);
  return named ?? absolute(text, root);
}

/** Key → the object that stands there. */
async function entriesOf(git: Git, { folder, tip }: Base): Promise<Map<string, string>> {
  if (tip === null) return new Map();
  const rows = (await git(folder, ["ls-tree", "-r", "-z", "--full-tree", tip])).split("\0");
  return new Map(
    rows.flatMap((row) => {
      const [, object, path] = /^\d+ \w+ ([0-9a-f]+)\t(.*)$/s.exec(row) ?? [];
      return object === undefined || path === undefined ? [] : [[path, object] as const];
    }),
  );
}

/** Brings the files of these copies in one answer. A server that does not give them so gives each when it is asked for. */
async function load(git: Git, base: Base, copies: Copy[], isHere: boolean): Promise<void> {
  if (isHere) return;
  const entries = await entriesOf(git, base);
  const objects = copies.flatMap((copy) => entries.get(keyOf(copy)) ?? []);
  for (let at = 0; at < objects.length; at += OBJECTS_AT_ONCE) {
    const some = objects.slice(at, at + OBJECTS_AT_ONCE);
    // As git itself asks for what a repository without files lacks (promisor-remote.c).
    const asked = ["--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", REMOTE];
    await git.try(base.folder, ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", ...asked, ...some]);
  }
}

/** One commit for each archive, so that the log reads like the list. Returns the last one. */
async function commitAll(git: Git, { folder, tip }: Base, files: [Local, string][], scratch: AbsPath): Promise<string> {
  const { user } = whoAmI();
  const host = machineName();
  const index = below(scratch, "index");
  removeFile(index);
  const more = {
    GIT_INDEX_FILE: index,
    GIT_AUTHOR_NAME: user,
    GIT_AUTHOR_EMAIL: `${user}@${host}`,
    GIT_COMMITTER_NAME: user,
    GIT_COMMITTER_EMAIL: `${user}@${host}`,
  };
  if (tip !== null) await git(folder, ["read-tree", tip], more);
  let last = tip;
  for (const [file, object] of files.toSorted(([a], [b]) => (a.id < b.id ? -1 : 1))) {
    await git(folder, ["update-index", "--add", "--cacheinfo", `100644,${object},${keyOf(file)}`], more);
    // What the remote has is not here.
    const tree = await git(folder, ["write-tree", "--missing-ok"], more);
    const parent = last === null ? [] : ["-p", last];
    last = await git(
      folder,
      ["commit-tree", tree, ...parent, "-m", `${file.machine}/${file.project} ${file.id}`],
      more,
    );
  }
  return last ?? "";
}

/** Moves the branch on; why not, where another round may do it. Throws `failed` where the other side does not take it. */
async function publish(branch: Branch, { folder, tip }: Base, commit: string): Promise<string | null> {
  const { git, shown, isHere, otherHash } = branch;
  if (isHere) {
    const none = "0".repeat(commit.length);
    const told = await git.tell(folder, ["update-ref", "-m", "rollback push", REF, commit, tip ?? none]);
    if (told.exitCode === 0) return null;
    // Another process moved it, or is about to.
    if (/but expected|reference already exists|File exists/.test(told.stderr)) return wordsOf(told);
    throw fail.branchRefused(shown, wordsOf(told));
  }
  const words = ["push", "--porcelain", REMOTE, `${commit}:${REF}`];
  const told = await git.far(folder, words, (ran) => isMoved(ran) || isOtherHash(ran));
  if (told.exitCode === 0) return null;
  if (isOtherHash(told)) otherHash();
  return wordsOf(told);
}

/** Whether the branch is somebody's work tree. */
async function isCheckedOut(git: Git, root: AbsPath): Promise<boolean> {
  const trees = await git(root, ["worktree", "list", "--porcelain"]);
  return trees.split("\n").includes(`branch ${REF}`);
}
