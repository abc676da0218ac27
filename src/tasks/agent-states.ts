// The captured agents as they are: their plists on disk, and what launchd says of them.
import { discover } from "../inventory/discover.ts";
import { type Agent, agentOf } from "../launchd/agent.ts";
import { judgePlist, malformedWords } from "../launchd/judge.ts";
import { findLaunchctl, type Launchctl } from "../launchd/launchctl.ts";
import { NOT_LOADED, type Service, troubleOf } from "../launchd/service.ts";
import type { AbsPath, Notify } from "../model.ts";
import { nameOf } from "../paths.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { allowed } from "../system/process.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

const PLIST_LIMIT_BYTES = 1 << 20;
/** One limit for all questions. Under load launchctl may take seconds; one that hangs never answers. */
export const STATE_TIMEOUT_MS = 10_000;

/** An agent as it is on disk; null where its plist can't be understood. */
export interface LiveAgent {
  path: AbsPath;
  label: string;
  agent: Agent | null;
  /** What is wrong with its form, and where, in words that begin with a verb; null where it is sound or can't be read. */
  malformed: string | null;
  /** Keys that stand twice in their dictionary. */
  repeated: string[];
}

/** The agents that the config names, as they are on disk now. */
export async function liveAgents(site: Site): Promise<LiveAgent[]> {
  const { found } = await discover({ ...site.config, configs: [], credentials: { files: [], mcp: [] } }, site);
  return Promise.all(found.map(({ path }) => readAgent(path)));
}

/** One agent's plist; its label is its name where it has none. */
export async function readAgent(path: AbsPath): Promise<LiveAgent> {
  const bytes = ifReadable(() => readBytes(path, PLIST_LIMIT_BYTES));
  const judged = bytes === null ? null : judgePlist(bytes);
  const agent = judged?.ok ? agentOf(judged.value) : null;
  const malformed = judged === null || judged.ok ? null : malformedWords(judged);
  const repeated = judged?.ok ? judged.repeated : [];
  return { path, agent, malformed, repeated, label: agent?.label ?? nameOf(path).replace(/\.plist$/, "") };
}

/** An agent as launchd has it: each is null where that could not be asked. */
export interface AgentState {
  service: Service | null;
  disabled: boolean | null;
}

/**
 * What launchd says of these labels, by one question for all: null for each where it can't be asked, or where it takes longer than the
 * one limit; then the user is warned. With the agents' plists, those that did not end well, or did not start though they should have, are
 * asked for one by one besides, and those that had another pid: only so launchd tells the whole story.
 */
export async function launchdStates(
  { env }: World,
  labels: readonly string[],
  { notify, agents, pids }: { notify: Notify; agents?: readonly LiveAgent[]; pids?: Pids },
): Promise<Map<string, AgentState>> {
  const states = new Map(labels.map((label): [string, AgentState] => [label, { service: null, disabled: null }]));
  const launchctl = labels.length === 0 ? null : findLaunchctl(env, whoAmI().uid, STATE_TIMEOUT_MS);
  if (launchctl === null) return states;
  await Promise.race([
    ask(launchctl, states, { agents: agents ?? null, pids: pids ?? new Map() }),
    after(allowed(STATE_TIMEOUT_MS)),
  ]);
  const lost = [...states].filter(([, { service }]) => service === null).length;
  if (lost > 0) {
    const message = `the state of ${lost === 1 ? "1 agent" : `${lost} agents`} is not known: ${await launchctl.silence()}`;
    notify({ type: "warning", message });
  }
  return new Map(states);
}

/** Under which pid each agent ran at an earlier moment; null where it did not run. */
export type Pids = ReadonlyMap<string, number | null>;

/** Whether it runs, and not as the process that it was then. */
export const hasRestarted = (pids: Pids, label: string, { pid }: Service): boolean =>
  pid !== null && pids.has(label) && pids.get(label) !== pid;

/** Fills in the states as the answers come: what came in time stays where the rest is late. */
async function ask(
  launchctl: Launchctl,
  states: Map<string, AgentState>,
  { agents, pids }: { agents: readonly LiveAgent[] | null; pids: Pids },
): Promise<void> {
  const put = (label: string, more: Partial<AgentState>) => {
    states.set(label, { service: null, disabled: null, ...states.get(label), ...more });
  };
  const labels = [...states.keys()];
  const disabled = launchctl.disabled().then((all) => {
    if (all !== null) for (const label of labels) put(label, { disabled: all.has(label) });
  });
  const all = await launchctl.all();
  for (const label of labels) {
    const service = all?.services.get(label) ?? (all?.whole === true ? NOT_LOADED : null);
    if (service !== null) put(label, { service });
  }
  const one = async (label: string) => {
    const service = await launchctl.print(label);
    if (service !== null) put(label, { service });
  };
  const atLoad = new Set(agents?.flatMap(({ label, agent }) => (agent?.runAtLoad === true ? [label] : [])));
  const isOpen = (label: string) => {
    const service = states.get(label)?.service ?? null;
    if (service === null || agents === null || !service.loaded) return service === null;
    // Which of several plists of a Label is loaded, only print tells.
    if (agents.filter((agent) => agent.label === label).length > 1) return true;
    const hasNoEnd = service.lastExit === null && service.pid === null && atLoad.has(label);
    return hasNoEnd || hasRestarted(pids, label, service) || service.pended !== null || troubleOf(service) !== null;
  };
  await Promise.all([disabled, ...labels.filter(isOpen).map(one)]);
}

/** Null after so many ms; nobody waits for it when all else is done. */
const after = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
