// A snapshots folder that is not there although there was one. Nothing outside of it is written, so only what somebody asked for can tell.
import { parseAgent } from "../launchd/agent.ts";
import type { AbsPath, Notify } from "../model.ts";
import { absolute, below } from "../paths.ts";
import { entriesIn, exists, ifReadable, look, readBytes } from "../system/files.ts";
import type { World } from "./context.ts";
import { lookForJob } from "./job-label.ts";
import type { Site } from "./site.ts";

const LIMIT_BYTES = 1 << 20;
/** A job that was just installed makes its first snapshot. */
const SETTLED_MS = 3_600_000;

/** A warning where this project's daily job has written to the snapshots folder, and that is gone. */
export async function warnOfGoneStore(site: Site, world: World, notify: Notify): Promise<void> {
  const { store } = site;
  if (ifReadable(() => ({ isThere: exists(store) }))?.isThere !== false) return;
  // Where the agents' folder can't be looked into nothing tells of a job; that it can't be is said by who captures it.
  if (ifReadable(() => entriesIn(below(site.home, "Library/LaunchAgents"))) === null) return;
  const job = await lookForJob(site, world);
  if (job?.isOurs !== true || !(await writesTo(job.plist, store))) return;
  notify({
    type: "warning",
    message: `the snapshots folder ${store} is gone, and the daily job (${job.label}) has written to it: was it moved, or is its disk not mounted? What is taken now begins a new one`,
  });
}

/** Whether the job has had the time to run, and names no other snapshots folder. */
async function writesTo(plist: AbsPath, store: AbsPath): Promise<boolean> {
  const stats = ifReadable(() => look(plist));
  const bytes = ifReadable(() => readBytes(plist, LIMIT_BYTES));
  if (stats === null || bytes === null || Date.now() - stats.mtimeMs < SETTLED_MS) return false;
  const words = (await parseAgent(bytes))?.words ?? [];
  const at = words.indexOf("--snapshots");
  const named = at < 0 ? null : (words[at + 1] ?? null);
  return named === null || absolute(named, "/") === store;
}
