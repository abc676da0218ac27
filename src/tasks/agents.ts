// `agents`: the captured agents, their state, and what is wrong with them.

import { endOfLog } from "../launchd/log-end.ts";
import { danglingReferences, fileProblems } from "../launchd/problems.ts";
import { quarantined } from "../launchd/quarantine.ts";
import { plistsByLabel } from "../launchd/same-label.ts";
import { type Service, troubleOf } from "../launchd/service.ts";
import type { AbsPath } from "../model.ts";
import { nameOf, parentOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { whoAmI } from "../system/machine.ts";
import { asPlutilSays, lintOf, retiredSince } from "./agent-lint.ts";
import { launchdStates, liveAgents } from "./agent-states.ts";
import type { Context, Ending } from "./context.ts";
import { findSite } from "./site.ts";

export interface AgentsOutcome extends Ending {
  command: "agents";
  /** What launchd could not be asked is null. */
  agents: {
    label: string;
    path: AbsPath;
    /** `failed`: launchd has it, and it can't do its work; `warning`: something is wrong with it. */
    status: "ok" | "warning" | "failed" | "unknown";
    loaded: boolean | null;
    pid: number | null;
    lastExit: number | null;
    disabled: boolean | null;
    problems: string[];
  }[];
  /** The newest snapshot that can be looked into; null where there is none. */
  snapshot: string | null;
  /** Plists that were moved into another folder of LaunchAgents since a snapshot: its restore would bring them back. */
  retired: { path: AbsPath; standsAt: AbsPath; broughtBackBy: string | null }[];
}

export async function agents({ world, named, notify }: Context): Promise<AgentsOutcome> {
  const site = await findSite(world, named);
  const live = await liveAgents(site);
  const labels = live.map(({ label }) => label);
  const states = await launchdStates(world, labels, { notify, agents: live });
  const { uid } = whoAmI();
  const folders = new Map<AbsPath, Map<string, AbsPath[]>>();
  for (const folder of new Set(live.map(({ path }) => parentOf(path))))
    folders.set(folder, await plistsByLabel(folder));
  const inQuarantine = await quarantined(
    world.env,
    live.map(({ path }) => path),
  );
  const judged = await asPlutilSays(world.env, live);
  const lint = await lintOf(live, site, (label) => states.get(label)?.disabled === true);
  const { id, retired } = await retiredSince(site);
  return {
    command: "agents",
    exit: EXIT.done,
    snapshot: id,
    retired: retired.map(({ path, at }) => ({ path, standsAt: at, broughtBackBy: id })),
    agents: live.map(({ path, label, agent }) => {
      const { service = null, disabled = null } = states.get(label) ?? {};
      const trouble = service === null ? null : troubleOf(service);
      const problems = [
        ...(trouble === null ? [] : [`it ${trouble.words}${endOfLog(agent)}`]),
        ...fileProblems(path, agent, judged.get(path)?.words ?? null, uid),
        ...twins({ path, label }, folders.get(parentOf(path))?.get(label) ?? [], service),
        ...(inQuarantine.has(path) ? ["is in quarantine (xattr -d com.apple.quarantine)"] : []),
        ...(agent === null ? [] : danglingReferences(agent)),
        ...(lint.get(path) ?? []),
      ];
      return {
        label,
        path,
        status: trouble?.level ?? (problems.length === 0 ? stateOf(service) : "warning"),
        loaded: service?.loaded ?? null,
        pid: service?.pid ?? null,
        lastExit: service?.lastExit ?? null,
        disabled,
        problems,
      };
    }),
  };
}

/** Nobody can say that an agent is well where launchd was not heard. */
const stateOf = (service: Service | null) => (service === null ? ("unknown" as const) : ("ok" as const));

/** The other plists of a Label, and which of them launchd has. */
function twins(
  { path, label }: { path: AbsPath; label: string },
  sameLabel: readonly AbsPath[],
  service: Service | null,
): string[] {
  const others = sameLabel.filter((other) => other !== path);
  if (others.length === 0) return [];
  const names = others.map(nameOf).join(", ");
  const loaded = service?.path == null ? "" : `; ${nameOf(service.path)} is the one that is loaded`;
  return [`has the same Label as ${names}: ${label}${loaded}`];
}
