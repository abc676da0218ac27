// What has become of the things around a snapshot since it was taken: the checkout, the venvs, the agents, the files themselves.

import { askDistance, askGit, readHead } from "../inventory/git.ts";
import { findVenvs, lookAtVenv } from "../inventory/venv.ts";
import type { AbsPath, Env, Kind, LaunchdState, Manifest, Notify, Observed, StoredFile } from "../model.ts";
import { below } from "../paths.ts";
import { type Folders, observe } from "../restore/observe.ts";
import { targetPath } from "../restore/target.ts";
import { ifReadable, lookThrough } from "../system/files.ts";
import { isThisMachine } from "../system/machine.ts";
import { which } from "../system/process.ts";
import { displayName } from "../text.ts";
import { launchdStates } from "./agent-states.ts";
import type { Context, World } from "./context.ts";
import type { Site } from "./site.ts";

/** Where a snapshot comes from, when that is not here; `original` is one of the original tool, whose places are inferred. */
export interface Origin {
  host: string | null;
  home: AbsPath | null;
  root: AbsPath | null;
  original: boolean;
}

/** Commit and branch at the snapshot and now; the distance is null where git can't tell it. */
export interface GitDrift {
  before: string;
  now: string;
  ahead: number | null;
  behind: number | null;
}

/** What differs now from what a snapshot recorded. */
export interface Since {
  git: GitDrift | null;
  /** Whether the checkout has uncommitted changes now; null where nobody can tell. */
  dirty: boolean | null;
  venvs: VenvDrift[];
  agents: { label: string; before: LaunchdState; now: LaunchdState }[] | null;
  /** `change` is `content`, `mode`, `link`, `gone`, or a sentence. */
  files: { path: AbsPath; name: string; kind: Kind; change: string }[];
}

export interface VenvDrift {
  key: string;
  before: string | null;
  now: string | null;
  /** In words: `is gone`, `its python is missing`, `Python 3.12.12 then, 3.13.0 now`. */
  change: string;
}

/** Everything at once; git and launchd are asked while the files are read. */
export async function since(
  manifest: Manifest,
  site: Site,
  { world, notify }: Pick<Context, "world" | "notify">,
): Promise<Since> {
  const asked = Promise.all([
    headDrift(manifest, site.root, world.env),
    readHead(site.root) === null ? null : askGit(site.root, world.env),
    agentDrift(manifest, world, notify),
  ]);
  const venvs = await venvDrift(manifest, site);
  const files = changedFiles(manifest);
  const [git, head, agents] = await asked;
  return { git, dirty: head?.dirty ?? null, venvs, agents, files };
}

/** Host, home and root of a snapshot that comes from elsewhere; null where it is of this machine and project. */
export function originOf({ host, home, root, format }: Manifest, site: Pick<Site, "home" | "root">): Origin | null {
  if ((host === null || isThisMachine(host)) && (home ?? site.home) === site.home && (root ?? site.root) === site.root)
    return format === 1 ? { host, home, root, original: true } : null;
  return { host, home, root, original: format === 1 };
}

/** The commit and branch then and now, where they differ, and how far they are apart. git is started only then. */
export async function headDrift(manifest: Manifest, root: AbsPath, env: Env): Promise<GitDrift | null> {
  const name = (head: { commit: string | null; branch: string | null } | null) =>
    head?.commit == null ? "no commit" : `${head.branch ?? "detached"} at ${head.commit.slice(0, 9)}`;
  const now = readHead(root);
  if (name(manifest.git) === name(now)) return null;
  const commit = manifest.git?.commit ?? null;
  const distance = commit === null || now?.commit == null ? null : await askDistance(root, commit, env);
  return {
    before: name(manifest.git),
    now: name(now),
    ahead: distance?.ahead ?? null,
    behind: distance?.behind ?? null,
  };
}

/** Venvs that are not what they were at the snapshot, as files alone tell: no python is started. */
export async function venvDrift(manifest: Manifest, site: Site): Promise<VenvDrift[]> {
  const paths = new Map((await findVenvs(site.config, site)).venvs.map(({ key, path }) => [key, path]));
  return Object.entries(manifest.venvs).flatMap(([key, then]) => {
    const path = paths.get(key);
    const state = path === undefined ? null : lookAtVenv(path);
    const base = { key, before: then.python_version, now: state?.python_version ?? null };
    if (!then.exists) return [];
    if (state === null || !state.exists) return [{ ...base, change: "is gone" }];
    if (state.healthy === false && then.healthy !== false) return [{ ...base, change: "has lost its python" }];
    const differs =
      then.python_version !== null && state.python_version !== null && then.python_version !== state.python_version;
    // Where python itself was asked, a pyvenv.cfg that is older than the snapshot said something else even then.
    const saidSo = then.version_from === "python" && path !== undefined && isOlder(path, manifest.createdAtMs);
    return differs && !saidSo ? [{ ...base, change: `had ${then.python_version}, has ${state.python_version}` }] : [];
  });
}

/** Whether a venv's pyvenv.cfg was written before a moment in ms since the epoch. */
const isOlder = (venv: AbsPath, ms: number): boolean =>
  (ifReadable(() => lookThrough(below(venv, "pyvenv.cfg"))?.mtimeMs) ?? Number.POSITIVE_INFINITY) <= ms;

/** Agents that launchd does not have as it had them; null where it can't be asked. */
async function agentDrift({ files }: Manifest, world: World, notify: Notify): Promise<Since["agents"]> {
  if (which("launchctl", world.env) === null) return null;
  const captured = files.flatMap(({ label, launchd }) =>
    label == null || launchd === undefined ? [] : [{ label, launchd }],
  );
  const labels = captured.map(({ label }) => label);
  const states = await launchdStates(world, labels, { notify });
  return captured.flatMap(({ label, launchd: before }) => {
    const { service = null, disabled = null } = states.get(label) ?? {};
    if (service === null || disabled === null) return [];
    const now = { loaded: service.loaded, disabled };
    return now.loaded === before.loaded && now.disabled === before.disabled ? [] : [{ label, before, now }];
  });
}

/** The captured files whose live path is not what was captured. Each is read once; nothing is written. */
function changedFiles({ files }: Manifest): Since["files"] {
  const folders: Folders = new Map();
  return files.flatMap((file) => {
    const target = targetPath(file.original, []);
    if (!("path" in target)) return [];
    const { link, now } = observe(target.path, file.symlink, folders);
    const change = changeOf(file, link, now);
    return change === null ? [] : [{ path: target.path, name: displayName(file), kind: file.kind, change }];
  });
}

function changeOf(file: StoredFile, link: string | null, now: Observed): string | null {
  if (now.state === "absent" || now.state === "dangling") return "gone";
  if (now.state === "unreadable") return `can't be read: ${now.reason}`;
  if (now.state === "other") return `${now.what} it`;
  if (now.hash !== file.hash) return "content";
  if (file.mode !== undefined && file.mode !== now.facts.mode) return "mode";
  return file.symlink !== undefined && file.symlink !== link ? "link" : null;
}
