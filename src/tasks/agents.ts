// `agents`: the captured agents, their state, and what is wrong with them.

import { danglingReferences, fileProblems } from "../launchd/problems.ts";
import type { AbsPath } from "../model.ts";
import { EXIT } from "../rollback-error.ts";
import { whoAmI } from "../system/machine.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { asPlutilSays, lintOf, tellRetired } from "./agent-lint.ts";
import { launchdStates, liveAgents, STATE_TIMEOUT_MS } from "./agent-states.ts";
import type { Context, Ending, World } from "./context.ts";
import { findSite } from "./site.ts";

export interface AgentsOutcome extends Ending {
  command: "agents";
  /** What launchd could not be asked is null. */
  agents: {
    label: string;
    path: AbsPath;
    loaded: boolean | null;
    pid: number | null;
    lastExit: number | null;
    disabled: boolean | null;
    problems: string[];
  }[];
}

export async function agents({ world, named, notify }: Context): Promise<AgentsOutcome> {
  const site = await findSite(world, named);
  const live = await liveAgents(site);
  const states = await launchdStates(
    world,
    live.map(({ label }) => label),
  );
  const { uid } = whoAmI();
  const inQuarantine = await quarantined(
    world,
    live.map(({ path }) => path),
  );
  const judged = await asPlutilSays(world.env, live);
  const lint = await lintOf(live, site, (label) => states.get(label)?.disabled === true);
  await tellRetired(site, notify);
  return {
    command: "agents",
    exit: EXIT.done,
    agents: live.map(({ path, label, agent }) => {
      const state = states.get(label);
      return {
        label,
        path,
        loaded: state?.service?.loaded ?? null,
        pid: state?.service?.pid ?? null,
        lastExit: state?.service?.lastExit ?? null,
        disabled: state?.disabled ?? null,
        problems: [
          ...fileProblems(path, agent, judged.get(path)?.words ?? null, uid),
          ...(inQuarantine.has(path) ? ["is in quarantine (xattr -d com.apple.quarantine)"] : []),
          ...(agent === null ? [] : danglingReferences(agent)),
          ...(lint.get(path) ?? []),
        ],
      };
    }),
  };
}

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
