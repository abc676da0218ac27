// `venv repair`: a new venv in the place of each that is broken, or that the newest snapshot recorded and that is gone.

import { fail } from "../errors.ts";
import { findPython, minorOf } from "../inventory/find-python.ts";
import { lookAtVenv } from "../inventory/venv.ts";
import { looksLikeVenv, seesSystemPackages } from "../inventory/venv-check.ts";
import type { AbsPath } from "../model.ts";
import { below, isWithin, nameOf, parentOf } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { nextId } from "../snapshot/id.ts";
import { asWriter, lockInStore } from "../snapshot/store.ts";
import { now } from "../system/clock.ts";
import { entriesIn, exists, ifReadable, isFolder } from "../system/files.ts";
import { type Ending as EndingSignal, onSignal } from "../system/interrupt.ts";
import { which } from "../system/process.ts";
import { type Install, planVenvRepair, type VenvRepair } from "../upkeep/venv-plan.ts";
import { type Repaired, repairVenv } from "../upkeep/venv-repair.ts";
import type { Context, Ending } from "./context.ts";
import { ranThen } from "./known-venvs.ts";
import { noteEvent } from "./note-event.ts";
import { perform } from "./restore.ts";
import { type RestoreRequest, type RestoreWords, wholeRestore } from "./restore-terms.ts";
import { findSite, type Site } from "./site.ts";
import { type CheckedVenv, lookAtVenvs, VENV_LOCK } from "./venv.ts";

const LOCK_WAIT_MS = 10_000;

export interface RepairRequest {
  /** One venv's folder; undefined is every one of the config. */
  path: string | undefined;
  /** Without it only tell what would be done. */
  force: boolean;
  /** Where one fails, restore the configs of the last snapshot that had it healthy, and try once more. */
  mayRecover: boolean;
  /** How long to wait for another repair. */
  lockWaitMs: number;
  /** How the restore of those configs is typed. */
  words: RestoreWords;
}

/** What `venv repair` would do or did. `good` is the last snapshot that has the venv healthy. */
export interface VenvRepairOutcome extends Ending {
  command: "venv";
  action: "repair";
  dryRun: boolean;
  repairs: (VenvRepair &
    Repaired & {
      good: string | null;
      /** The command that restores the configs of `good`. */
      recover: string[];
      /** The configs were restored from `good`, and the repair tried once more. */
      restoredConfigs: boolean;
    })[];
  /** Venvs that can't be repaired, and why. */
  impossible: { key: string; path: AbsPath; problem: string }[];
  /** Venvs in which programs run, whatever else they lack. */
  leftAlone: { key: string; path: AbsPath; problem: string }[];
  next: string[];
}

/** Throws `locked` where another repair is at work for longer than is waited. */
export async function repairVenvs(request: RepairRequest, context: Context): Promise<VenvRepairOutcome> {
  if (!request.force) return repairAll(request, context);
  const { store } = await findSite(context.world, context.named);
  const lock = await lockInStore(store, VENV_LOCK, { command: context.holder, lockWaitMs: request.lockWaitMs });
  try {
    return await repairAll(request, context);
  } finally {
    lock.release();
  }
}

async function repairAll(request: RepairRequest, context: Context): Promise<VenvRepairOutcome> {
  const { site, history, checked } = await lookAtVenvs(request.path, request.force, context);
  const outcome: VenvRepairOutcome = {
    command: "venv",
    action: "repair",
    exit: EXIT.done,
    dryRun: !request.force,
    repairs: [],
    impossible: [],
    leftAlone: [],
    next: [],
  };
  for (const venv of checked) {
    const { key, path } = venv;
    const problem = venv.problem ?? "";
    if (venv.lacksPip) outcome.leftAlone.push({ key, path, problem });
    if (venv.state === "healthy" || venv.state === "unknown" || venv.lacksPip) continue;
    const good = await history((known) => ranThen(known[key]));
    const recorded = good?.venvs[key]?.python_version ?? lookAtVenv(venv.leftover ?? path).python_version;
    const plan = await planFor(venv, minorOf(recorded), site, context);
    if (typeof plan === "string") {
      outcome.impossible.push({ key, path, problem: plan });
      continue;
    }
    const recover = good === null ? [] : request.words.restore([good.id], { allow: [], relocate: false });
    const row = { ...plan, ...UNTRIED, good: good?.id ?? null, recover, restoredConfigs: false };
    outcome.repairs.push(row);
    if (!request.force) continue;
    const signal = await carryOut(row, request, context);
    await note(row, site, context);
    if (signal === undefined) continue;
    const interruption = fail.interrupted(signal, row.back ? `${path} is as it was` : (row.failed ?? ""));
    // Where others were repaired before, their results are told, too.
    if (outcome.repairs.length === 1) throw interruption;
    return { ...outcome, exit: interruption.exit };
  }
  return { ...outcome, exit: request.force ? exitOf(outcome) : EXIT.done };
}

const UNTRIED: Repaired = { failed: null, back: true, missing: [] };

function exitOf({ repairs, impossible }: VenvRepairOutcome): number {
  const failures = impossible.length + repairs.filter(({ failed }) => failed !== null).length;
  const wellDone = repairs.length + impossible.length - failures;
  if (failures > 0) return wellDone > 0 ? EXIT.partial : EXIT.failed;
  return repairs.some(({ missing }) => missing.length > 0) ? EXIT.partial : EXIT.done;
}

