// `restore`: what a snapshot would change here, and the change itself. The order of its stages is told in `perform`.
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import { isAgentFile } from "../launchd/agent.ts";
import type { AbsPath, Found, Notify, Plan, Summary } from "../model.ts";
import { absolute, outermost } from "../paths.ts";
import { planFor } from "../restore/look.ts";
import { summarize } from "../restore/plan.ts";
import { movedPlaces } from "../restore/target.ts";
import { EXIT } from "../rollback-error.ts";
import { standingAt } from "../snapshot/ref.ts";
import { asWriter } from "../snapshot/store.ts";
import { machineName, whoAmI } from "../system/machine.ts";
import { agentNotes } from "./agent-notes.ts";
import { type LiveAgent, liveAgents } from "./agent-states.ts";
import type { Context } from "./context.ts";
import { newestDiffering } from "./differing.ts";
import { headDrift, originOf, venvDrift } from "./drift.ts";
import { earlierSecrets } from "./earlier-secrets.ts";
import { gather } from "./gather.ts";
import { keysOf } from "./identity.ts";
import { nextStep } from "./next-step.ts";
import { type Opened, openSnapshot } from "./open.ts";
import { isWhole } from "./part.ts";
import { wholeRefusal } from "./refusal.ts";
import { reloadAll, requestsFor } from "./reload.ts";
import type { OpenedRestore, RestoreOutcome, RestoreRequest } from "./restore-terms.ts";
import { write } from "./restore-write.ts";
import { findSite } from "./site.ts";
import { unfinishedRestore } from "./unfinished.ts";

/** What a restore would do. Changes nothing. */
export const preview = async (input: RestoreRequest, context: Context): Promise<RestoreOutcome> =>
  previewOpened(await open(input, context), input, context);

/** The same for whoever opened the snapshot. */
export async function previewOpened(
  opened: OpenedRestore,
  input: RestoreRequest,
  context: Context,
): Promise<RestoreOutcome> {
  const { world, notify } = context;
  const { site, vault } = opened;
  const inventory = await discover(site.config, site);
  for (const { path, reason } of inventory.skipped) notify({ type: "warning", message: `${path}: ${reason}` });
  const { settle, findings, demandFound } = opened.settling();
  const plan = await planFor({ ...opened.request(inventory.found), settle, env: world.env });
  demandFound();
  await unfinishedRestore(site.store, notify);
  const { patchOf: patched } = await import("./patch.ts");
  const patch = await patched(plan, vault);
  const refusal = await refusalOf(opened, input, context);
  return {
    ...(await surroundings(opened, input, context)),
    stats: patch,
    differing: await differing(opened, input, plan),
    patch: input.patch || findings !== null ? patch : null,
    back: null,
    earlier: earlierSecrets(patch),
    agents: await agentNotes(plan, vault, world, notify),
    next: nextStep({ opened, input }, plan),
    moveInside: moveInside(opened, input, plan),
    exit: EXIT.done,
    dryRun: true,
    plan,
    summary: counted(plan, refusal !== null),
    autoBackup: null,
    restored: [],
    failed: [],
    reload: null,
    reloaded: null,
    refusal: refusal === null ? null : { message: refusal.message, hint: refusal.hint },
    findings,
  };
}

/**
 * Does it: look and plan, back up what will be overwritten, write all or nothing, note it, reload. Throws with every live file as it
 * was where a target is refused, the auto-backup lacks a file that would be overwritten, or the transaction fails.
 */
export const perform = async (input: RestoreRequest, context: Context): Promise<RestoreOutcome> =>
  performOpened(await open(input, context), input, context);

/** The same for whoever opened the snapshot. */
export async function performOpened(
  opened: OpenedRestore,
  input: RestoreRequest,
  context: Context,
): Promise<RestoreOutcome> {
  const { world, holder, notify } = context;
  const { site } = opened;
  const refusal = await refusalOf(opened, input, context);
  if (refusal !== null) throw refusal;
  const gathered = await gather(world, site, () => {});
  for (const message of gathered.inventory.warnings) notify({ type: "warning", message });
  const before = input.reload ? await liveAgents(site) : [];
  const written = await asWriter(site.store, { command: holder, lockWaitMs: input.lockWaitMs }, () =>
    write(opened, gathered, input, context),
  );
  const restored: RestoreOutcome = {
    ...(await surroundings(opened, input, context)),
    ...written,
    stats: { files: [], problems: [] },
    differing: null,
    agents: [],
    next: nextStep({ opened, input }, written.plan),
    moveInside: moveInside(opened, input, written.plan),
    dryRun: false,
    reloaded: null,
    refusal: null,
  };
  // Not under the lock: 71 agents take their time, and the daily job may want it.
  return input.reload ? reloadRestored(restored, before, opened, context) : restored;
}

