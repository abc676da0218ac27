// Which launchd job is this project's: each root has one of its own, and what stands under a label and is not ours is left alone.
import { DEFAULTS } from "../config.ts";
import { fail } from "../errors.ts";
import { parseAgent } from "../launchd/agent.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, nameOf } from "../paths.ts";
import { digestOf, ifReadable, look, readBytes, resolved } from "../system/files.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

const LIMIT_BYTES = 1 << 20;
const DIGITS = 6;

export interface OwnJob {
  label: string;
  plist: AbsPath;
  /** Whether the plist that stands there is this root's job; else nothing stands there. */
  isOurs: boolean;
}

/** This root's job, or the first label under which it can be made. Throws `failed` where somebody else's plist stands under all of them. */
export async function ownJob(site: Site, world: World): Promise<OwnJob> {
  const found = await lookForJob(site, world);
  if (found !== null) return found;
  const label = labelsOf(site)[0] ?? site.config.schedule.label;
  throw fail.jobLabelTaken(label, jobPlistAt(site.home, label));
}

/** The same; null where every label is somebody else's. */
export async function lookForJob(site: Site, world: World): Promise<OwnJob | null> {
  const { label } = site.config.schedule;
  let free: OwnJob | null = null;
  // 0.1 had one label for all roots: a job that it made stays where it is.
  for (const candidate of new Set([...labelsOf(site), label])) {
    const job = { label: candidate, plist: jobPlistAt(site.home, candidate), isOurs: true };
    if (look(job.plist) !== null) {
      if (await runsFor(site.root, job, DAILY, world)) return job;
    } else if (free === null && labelsOf(site).includes(candidate)) free = { ...job, isOurs: false };
  }
  return free;
}

/** The labels of a root's job, the best one first. Without a label in the config they have the root's name in them. */
function labelsOf({ config, root }: Site): string[] {
  const { label } = config.schedule;
  const at = real(root);
  const name = nameOf(at).replace(/[^\w.-]+/g, "-") || "root";
  const ofRoot = [`${label}.${name}`, `${label}.${name}-${digestOf(at).slice(0, DIGITS)}`];
  return label === DEFAULTS.schedule.label ? ofRoot : [label, ...ofRoot];
}

const jobPlistAt = (home: AbsPath, label: string): AbsPath => below(home, "Library/LaunchAgents", `${label}.plist`);

const real = (path: AbsPath): AbsPath => ifReadable(() => resolved(path)) ?? path;

/** The job that starts when a file changes: beside the daily one, and of the same root. */
export async function watchJobOf(daily: OwnJob, { home, root }: Site, world: World): Promise<OwnJob> {
  const label = `${daily.label}.watch`;
  const job = { label, plist: jobPlistAt(home, label), isOurs: false };
  return { ...job, isOurs: await runsFor(root, job, WATCHES, world) };
}

type Runs = (words: readonly string[]) => boolean;
const DAILY: Runs = ([first, second]) => first === "schedule" && second === "run";
const WATCHES: Runs = ([first, , category]) => first === "create" && category === "auto-change";

/** Whether a plist says that rollback does this for this root. One that does not parse, or says otherwise, is somebody else's. */
async function runsFor(root: AbsPath, { label, plist }: OwnJob, does: Runs, { execPath }: World): Promise<boolean> {
  const bytes = ifReadable(() => readBytes(plist, LIMIT_BYTES));
  const agent = bytes === null ? null : await parseAgent(bytes);
  // A binary that lies elsewhere today was moved or is another release's.
  const isRollback = ["rollback", nameOf(execPath)].includes(nameOf(agent?.program ?? ""));
  if (agent?.label !== label || !isRollback || !does(agent.words)) return false;
  const named = rootOf(agent.words);
  return named !== null && real(absolute(named, "/")) === real(root);
}

/** What `--root R` or `--root=R` names. */
function rootOf(flags: readonly string[]): string | null {
  const at = flags.findIndex((word) => word === "--root" || word.startsWith("--root="));
  if (at < 0) return null;
  return flags[at] === "--root" ? (flags[at + 1] ?? null) : (flags[at]?.slice("--root=".length) ?? null);
}