type Row = VenvRepairOutcome["repairs"][number];

/** One repair, and where it may a second try. Returns the signal that ended it. */
async function carryOut(row: Row, { mayRecover, words }: RepairRequest, context: Context) {
  const tried = await attempt(row, context);
  Object.assign(row, tried.repaired);
  if (tried.signal !== undefined || row.failed === null || !row.back || !mayRecover || row.good === null)
    return row.failed === null ? undefined : tried.signal;
  const message = `${row.key}: ${row.failed}; restoring the configs of ${row.good} and trying once more`;
  context.notify({ type: "warning", message });
  try {
    row.restoredConfigs = (await perform(configsOf(row.good, words), context)).exit === EXIT.done;
  } catch (cause) {
    if (!(cause instanceof RollbackError) || cause.code === "interrupted") throw cause;
    context.notify({ type: "warning", message: cause.message });
  }
  if (!row.restoredConfigs) return undefined;
  const again = await attempt(row, context);
  Object.assign(row, again.repaired);
  return row.failed === null ? undefined : again.signal;
}

/** One try. A signal stops what runs, and the old venv comes back. */
async function attempt(plan: VenvRepair, { world, notify }: Context) {
  notify({ type: "progress", what: `Making ${plan.key} anew`, done: 0, total: 1 });
  const stop = new AbortController();
  let signal: EndingSignal | undefined;
  const repaired = await onSignal(
    (received) => {
      signal = received;
      stop.abort();
    },
    () => repairVenv(plan, world.env, stop.signal),
  );
  return { repaired, signal };
}

/** Whatever goes wrong here, the others are repaired all the same. */
async function note({ key, failed, aside }: Row, { store }: Site, { holder, notify }: Context): Promise<void> {
  const paths = aside === null ? [] : [aside];
  const event = { command: "venv repair", description: key, result: failed === null ? "ok" : "failed", paths };
  try {
    await asWriter(store, { command: holder, lockWaitMs: LOCK_WAIT_MS }, async () => noteEvent(store, event, notify));
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    notify({ type: "warning", message: `${key} is not noted in the audit trail: ${cause.message}` });
  }
}

/** The restore of a snapshot's configs alone. */
const configsOf = (ref: string, words: RestoreWords): RestoreRequest => ({
  ...wholeRestore(ref, words),
  ...{ only: ["config"], reload: false, lockWaitMs: LOCK_WAIT_MS },
});

/** The plan for one venv, or why there is none. */
async function planFor(
  { key, path, problem, leftover }: CheckedVenv,
  wanted: string | null,
  { home, root }: Site,
  { world }: Context,
): Promise<VenvRepair | string> {
  // Whatever a pattern matched: only what looks like a venv is ever moved away.
  if (leftover === null && exists(path) && !looksLikeVenv(path)) return `${problem}; it is left alone`;
  const folder = parentOf(path);
  if (ifReadable(() => isFolder(folder)) !== true) return `${problem}, and there is no folder ${folder} for it`;
  const python = await findPython(wanted, home, world.env, path);
  if (python === null) return "no python3 was found to make a new one with";
  const facts = {
    key,
    path,
    problem: problem ?? "",
    exists: exists(path),
    leftover,
    wanted,
    python,
    install: installFor(path, root, home, world.env),
    systemPackages: seesSystemPackages(leftover ?? path),
  };
  return planVenvRepair(facts, freeId(path));
}

/** Now, or the next second in which nothing beside the venv has a name. */
function freeId(path: AbsPath): string {
  const taken = (ifReadable(() => entriesIn(parentOf(path))) ?? []).flatMap(({ name }) =>
    name.startsWith(`${nameOf(path)}.`) ? (/_?(\d{8}_\d{6})$/.exec(name)?.[1] ?? []) : [],
  );
  return nextId(now().id, taken.sort().reverse());
}

/** What is to be installed: by the nearest lock file or requirements.txt from the venv's folder upward; not above the root, for one below it. */
function installFor(path: AbsPath, root: AbsPath, home: AbsPath, env: Context["world"]["env"]): Install | null {
  for (let at = parentOf(path); ; at = parentOf(at)) {
    const found = installIn(at, home, env);
    if (found !== null) return found;
    if (at === root || !isWithin(at, root)) return null;
  }
}

/** A lock file says more than a requirements.txt beside it, where its tool is here. */
function installIn(folder: AbsPath, home: AbsPath, env: Context["world"]["env"]): Install | null {
  const PATH = `${env.PATH ?? ""}:/opt/homebrew/bin:/usr/local/bin:${below(home, ".local/bin")}`;
  const locked = (["uv", "poetry"] as const).flatMap((tool): Install[] => {
    const file = below(folder, `${tool}.lock`);
    if (!exists(file) || !exists(below(folder, "pyproject.toml"))) return [];
    return [{ tool, file, program: which(tool, { ...env, PATH }) }];
  });
  const usable = locked.find(({ program }) => program !== null);
  if (usable !== undefined) return usable;
  const requirements = below(folder, "requirements.txt");
  if (exists(requirements)) return { tool: "pip", file: requirements, program: null };
  return locked[0] ?? null;
}
