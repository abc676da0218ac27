// Making launchd read a plist anew: bootout, wait until it is gone, bootstrap, look whether it is there. To the recorded state:
// what was not loaded is not started, what was disabled stays so.
import type { AbsPath } from "../model.ts";
import { maskText } from "../secrets/line-secrets.ts";
import { readTail } from "../system/files.ts";
import type { Launchctl } from "../system/launchctl.ts";
import type { Agent } from "./agent.ts";

export interface ReloadRequest {
  label: string;
  plist: AbsPath;
  agent: Agent | null;
  /** As the snapshot recorded it; null where it did not, or where the user named the agent: then it is loaded. */
  recorded: { loaded: boolean; disabled: boolean } | null;
}

export interface Reloaded {
  label: string;
  result: "reloaded" | "loaded" | "unloaded" | "left disabled" | "left unloaded" | "failed";
  /** Of a failure: launchd's own words, and the end of the agent's error log. */
  reason?: string;
}

const STEP_MS = 15_000;
const RUN_MS = 60_000;
const LOOKS = 5;
const LOOK_EVERY_MS = 200;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;
const LOG_CHARACTERS = 400;

/** Reloads agents side by side; each step of each waits 15 s at most. */
export function reloadAgents(
  requests: ReloadRequest[],
  launchctl: Launchctl,
  disabled: ReadonlySet<string>,
  done: (result: Reloaded) => void,
): Promise<Reloaded[]> {
  return Promise.all(
    requests.map(async (request) => {
      const result = await reloadOne(request, launchctl, disabled.has(request.label));
      done(result);
      return result;
    }),
  );
}

async function reloadOne(
  { label, plist, agent, recorded }: ReloadRequest,
  launchctl: Launchctl,
  disabledNow: boolean,
): Promise<Reloaded> {
  const failed = (reason: string): Reloaded => ({ label, result: "failed", reason });
  const before = await launchctl.print(label);
  if (before === null) return failed("launchctl does not answer");
  if (before.loaded) {
    const said = await launchctl.bootout(label);
    const gone = await until(async () => (await launchctl.print(label))?.loaded === false);
    if (!gone) return failed(`it did not go within 15 s: ${said.words}`);
  }
  if (recorded?.loaded === false) return { label, result: before.loaded ? "unloaded" : "left unloaded" };
  if (disabledNow) {
    if (recorded?.disabled !== false) return { label, result: "left disabled" };
    await launchctl.enable(label);
  }
  let words = "";
  let hopeless = false;
  const up = await until(async () => {
    const said = await launchctl.bootstrap(plist);
    words = said.words || words;
    // Anything but "too early" and "in progress" stays what it is.
    hopeless = said.code !== null && said.code !== 0 && ![5, 36, 37].includes(said.code);
    return hopeless || said.code === 0 || (await launchctl.print(label))?.loaded === true;
  });
  if (!up || hopeless) return failed(words);
  const after = await settled(label, agent, launchctl);
  if (after?.loaded !== true) return failed("it is not there after bootstrap");
  if (agent?.runAtLoad && after.pid === null && after.lastExit !== null && after.lastExit !== 0)
    return failed(`it ended with ${after.lastExit} at once${endOfLog(agent)}`);
  return { label, result: before.loaded ? "reloaded" : "loaded" };
}

/** What launchd says once an agent that starts at load has had a second to die. */
async function settled(label: string, agent: Agent | null, launchctl: Launchctl) {
  let service = await launchctl.print(label);
  for (let look = 0; agent?.runAtLoad && look < LOOKS && service?.loaded === true && !(service.lastExit ?? 0); look++) {
    await Bun.sleep(LOOK_EVERY_MS);
    service = await launchctl.print(label);
  }
  return service;
}

/** Starts a loaded job once and waits up to a minute for its end; returns its exit code, null where none came. */
export async function runOnce(label: string, launchctl: Launchctl): Promise<number | null> {
  if ((await launchctl.kickstart(label)).code !== 0) return null;
  let code: number | null = null;
  await until(async () => {
    const service = await launchctl.print(label);
    code = service?.pid === null ? service.lastExit : null;
    return code !== null;
  }, RUN_MS);
  return code;
}

/** Asks again and again, less and less often, until it is so or the time (15 s) is over. */
async function until(isSo: () => Promise<boolean>, limitMs = STEP_MS): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    if (await isSo()) return true;
    if (performance.now() + wait > deadline) return false;
    await Bun.sleep(wait);
  }
}

function endOfLog({ logs }: Agent): string {
  const tail = logs.error === null ? null : readTail(logs.error, LOG_CHARACTERS);
  return tail ? `; its error log ends: ${maskText(tail.trim())}` : "";
}
