// What guard looks at before its command and after it, and what held before and holds no more.
import { findVenvs, lookAtVenv } from "../inventory/venv.ts";
import { type Agent, parseAgent } from "../launchd/agent.ts";
import { danglingReferences } from "../launchd/problems.ts";
import type { Manifest } from "../model.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import { type LiveAgent, launchdStates, liveAgents } from "./agent-states.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

const LIMIT_BYTES = 16 << 20;

export interface Observation {
  agents: (LiveAgent & { dangling: string[] })[];
  /** By label; null where launchd could not be asked. */
  loaded: Map<string, boolean | null>;
  venvs: Map<string, boolean | null>;
  /** Whether each captured plist and JSON parses; null where it is gone. */
  parses: Map<string, boolean | null>;
}

export async function observe(world: World, site: Site, manifest: Manifest, more: string[]): Promise<Observation> {
  const agents = (await liveAgents(site)).map((live) => ({ ...live, dangling: dangling(live.agent) }));
  const states = await launchdStates(world, [...new Set([...agents.map(({ label }) => label), ...more])]);
  const { venvs } = await findVenvs(site.config, site);
  const parsed = manifest.files
    .filter(({ kind, original }) => kind === "plist" || original.endsWith(".json"))
    .map(async ({ kind, original }) => [original, await parses(original, kind === "plist")] as const);
  return {
    agents,
    loaded: new Map([...states].map(([label, { service }]) => [label, service?.loaded ?? null])),
    venvs: new Map(venvs.map(({ key, path }) => [key, lookAtVenv(path).healthy ?? null])),
    parses: new Map(await Promise.all(parsed)),
  };
}

const dangling = (agent: Agent | null): string[] => (agent === null ? [] : danglingReferences(agent));

async function parses(path: string, plist: boolean): Promise<boolean | null> {
  const bytes = ifReadable(() => readBytes(path, LIMIT_BYTES));
  if (bytes === null) return null;
  return plist ? (await parseAgent(bytes)) !== null : isJson(bytes);
}

/** What held before the command and holds no more. */
export function whatBroke(before: Observation, after: Observation): string[] {
  const broken: string[] = [];
  for (const [path, was] of before.parses) {
    const is = after.parses.get(path) ?? null;
    if (was !== null && is === null) broken.push(`${path} is gone`);
    else if (was === true && is === false)
      broken.push(`${path} is ${path.endsWith(".json") ? "not JSON" : "malformed"} now`);
  }
  for (const { path, label, dangling: had } of before.agents)
    for (const problem of after.agents.find((other) => other.path === path)?.dangling ?? [])
      if (!had.includes(problem)) broken.push(`${label}: ${problem}`);
  for (const [label, loaded] of before.loaded)
    if (loaded === true && after.loaded.get(label) === false) broken.push(`${label} is not loaded any more`);
  for (const [key, healthy] of before.venvs)
    if (healthy !== false && after.venvs.get(key) !== healthy) broken.push(`the venv ${key} has lost its python`);
  return broken;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
