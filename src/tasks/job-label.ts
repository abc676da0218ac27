// Which launchd job is this project's: each root has one of its own, and what stands under a label and is not ours is left alone.
import { fail } from "../errors.ts";
import { parseAgent } from "../launchd/agent.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, nameOf } from "../paths.ts";
import { digestOf, ifReadable, look, readBytes, resolved } from "../system/files.ts";
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
export async function ownJob(site: Site): Promise<OwnJob> {
  const found = await lookForJob(site);
  if (found !== null) return found;
  const { label } = site.config.schedule;
  throw fail.jobLabelTaken(label, jobPlistAt(site.home, label));
}

/** The same; null where every label is somebody else's. */
export async function lookForJob({ config, root, home }: Site): Promise<OwnJob | null> {
  const { label } = config.schedule;
  const name = nameOf(root).replace(/[^\w.-]+/g, "-");
  const labels = [label, `${label}.${name}`, `${label}.${name}-${digestOf(root).slice(0, DIGITS)}`];
  let free: OwnJob | null = null;
  for (const candidate of labels) {
    const job = { label: candidate, plist: jobPlistAt(home, candidate), isOurs: true };
    if (look(job.plist) === null) free ??= { ...job, isOurs: false };
    else if (await isJobOf(root, job.plist)) return job;
  }
  return free;
}

export const jobPlistAt = (home: AbsPath, label: string): AbsPath =>
  below(home, "Library/LaunchAgents", `${label}.plist`);

const real = (path: AbsPath): AbsPath => ifReadable(() => resolved(path)) ?? path;

/** Whether a plist says that it runs `schedule run` for this root. One that does not parse, or says otherwise, is somebody else's. */
async function isJobOf(root: AbsPath, plist: AbsPath): Promise<boolean> {
  const bytes = ifReadable(() => readBytes(plist, LIMIT_BYTES));
  const words = (bytes === null ? null : await parseAgent(bytes))?.words ?? [];
  const at = words.indexOf("--root");
  const named = words[at + 1];
  if (words[0] !== "schedule" || words[1] !== "run" || at < 0 || named === undefined) return false;
  return real(absolute(named, "/")) === real(root);
}
