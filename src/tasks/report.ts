// `report`: one page to look at: every snapshot, and which file changed in which.

import type { FileDiff, Problem } from "../comparison.ts";
import { compareVersions, hideKnown, type Version } from "../diff/compare.ts";
import { type Column, matrix, type Row } from "../diff/matrix.ts";
import { fail } from "../errors.ts";
import type { AbsPath, StoredFile } from "../model.ts";
import { type PageSnapshot, renderPage } from "../page/page.ts";
import { isWithin } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { type Known, knownSecrets } from "../secrets/known.ts";
import { pinnedIds } from "../snapshot/pins.ts";
import type { Located } from "../snapshot/ref.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { missingFiles, type Vault } from "../snapshot/vault.ts";
import { statusOf } from "../snapshot/verify.ts";
import { now } from "../system/clock.ts";
import { ifReadable, kindOf, lookThrough, readEnds, resolved } from "../system/files.ts";
import { replaceFile } from "../system/replace.ts";
import { judgeHealth, worst } from "../upkeep/health.ts";
import type { Context, Ending, World } from "./context.ts";
import { healthFacts } from "./health.ts";
import { formOf, locate, tryOpen } from "./open.ts";
import { findSite } from "./site.ts";
import { columnOf, storedVersion, UNKNOWN } from "./states.ts";

export interface ReportRequest {
  /** Only these snapshots; none named is all of them. */
  refs: string[];
  /** Where the page goes; null where the caller prints it. */
  output: AbsPath | null;
}

export interface ReportOutcome extends Ending {
  command: "report";
  /** Null where the page goes to stdout. */
  path: AbsPath | null;
  snapshots: number;
  content: string;
}

export async function report(
  { refs, output }: ReportRequest,
  { world, named, notify }: Context,
): Promise<ReportOutcome> {
  const site = await findSite(world, named);
  const { store, root } = site;
  if (output !== null) demandPage(output, store);
  const pinned = new Set<string>(pinnedIds(store));
  const entries = await chosenOf(refs, store, world);
  const seen: Seen[] = [];
  for (const [done, entry] of entries.entries()) {
    notify({ type: "progress", what: "Reading", done, total: entries.length });
    seen.push(await lookAt(entry, pinned.has(entry.id)));
  }
  const rows = matrix(seen.map(({ column }) => column));
  const known = knownSecrets();
  const changes = changesOf(rows, seen);
  const compared: PageSnapshot[] = [];
  for (const [done, { told }] of seen.entries()) {
    notify({ type: "progress", what: "Comparing", done, total: entries.length });
    compared.push({ ...told, ...(await compareAll(changes[done] ?? [], known)) });
  }
  const snapshots = compared.map((one) => ({ ...one, changes: hideKnown(one.changes, known) }));
  const findings = judgeHealth(await healthFacts(world, site, false, notify), site.config.health);
  const health = { level: worst(findings), findings };
  const content = renderPage({ madeAt: now().utc, root, health, snapshots, rows });
  if (output !== null) write(output, content);
  return { command: "report", exit: EXIT.done, path: output, snapshots: snapshots.length, content };
}

/** What is kept of a snapshot's manifest: none where that can't be read. */
interface Seen {
  told: Omit<PageSnapshot, "changes" | "problems">;
  column: Column;
  files: ReadonlyMap<string, StoredFile>;
  vault: Vault | null;
}

async function lookAt(entry: Located, pinned: boolean): Promise<Seen> {
  const { id } = entry;
  const opened = await tryOpen(entry);
  if (opened === null) {
    const status = formOf(entry) === "zip.age" ? "sealed" : "damaged";
    const nothing = { description: null, category: null, takenAt: null, files: 0, git: null };
    return { told: { id, pinned, status, ...nothing }, column: UNKNOWN, files: new Map(), vault: null };
  }
  const { vault, manifest } = opened;
  const { description, category, createdAt: takenAt, complete, files, skipped, git } = manifest;
  const status = statusOf(missingFiles(vault, manifest).length > 0, complete);
  const commit = git?.commit == null ? null : `${git.branch ?? "detached"} at ${git.commit.slice(0, 9)}`;
  return {
    told: { id, pinned, description, category, takenAt, status, files: files.length, git: commit },
    column: columnOf(files, skipped),
    // Where a path stands twice, the first counts.
    files: new Map(files.toReversed().map((file) => [file.original, file])),
    vault,
  };
}

/** Those that are named, else all; oldest first. */
async function chosenOf(refs: string[], store: AbsPath, { cwd }: World): Promise<Located[]> {
  const named = await Promise.all(refs.map((ref) => locate(ref, async () => store, cwd)));
  const chosen = new Set(named.map(({ id }) => id));
  const entries = listSnapshots(store).filter(({ id }) => chosen.size === 0 || chosen.has(id));
  return entries.toReversed();
}

/** The two ends of each change that the matrix shows, by column: one walk over its cells. */
function changesOf(rows: Row[], seen: Seen[]): (readonly [Version | null, Version | null])[][] {
  const changes = seen.map((): (readonly [Version | null, Version | null])[] => []);
  for (const { path, cells } of rows) {
    let previous: Seen | undefined;
    for (const [column, cell] of cells.entries()) {
      if (cell === "unknown") continue;
      if (cell === "added" || cell === "changed" || cell === "removed")
        changes[column]?.push([versionOf(previous, path), versionOf(seen[column], path)]);
      previous = seen[column];
    }
  }
  return changes;
}

/** Contents are read for these changes alone. */
async function compareAll(ends: (readonly [Version | null, Version | null])[], known: Known) {
  const changes: FileDiff[] = [];
  const problems: Problem[] = [];
  for (const [before, after] of ends) {
    const compared = await compareVersions(before, after, known);
    if (compared.diff !== null) changes.push(compared.diff);
    problems.push(...compared.problems);
  }
  return { changes, problems };
}

function versionOf(one: Seen | undefined, path: string): Version | null {
  const file = one?.files.get(path);
  return file === undefined || one?.vault == null ? null : storedVersion(one.vault, file, path);
}

const PAGE_BEGIN = "<!doctype html>";

/** The page goes over an older page or a link to one if anything, and not among the snapshots. */
function demandPage(path: AbsPath, store: AbsPath): void {
  let there: ReturnType<typeof lookThrough>;
  try {
    there = lookThrough(path);
  } catch (cause) {
    throw fail.io("write", path, cause);
  }
  if (there !== null && !there.isFile())
    throw fail.notAPage(path, `a file's path, and this is ${kindOf(there)}; - is stdout`);
  if (
    there !== null &&
    there.size > 0 &&
    ifReadable(() => readEnds(resolved(path), PAGE_BEGIN.length)?.head) !== PAGE_BEGIN
  )
    throw fail.notAPage(path, "a new name, or that of an older page: this is another file");
  if (isWithin(path, store)) throw fail.notAPage(path, "a place outside the snapshots folder");
}

/** Whole or not at all, and for its owner alone: it names every file that is protected. */
function write(target: AbsPath, content: string): void {
  try {
    replaceFile(target, content);
  } catch (cause) {
    throw fail.io("write", target, cause);
  }
}
