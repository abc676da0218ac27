// One launchd job of ours: written and loaded, asked for, taken away.
import { fail } from "../errors.ts";
import { parseAgent } from "../launchd/agent.ts";
import type { Launchctl } from "../launchd/launchctl.ts";
import { endOfLog } from "../launchd/log-end.ts";
import { reloadAgents } from "../launchd/reload.ts";
import { type Service, troubleOf } from "../launchd/service.ts";
import type { AbsPath, Env } from "../model.ts";
import { parentOf } from "../paths.ts";
import { makeFolders, removeFile } from "../system/durable.ts";
import { ifReadable, look, readBytes } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { replaceFile } from "../system/replace.ts";
import type { Job } from "../upkeep/schedule.ts";

/** What launchd says of a job. */
export interface JobState {
  loaded: boolean | null;
  /** The exit code of its last run under launchd; null where it is not known. */
  lastExit: number | null;
  /** What is wrong with it, as launchd tells it, with the end of its log; null where nothing is. */
  trouble: string | null;
}

export async function stateOf(label: string, plist: AbsPath, launchctl: Launchctl): Promise<JobState> {
  const service = await launchctl.print(label);
  const words = service === null ? null : (troubleOf(service)?.words ?? null);
  const bytes = words === null ? null : plistBytes(plist);
  const log = bytes === null ? "" : endOfLog(await parseAgent(bytes));
  const { loaded = null, lastExit = null } = service ?? {};
  return { loaded, lastExit, trouble: words === null ? null : `${words}${log}` };
}

const LIMIT_BYTES = 1 << 20;
/** Null where there is none that can be read. */
export const plistBytes = (plist: AbsPath): Uint8Array | null => ifReadable(() => readBytes(plist, LIMIT_BYTES));

export interface Means {
  launchctl: Launchctl;
  env: Env;
}

/** Booting out the job that runs us would end us in the middle. */
function refuseOwn(label: string, env: Env): void {
  if (env.XPC_SERVICE_NAME === label) throw fail.insideJob(label);
}

const MODE = 0o644;

/** Writes and loads the job, where it is not the very same already. Returns what launchd said before, then; else null. */
export async function putJob(
  job: Job,
  plist: AbsPath,
  content: string,
  { launchctl, env }: Means,
): Promise<Service | null> {
  const disabled = (await launchctl.disabled()) ?? new Set<string>();
  const before = await launchctl.print(job.label);
  // Whatever is loaded anew is shown to the user as a new background item.
  if (before?.loaded === true && !disabled.has(job.label) && isWritten(plist, content)) return before;
  refuseOwn(job.label, env);
  try {
    makeFolders(parentOf(job.log), 0o700);
    makeFolders(parentOf(plist), 0o755);
    replaceFile(plist, content, { mode: MODE, mtimeMs: null, owner: null });
  } catch (cause) {
    throw fail.io("write", plist, cause);
  }
  const agent = await parseAgent(new TextEncoder().encode(content));
  const request = { label: job.label, plist, agent, to: { loaded: true, disabled: false } };
  const [loaded] = await reloadAgents([request], { launchctl, disabled, obstacles: new Map() }, () => {});
  if (loaded?.result === "failed") throw fail.jobNotLoaded(job.label, loaded.reason ?? "");
  return null;
}

/** Whether the plist holds this, and is as launchd wants it. */
function isWritten(plist: AbsPath, content: string): boolean {
  const stats = ifReadable(() => look(plist));
  if (stats === null || !stats.isFile() || (stats.mode & 0o777) !== MODE || stats.uid !== whoAmI().uid) return false;
  const bytes = plistBytes(plist);
  return bytes !== null && Buffer.from(content).equals(bytes);
}

/** Unloads the job and removes its plist. */
export async function removeJob(label: string, plist: AbsPath, { launchctl, env }: Means): Promise<void> {
  refuseOwn(label, env);
  const request = { label, plist, agent: null, to: { loaded: false, disabled: false } };
  const [gone] = await reloadAgents([request], { launchctl, disabled: new Set(), obstacles: new Map() }, () => {});
  if (gone?.result === "failed") throw fail.jobNotGone(label, gone.reason ?? "");
  try {
    removeFile(plist);
  } catch (cause) {
    throw fail.io("remove", plist, cause);
  }
}
