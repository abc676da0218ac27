// `prune`: removes the snapshots that no rule keeps.
import type { Retention } from "../config.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Notify } from "../model.ts";
import { below, isWithin, nameOf, parentOf } from "../paths.ts";
import { dropRecords } from "../restore/record.ts";
import { EXIT } from "../rollback-error.ts";
import { pinnedIds } from "../snapshot/pins.ts";
import { asWriter, discard, type Entry, innerFolder, listSnapshots } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { copyNew, flush, makeFolders, NotWritten } from "../system/durable.ts";
import { exists, hashFile, ifReadable, resolved } from "../system/files.ts";
import { replaceWith } from "../system/replace.ts";
import { planPrune, type Verdict } from "../upkeep/prune-plan.ts";
import type { Context, Ending, World } from "./context.ts";
import { type LastHolders, lastHolders } from "./losses.ts";
import { noteEvent } from "./note-event.ts";
import { formOf, rememberGlances } from "./open.ts";
import { demandProven, meansOf } from "./proven.ts";
import { findSite, type Site } from "./site.ts";
import { runsOf } from "./undoable.ts";
import { demandFinished, unfinishedRestore } from "./unfinished.ts";

export interface PruneRequest {
  /** Only this category; undefined is every one. */
  category: string | undefined;
  /** What is kept; null is as the config says for each category. */
  rule: Retention | null;
  /** The folder into which what is removed is packed first. */
  archive: AbsPath | undefined;
  lockWaitMs: number;
}

export interface PruneOutcome extends Ending {
  command: "prune";
  dryRun: boolean;
  verdicts: { id: string; category: string | null; keep: boolean; reasons: string[] }[];
  /** The command that does what a preview shows. */
  next: string[];
}

/** What `prune` would remove. Nothing is changed. */
export async function previewPrune(request: PruneRequest, { world, named, notify }: Context): Promise<PruneOutcome> {
  const site = await findSite(world, named);
  await unfinishedRestore(site.store, notify);
  return { command: "prune", exit: EXIT.done, dryRun: true, verdicts: await verdictsOf(request, site), next: [] };
}

/** Removes them, one after the other; each is whole or gone. */
export async function prune(request: PruneRequest, { world, named, holder, notify }: Context): Promise<PruneOutcome> {
  const { archive, lockWaitMs } = request;
  const site = await findSite(world, named);
  const { store } = site;
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    await demandFinished(store);
    const verdicts = await verdictsOf(request, site);
    let noted = true;
    for (const { id, category } of verdicts.filter(({ keep }) => !keep)) {
      if (archive !== undefined) await archiveFirst(site, id, archive, world, notify);
      discard(store, id);
      const event = { command: "prune", id, description: `category ${category}`, result: "removed" };
      noted = noteEvent(store, event, notify) && noted;
    }
    const kept = new Set<string>(verdicts.filter(({ keep }) => keep).map(({ id }) => id));
    dropRecords(innerFolder(store), (autoBackup) => kept.has(autoBackup));
    return { command: "prune", exit: noted ? EXIT.done : EXIT.partial, dryRun: false, verdicts, next: [] };
  });
}

async function verdictsOf({ category: only, rule }: PruneRequest, site: Site): Promise<Verdict[]> {
  const { store, config } = site;
  const ruleOf = (category: string): Retention | undefined => {
    if (only !== undefined && category !== only) return undefined;
    return rule ?? (Object.hasOwn(config.retention, category) ? config.retention[category] : undefined);
  };
  const entries = listSnapshots(store);
  const glanceOf = rememberGlances();
  const holders = await lastHolders(site, entries, glanceOf);
  const pairs = [...guardPairs(store), ...holders.pairs];
  return planPrune(await candidates(store, entries, glanceOf, holders), { of: ruleOf, nowMs: Date.now(), pairs });
}

/** The two snapshots of each guard run: an undo of it needs both. */
function guardPairs(store: AbsPath): [string, string][] {
  const runs = ifReadable(() => runsOf(store)) ?? [];
  return runs.flatMap(({ id, after }): [string, string][] => (after === null ? [] : [[id, after]]));
}

async function candidates(
  store: AbsPath,
  entries: Entry[],
  glanceOf: ReturnType<typeof rememberGlances>,
  holders: LastHolders,
) {
  const pinned = pinnedIds(store);
  const all = [];
  for (const entry of entries) {
    const seen = formOf(entry) === "zip.age" ? null : await glanceOf(entry);
    all.push({
      id: entry.id,
      category: seen?.category ?? null,
      createdAtMs: seen?.createdAtMs ?? 0,
      complete: seen?.complete === true && !seen.missing,
      pinned: pinned.has(entry.id),
      ahead: entry.ahead,
      lastOf: holders.counts.get(entry.id) ?? 0,
    });
  }
  return all;
}

/** Packs a snapshot into another folder, sealed where the config names recipients. What is to stand for it is opened first. */
async function archiveFirst(
  site: Site,
  id: Verdict["id"],
  folder: AbsPath,
  world: World,
  notify: Notify,
): Promise<void> {
  const { store, config } = site;
  const { recipients } = config.seal;
  const made = makeFolders(folder, 0o700);
  if (made.length > 0) flush([...made, ...made.map(parentOf)]);
  if (isWithin(resolved(folder), resolved(store))) throw fail.archiveInStore(folder);
  const entry = listSnapshots(store).find((candidate) => candidate.id === id);
  if (entry === undefined) throw fail.noSuchSnapshot(id, undefined);
  const means = meansOf(world, store);
  const [first] = entry.forms;
  if (first === "zip" || first === "zip.age") {
    await demandProven({ id, form: first }, entry.at, means);
    return copyArchive(entry.at, below(folder, nameOf(entry.at)));
  }
  const form = recipients.length > 0 ? "zip.age" : "zip";
  const target = below(folder, `${id}.${form}`);
  if (exists(target) && form === "zip.age") return void (await demandProven({ id, form }, target, means));
  const { pack } = await import("../archive/pack.ts");
  const noted = means.digests.get(id);
  await pack(store, { vault: folderVault(id, entry.at), noted, moving: true, notify }, target, recipients);
}

/** A snapshot that is an archive already goes along as it is. */
function copyArchive(from: AbsPath, to: AbsPath): void {
  if (exists(to)) {
    if (hashFile(to).hash !== hashFile(from).hash) throw fail.alreadyThere(to, "it is another archive");
    return;
  }
  try {
    replaceWith(to, (fresh) => copyNew(from, fresh, { noFollow: true }));
  } catch (cause) {
    throw fail.io("write", to, cause instanceof NotWritten ? cause.cause : cause);
  }
}
