// Making launchd read a plist anew: bootout, wait until it is gone, bootstrap, look whether it runs. To the recorded state: what was not
// loaded is not started, what was disabled stays so. Nothing is booted out that could not come back.
import type { AbsPath, LaunchdState } from "../model.ts";
import { ifReadable, resolved } from "../system/files.ts";
import type { Agent } from "./agent.ts";
import type { Obstacle } from "./comes-back.ts";
import { explainFive } from "./explain-five.ts";
import { type Launchctl, sessionWords } from "./launchctl.ts";
import { endOfLog } from "./log-end.ts";
import { type Service, troubleOf } from "./service.ts";

export interface ReloadRequest {
  label: string;
  plist: AbsPath;
  agent: Agent | null;
  /** As the snapshot recorded it; `as it is` where it recorded nothing; `up` where the user named the agent. */
  to: LaunchdState | "as it is" | "up";
}

export interface Reloaded {
  label: string;
  result: "reloaded" | "loaded" | "unloaded" | "left disabled" | "left unloaded" | "left running" | "failed";
  /** Of a failure and of what was left running: why. */
  reason?: string;
  /** It is for another session than this one: to be done by hand there. */
  elsewhere?: true;
}

export interface Reloading {
  launchctl: Launchctl;
  disabled: ReadonlySet<string>;
  /** What is in the way of an agent, by its plist: such a one stays as it is where it is loaded. */
  obstacles: ReadonlyMap<AbsPath, Obstacle>;
}

const STEP_MS = 15_000;
/** The longest that an ExitTimeOut can make a bootout. */
const LONGEST_STEP_MS = 5 * 60_000;
const RUN_MS = 60_000;
const LOOKS = 5;
const LOOK_EVERY_MS = 200;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;

/** Reloads agents side by side; each step of each waits 15 s at most, or as long as the agent may take to end. */
export function reloadAgents(
  requests: ReloadRequest[],
  reloading: Reloading,
  done: (result: Reloaded) => void,
): Promise<Reloaded[]> {
  return Promise.all(
    requests.map(async (request) => {
      const result = await reloadOne(request, reloading);
      done(result);
      return result;
    }),
  );
}

async function reloadOne(request: ReloadRequest, reloading: Reloading): Promise<Reloaded> {
  const { label, plist, agent, to } = request;
  const { launchctl, disabled, obstacles } = reloading;
  const failed = (reason: string): Reloaded => ({ label, result: "failed", reason });
  const before = await launchctl.print(label);
  if (before === null) return failed("launchctl does not answer");
  const staysDown = typeof to === "string" ? to === "as it is" && !before.loaded : !to.loaded;
  const mayEnable = typeof to !== "string" && !to.disabled;
  if (!staysDown && disabled.has(label) && !mayEnable) return { label, result: "left disabled" };
  const obstacle = obstacles.get(plist);
  if (!staysDown && obstacle !== undefined) {
    if (before.loaded) return { label, result: "left running", reason: obstacle.words };
    if (obstacle.isRival) return failed(obstacle.words);
  }
  if (before.domain !== null) {
    const limitMs = bootoutLimit(agent, before);
    const said = await launchctl.bootout(label, before.domain);
    const { domain } = before;
    const gone = await until(async () => (await launchctl.print(label, domain))?.loaded === false, limitMs);
    if (!gone) return failed(`it did not go within ${limitMs / 1000} s: ${said.words}`);
  }
  if (staysDown) return { label, result: before.loaded ? "unloaded" : "left unloaded" };
  const domain = before.domain ?? (await launchctl.domains())[0];
  if (domain === undefined) return failed(await launchctl.silence());
  if (disabled.has(label)) await launchctl.enable(label, domain);
  return bootstrap(request, domain, before.loaded ? "reloaded" : "loaded", reloading);
}

