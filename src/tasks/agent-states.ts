// The captured agents as they are: their plists on disk, and what launchd says of them.
import { discover } from "../inventory/discover.ts";
import { type Agent, agentOf } from "../launchd/agent.ts";
import { judgePlist, malformedWords } from "../launchd/judge.ts";
import type { AbsPath } from "../model.ts";
import { nameOf } from "../paths.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import { findLaunchctl } from "../system/launchctl.ts";
import { whoAmI } from "../system/machine.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

const PLIST_LIMIT_BYTES = 1 << 20;
/** One limit for all questions: launchctl answers in milliseconds, or it hangs. */
export const STATE_TIMEOUT_MS = 1500;

/** An agent as it is on disk; null where its plist can't be understood. */
export interface LiveAgent {
  path: AbsPath;
  label: string;
  agent: Agent | null;
  /** What is wrong with its form, and where, in words that begin with a verb; null where it is sound or can't be read. */
  malformed: string | null;
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
  return { path, agent, malformed, label: agent?.label ?? nameOf(path).replace(/\.plist$/, "") };
}

/** What launchd says of these labels: null for each where it can't be asked, or where it takes longer than the one limit for all. */
export async function launchdStates({ env }: World, labels: string[]) {
  const launchctl = labels.length === 0 ? null : findLaunchctl(env, whoAmI().uid, STATE_TIMEOUT_MS);
  const asked =
    launchctl === null
      ? null
      : Promise.all([launchctl.disabled(), Promise.all(labels.map((label) => launchctl.print(label)))]);
  const answer = asked === null ? null : await Promise.race([asked, after(STATE_TIMEOUT_MS)]);
  const [disabled, services] = answer ?? [null, []];
  return new Map(
    labels.map((label, index) => {
      const service = services[index] ?? null;
      return [label, { service, disabled: disabled === null ? null : disabled.has(label) }] as const;
    }),
  );
}

/** Null after so many ms; nobody waits for it when all else is done. */
const after = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
