// `report`: one page to look at: every snapshot, and which file changed in which.

import type { FileDiff, Problem } from "../comparison.ts";
import { compareVersions, hideKnown, type Version } from "../diff/compare.ts";
import { matrix, type Row } from "../diff/matrix.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Manifest } from "../model.ts";
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
  const opened = await openAll(refs, store, world);
  const rows = matrix(
    opened.map(({ manifest }) => (manifest === null ? UNKNOWN : columnOf(manifest.files, manifest.skipped))),
  );
  const pinned = new Set<string>(pinnedIds(store));
  const known = knownSecrets();
  const compared: PageSnapshot[] = [];
  for (const [column, one] of opened.entries()) {
    notify({ type: "progress", what: "Comparing", done: column, total: opened.length });
    compared.push({ ...describe(one, pinned), ...(await changesOf(rows, opened, column, known)) });
  }
  const snapshots = compared.map((one) => ({ ...one, changes: hideKnown(one.changes, known) }));
  const findings = judgeHealth(await healthFacts(world, site, false, notify), site.config.health);
  const health = { level: worst(findings), findings };
  const content = renderPage({ madeAt: now().utc, root, health, snapshots, rows });
  if (output !== null) write(output, content);
  return { command: "report", exit: EXIT.done, path: output, snapshots: snapshots.length, content };
}

/** A snapshot with its manifest; null where that can't be had. */
type Looked = { entry: Located } & ({ vault: Vault; manifest: Manifest } | { vault: null; manifest: null });

function describe(
  { entry, vault, manifest }: Looked,
  pinned: ReadonlySet<string>,
): Omit<PageSnapshot, "changes" | "problems"> {
  const { id } = entry;
  const base = { id, pinned: pinned.has(id) };
  if (manifest === null)
    return {
      ...base,
      description: null,
      category: null,
      takenAt: null,
      status: formOf(entry) === "zip.age" ? "sealed" : "damaged",
      files: 0,
      git: null,
    };
  const { git } = manifest;
  const isWhole = missingFiles(vault, manifest).length === 0;
  return {
    ...base,
    description: manifest.description,
    category: manifest.category,
    takenAt: manifest.createdAt,
    status: statusOf(!isWhole, manifest.complete),
    files: manifest.files.length,
    git: git?.commit == null ? null : `${git.branch ?? "detached"} at ${git.commit.slice(0, 9)}`,
  };
}

/** Those that are named, else all; oldest first. */
async function openAll(refs: string[], store: AbsPath, { cwd }: World): Promise<Looked[]> {
  const named = await Promise.all(refs.map((ref) => locate(ref, async () => store, cwd)));
  const chosen = new Set(named.map(({ id }) => id));
  const entries = listSnapshots(store).filter(({ id }) => chosen.size === 0 || chosen.has(id));
  const opened: Looked[] = [];
  for (const entry of entries.toReversed())
    opened.push({ entry, ...((await tryOpen(entry)) ?? { vault: null, manifest: null }) });
  return opened;
}

/** The changes that the matrix shows in one column. Contents are read for these alone. */
async function changesOf(
  rows: Row[],
  opened: Looked[],
  column: number,
  known: Known,
): Promise<{ changes: FileDiff[]; problems: Problem[] }> {
  const changes: FileDiff[] = [];
  const problems: Problem[] = [];
  for (const { path, cells } of rows) {
    if (!["added", "changed", "removed"].includes(cells[column] ?? "")) continue;
    const previous = cells.findLastIndex((cell, index) => index < column && cell !== "unknown");
    const compared = await compareVersions(versionOf(opened[previous], path), versionOf(opened[column], path), known);
    if (compared.diff !== null) changes.push(compared.diff);
    problems.push(...compared.problems);
  }
  return { changes, problems };
}

function versionOf(one: Looked | undefined, path: string): Version | null {
  const file = one?.manifest?.files.find(({ original }) => original === path);
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
