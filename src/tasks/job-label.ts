// Which launchd job is this project's: each root has one of its own, so that one project does not take another's place.
import { parseAgent } from "../launchd/agent.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, nameOf } from "../paths.ts";
import { digestOf, exists, ifReadable, readBytes, resolved } from "../system/files.ts";
import type { Site } from "./site.ts";

const LIMIT_BYTES = 1 << 20;
const DIGITS = 6;

/** The config's label; with the project's name behind it, where that label is another root's. */
export async function jobLabel({ config, root, home }: Site): Promise<string> {
  const { label } = config.schedule;
  const name = nameOf(root).replace(/[^\w.-]+/g, "-");
  const labels = [label, `${label}.${name}`, `${label}.${name}-${digestOf(root).slice(0, DIGITS)}`];
  const own = real(root);
  let free: string | null = null;
  for (const candidate of labels) {
    const plist = jobPlistAt(home, candidate);
    const of = exists(plist) ? await rootOfJob(plist) : null;
    if (of !== null && real(of) === own) return candidate;
    if (of === null) free ??= candidate;
  }
  return free ?? labels[labels.length - 1] ?? label;
}

export const jobPlistAt = (home: AbsPath, label: string): AbsPath =>
  below(home, "Library/LaunchAgents", `${label}.plist`);

const real = (path: AbsPath): AbsPath => ifReadable(() => resolved(path)) ?? path;

/** The root that a job works in; null where its plist does not say. */
async function rootOfJob(plist: AbsPath): Promise<AbsPath | null> {
  const bytes = ifReadable(() => readBytes(plist, LIMIT_BYTES));
  const words = (bytes === null ? null : await parseAgent(bytes))?.words ?? [];
  const root = words[words.indexOf("--root") + 1];
  return words.includes("--root") && root !== undefined ? absolute(root, "/") : null;
}
