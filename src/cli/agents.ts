import { discover } from "../inventory/discover.ts";
import { type Agent, parseAgent } from "../launchd/agent.ts";
import { danglingReferences, fileProblems } from "../launchd/problems.ts";
import type { AbsPath } from "../model.ts";
import type { AgentsOutcome } from "../outcome.ts";
import { nameOf } from "../paths.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import { findLaunchctl } from "../system/launchctl.ts";
import { whoAmI } from "../system/machine.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { command, type World } from "./command.ts";
import { findSite, type Site } from "./places.ts";

const PLIST_LIMIT_BYTES = 1 << 20;
/** One limit for all questions: launchctl answers in milliseconds, or it hangs. */
export const STATE_TIMEOUT_MS = 1500;

/** An agent as it is on disk; null where its plist can't be understood. */
export interface LiveAgent {
  path: AbsPath;
  label: string;
  agent: Agent | null;
}

/** The agents that the config names, as they are on disk now. */
export async function liveAgents(site: Site): Promise<LiveAgent[]> {
  const { found } = await discover({ ...site.config, configs: [], credentials: { files: [], mcp: [] } }, site);
  return Promise.all(found.map(({ path }) => readAgent(path)));
}

/** One agent's plist; its label is its name where it has none. */
export async function readAgent(path: AbsPath): Promise<LiveAgent> {
  const bytes = ifReadable(() => readBytes(path, PLIST_LIMIT_BYTES));
  const agent = bytes === null ? null : await parseAgent(bytes);
  return { path, agent, label: agent?.label ?? nameOf(path).replace(/\.plist$/, "") };
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

/** Which of these files macOS has put in quarantine: launchd refuses such a plist. None where there is no `xattr` to ask. */
async function quarantined({ env }: World, paths: AbsPath[]): Promise<ReadonlySet<string>> {
  const program = paths.length === 0 ? null : which("xattr", env);
  if (program === null) return new Set();
  const words = ["-p", "com.apple.quarantine", ...paths] as const;
  // It fails for each file without the attribute, and prints `PATH: VALUE` for the others; one file alone without its path.
  const ran = await run([program, ...words], { env: childEnvironment(env), timeoutMs: STATE_TIMEOUT_MS });
  const out = ran?.stdout ?? "";
  if (paths.length === 1) return new Set(out.trim() === "" ? [] : paths);
  return new Set(paths.filter((path) => out.split("\n").some((line) => line.startsWith(`${path}: `))));
}

export default command({
  name: "agents",
  description: "The launchd agents that are captured, their state, and what is wrong with them",
  args: {},
  exits: { 0: "done, whatever their state" },
  example: "rollback agents --json | jq -r '.agents[] | select(.problems != []).label'",
  async run(_, { world, globals }): Promise<AgentsOutcome> {
    const site = await findSite(world, globals);
    const agents = await liveAgents(site);
    const states = await launchdStates(
      world,
      agents.map(({ label }) => label),
    );
    const { uid } = whoAmI();
    const inQuarantine = await quarantined(
      world,
      agents.map(({ path }) => path),
    );
    return {
      command: "agents",
      exit: 0,
      agents: agents.map(({ path, label, agent }) => {
        const state = states.get(label);
        return {
          label,
          path,
          loaded: state?.service?.loaded ?? null,
          pid: state?.service?.pid ?? null,
          lastExit: state?.service?.lastExit ?? null,
          disabled: state?.disabled ?? null,
          problems: [
            ...fileProblems(path, agent, uid),
            ...(inQuarantine.has(path) ? ["is in quarantine (xattr -d com.apple.quarantine)"] : []),
            ...(agent === null ? [] : danglingReferences(agent)),
          ],
        };
      }),
    };
  },
});
