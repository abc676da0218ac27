// `venv check`: which Python venvs are broken; and what a repair goes by, too.
import { checkVenv, type VenvHealth } from "../inventory/venv-check.ts";
import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { innerFolder } from "../snapshot/store.ts";
import { isHeld } from "../system/lock.ts";
import { isHalfMade } from "../upkeep/venv-repair.ts";
import type { Context, Ending } from "./context.ts";
import { type KnownVenv, knownVenvs, type VenvHistory, venvHistory } from "./known-venvs.ts";
import { findSite } from "./site.ts";

const LEVEL = { healthy: 0, degraded: 1, broken: 2, unknown: 3 } as const;

/** The store's lock that a repair holds from its first look to its end. */
export const VENV_LOCK = "venv.lock";

/** What `venv check` found; `state` in words of monitoring, `recorded` is the version in the newest snapshot that has one. */
export interface VenvCheckOutcome extends Ending {
  command: "venv";
  action: "check";
  venvs: {
    key: string;
    path: AbsPath;
    state: "healthy" | "degraded" | "broken" | "unknown";
    problem: string | null;
    version: string | null;
    recorded: string | null;
    recordedIn: string | null;
  }[];
}

/** Looks at the venv at `path`, or at all. */
export async function checkVenvs({ path }: { path: string | undefined }, context: Context): Promise<VenvCheckOutcome> {
  const { history, checked } = await lookAtVenvs(path, false, context);
  const venvs: VenvCheckOutcome["venvs"] = [];
  for (const { key, path, state, problem, version } of checked) {
    const record = await history((known) => known[key]?.python_version != null);
    const recorded = record?.venvs[key]?.python_version ?? null;
    venvs.push({ key, path, state, problem, version, recorded, recordedIn: record?.id ?? null });
  }
  const states = new Set(checked.map(({ state }) => state));
  const worst = (["broken", "degraded", "unknown", "healthy"] as const).find((state) => states.has(state)) ?? "healthy";
  return { command: "venv", action: "check", exit: LEVEL[worst], venvs };
}

export type CheckedVenv = KnownVenv & VenvHealth;

/** All at once: it takes as long as the slowest. `repairing` is for whoever holds the lock of repairs. */
export async function lookAtVenvs(path: string | undefined, repairing: boolean, context: Context) {
  const { world, named } = context;
  const site = await findSite(world, named);
  const history: VenvHistory = venvHistory(site.store);
  const known = await knownVenvs(path, site, history, context);
  const isAtWork = !repairing && isHeld(below(innerFolder(site.store), VENV_LOCK));
  const checked = await Promise.all(
    known.map(async (venv): Promise<CheckedVenv> => {
      const found = await checkVenv(venv.path, world.env, { startPip: true });
      if (venv.leftover === null && !isHalfMade(venv.path)) return { ...venv, ...found };
      const kept = venv.leftover === null ? "" : `; the venv from before is ${venv.leftover}`;
      const problem = isAtWork ? "a repair of it is at work" : `a repair of it was cut off${kept}`;
      return { ...venv, ...found, state: "broken", problem, lacksPip: false };
    }),
  );
  return { site, history, checked };
}
