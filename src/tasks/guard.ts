// `guard`: snapshot, run a command, check, and roll back when it fails.
import { spelled } from "../duration.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Manifest, SnapshotId, Summary } from "../model.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { maskNote } from "../secrets/note-secrets.ts";
import { maskCommand } from "../secrets/word-secrets.ts";
import { type GuardMark, removeMark, writeMark } from "../snapshot/guard-mark.ts";
import { asWriter, innerFolder } from "../snapshot/store.ts";
import { type Attached, runAttached } from "../system/attached.ts";
import { now } from "../system/clock.ts";
import { checkpoint, holdingOut, onSignal } from "../system/interrupt.ts";
import { type HeldFolder, holdFolder } from "../system/moved.ts";
import { openDescriptors } from "../system/spawn.ts";
import type { Context, Ending, Site } from "./context.ts";
import { create } from "./create.ts";
import {
  addedFiles,
  type Checked,
  countChecked,
  failuresOf,
  type Observation,
  observe,
  watchAgents,
} from "./guard-checks.ts";
import { aloneAtWork } from "./guard-lock.ts";
import { noteEvent } from "./note-event.ts";
import { readManifestOf } from "./open.ts";
import { reloadAll } from "./reload.ts";
import { perform, preview } from "./restore.ts";
import { type RestoreOutcome, type RestoreWords, wholeRestore } from "./restore-terms.ts";
import { findSite } from "./site.ts";

export interface GuardRequest {
  /** The command and its words; the first is looked up in PATH. */
  argv: [string, ...string[]];
  /** What the command is about to do, and the word its snapshot is grouped by. */
  description: string;
  category: string;
  /** Commands for the shell that must succeed afterwards. */
  checks: string[];
  /** How long the command may take in ms, null for ever; and each check. */
  timeoutMs: number | null;
  checkTimeoutMs: number;
  /** How long to stay by the agents afterwards, in ms; null is not at all. */
  watchMs: number | null;
  /** Captured files that the command may remove: paths, names or patterns. */
  mayGo: string[];
  /** Roll back by itself when something failed. */
  mayRecover: boolean;
  /** Go on where some files could not be stored. */
  allowIncomplete: boolean;
  /** The command's stdout goes to stderr, because stdout is for our answer. */
  stdoutToStderr: boolean;
  /** How the two restores that it suggests are typed: the preview, and the one that does it and reloads. */
  nextWords(ref: string, keepGoing: boolean): string[][];
  /** How the search is typed for the change that makes these checks fail. */
  searchWords(ref: string, checks: string[]): string[];
  /** How the restore that it does by itself would be typed. */
  words: RestoreWords;
}

export interface GuardOutcome extends Ending {
  command: "guard";
  /** The snapshot that was taken before. */
  id: string;
  /** The command's own code; null where it could not be started. */
  code: number | null;
  /** The one that was taken when the command had ended; null where that changed nothing, or was rolled back. */
  after: string | null;
  failures: string[];
  /** What was looked at afterwards, and what the command added; null where the command failed, which ends the looking. */
  checked: Checked | null;
  added: AbsPath[];
  /** What a restore would change, where something failed; null where that is not known. */
  changes: Summary | null;
  /** The restore that was done by itself. */
  recovered: RestoreOutcome | null;
  /** The commands to look at it and to do it, where it was not done by itself. */
  next: string[][];
  /** The command that searches what made a check fail; null where none did, or it was rolled back. */
  search: string[] | null;
}

const LOCK_WAIT_MS = 10_000;

/** Runs the command between a snapshot and the checks. Throws `locked` where another guard is at work on this store. */
export async function guard(request: GuardRequest, context: Context): Promise<GuardOutcome> {
  // The caller's, before we open any of our own.
  const descriptors = openDescriptors();
  const { world, named, holder } = context;
  const site = await findSite(world, named);
  const as = { holder, waitMs: LOCK_WAIT_MS, inside: world.env.ROLLBACK_GUARD_SNAPSHOT };
  return aloneAtWork(site.store, as, (marks) => {
    // Fixed before the command runs: what it does to config, folders and links does not change where we look.
    const fixed = { ...context, named: { ...named, fixed: site } };
    return underLock({ request, site, descriptors, marks, context: fixed });
  });
}

interface Run {
  request: GuardRequest;
  site: Site;
  descriptors: number[];
  /** Whether it leaves a mark of its own. */
  marks: boolean;
  context: Context;
}

