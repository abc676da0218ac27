import type { FileDiff, Problem } from "../../comparison.ts";
import { compareVersions, type Version } from "../../diff/compare.ts";
import { matrix, type Row } from "../../diff/matrix.ts";
import { fail } from "../../errors.ts";
import type { AbsPath, Manifest } from "../../model.ts";
import type { ReportOutcome } from "../../outcome.ts";
import { type PageSnapshot, renderPage } from "../../page/page.ts";
import { absolute, below, isWithin, nameOf, parentOf } from "../../paths.ts";
import type { Located } from "../../snapshot/ref.ts";
import { listSnapshots, pinnedIds } from "../../snapshot/store.ts";
import { missingFiles, type Vault } from "../../snapshot/vault.ts";
import { now } from "../../system/clock.ts";
import { flush, removeFile, rename, writeNew } from "../../system/durable.ts";
import { ifReadable, kindOf, lookThrough, readEnds, resolved } from "../../system/files.ts";
import { healthFacts } from "../../tasks/health.ts";
import { formOf, locate, tryOpen } from "../../tasks/open.ts";
import { findSite } from "../../tasks/site.ts";
import { columnOf, storedVersion, UNKNOWN } from "../../tasks/states.ts";
import { judgeHealth, worst } from "../../upkeep/health.ts";
import { command } from "../command.ts";

export default command({
  name: "report",
  description: "One page to look at: every snapshot, and which file changed in which",
  args: {
    ref: { type: "positional", required: false, description: "Only these snapshots; all of them when left out" },
    output: {
      type: "string",
      alias: "o",
      valueHint: "FILE",
      description: "The HTML file; - is stdout",
    },
  },
  repeatable: ["ref"],
  exits: { 0: "done", 1: "FILE could not be written", 5: "there is no such snapshot" },
  example: "rollback report -o ~/Desktop/rollback.html && open ~/Desktop/rollback.html",
  async run(args, { world, globals, lists, notify }): Promise<ReportOutcome> {
    const { output } = args;
    if (output === undefined || output === "") throw fail.missingWord("report", "-o FILE");
    const site = await findSite(world, globals);
    const target = output === "-" ? null : targetOf(absolute(output, world.cwd), site.store);
    const named = await Promise.all((lists.ref ?? []).map((ref) => locate(ref, async () => site.store, world.cwd)));
    const chosen = new Set(named.map(({ id }) => id));
    const entries = listSnapshots(site.store).filter(({ id }) => chosen.size === 0 || chosen.has(id));
    const opened: Opened[] = [];
    for (const entry of entries.toReversed())
      opened.push({ entry, ...((await tryOpen(entry)) ?? { vault: null, manifest: null }) });
    const rows = matrix(
      opened.map(({ manifest }) => (manifest === null ? UNKNOWN : columnOf(manifest.files, manifest.skipped))),
    );
    const pinned = new Set<string>(pinnedIds(site.store));
    const snapshots: PageSnapshot[] = [];
    for (const [column, one] of opened.entries()) {
      notify({ type: "progress", what: "Comparing", done: column, total: opened.length });
      snapshots.push({ ...describe(one, pinned), ...(await changesOf(rows, opened, column)) });
    }
    const findings = judgeHealth(await healthFacts(world, site, false), site.config.health);
    const content = renderPage({
      madeAt: now().utc,
      root: site.root,
      health: { level: worst(findings), findings },
      snapshots,
      rows,
    });
    if (target !== null) write(target, content);
    return { command: "report", exit: 0, path: target, snapshots: snapshots.length, content };
  },
});

/** A snapshot with its manifest; null where that can't be had. */
type Opened = { entry: Located } & ({ vault: Vault; manifest: Manifest } | { vault: null; manifest: null });

function describe(
  { entry, vault, manifest }: Opened,
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
    status: !isWhole ? "damaged" : manifest.complete ? "ok" : "incomplete",
    files: manifest.files.length,
    git: git?.commit == null ? null : `${git.branch ?? "detached"} at ${git.commit.slice(0, 9)}`,
  };
}

/** The changes that the matrix shows in one column. Contents are read for these alone. */
async function changesOf(
  rows: Row[],
  opened: Opened[],
  column: number,
): Promise<{ changes: FileDiff[]; problems: Problem[] }> {
  const changes: FileDiff[] = [];
  const problems: Problem[] = [];
  for (const { path, cells } of rows) {
    if (!["added", "changed", "removed"].includes(cells[column] ?? "")) continue;
    const previous = cells.findLastIndex((cell, index) => index < column && cell !== "unknown");
    const compared = await compareVersions(versionOf(opened[previous], path), versionOf(opened[column], path));
    if (compared.diff !== null) changes.push(compared.diff);
    problems.push(...compared.problems);
  }
  return { changes, problems };
}

function versionOf(one: Opened | undefined, path: string): Version | null {
  const file = one?.manifest?.files.find(({ original }) => original === path);
  return file === undefined || one?.vault == null ? null : storedVersion(one.vault, file, path);
}

const PAGE_BEGIN = "<!doctype html>";

/** Where the page goes: over an older page or a link to one if anything, and not among the snapshots. */
function targetOf(path: AbsPath, store: AbsPath): AbsPath {
  let there: ReturnType<typeof lookThrough>;
  try {
    there = lookThrough(path);
  } catch (cause) {
    throw fail.io("write", path, cause);
  }
  if (there !== null && !there.isFile())
    throw fail.badValue("-o", path, `a file's path, and this is ${kindOf(there)}; - is stdout`);
  if (
    there !== null &&
    there.size > 0 &&
    ifReadable(() => readEnds(resolved(path), PAGE_BEGIN.length)?.head) !== PAGE_BEGIN
  )
    throw fail.badValue("-o", path, "a new name, or that of an older page: this is another file");
  if (isWithin(path, store)) throw fail.badValue("-o", path, "a place outside the snapshots folder");
  return path;
}

/** Whole or not at all, and for its owner alone: it names every file that is protected. */
function write(target: AbsPath, content: string): void {
  const fresh = below(parentOf(target), `.${nameOf(target)}.new`);
  try {
    removeFile(fresh);
    writeNew(fresh, content);
    flush([fresh]);
    rename(fresh, target);
    flush([parentOf(target)]);
  } catch (cause) {
    throw fail.io("write", target, cause);
  }
}