const refusalOf = ({ site, vault }: OpenedRestore, { words }: RestoreRequest, { world }: Context) =>
  wholeRefusal(site, vault, world.env, (path, snapshots) =>
    words.restore([path], { allow: [], relocate: false, snapshots }),
  );

/** What is refused as a whole still says of each file what differs; `refused` counts what would not be written. */
function counted(plan: Plan, isRefused: boolean): Summary {
  const summary = summarize(plan);
  const due = plan.changes.filter(({ writes }) => writes.length > 0).length;
  return isRefused ? { ...summary, refused: summary.refused + due } : summary;
}

/** A paper that was changed in a folder restores nothing; an archive is whole or nothing. */
async function lookAtPapers({ vault, manifest, located }: Opened, notify: Notify): Promise<void> {
  const papers = vault.archive
    ? await (await import("../archive/sound.ts")).demandPapers(vault)
    : await vault.papers(manifest, "");
  for (const { path, reason } of papers) notify({ type: "warning", message: `${located.id}: ${path}: ${reason}` });
}

async function open(input: RestoreRequest, { world, named, notify }: Context): Promise<OpenedRestore> {
  const site = await findSite(world, named, true);
  const findStore = async () => site.store;
  const opened = await openSnapshot(input.ref, findStore, world.cwd, () => keysOf(world, input.identity));
  const { located, vault, manifest } = opened;
  const { id } = located;
  await lookAtPapers(opened, notify);
  if (input.relocate && manifest.home === null && manifest.root === null) throw fail.noRecordedHome(id);
  const maps = input.relocate ? [...input.maps, ...movedPlaces(manifest, site)] : input.maps;
  const { only, except, relocate, allow } = input;
  const ref = standingAt(input.ref, world.cwd) === null ? id : input.ref;
  const parts = isWhole(input.part) ? null : await import("./parts.ts");
  const settling = () => parts?.picking(input.part) ?? NOTHING_TO_SETTLE;
  const request = (found: Found[]) => ({
    ...site,
    ...{ id, vault, manifest, only, except, maps, relocate, allow, found, uid: whoAmI().uid },
  });
  return {
    ...opened,
    command: "restore",
    note: opened.manifest.description,
    of: null,
    site,
    maps,
    ref,
    typed: [ref],
    request,
    settling,
  };
}
const NOTHING_TO_SETTLE = { settle: undefined, findings: null, demandFound: () => {} };

async function surroundings(opened: OpenedRestore, { all, verbose }: RestoreRequest, { world }: Context) {
  const { command, of, manifest, site, maps } = opened;
  const { home, root } = site;
  // What is taken back is a change, not a state: where it came from, and how the rest has moved since, is no matter.
  const from = of === null ? originOf(manifest, site) : null;
  const host = from === null ? null : machineName();
  const told = { command, of, all, verbose, held: manifest.files.length, here: { host, home, root }, from };
  const places = outermost(maps.map(({ from: old }) => old as AbsPath));
  if (of !== null) return { ...told, places, git: null, venvs: [] };
  return {
    ...told,
    places,
    git: await headDrift(manifest, site.root, world.env),
    venvs: await venvDrift(manifest, site),
  };
}

/** Where all is as in the snapshot: the newest other one that is not. */
async function differing({ manifest, located, site, of }: OpenedRestore, { words }: RestoreRequest, plan: Plan) {
  const isLike = plan.changes.every(({ action }) => action === "unchanged" || action === "extra");
  if (!isLike || of !== null) return null;
  const found = await newestDiffering(manifest, located.id, site.store);
  if (found === null) return null;
  return { ...found, command: words.restore([found.id], { allow: [], relocate: false }).slice(0, -1) };
}

/** What --map alone leaves inside the files, --relocate moves by the same maps. */
function moveInside({ typed, manifest }: OpenedRestore, { relocate, maps, words }: RestoreRequest, plan: Plan) {
  const isLeft = !relocate && maps.length > 0 && plan.changes.some(({ still = [] }) => still.length > 0);
  if (!isLeft || (manifest.home === null && manifest.root === null)) return null;
  return words.restore(typed, { allow: [], relocate: true });
}

async function reloadRestored(
  restored: RestoreOutcome,
  before: LiveAgent[],
  { manifest }: OpenedRestore,
  { world, notify }: Context,
): Promise<RestoreOutcome> {
  const plists = restored.restored.filter(isAgentFile).map(({ path }) => absolute(path, "/"));
  const requests = await requestsFor(plists, manifest);
  // What launchd knew under a label that the restored plist no longer has would run on beside it.
  const renamed = before
    .filter(({ path, label }) => requests.some(({ plist, label: now }) => plist === path && now !== label))
    .map(({ path, label }) => ({ label, plist: path, agent: null, to: { loaded: false, disabled: false } }));
  const { exit, ...reloaded } = await reloadAll([...renamed, ...requests], world, notify);
  return { ...restored, reload: null, reloaded, exit: exit === EXIT.partial ? exit : restored.exit };
}
