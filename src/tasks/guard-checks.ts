// What guard looks at before its command and after it, and what held before and holds no more.
import { discover } from "../inventory/discover.ts";
import { findVenvs, lookAtVenv } from "../inventory/venv.ts";
import { checkVenv } from "../inventory/venv-check.ts";
import { endOfLog } from "../launchd/log-end.ts";
import { danglingReferences } from "../launchd/problems.ts";
import { troubleOf } from "../launchd/service.ts";
import type { AbsPath, Env, Kind, Manifest } from "../model.ts";
import { absolute } from "../paths.ts";
import { type AgentState, hasRestarted, type LiveAgent, launchdStates, type Pids, readAgent } from "./agent-states.ts";
import type { Context, Site } from "./context.ts";
import { isNamed, lookAtFiles, type Seen, type Watched, whatBroke, whatIsWrong } from "./guard-files.ts";

/** The state at one moment of all that guard watches. */
export interface Observation {
  kinds: Map<AbsPath, Kind>;
  files: Map<AbsPath, Seen>;
  agents: (LiveAgent & { dangling: string[] })[];
  /** By label; null where launchd could not be asked. */
  loaded: Map<string, boolean | null>;
  /** Under which pid it runs, by label; null where it does not run. */
  pids: Pids;
  /** What is wrong with an agent that launchd has, by label. */
  troubles: Map<string, string>;
  venvs: Map<string, { hasPython: boolean; runs: boolean }>;
}

/** What the words "every check passed" stand on. */
export interface Checked {
  files: number;
  plists: number;
  /** JSON, YAML and Python files whose form is sound. */
  configs: number;
  /** Null where launchd could not be asked. */
  agents: { same: number; total: number } | null;
  venvs: number;
  commands: number;
  /** How long the agents were watched afterwards, in ms; 0 is not. */
  watchedMs: number;
}

/** Looks at the captured files, at those that the patterns find now, at their agents and the venvs. */
export async function observe(
  { world, notify }: Pick<Context, "world" | "notify">,
  site: Site,
  manifest: Manifest,
  more: Observation | null,
): Promise<Observation> {
  const kinds = new Map<AbsPath, Kind>(manifest.files.map(({ original, kind }) => [absolute(original, "/"), kind]));
  const { found } = await discover(site.config, site);
  for (const { path, kind } of found) kinds.set(path, kind);
  const watched = [...kinds].map(([path, kind]): Watched => ({ path, kind }));
  const plists = watched.filter(({ kind }) => kind === "plist");
  const agents = (await Promise.all(plists.map(({ path }) => readAgent(path)))).map((live) => ({
    ...live,
    dangling: live.agent === null ? [] : danglingReferences(live.agent),
  }));
  const labels = new Set([...agents, ...(more?.agents ?? [])].map(({ label }) => label));
  const states = await launchdStates(world, [...labels], { notify, agents });
  return {
    kinds,
    files: await lookAtFiles(watched, world.env),
    agents,
    loaded: new Map([...states].map(([label, { service }]) => [label, service?.loaded ?? null])),
    pids: new Map([...states].flatMap(([label, { service }]) => (service === null ? [] : [[label, service.pid]]))),
    troubles: troublesOf(states, agents),
    venvs: await venvStates(site, world.env),
  };
}

/** Each with the end of its error log. */
function troublesOf(states: ReadonlyMap<string, AgentState>, agents: readonly LiveAgent[]): Observation["troubles"] {
  return new Map(
    [...states].flatMap(([label, { service }]) => {
      const trouble = service === null ? null : troubleOf(service);
      const agent = agents.find((one) => one.label === label)?.agent ?? null;
      return trouble === null ? [] : [[label, `${trouble.words}${endOfLog(agent)}`] as const];
    }),
  );
}

async function venvStates(site: Site, env: Env): Promise<Observation["venvs"]> {
  const { venvs } = await findVenvs(site.config, site);
  const asked = venvs.map(async ({ key, path }) => {
    const { state } = await checkVenv(path, env);
    return [key, { hasPython: lookAtVenv(path).healthy !== false, runs: state === "healthy" }] as const;
  });
  return new Map(await Promise.all(asked));
}

/** What held before the command and holds no more, and what is new and wrong. Files that `mayGo` names may be gone. */
export function failuresOf(before: Observation, after: Observation, mayGo: readonly string[]): string[] {
  const failures: string[] = [];
  for (const [path, kind] of after.kinds) {
    const [was, is] = [before.files.get(path), after.files.get(path)];
    if (is === undefined) continue;
    const wrong = was === undefined || was.state === "absent" ? whatIsWrong(is) : whatBroke(was, is, kind);
    if (wrong !== null && !(is.state === "absent" && isNamed(path, mayGo))) failures.push(`${path} ${wrong}`);
  }
  for (const { path, label, dangling } of after.agents) {
    const known = before.agents.find((other) => other.path === path)?.dangling ?? [];
    failures.push(...dangling.filter((problem) => !known.includes(problem)).map((problem) => `${label}: ${problem}`));
  }
  for (const [label, loaded] of before.loaded)
    if (loaded === true && after.loaded.get(label) === false) failures.push(`${label} is not loaded any more`);
  failures.push(...whoDied(before, after));
  for (const [key, was] of before.venvs) {
    const is = after.venvs.get(key);
    if (was.hasPython && is?.hasPython !== true) failures.push(`the venv ${key} has lost its python`);
    else if (was.runs && is?.runs !== true) failures.push(`the python of the venv ${key} does not start any more`);
  }
  return failures;
}

