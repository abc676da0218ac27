// `guard`: snapshot, run a command, check, and roll back when it fails.
import { fail } from "../errors.ts";
import type { Manifest, Notify, Summary } from "../model.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { asWriter } from "../snapshot/store.ts";
import { onSignal } from "../system/interrupt.ts";
import { runAttached } from "../system/process.ts";
import type { Context, Ending, World } from "./context.ts";
import { create } from "./create.ts";
import { type Observation, observe, whatBroke } from "./guard-checks.ts";
import { noteEvent } from "./note-event.ts";
import { readManifestOf } from "./open.ts";
import { WHOLE } from "./part.ts";
import { unpin } from "./pin.ts";
import { reloadAll } from "./reload.ts";
import { perform, preview, type RestoreOutcome, type RestoreRequest, type RestoreWords } from "./restore.ts";
import { findSite, type Site } from "./site.ts";

export interface GuardRequest {
  /** The command and its words; the first is looked up in PATH. */
  argv: string[];
  /** What the command is about to do, and the word its snapshot is grouped by. */
  description: string;
  category: string;
  /** Commands for the shell that must succeed afterwards. */
  checks: string[];
  /** Roll back by itself when something failed. */
  mayRecover: boolean;
  /** Go on where some files could not be stored. */
  allowIncomplete: boolean;
  /** The command's stdout goes to stderr, because stdout is for our answer. */
  stdoutToStderr: boolean;
  /** How the two restores that it suggests are typed: the preview, and the one that does it and reloads. */
  nextWords(ref: string): string[][];
  /** How the restore that it does by itself would be typed. */
  words: RestoreWords;
}

export interface GuardOutcome extends Ending {
  command: "guard";
  /** The snapshot that was taken before. */
  id: string;
  /** The one that was taken when the command had ended; null where that changed nothing, or was rolled back. */
  after: string | null;
  /** The command's own code; null where it could not be started. */
  code: number | null;
  failures: string[];
  /** What a restore would change, where something failed. */
  changes: Summary | null;
  /** The restore that was done by itself. */
  recovered: RestoreOutcome | null;
  /** The commands to look at it and to do it, where it was not done by itself. */
  next: string[][];
}

const LOCK_WAIT_MS = 10_000;
const NOT_FOUND = 127;

export async function guard(request: GuardRequest, context: Context): Promise<GuardOutcome> {
  const { description, category } = request;
  const { world, named, notify } = context;
  const site = await findSite(world, named);
  const kept = { ifChanged: false, pin: true, pack: false, lockWaitMs: LOCK_WAIT_MS };
  const { id, complete, skipped } = await create({ description, category, ...kept }, context);
  try {
    if (!complete && !request.allowIncomplete)
      throw fail.guardIncomplete(
        id,
        skipped.map(({ path }) => path),
      );
    const { manifest } = await readManifestOf(id, site.store);
    const before = await observe(world, site, manifest, []);
    const { code, failures } = await runAndCheck(request, id, site, before, manifest, context);
    const base = { command: "guard" as const, id, code, failures };
    if (failures.length === 0) {
      const after = await keepAfter(id, request, failures, site, context);
      return { ...base, after, next: [], exit: EXIT.done, changes: null, recovered: null };
    }
    // Whatever becomes of the roll-back, the command's own code is what its caller waits for.
    const exit = exitFor(code);
    const restore = restoreOf(id, request.words);
    const changes = (await attempt(failures, () => preview(restore, context)))?.summary ?? null;
    const recovered = request.mayRecover ? await attempt(failures, () => perform(restore, context)) : null;
    if (recovered === null) {
      const after = await keepAfter(id, request, failures, site, context);
      return { ...base, after, next: request.nextWords(id), exit, changes, recovered };
    }
    failures.push(...(await loadAgain(before, world, site, manifest, notify)));
    // Its auto-backup holds what the command left.
    return { ...base, after: null, next: [], exit, changes, recovered };
  } finally {
    // The snapshot may be gone: that is not a reason to lose what the command said.
    await attempt([], () => unpin({ ref: id, lockWaitMs: LOCK_WAIT_MS }, context));
  }
}