async function underLock(run: Run): Promise<GuardOutcome> {
  const { request, site, context } = run;
  const { description, category } = request;
  const flags = { ifChanged: false, pin: false, pack: false, withConfig: true, lockWaitMs: LOCK_WAIT_MS };
  const made = await create({ description, category, ...flags }, context);
  const id = made.id as SnapshotId;
  if (!made.complete && !request.allowIncomplete)
    throw fail.guardIncomplete(
      id,
      made.skipped.map(({ path }) => path),
    );
  const { manifest } = await readManifestOf(id, site.store);
  const before = await observe(context, site, manifest, null);
  const inner = innerFolder(site.store);
  const mark = {
    snapshot: id,
    description: made.description,
    program: request.argv[0],
    since: now().utc,
    rollingBack: false,
  };
  if (run.marks) writeMark(inner, mark);
  const held = holdFolder(site.store);
  try {
    await lastMoment(run, inner);
    // Till it is decided what to do, every signal was the command's; then one changes nothing any more.
    let signal: string | null = null;
    const tried = await onSignal(
      (received) => {
        signal = received;
      },
      () => runAndCheck(run, { id, manifest, before, stopped: () => signal && `${signal} came` }),
    );
    return await holdingOut(() => conclude(run, tried, { id, mark, manifest, before, held }));
  } finally {
    held.release();
  }
}

/** What was interrupted by now does not start, and leaves no mark. */
async function lastMoment({ marks }: Run, inner: AbsPath): Promise<void> {
  try {
    await checkpoint("the command was not started");
  } catch (cause) {
    if (marks) removeMark(inner);
    throw cause;
  }
}

interface Tried {
  code: number | null;
  /** What we end with. */
  exit: number;
  failures: string[];
  /** The checks that failed, as they may be shown. */
  failedChecks: string[];
  checked: Checked | null;
  added: AbsPath[];
}

interface Began {
  id: SnapshotId;
  mark: GuardMark;
  manifest: Manifest;
  before: Observation;
  held: HeldFolder;
}

async function runAndCheck(
  { request, site, descriptors, context }: Run,
  { id, manifest, before, stopped }: Omit<Began, "held" | "mark"> & { stopped: () => string | null },
): Promise<Tried> {
  const { argv, checks, timeoutMs, checkTimeoutMs, watchMs, stdoutToStderr, mayGo } = request;
  const { world } = context;
  const env = { ...world.env, ROLLBACK_GUARD_SNAPSHOT: id };
  const how: Attached = { env, umask: world.umask, stdoutToStderr, descriptors, timeoutMs, ownGroup: false };
  const { code, notStarted, timedOut } = await runAttached(argv, how);
  const ended = {
    code: notStarted === undefined ? code : null,
    exit: code,
    failedChecks: [],
    checked: null,
    added: [],
  };
  if (notStarted !== undefined) return { ...ended, failures: [`${argv[0]} can't be started: ${notStarted}`] };
  if (timedOut)
    return { ...ended, failures: [`the command took longer than ${spelled(timeoutMs ?? 0)} and was stopped`] };
  if (code !== 0) return { ...ended, failures: [`the command ended with ${code}`] };
  const { failures, failedChecks } = await runChecks(checks, { ...how, timeoutMs: checkTimeoutMs, ownGroup: true });
  const after = await observe(context, site, manifest, before);
  failures.push(...failuresOf(before, after, mayGo));
  // Without launchd there is nobody to watch.
  const canWatch = failures.length === 0 && [...after.loaded.values()].some((loaded) => loaded !== null);
  const watch =
    canWatch && watchMs !== null
      ? await watchAgents(before, after, context, { watchMs, stopped })
      : { failures: [], watchedMs: 0 };
  failures.push(...watch.failures);
  return {
    code,
    exit: failures.length === 0 ? EXIT.done : EXIT.failed,
    failures,
    failedChecks,
    checked: countChecked(before, after, { commands: checks.length, watchedMs: watch.watchedMs }),
    added: addedFiles(before, after),
  };
}

/** What failed, and the checks that did as they may be shown. */
async function runChecks(checks: string[], how: Attached): Promise<{ failures: string[]; failedChecks: string[] }> {
  const failures: string[] = [];
  const failedChecks: string[] = [];
  for (const check of checks) {
    const end = await runAttached(["/bin/sh", "-c", check], how);
    if (!end.timedOut && end.code === 0) continue;
    const shown = maskCommand(check, { strict: false });
    const what = end.timedOut ? `took longer than ${spelled(how.timeoutMs ?? 0)}` : `ended with ${end.code}`;
    failures.push(`the check \`${shown}\` ${what}`);
    failedChecks.push(shown);
  }
  return { failures, failedChecks };
}