/** How long a bootout may take, in ms: launchd kills what has not ended after its ExitTimeOut. 0 is for ever, as far as anyone waits. */
export function bootoutLimit(agent: Agent | null, { exitTimeout }: Service): number {
  const given = [agent?.exitTimeOut ?? null, exitTimeout].filter((seconds) => seconds !== null);
  if (given.includes(0)) return LONGEST_STEP_MS;
  return Math.min(LONGEST_STEP_MS, STEP_MS + 1000 * Math.max(0, ...given));
}

/** Loads it and sees to it that it starts where it is to start at once. */
async function bootstrap(
  request: ReloadRequest,
  domain: string,
  result: "reloaded" | "loaded",
  reloading: Reloading,
): Promise<Reloaded> {
  const { label, plist, agent } = request;
  const { launchctl } = reloading;
  let words = "";
  let hopeless: number | null = null;
  const up = await until(async () => {
    const said = await launchctl.bootstrap(plist, domain);
    words = said.words || words;
    // Anything but "too early" and "in progress" stays what it is.
    if (said.code !== null && said.code !== 0 && ![5, 36, 37].includes(said.code)) hopeless = said.code;
    return hopeless !== null || said.code === 0 || (await launchctl.print(label, domain))?.loaded === true;
  });
  const failed = (reason: string): Reloaded => ({ label, result: "failed", reason });
  const session = sessionWords(hopeless);
  if (session !== null) return { ...failed(session), elsewhere: true };
  if (!up || hopeless !== null) return failed(explainFive(words, await seenOf(request, reloading)));
  let after = await settled(label, domain, agent, launchctl);
  if (after?.loaded !== true) return failed("it is not there after bootstrap");
  if (agent?.runAtLoad === true && isUnstarted(after)) {
    const said = await launchctl.kickstart(label, domain);
    after = await settled(label, domain, agent, launchctl);
    if (after === null || isUnstarted(after)) return failed(`it did not start, kicked or not: ${said.words}`);
  }
  const trouble = agent?.runAtLoad === true ? troubleOf(after) : null;
  return trouble === null ? { label, result } : failed(`it ${trouble.words}, at once${endOfLog(agent)}`);
}

/** What is known of an agent that launchd did not take. */
async function seenOf({ label, plist, agent }: ReloadRequest, { launchctl, disabled, obstacles }: Reloading) {
  const places = [plist, agent?.program].filter((path) => path?.startsWith("/"));
  return {
    problems: obstacles.get(plist)?.all ?? [],
    places: places.flatMap((path) => ifReadable(() => resolved(path as AbsPath)) ?? []),
    disabled: disabled.has(label),
    loadedIn: (await launchctl.print(label))?.domain ?? null,
  };
}

/** Loaded, and neither running nor ever ended. */
const isUnstarted = ({ pid, state, lastExit, signal, signalName, reason, spawnFailed }: Service): boolean =>
  pid === null &&
  state !== "running" &&
  lastExit === null &&
  signal === null &&
  signalName === null &&
  reason === null &&
  !spawnFailed;

/** What launchd says once an agent that starts at load has had a second to die. */
async function settled(label: string, domain: string, agent: Agent | null, launchctl: Launchctl) {
  let service = await launchctl.print(label, domain);
  for (let look = 0; agent?.runAtLoad === true && look < LOOKS; look++) {
    if (service?.loaded !== true || (!isUnstarted(service) && troubleOf(service) !== null)) break;
    await Bun.sleep(LOOK_EVERY_MS);
    service = await launchctl.print(label, domain);
  }
  return service;
}

/** Starts a loaded job once and waits up to a minute for its end; returns what launchd says then, null where it did not end. */
export async function runOnce(label: string, launchctl: Launchctl): Promise<Service | null> {
  const domain = (await launchctl.print(label))?.domain ?? null;
  if (domain === null || (await launchctl.kickstart(label, domain)).code !== 0) return null;
  let service: Service | null = null;
  const ended = await until(async () => {
    service = await launchctl.print(label, domain);
    return service?.loaded === true && service.pid === null && !isUnstarted(service);
  }, RUN_MS);
  return ended ? service : null;
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
