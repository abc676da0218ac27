// `bisect`: which of the changes since a snapshot makes a check fail. States are tried in today's files, each as a transaction that is
// taken back; at the end every file is as it was, or with `apply` the fix is in place.
import { fail } from "../errors.ts";
import type { AbsPath, Kind } from "../model.ts";
import { carryOut } from "../restore/carry-out.ts";
import { journalAt } from "../restore/journal.ts";
import { planFor } from "../restore/look.ts";
import { dropRecord, keepRecord } from "../restore/record.ts";
import { demandTrusted, snapshotParts, storeParts } from "../restore/trust.ts";
import { EXIT } from "../rollback-error.ts";
import { trialsFor } from "../search/smallest.ts";
import { asWriter, innerFolder, listSnapshots } from "../snapshot/store.ts";
import { whoAmI } from "../system/machine.ts";
import { type Bench, setUp } from "./bench.ts";
import type { Context, Ending, Site } from "./context.ts";
import { type Culprit, changedFiles, type Side, writesWith } from "./culprits.ts";
import { type BisectWords, type Finding, findCulprits, shownChecks } from "./find-culprits.ts";
import { gather } from "./gather.ts";
import { keysOf } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { openSnapshot } from "./open.ts";
import { archiveRefusal } from "./refusal.ts";
import { reloadAll, requestsFor } from "./reload.ts";
import { findSite } from "./site.ts";
import type { Checking, Tried } from "./trials.ts";
import { demandFinished } from "./unfinished.ts";

export interface BisectRequest extends Checking {
  /** A snapshot in which the checks pass. */
  ref: string;
  only: string[];
  except: string[];
  /** First find the snapshot in which they fail first. */
  between: boolean;
  /** Leave the fix in place. */
  apply: boolean;
  /** Reload the agents whose plist a trial touches. */
  reload: boolean;
  identity: string | undefined;
  lockWaitMs: number;
  words: BisectWords;
}

export interface BisectOutcome extends Ending, Finding {
  command: "bisect";
  dryRun: boolean;
  id: string;
  /** The files that differ from the snapshot. */
  changes: { path: AbsPath; name: string; kind: Kind }[];
  /** With --between: the later snapshots, oldest first. */
  states: string[];
  /** Trials that one culprit takes. */
  expected: number;
  trials: Tried[];
  /** Whether undoing what was found is left in place, and the command that takes it back. */
  applied: boolean;
  back: string[] | null;
  autoBackup: string | null;
  tookMs: number;
}

/** How many changes there are, and what a search would take. Changes nothing, and runs no check. */
export async function preview(request: BisectRequest, context: Context): Promise<BisectOutcome> {
  const { site, good } = await open(request, context);
  const outcome = begun(good, site, request);
  const { between, checks, words } = request;
  const search = words.search(outcome.id, { between, checks: shownChecks(checks) });
  return { ...outcome, dryRun: true, next: [search] };
}

function begun(good: Side, site: Site, { between }: BisectRequest): BisectOutcome {
  const { id } = good.opened.located;
  const files = changedFiles({ good, bad: null });
  const states = between ? laterThan(id, site) : [];
  const first = states.length === 0 ? 0 : Math.ceil(Math.log2(states.length + 1));
  return {
    command: "bisect",
    exit: EXIT.done,
    dryRun: false,
    id,
    changes: files.map(({ path, name, kind }) => ({ path, name, kind })),
    states,
    expected: first + trialsFor(files.length),
    verdict: null,
    found: [],
    among: files.length,
    first: null,
    passesToday: false,
    next: [],
    trials: [],
    applied: false,
    back: null,
    autoBackup: null,
    tookMs: 0,
  };
}

interface Opened {
  site: Site;
  good: Side;
  /** Opens a later snapshot, and plans its restore into today's files. */
  at(ref: string): Promise<Side>;
}