/** Takes the mark away, or rolls back first. */
async function conclude(run: Run, tried: Tried, began: Began): Promise<GuardOutcome> {
  const { request, context } = run;
  const { exit, failedChecks, ...told } = tried;
  const { failures } = tried;
  const store = began.held.path();
  const base = { command: "guard" as const, id: began.id, ...told };
  const without = { after: null, changes: null, recovered: null, next: [], search: null };
  if (store === null) {
    failures.push(`the command removed the snapshots folder ${run.site.store}: nothing can be rolled back`);
    return { ...base, ...without, exit: exit === 0 ? EXIT.failed : exit };
  }
  const inner = innerFolder(store);
  const unmark = () => {
    if (run.marks) removeMark(inner);
  };
  const moved = { ...context, named: { ...context.named, fixed: { ...run.site, store } } };
  if (failures.length === 0) {
    unmark();
    const after = await keepAfter(began.id, request, failures, store, moved);
    return { ...base, ...without, after, exit };
  }
  const restore = wholeRestore(began.id, request.words);
  const changes = (await attempt(failures, () => preview(restore, moved)))?.summary ?? null;
  let recovered: RestoreOutcome | null = null;
  if (request.mayRecover) {
    if (run.marks) writeMark(inner, { ...began.mark, rollingBack: true });
    recovered = await attempt(failures, () => perform(restore, moved));
    if (recovered !== null) failures.push(...(await loadAgain(began.before, context, run.site, began.manifest)));
  }
  // Where it was rolled back, the auto-backup of that holds what the command left.
  const after = recovered === null ? await keepAfter(began.id, request, failures, store, moved) : null;
  unmark();
  const next = recovered === null ? request.nextWords(began.id, (changes?.refused ?? 0) > 0) : [];
  const isOpen = recovered === null && failedChecks.length > 0;
  const search = isOpen ? request.searchWords(began.id, failedChecks) : null;
  return { ...base, after, exit, changes, recovered, next, search };
}

/**
 * A snapshot of what the command left, and the event by which `undo` knows both. It is an auto-backup, so that `latest` goes on meaning
 * what somebody chose to keep. Whatever goes wrong here, the command's end is what its caller waits for.
 */
async function keepAfter(
  id: string,
  { description }: GuardRequest,
  failures: string[],
  store: AbsPath,
  context: Context,
): Promise<string | null> {
  const { holder, notify } = context;
  const wanted = { description: `After: ${description}`, category: "auto-backup", ifChanged: true, withConfig: true };
  const unkept: string[] = [];
  // What it has to warn of was said by the first one.
  const silent = { ...context, notify: () => {} };
  const make = () => create({ ...wanted, pin: false, pack: false, lockWaitMs: LOCK_WAIT_MS }, silent);
  const kept = await attempt(unkept, make, { isOver: true });
  for (const message of unkept)
    notify({ type: "warning", message: `what the command changed can't be undone: ${message}` });
  if (kept === null || kept.unchanged || kept.id === id) return null;
  const result = failures.length === 0 ? "ok" : "failed";
  const event = { command: "guard", description: maskNote(description), id, after: kept.id, result };
  const note = () =>
    asWriter(store, { command: holder, lockWaitMs: LOCK_WAIT_MS }, async () => noteEvent(store, event, notify));
  await attempt(unkept, note, { isOver: true });
  return kept.id;
}

/**
 * Null where it failed; what went wrong is added to `failures`. An interruption goes on, since `recover` ends what it left; but not
 * where the guard `isOver` but for what it keeps for `undo`.
 */
async function attempt<T>(
  failures: string[],
  work: () => Promise<T>,
  { isOver = false }: { isOver?: boolean } = {},
): Promise<T | null> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof RollbackError) || (cause.code === "interrupted" && !isOver)) throw cause;
    failures.push(cause.message);
    return null;
  }
}

/** Agents that were loaded before and are not, also those whose plist nobody touched. Returns what did not come up. */
async function loadAgain(
  before: Observation,
  { world, notify }: Context,
  site: Site,
  manifest: Manifest,
): Promise<string[]> {
  const after = await observe({ world, notify }, site, manifest, before);
  const lost = after.agents.filter(
    ({ label }) => before.loaded.get(label) === true && after.loaded.get(label) === false,
  );
  const to = { loaded: true, disabled: false };
  const requests = lost.map(({ label, path, agent }) => ({ label, plist: path, agent, to }));
  const { agents } = await reloadAll(requests, world, notify);
  return agents
    .filter(({ result }) => result === "failed")
    .map(({ label, reason }) => `${label} did not come up: ${reason}`);
}
