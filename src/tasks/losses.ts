// What is lost of what the snapshots held, and what of that somebody accepted.
import type { Counts, Loss, Malformed } from "../model.ts";
import { nameOf } from "../paths.ts";
import { acceptedLosses } from "../snapshot/audit-read.ts";
import { type Complete, newestComplete } from "../snapshot/capture.ts";
import { asOnDisk, isStillLost, losses } from "../snapshot/loss.ts";
import { countFiles } from "../snapshot/manifest.ts";
import type { Entry } from "../snapshot/store.ts";
import { isGrave } from "../upkeep/health.ts";
import { type glanceAt, rememberGlances, tryOpen } from "./open.ts";
import type { Site } from "./site.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** Losses, how many files of each kind there were, and the snapshot that held them last. */
export interface Lost {
  files: Loss[];
  counts: Counts;
  from: string | null;
}

/** What is lost now: of the newest complete snapshot, and of what the snapshots of seven days noted. Nothing that was accepted since. */
export async function lostNow(site: Site, entries: Entry[], glanceOf = rememberGlances()): Promise<Lost> {
  const accepted = acceptedLosses(site.store);
  const stands = (path: string, heldUntilMs: number) => (accepted.get(path) ?? Number.NEGATIVE_INFINITY) < heldUntilMs;
  const files = new Map<string, Loss>();
  const counts: Counts = { plist: 0, config: 0, credential: 0, total: 0 };
  const newest = await newestComplete(site.store);
  if (newest !== null && isFromHere(newest, site)) {
    raise(counts, countFiles(newest.manifest.files));
    for (const loss of await losses(newest.manifest, newest.folder, asOnDisk))
      if (stands(loss.path, newest.manifest.createdAtMs)) files.set(loss.path, loss);
  }
  let from: string | null = files.size > 0 && newest !== null ? newest.id : null;
  const since = Date.now() - WEEK_MS;
  for (const entry of entries) {
    if (entry.ahead) continue;
    const seen = await glanceOf(entry);
    if (seen === null || seen.createdAtMs < since || seen.gone === 0) continue;
    const gone = (await tryOpen(entry))?.manifest.gone;
    if (gone === undefined || gone.from === null) continue;
    for (const loss of gone.files)
      if (!files.has(loss.path) && stands(loss.path, seen.createdAtMs) && (await isStillLost(loss))) {
        files.set(loss.path, loss);
        raise(counts, gone.from.counts);
        from = gone.from.id;
      }
  }
  return { files: [...files.values()], counts, from };
}

/** What can't be understood of the files that lead to others, beside those that are lost by it. */
export const malformedConfigs = (malformed: Malformed[], { files }: Lost): { name: string; what: string }[] =>
  malformed
    .filter(({ path }) => !files.some((loss) => loss.path === path))
    .map(({ path, reason }) => ({ name: nameOf(path), what: reason }));

export interface LastHolders {
  /** How many files each is the last to hold, by id. */
  counts: Map<string, number>;
  /** Each of them with the one whose manifest says so: without that it would not be known any more. */
  pairs: [string, string][];
}

/** As long as auto-backups stay: time to see that a little is lost each day. */
const SLOW_MS = 30 * 24 * 3_600_000;

/**
 * The snapshots that are the last to hold files that later ones lost: more of them than the limit, at once or together in all the snapshots
 * that are there, or any within thirty days, since what is lost little by little is below the limit each time.
 */
export async function lastHolders(site: Site, entries: Entry[], glanceOf: typeof glanceAt): Promise<LastHolders> {
  const accepted = acceptedLosses(site.store);
  const newest = await newestComplete(site.store);
  const back = new Set(newest?.manifest.files.filter(({ size }) => size !== 0).map(({ original }) => original));
  const noted: { id: string; from: string; files: Loss[]; counts: Counts; isFresh: boolean }[] = [];
  const since = Date.now() - SLOW_MS;
  for (const entry of entries) {
    const seen = await glanceOf(entry);
    if (seen === null || seen.gone === 0) continue;
    const gone = (await tryOpen(entry))?.manifest.gone;
    if (gone === undefined || gone.from === null) continue;
    const files = gone.files.filter(
      ({ path, reason }) => (accepted.get(path) ?? 0) < seen.createdAtMs && (reason !== "gone" || !back.has(path)),
    );
    const { id: from, counts } = gone.from;
    if (files.length > 0) noted.push({ id: entry.id, from, files, counts, isFresh: seen.createdAtMs >= since });
  }
  const limit = site.config.health["max-loss"];
  const all = new Map(noted.flatMap(({ files }) => files.map((loss) => [loss.path, loss] as const)));
  const most: Counts = { plist: 0, config: 0, credential: 0, total: 0 };
  for (const { counts } of noted) raise(most, counts);
  const isGraveInAll = isGrave({ files: [...all.values()], counts: most }, limit);
  const grave = noted.filter(
    ({ files, counts, isFresh }) => isFresh || isGraveInAll || isGrave({ files, counts }, limit),
  );
  const counts = new Map<string, number>();
  for (const { from, files } of grave) counts.set(from, Math.max(counts.get(from) ?? 0, files.length));
  return { counts, pairs: grave.map(({ id, from }) => [from, id]) };
}

const isFromHere = ({ manifest }: Complete, { home, root }: Site): boolean =>
  (manifest.home ?? home) === home && (manifest.root ?? root) === root;

function raise(counts: Counts, others: Counts): void {
  for (const key of ["plist", "config", "credential", "total"] as const)
    counts[key] = Math.max(counts[key], others[key]);
}
