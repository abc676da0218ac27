// `venv`: which Python venvs are broken, and a new one in the place of each that is.

import { fail } from "../errors.ts";
import { findPython, minorOf } from "../inventory/find-python.ts";
import { lookAtVenv } from "../inventory/venv.ts";
import { checkVenv, looksLikeVenv, seesSystemPackages } from "../inventory/venv-check.ts";
import type { AbsPath } from "../model.ts";
import { below, isWithin, parentOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { asWriter } from "../snapshot/store.ts";
import { now } from "../system/clock.ts";
import { exists } from "../system/files.ts";
import { type Ending as EndingSignal, onSignal } from "../system/interrupt.ts";
import { planVenvRepair, type VenvRepair } from "../upkeep/venv-plan.ts";
import { isHalfMade, repairVenv } from "../upkeep/venv-repair.ts";
import type { Context, Ending } from "./context.ts";
import { type KnownVenv, knownVenvs, ranThen, type VenvHistory, venvHistory } from "./known-venvs.ts";
import { noteEvent } from "./note-event.ts";
import { perform, type RestoreRequest, type RestoreWords, wholeRestore } from "./restore.ts";
import { findSite, type Site } from "./site.ts";

const LEVEL = { healthy: 0, degraded: 1, broken: 2, unknown: 3 } as const;
const LOCK_WAIT_MS = 10_000;

export interface VenvRequest {
  /** One venv's folder; undefined is every one of the config. */
  path: string | undefined;
  /** repair: without it only tell what would be done. */
  force: boolean;
  /** repair: where one fails, restore the configs of the last snapshot that had it healthy, and try once more. */
  mayRecover: boolean;
  /** How the restore of those configs is typed. */
  words: RestoreWords;
}

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

/** What `venv repair` would do or did. `failed` says why a repair was undone; `good` is the last snapshot that has the venv healthy. */
export interface VenvRepairOutcome extends Ending {
  command: "venv";
  action: "repair";
  dryRun: boolean;
  repairs: {
    key: string;
    path: AbsPath;
    problem: string;
    aside: AbsPath | null;
    resumes: boolean;
    python: AbsPath;
    version: string;
    insteadOf: string | null;
    requirements: AbsPath | null;
    failed: string | null;
    good: string | null;
    /** The command that restores the configs of `good`. */
    recover: string[];
    /** The configs were restored from `good`, and the repair tried once more. */
    restoredConfigs: boolean;
  }[];
  /** Venvs that can't be repaired, and why. */
  impossible: { key: string; path: AbsPath; problem: string }[];
  next: string[];
}

export async function checkVenvs({ path }: Pick<VenvRequest, "path">, context: Context): Promise<VenvCheckOutcome> {
  const { history, checked } = await lookAt(path, context);
  return checkOutcome(checked, history);
}

export async function repairVenvs(request: VenvRequest, context: Context): Promise<VenvRepairOutcome> {
  const { site, history, checked } = await lookAt(request.path, context);
  return repair(checked, history, request, site, context);
}

async function lookAt(path: string | undefined, context: Context) {
  const site = await findSite(context.world, context.named);
  const history = venvHistory(site.store);
  return { site, history, checked: await checkAll(await knownVenvs(path, site, history, context), context) };
}

type Checked = KnownVenv & Awaited<ReturnType<typeof checkVenv>>;

/** All at once: it takes as long as the slowest. */
const checkAll = (venvs: KnownVenv[], { world }: Context): Promise<Checked[]> =>
  Promise.all(
    venvs.map(async (venv) => {
      const found = await checkVenv(venv.path, world.env);
      if (venv.leftover === null && !isHalfMade(venv.path)) return { ...venv, ...found };
      const kept = venv.leftover === null ? "" : `; the venv from before is ${venv.leftover}`;
      return {
        ...venv,
        version: found.version,
        state: "broken" as const,
        problem: `a repair of it was cut off${kept}`,
      };
    }),
  );

async function checkOutcome(checked: Checked[], history: VenvHistory): Promise<VenvCheckOutcome> {
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

async function repair(
  checked: Checked[],
  history: VenvHistory,
  { force, mayRecover, words }: VenvRequest,
  site: Site,
  session: Context,
): Promise<VenvRepairOutcome> {
  const { notify } = session;
  const id = now().id;
  const repairs: VenvRepairOutcome["repairs"] = [];
  const impossible: VenvRepairOutcome["impossible"] = [];
  for (const venv of checked) {
    if (venv.state === "healthy" || venv.state === "unknown") continue;
    const { key } = venv;
    const good = await history((known) => ranThen(known[key]));
    const recorded = good?.venvs[key]?.python_version ?? lookAtVenv(venv.leftover ?? venv.path).python_version;
    // Whatever a pattern matched: only what looks like a venv is ever moved away.
    const foreign = venv.leftover === null && exists(venv.path) && !looksLikeVenv(venv.path);
    const plan = foreign ? null : await planFor(venv, minorOf(recorded), id, site, session);
    if (plan === null) {
      const problem = foreign ? `${venv.problem}; it is left alone` : "no python3 was found to make a new one with";
      impossible.push({ key, path: venv.path, problem });
      continue;
    }
    const recover = good === null ? [] : words.restore([good.id], { allow: [], relocate: false });
    const row = { ...plan, good: good?.id ?? null, recover, restoredConfigs: false };
    let failed = force ? await attempt(plan, session) : null;
    if (failed !== null && mayRecover && good !== null) {
      notify({
        type: "warning",
        message: `${key}: ${failed}; restoring the configs of ${good.id} and trying once more`,
      });
      const restored = await perform(configsOf(good.id, words), session);
      row.restoredConfigs = restored.exit === 0;
      failed = row.restoredConfigs ? await attempt(plan, session) : failed;
    }
    if (force) {
      const event = { command: "venv repair", description: key, result: failed === null ? "ok" : "failed" };
      await asWriter(site.store, { command: session.holder, lockWaitMs: LOCK_WAIT_MS }, async () =>
        noteEvent(site.store, event, notify),
      );
    }
    repairs.push({ ...row, failed });
  }
  const failures = impossible.length > 0 || repairs.some(({ failed }) => failed !== null);
  return {
    command: "venv",
    action: "repair",
    exit: force && failures ? EXIT.failed : 0,
    dryRun: !force,
    repairs,
    impossible,
    next: [],
  };
}

/** The restore of a snapshot's configs alone. */
const configsOf = (ref: string, words: RestoreWords): RestoreRequest => ({
  ...wholeRestore(ref, words),
  ...{ only: ["config"], reload: false, lockWaitMs: LOCK_WAIT_MS },
});

async function planFor(
  { key, path, problem, leftover }: Checked,
  wanted: string | null,
  id: string,
  { home, root }: Site,
  { world }: Context,
): Promise<VenvRepair | null> {
  const python = await findPython(wanted, home, world.env, path);
  if (python === null) return null;
  const facts = {
    key,
    path,
    problem: problem ?? "",
    exists: exists(path),
    leftover,
    wanted,
    python,
    requirements: requirementsFor(path, root),
    systemPackages: seesSystemPackages(leftover ?? path),
  };
  return planVenvRepair(facts, id);
}

/** The nearest requirements.txt from the venv's folder upward; not above the root, for a venv below it. */
function requirementsFor(path: AbsPath, root: AbsPath): AbsPath | null {
  for (let at = parentOf(path); ; at = parentOf(at)) {
    const file = below(at, "requirements.txt");
    if (exists(file)) return file;
    if (at === root || !isWithin(at, root)) return null;
  }
}

/** One try. A signal stops what runs, and the old venv comes back before the program ends. */
async function attempt(plan: VenvRepair, { world, notify }: Context): Promise<string | null> {
  notify({ type: "progress", what: `Making ${plan.key} anew`, done: 0, total: 1 });
  const stop = new AbortController();
  let signal: EndingSignal | undefined;
  const failed = await onSignal(
    (received) => {
      signal = received;
      stop.abort();
    },
    () => repairVenv(plan, world.env, stop.signal),
  );
  if (signal !== undefined && failed !== null) throw fail.interrupted(signal, `${plan.path} is as it was`);
  return failed;
}