/** Agents that were well before and died, or did not start, since; also those that are new. One that nobody could ask before is neither. */
const whoDied = (before: Pick<Observation, "troubles" | "loaded">, after: Pick<Observation, "troubles">): string[] =>
  [...after.troubles].flatMap(([label, words]) =>
    before.troubles.has(label) || before.loaded.get(label) === null ? [] : [`${label} ${words}`],
  );

const LOOK_EVERY_MS = 2000;

/** What was seen of the agents, and how long they were watched, in ms. */
export interface Watch {
  failures: string[];
  watchedMs: number;
}

/**
 * Stays by the agents for so many ms, or until one that was well dies (also where launchd starts it again) or is not loaded any more, or `stopped` says why to stop. Asks
 * launchd alone, every two seconds and once more at the end. Where it does not answer at the end, nobody knows: that is a failure, too.
 */
export async function watchAgents(
  before: Observation,
  after: Observation,
  { world, notify }: Pick<Context, "world" | "notify">,
  { watchMs, stopped }: { watchMs: number; stopped: () => string | null },
): Promise<Watch> {
  const began = performance.now();
  const labels = [...after.loaded.keys()];
  const ended = (failures: string[]): Watch => ({ failures, watchedMs: Math.round(performance.now() - began) });
  for (;;) {
    const why = stopped();
    if (why !== null) return ended([`${why} while the agents were watched`]);
    await Bun.sleep(Math.max(0, Math.min(LOOK_EVERY_MS, began + watchMs - performance.now())));
    const states = await launchdStates(world, labels, { notify: () => {}, agents: after.agents, pids: after.pids });
    const failures = sinceThen(before, after, states);
    if (failures.length > 0) return ended(failures);
    if (performance.now() - began >= watchMs) {
      const isHeard = [...states.values()].every(({ service }) => service !== null);
      return ended(isHeard ? [] : ["launchd does not say how the agents are, at the end of the watch"]);
    }
    const [done, total] = [performance.now() - began, watchMs].map((ms) => Math.ceil(ms / 1000));
    notify({ type: "progress", what: "Watching agents, seconds", done: done ?? 0, total: total ?? 0 });
  }
}

/** What has become of agents that were well. */
function sinceThen(before: Observation, after: Observation, states: ReadonlyMap<string, AgentState>): string[] {
  const gone = [...after.loaded].flatMap(([label, loaded]) =>
    loaded === true && states.get(label)?.service?.loaded === false ? [`${label} is not loaded any more`] : [],
  );
  const troubles = new Map([...troublesOf(states, after.agents), ...endsBetween(after, states)]);
  return [...whoDied(before, { troubles }), ...gone];
}

/** How those ended that died between two looks and run again, as a KeepAlive has it. */
function endsBetween({ pids }: Pick<Observation, "pids">, states: ReadonlyMap<string, AgentState>): [string, string][] {
  return [...states].flatMap(([label, { service }]): [string, string][] => {
    if (service === null || !hasRestarted(pids, label, service)) return [];
    const end = troubleOf({ ...service, pid: null, state: null });
    return end === null ? [] : [[label, `${end.words}, and was started again`]];
  });
}

/** The files that the command added, among those that the patterns find. */
export const addedFiles = (before: Observation, after: Observation): AbsPath[] =>
  [...after.files].flatMap(([path, { state }]) => {
    const was = before.files.get(path)?.state ?? "absent";
    return was === "absent" && state !== "absent" ? [path] : [];
  });

/** Counts what was looked at and found right. */
export function countChecked(
  before: Observation,
  after: Observation,
  { commands, watchedMs }: { commands: number; watchedMs: number },
): Checked {
  const files = [...after.files.values()].filter((seen) => seen.state === "file");
  const sound = files.filter(({ problem }) => problem === null);
  const known = [...before.loaded].filter(([, loaded]) => loaded !== null);
  const same = known.filter(([label, loaded]) => after.loaded.get(label) === loaded);
  return {
    files: files.length,
    plists: sound.filter(({ form }) => form === "plist").length,
    configs: sound.filter(({ form }) => form !== null && form !== "plist").length,
    agents: known.length === 0 ? null : { same: same.length, total: known.length },
    venvs: [...after.venvs.values()].filter(({ runs }) => runs).length,
    commands,
    watchedMs,
  };
}