/**
 * A snapshot of what the command left, and the event by which `undo` knows both. It is an auto-backup, so that `latest` goes on meaning
 * what somebody chose to keep. Whatever goes wrong here, the command's end is what its caller waits for.
 */
async function keepAfter(
  id: string,
  { description }: GuardRequest,
  failures: string[],
  { store }: Site,
  context: Context,
): Promise<string | null> {
  const { holder, notify } = context;
  const wanted = { description: `After: ${description}`, category: "auto-backup", ifChanged: true };
  const unkept: string[] = [];
  // What it has to warn of was said by the first one.
  const silent = { ...context, notify: () => {} };
  const kept = await attempt(unkept, () =>
    create({ ...wanted, pin: false, pack: false, lockWaitMs: LOCK_WAIT_MS }, silent),
  );
  for (const message of unkept)
    notify({ type: "warning", message: `what the command changed can't be undone: ${message}` });
  if (kept === null || kept.unchanged || kept.id === id) return null;
  const event = { command: "guard", description, id, after: kept.id, result: failures.length === 0 ? "ok" : "failed" };
  await attempt(unkept, () =>
    asWriter(store, { command: holder, lockWaitMs: LOCK_WAIT_MS }, async () => noteEvent(store, event, notify)),
  );
  return kept.id;
}

function exitFor(code: number | null): number {
  if (code === null) return NOT_FOUND;
  return code === 0 ? EXIT.failed : code;
}

/** Null where it failed; what went wrong is added to `failures`. */
async function attempt<T>(failures: string[], work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    failures.push(cause.message);
    return null;
  }
}

async function runAndCheck(
  { argv, checks, stdoutToStderr }: GuardRequest,
  id: string,
  site: Site,
  before: Observation,
  manifest: Manifest,
  { world }: Context,
): Promise<{ code: number | null; failures: string[] }> {
  const places = { ROLLBACK_ROOT: site.root, ROLLBACK_SNAPSHOTS: site.store, ROLLBACK_SNAPSHOT: id };
  const how = { env: { ...world.env, ...places }, cwd: world.cwd, umask: world.umask, stdoutToStderr };
  const code = await runAttached(argv, how, onSignal);
  if (code === null) return { code, failures: [`${argv[0]} can't be started`] };
  if (code !== 0) return { code, failures: [`the command ended with ${code}`] };
  const failures: string[] = [];
  for (const check of checks) {
    const ended = await runAttached(["/bin/sh", "-c", check], how, onSignal);
    if (ended !== 0) failures.push(`the check \`${check}\` ended with ${ended ?? "no start"}`);
  }
  const labels = before.agents.map(({ label }) => label);
  failures.push(...whatBroke(before, await observe(world, site, manifest, labels)));
  return { code, failures };
}

/** The restore of the whole snapshot, with a reload. */
const restoreOf = (ref: string, words: RestoreWords): RestoreRequest => ({
  ref,
  only: [],
  except: [],
  maps: [],
  relocate: false,
  allow: [],
  identity: undefined,
  reload: true,
  patch: false,
  part: WHOLE,
  keepGoing: false,
  lockWaitMs: LOCK_WAIT_MS,
  words,
});

/** Agents that were loaded before and are not, also those whose plist nobody touched. Returns what did not come up. */
async function loadAgain(
  before: Observation,
  world: World,
  site: Site,
  manifest: Manifest,
  notify: Notify,
): Promise<string[]> {
  const now = await observe(world, site, manifest, []);
  const lost = now.agents.filter(({ label }) => before.loaded.get(label) === true && now.loaded.get(label) === false);
  const recorded = { loaded: true, disabled: false };
  const requests = lost.map(({ label, path, agent }) => ({ label, plist: path, agent, recorded }));
  const { agents } = await reloadAll(requests, world, notify);
  return agents
    .filter(({ result }) => result === "failed")
    .map(({ label, reason }) => `${label} did not come up: ${reason}`);
}
