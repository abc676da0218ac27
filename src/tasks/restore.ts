// `restore`: what a snapshot would change here, and the change itself. The order of its stages is told in `perform`.
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import type { AbsPath, Change, Env, Found, Kind, Manifest, Notify, Plan, Summary, Write } from "../model.ts";
import { absolute, outermost } from "../paths.ts";
import { backUp, backupDescription, isHeldElsewhere, notCovered, overwriting } from "../restore/auto-backup.ts";
import { type CarriedOut, carryOut } from "../restore/carry-out.ts";
import { journalAt } from "../restore/journal.ts";
import { type LookRequest, planFor, type Settle } from "../restore/look.ts";
import { summarize } from "../restore/plan.ts";
import { dropRecord, keepRecord } from "../restore/record.ts";
import { movedPlaces, type PathMap, targetPath } from "../restore/target.ts";
import { codeOf, EXIT } from "../rollback-error.ts";
import type { Captured } from "../snapshot/capture.ts";
import { standingAt } from "../snapshot/ref.ts";
import { asWriter, discard, innerFolder } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { machineName, whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import { agentNotes } from "./agent-notes.ts";
import { type LiveAgent, liveAgents } from "./agent-states.ts";
import type { Context, Ending } from "./context.ts";
import { type Differing, newestDiffering } from "./differing.ts";
import { type GitDrift, headDrift, type Origin, originOf, type VenvDrift, venvDrift } from "./drift.ts";
import { type EarlierSecret, earlierSecrets } from "./earlier-secrets.ts";
import { type Gathered, gather } from "./gather.ts";
import { keysOf } from "./identity.ts";
import { type NextStep, nextStep } from "./next-step.ts";
import { noteEvent } from "./note-event.ts";
import { type Opened, openSnapshot } from "./open.ts";
import { isWhole, type Part, WHOLE } from "./part.ts";
import type { Patch } from "./patch.ts";
import { wholeRefusal } from "./refusal.ts";
import { type Reloads, reloadAll, requestsFor } from "./reload.ts";
import type { Findings } from "./settle.ts";
import { findSite, type Site } from "./site.ts";
import { demandFinished, unfinishedRestore } from "./unfinished.ts";

/** What to restore and how. Absent lists mean everything, nowhere moved, nothing more allowed. */
export interface RestoreRequest {
  ref: string;
  only: string[];
  except: string[];
  maps: PathMap[];
  /** Move what lay below the recorded home and root to this one's, also inside plists and JSON configs. */
  relocate: boolean;
  /** Folders outside home and root below which it may write. */
  allow: AbsPath[];
  /** The age identity that opens a sealed snapshot; undefined means the default one. */
  identity: string | undefined;
  /** Then reload the agents whose plist changed. */
  reload: boolean;
  /** Also tell what differs inside the files. */
  patch: boolean;
  /** Name each file, also the unchanged ones. */
  all: boolean;
  /** Also name what our own commands make needless. */
  verbose: boolean;
  /** Each file on its own instead of all or none. */
  keepGoing: boolean;
  lockWaitMs: number;
  /** Which part of each file; all of it where it is whole. */
  part: Part;
  words: RestoreWords;
}

/** The commands that do what an outcome or an error suggests, in the caller's spelling. */
export interface RestoreWords {
  /**
   * The command itself, of these snapshots or this number, with allowed folders beside those that were given, and another snapshots
   * folder. With `relocate` it is the preview of one that also moves the snapshot to this home.
   */
  restore(named: string[], more: { allow: AbsPath[]; relocate: boolean; snapshots?: AbsPath }): string[];
  reload(ref: string): string[];
  /** What takes back what was just done. */
  undo(): string[];
}

/** The change that an undo or a revert takes back. */
export type TakenBack =
  /** An event of the trail, by its line there. `time` is RFC 3339, UTC. */
  | {
      type: "event";
      line: number;
      command: string;
      id: string;
      description: string | null;
      time: string | null;
      ageSeconds: number | null;
    }
  | { type: "between"; from: Named; to: Named };
interface Named {
  id: string;
  description: string;
}

/** The restore of the whole snapshot, with a reload. */
export const wholeRestore = (ref: string, words: RestoreWords): RestoreRequest => ({
  ref,
  only: [],
  except: [],
  part: WHOLE,
  maps: [],
  relocate: false,
  allow: [],
  identity: undefined,
  reload: true,
  patch: false,
  all: false,
  verbose: false,
  keepGoing: false,
  lockWaitMs: 10_000,
  words,
});

export interface RestoreOutcome extends Ending {
  command: "restore" | "undo" | "revert";
  dryRun: boolean;
  plan: Plan;
  summary: Summary;
  autoBackup: string | null;
  restored: { path: string; name: string; kind: Kind }[];
  failed: { path: string; error: string }[];
  /** The command that comes after a preview, or after a restore of a snapshot from elsewhere. */
  next: NextStep;
  /** The preview that also moves what --map alone left as it was inside the files; null where nothing is left, or it can't be moved. */
  moveInside: string[] | null;
  venvs: VenvDrift[];
  git: GitDrift | null;
  /** What a preview says about agents whose plist would change. */
  agents: string[];
  /** The command that takes back what was done; null where nothing was written. */
  back: string[] | null;
  /** What reloads agents whose plist was replaced; null where there are none, or --reload did it. */
  reload: { command: string[]; launchctl: string[] } | null;
  /** Only with --reload. */
  reloaded: Reloads | null;
  /** Only with --patch: what differs inside the files, from what was there to what the snapshot holds. */
  patch: Patch | null;
  /** What changes inside the files, in a preview. */
  stats: Patch;
  /** How many files the snapshot holds, chosen or not. */
  held: number;
  /** Where nothing would change: the newest snapshot that is not like this one. */
  differing: Differing | null;
  /** Name each file, also the unchanged ones. */
  all: boolean;
  verbose: boolean;
  /** The host's name only where the snapshot is from elsewhere. */
  here: { host: string | null; home: AbsPath; root: AbsPath };
  /** Where files were moved from, by --map and --relocate. */
  places: string[];
  from: Origin | null;
  of: TakenBack | null;
  /** Secrets of which it brings an earlier one back. */
  earlier: EarlierSecret[];
  /** Why --force would refuse all that a preview shows; null where it would not. */
  refusal: { message: string; hint: string } | null;
  /** What a merge found; null where files are taken as they are stored. */
  findings: Findings | null;
}

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
  const restored = await asWriter(site.store, { command: holder, lockWaitMs: input.lockWaitMs }, () =>
    write(opened, gathered, input, context),
  );
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

/** A snapshot that is open for a restore. */
export interface OpenedRestore extends Opened {
  command: RestoreOutcome["command"];
  /** What the trail is to say of it. */
  note: string;
  /** What is taken back; null for a restore. */
  of: TakenBack | null;
  site: Site;
  maps: PathMap[];
  /** The id, or the words that the user named it by where those name a file or folder. */
  ref: string;
  /** What the command is to be given again. */
  typed: string[];
  request(found: Found[]): Omit<LookRequest, "env">;
  /** What decides of each file what it is to hold, afresh for each plan. */
  settling(): { settle: Settle | undefined; findings: Findings | null; demandFound(): void };
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

/** The part that needs the lock. */
async function write(
  opened: OpenedRestore,
  { inventory, circumstances }: Gathered,
  input: RestoreRequest,
  context: Context,
): Promise<RestoreOutcome> {
  const { notify } = context;
  const { vault, located, site } = opened;
  const { id } = located;
  await demandFinished(site.store);
  const { plan, findings, backup, noted } = await backedUpPlan(opened, { inventory, circumstances }, input, context);
  const autoBackup = backup?.id ?? null;
  const { keepGoing } = input;
  const inner = innerFolder(site.store);
  const undo = plan.changes.some(({ writes }) => writes.length > 0) ? keepRecord(inner, plan, autoBackup) : undefined;
  const done = await carryOut(plan, { journalFolder: inner, vault, autoBackup, keepGoing }, notify).catch(
    async (cause) => {
      // What was cut off may yet be finished, and is then to be undone.
      if (journalAt(inner) !== null) throw cause;
      if (undo !== undefined) dropRecord(inner, undo);
      if (backup !== null) await dropNeedless(backup, site.store, notify);
      throw cause;
    },
  );
  const summary = summarize(plan);
  const failed = [...passedOver(plan), ...done.failed];
  const isPartly = summary.skipped > 0 || failed.length > 0;
  const event = { command: opened.command, description: opened.note, id, files: done.restored.length };
  const traced = undo === undefined ? event : { ...event, undo };
  const isNoted = noteEvent(site.store, { ...traced, result: isPartly ? "partly" : "ok" }, notify) && noted;
  const patch = await patchOf({ ...plan, changes: done.restored }, opened, backup);
  return {
    ...(await surroundings(opened, input, context)),
    stats: { files: [], problems: [] },
    differing: null,
    agents: [],
    next: nextStep({ opened, input }, plan),
    moveInside: moveInside(opened, input, plan),
    exit: isPartly || !isNoted ? EXIT.partial : EXIT.done,
    dryRun: false,
    plan,
    summary,
    autoBackup,
    restored: done.restored.map(({ path, name, kind }) => ({ path, name, kind })),
    failed,
    patch: input.patch || findings !== null ? patch : null,
    earlier: earlierSecrets(patch),
    back: undo === undefined ? null : input.words.undo(),
    reload: reloadAdvice(done, opened, input),
    reloaded: null,
    refusal: null,
    findings,
  };
}

const REPLANS = 3;

interface Planned {
  plan: Plan;
  findings: Findings | null;
}

interface BackedUp extends Planned {
  /** Null where nothing is overwritten. */
  backup: Captured | null;
  /** False where the auto-backup stands and could not be noted in the trail. */
  noted: boolean;
}

/** A plan of which nothing is refused, and the auto-backup that holds every byte it overwrites. */
async function backedUpPlan(
  opened: OpenedRestore,
  { inventory, circumstances }: Gathered,
  input: RestoreRequest,
  { world, notify }: Pick<Context, "world" | "notify">,
): Promise<BackedUp> {
  const { store } = opened.site;
  const { found, skipped } = inventory;
  const first = await planned(opened, found, input, world.env);
  const { plan } = first;
  if (overwriting(plan).length === 0) return { ...first, backup: null, noted: true };
  // What is wrong with the agents of now is no matter: it is about to be overwritten.
  const told: Notify = (notice) => notice.type !== "dangling" && notify(notice);
  const backup = await backUp({ store, found, skipped, circumstances }, plan, told);
  const noted = noteBackup(store, backup, plan.snapshot, notify);
  // A file may change between our look and the backup, which then holds what it is: it is planned again from there.
  let covered = first;
  for (let replans = 0; ; replans++) {
    const [lacking, ...others] = notCovered(covered.plan, backup);
    if (lacking === undefined) return { ...covered, backup, noted };
    const unread = backup.skipped.filter(({ path }) => [lacking, ...others].some(({ at }) => at === path));
    if (unread.length > 0 && !input.keepGoing)
      throw fail.autoBackupPartial(unread.map(({ path, reason }) => `${path}: ${reason}`));
    if (replans >= REPLANS) throw fail.liveChanged(lacking.at);
    covered =
      unread.length > 0 ? withoutUnread(covered, [lacking, ...others]) : await planned(opened, found, input, world.env);
  }
}

/** The same plan, that writes nothing over what no backup holds. */
function withoutUnread({ plan, findings }: Planned, lacking: Write[]): Planned {
  const isUnread = ({ writes }: Change) => writes.some(({ at }) => lacking.some((write) => write.at === at));
  const changes = plan.changes.map((change): Change => {
    if (!isUnread(change)) return change;
    const reason = `no auto-backup can hold it${change.reason === undefined ? "" : `: it ${change.reason}`}`;
    return { ...change, action: "refused", reason, writes: [] };
  });
  return { plan: { ...plan, changes }, findings };
}

/** What --keep-going does not restore because it is refused. */
const passedOver = ({ changes }: Plan): { path: string; error: string }[] =>
  changes.flatMap(({ action, path, reason }) =>
    action === "refused" ? [{ path, error: `refused: it ${reason}` }] : [],
  );

/** The plan. Throws `refused` where a target is and the others are not to be restored alone, and `failed` where a conflict is undecided. */
async function planned(opened: OpenedRestore, found: Found[], input: RestoreRequest, env: Env): Promise<Planned> {
  const { settle, findings, demandFound } = opened.settling();
  const plan = await planFor({ ...opened.request(found), settle, env });
  demandFound();
  const undecided = findings?.conflicts.map(({ path }) => path) ?? [];
  if (undecided.length > 0) throw fail.undecided(undecided);
  const refused = plan.changes.filter(({ action }) => action === "refused");
  if (refused.length === 0 || input.keepGoing) return { plan, findings };
  const refusals = refused.map(({ path, reason = "can't be written" }) => ({ path, reason }));
  const total = plan.changes.filter(({ action }) => action !== "extra").length;
  if (refused.every(({ obstructed }) => obstructed === true)) throw fail.restoreObstructed(refusals, total);
  const { command, elsewhere } = nextStep({ opened, input }, plan);
  const isInTheWay = elsewhere === null && refused.some(({ allow }) => allow === undefined);
  throw fail.restoreRefused(refusals, total, isInTheWay ? undefined : command.map(quote).join(" "), elsewhere);
}

/** Removes the auto-backup of a restore that failed, every file being as it was, where another snapshot holds the same. */
async function dropNeedless(backup: Captured, store: AbsPath, notify: Notify): Promise<void> {
  if (!(await isHeldElsewhere(backup, store))) return;
  try {
    discard(store, backup.id);
  } catch (cause) {
    // The restore's own failure is what is told.
    if (codeOf(cause) === undefined) throw cause;
    return;
  }
  const description = "the restore failed, and another snapshot holds the same";
  noteEvent(store, { command: "prune", id: backup.id, description, result: "removed" }, notify);
}

/** It stands whatever comes of the restore, and is noted before that begins. */
export function noteBackup(
  store: AbsPath,
  { id, files, digest, skipped }: Captured,
  of: string,
  notify: Notify,
): boolean {
  const result = skipped.length === 0 ? "ok" : "incomplete";
  const event = { command: "create", description: backupDescription(of), id, files: files.length, result };
  return noteEvent(store, digest === null ? event : { ...event, manifest: digest }, notify);
}

async function patchOf(plan: Plan, { vault }: OpenedRestore, backup: Captured | null): Promise<Patch> {
  const { patchDone } = await import("./patch.ts");
  const before = backup === null ? null : folderVault(backup.id, backup.folder);
  return patchDone(plan, vault, before, backup?.files ?? []);
}

/** What makes launchd read the replaced plists: our own command, and bootout and bootstrap by label. */
function reloadAdvice(
  { restored }: CarriedOut,
  opened: OpenedRestore,
  { words }: RestoreRequest,
): RestoreOutcome["reload"] {
  const { manifest, maps, vault, ref, located, of } = opened;
  const { uid } = whoAmI();
  const labels = labelsAt(manifest, maps);
  const lines = restored
    .filter(({ kind }) => kind === "plist")
    .map(({ path, name }: Change) => {
      const label = labels.get(path) ?? name.replace(/\.plist$/, "");
      return `launchctl bootout ${quote(`gui/${uid}/${label}`)}; launchctl bootstrap gui/${uid} ${quote(path)}`;
    });
  // To be typed from anywhere, so with a whole path where it is not an id.
  const command = words.reload(of?.type === "event" || ref === located.id ? located.id : vault.at);
  return lines.length === 0 ? null : { command, launchctl: lines };
}

/** The labels that the snapshot has for its plists, by the path that each goes to. */
function labelsAt({ files }: Manifest, maps: PathMap[]): Map<string, string | null | undefined> {
  const labels = new Map<string, string | null | undefined>();
  for (const { original, label } of files) {
    const target = targetPath(original, maps);
    if ("path" in target) labels.set(target.path, label);
  }
  return labels;
}

async function reloadRestored(
  restored: RestoreOutcome,
  before: LiveAgent[],
  { manifest }: OpenedRestore,
  { world, notify }: Context,
): Promise<RestoreOutcome> {
  const plists = restored.restored.filter(({ kind }) => kind === "plist").map(({ path }) => absolute(path, "/"));
  const requests = await requestsFor(plists, manifest);
  // What launchd knew under a label that the restored plist no longer has would run on beside it.
  const renamed = before
    .filter(({ path, label }) => requests.some(({ plist, label: now }) => plist === path && now !== label))
    .map(({ path, label }) => ({ label, plist: path, agent: null, to: { loaded: false, disabled: false } }));
  const { exit, ...reloaded } = await reloadAll([...renamed, ...requests], world, notify);
  return { ...restored, reload: null, reloaded, exit: exit === EXIT.partial ? exit : restored.exit };
}
