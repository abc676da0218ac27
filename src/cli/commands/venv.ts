import { fail } from "../../errors.ts";
import { findPython, minorOf } from "../../inventory/find-python.ts";
import { lookAtVenv } from "../../inventory/venv.ts";
import { checkVenv, looksLikeVenv, seesSystemPackages } from "../../inventory/venv-check.ts";
import type { AbsPath } from "../../model.ts";
import type { VenvCheckOutcome, VenvRepairOutcome } from "../../outcome.ts";
import { below, isWithin, parentOf } from "../../paths.ts";
import { asWriter } from "../../snapshot/store.ts";
import { now } from "../../system/clock.ts";
import { exists } from "../../system/files.ts";
import { onSignal, type Signal } from "../../system/interrupt.ts";
import { type KnownVenv, knownVenvs, ranThen, type VenvHistory, venvHistory } from "../../tasks/known-venvs.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { planVenvRepair, type VenvRepair } from "../../upkeep/venv-plan.ts";
import { isHalfMade, repairVenv } from "../../upkeep/venv-repair.ts";
import { mayRecover } from "../auto-recover.ts";
import { callCommand, placeWords } from "../call.ts";
import { command, type Session } from "../command.ts";

const LEVEL = { healthy: 0, degraded: 1, broken: 2, unknown: 3 } as const;
const LOCK_WAIT_MS = 10_000;

export default command({
  name: "venv",
  description: "Python venvs: which are broken, and a new one in the place of each that is",
  args: {
    action: { type: "positional", required: true, description: "check, or repair (a preview without --force)" },
    path: { type: "positional", required: false, description: "One venv's folder; all of the config's when left out" },
    force: { type: "boolean", description: "repair: do it; the old venv is kept beside it as NAME.backup_ID" },
  },
  actions: ["check", "repair"],
  exits: {
    0: "check: all are healthy; repair: done, and a preview",
    1: "check: one is degraded (no ssl, or no pip); repair: one failed, and the old venv is back",
    2: "check: one is broken (and usage errors, as everywhere)",
    3: "check: one could not be asked",
    5: "there is no such venv",
  },
  example: "rollback venv repair --force",
  async run(args, session): Promise<VenvCheckOutcome | VenvRepairOutcome> {
    const { action } = args;
    if (action === "check" && args.force === true) throw fail.badValue("--force", "check", "repair in front of it");
    const site = await findSite(session.world, session.globals);
    const history = venvHistory(site.store);
    const checked = await checkAll(await knownVenvs(args.path, site, history, session), session);
    return action === "check"
      ? await checkOutcome(checked, history)
      : await repair(checked, history, args.force === true, site, session);
  },
});

type Checked = KnownVenv & Awaited<ReturnType<typeof checkVenv>>;

/** All at once: it takes as long as the slowest. */
const checkAll = (venvs: KnownVenv[], { world }: Session): Promise<Checked[]> =>
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
  force: boolean,
  site: Site,
  session: Session,
): Promise<VenvRepairOutcome> {
  const { argv, world, globals, notify } = session;
  const recovers = mayRecover(false, world, notify);
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
    const words = ["restore", good?.id ?? "", "--only", "config", "--force"];
    const recover = good === null ? [] : ["rollback", ...words, ...placeWords(globals)];
    const row = { ...plan, good: good?.id ?? null, recover, restoredConfigs: false };
    let failed = force ? await attempt(plan, session) : null;
    if (failed !== null && recovers && good !== null) {
      notify({
        type: "warning",
        message: `${key}: ${failed}; restoring the configs of ${good.id} and trying once more`,
      });
      const restored = await callCommand(world, globals, words, notify);
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
    exit: force && failures ? 1 : 0,
    dryRun: !force,
    repairs,
    impossible,
    next: ["rollback", ...argv, "--force"],
  };
}

async function planFor(
  { key, path, problem, leftover }: Checked,
  wanted: string | null,
  id: string,
  { home, root }: Site,
  { world }: Session,
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
async function attempt(plan: VenvRepair, { world, notify }: Session): Promise<string | null> {
  notify({ type: "progress", what: `Making ${plan.key} anew`, done: 0, total: 1 });
  const stop = new AbortController();
  let signal: Signal | undefined;
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