async function open({ ref, only, except, identity }: BisectRequest, { world, named }: Context): Promise<Opened> {
  const site = await findSite(world, named);
  const findStore = async () => site.store;
  const keys = () => keysOf(world, identity);
  const at = async (wanted: string, chosen: { only: string[]; except: string[] }): Promise<Side> => {
    const opened = await openSnapshot(wanted, findStore, world.cwd, keys);
    const { located, vault, manifest } = opened;
    const places = { maps: [], relocate: false, allow: [], found: [], uid: whoAmI().uid, env: world.env };
    const plan = await planFor({ ...site, id: located.id, vault, manifest, ...chosen, ...places });
    const refused = plan.changes.filter(({ action }) => action === "refused");
    if (refused.length === 0) return { opened, plan };
    const refusals = refused.map(({ path, reason = "can't be written" }) => ({ path, reason }));
    throw fail.restoreRefused(refusals, plan.changes.length, undefined, null);
  };
  return { site, good: await at(ref, { only, except }), at: (id) => at(id, { only: [], except: [] }) };
}

/** The snapshots after one, oldest first. */
const laterThan = (id: string, { store }: Site): string[] =>
  listSnapshots(store)
    .filter((entry) => !entry.ahead && entry.id > id)
    .map((entry): string => entry.id)
    .reverse();

/**
 * Searches. Throws `interrupted`, `locked`, and `failed` where somebody else changes a file meanwhile: every other file is then as it was.
 */
export async function perform(request: BisectRequest, context: Context): Promise<BisectOutcome> {
  const { world, named, holder } = context;
  const site = await findSite(world, named);
  const gathered = await gather(world, site, () => {});
  return asWriter(site.store, { command: holder, lockWaitMs: request.lockWaitMs }, async () => {
    await demandFinished(site.store);
    const { good, at } = await open(request, context);
    const { vault } = good.opened;
    const distrust = vault.archive ? await archiveRefusal(vault.at, site.store, world.env) : null;
    if (distrust !== null) throw distrust;
    const parts = [...storeParts(site.store), ...(vault.archive ? [] : snapshotParts(vault.at))];
    await demandTrusted(parts, site.store, world.env);
    const outcome = begun(good, site, request);
    const bench = await setUp({ site, good, gathered, reload: request.reload, checking: request }, outcome, context);
    return search(bench, at, outcome, request, context);
  });
}

async function search(
  bench: Bench,
  at: Opened["at"],
  outcome: BisectOutcome,
  request: BisectRequest,
  context: Context,
): Promise<BisectOutcome> {
  const beganMs = performance.now();
  const oldest = listSnapshots(bench.site.store).findLast(({ ahead, id }) => !ahead && id < outcome.id)?.id;
  const finding = await findCulprits(
    bench,
    { later: outcome.states, oldest, at, checks: request.checks },
    request.words,
  );
  const isFixing = request.apply && finding.passesToday;
  const record = isFixing ? await apply(finding.found, bench, request, context) : null;
  const { site, tried } = bench;
  const event = { command: "bisect", description: "which change makes a check fail", id: outcome.id };
  const result = finding.verdict ?? "none";
  noteEvent(site.store, { ...event, ...(record === null ? {} : { undo: record }), result }, context.notify);
  const succeeded = finding.verdict === "found" && (!request.apply || record !== null);
  return {
    ...outcome,
    ...finding,
    trials: tried,
    applied: record !== null,
    back: record === null ? null : request.words.undo(),
    autoBackup: bench.autoBackup(),
    tookMs: Math.round(performance.now() - beganMs),
    exit: succeeded ? EXIT.done : EXIT.failed,
  };
}

/** Leaves today's files with what was found undone, as one transaction. Returns the record by which that is undone. */
async function apply(found: Culprit[], bench: Bench, request: BisectRequest, { world, notify }: Context) {
  const { site, good } = bench;
  const { plan, opened } = good;
  const files = Map.groupBy(found, ({ path }) => path as string);
  const changes = await Promise.all(
    plan.changes
      .filter(({ path }) => files.has(path))
      .map(async (change) => {
        const writes = await writesWith(files.get(change.path) ?? [], { good, bad: null });
        return { ...change, writes: writes ?? [] };
      }),
  );
  const fix = { ...plan, changes };
  const journalFolder = innerFolder(site.store);
  const autoBackup = bench.autoBackup();
  const record = keepRecord(journalFolder, fix, autoBackup);
  await carryOut(fix, { journalFolder, vault: opened.vault, autoBackup, keepGoing: false }, notify).catch((cause) => {
    if (journalAt(journalFolder) === null) dropRecord(journalFolder, record);
    throw cause;
  });
  const plists = changes.filter(({ kind }) => kind === "plist").map(({ path }) => path as AbsPath);
  if (request.reload) await reloadAll(await requestsFor(plists, opened.manifest), world, notify);
  return record;
}
