// The snapshots as the page tells them: read one by one, oldest first; of each no more is kept than what it changed.
import type { FileDiff, Problem } from "../comparison.ts";
import { compareVersions, hideKnown, type Version } from "../diff/compare.ts";
import { type Course, follow, type Turn } from "../diff/course.ts";
import type { Held } from "../diff/matrix.ts";
import { KINDS, type Manifest, type Notify, type StoredFile } from "../model.ts";
import type { Change, PageFile, PageSnapshot } from "../page/model.ts";
import { CHANGES_TOLD, FILES_TOLD } from "../page/timeline.ts";
import { below } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { knownSecrets } from "../secrets/known.ts";
import type { Glance } from "../snapshot/glance.ts";
import { MANIFEST_NAME } from "../snapshot/manifest.ts";
import { manifestSeries, type Next } from "../snapshot/manifest-series.ts";
import type { Entry } from "../snapshot/store.ts";
import type { Vault } from "../snapshot/vault.ts";
import { statusOf } from "../snapshot/verify.ts";
import { displayName } from "../text.ts";
import { formOf, openVault } from "./open.ts";
import { storedVersion } from "./states.ts";

export interface Looked {
  /** Oldest first. */
  snapshots: PageSnapshot[];
  /** Every file that one of them holds. */
  files: PageFile[];
}

export interface Asked {
  pinned: ReadonlySet<string>;
  /** The snapshot that `undo` would bring back, and what it would take back; null where there is none. */
  undo: { id: string; what: string } | null;
  glanceOf(entry: Entry): Promise<Glance | null>;
  notify: Notify;
}

/** A file as a snapshot holds it. What is the same in the next one is read from there: it is the nearer one. */
interface Kept extends Held {
  file: StoredFile;
  source: { vault: Vault };
}

/** What one snapshot changed: both ends, open for reading. */
interface Ends {
  turn: Turn<Kept>;
  before: Version | null;
  after: Version | null;
}

export async function lookAtSnapshots(entries: Entry[], asked: Asked): Promise<Looked> {
  const walk = walker();
  const told: { snapshot: PageSnapshot; ends: Ends[] }[] = [];
  for (const [done, entry] of entries.entries()) {
    asked.notify({ type: "progress", what: "Reading", done, total: entries.length });
    const read = await readNext(entry, walk.read);
    const ends = read === null ? [] : walk.ends(read);
    told.push({ snapshot: await describe(entry, read?.next.manifest ?? null, asked), ends });
  }
  await tellChanges(told, asked.notify);
  return { snapshots: told.map(({ snapshot }) => snapshot), files: [...walk.files.values()] };
}

interface Read {
  next: Next;
  vault: Vault;
}

/** Null where it is sealed or damaged. */
async function readNext(entry: Entry, read: ReturnType<typeof manifestSeries>): Promise<Read | null> {
  if (formOf(entry) === "zip.age") return null;
  try {
    const vault = await openVault(entry, () => []);
    return { vault, next: read(await vault.manifestText(), entry.id, below(vault.at, MANIFEST_NAME)) };
  } catch (cause) {
    if (cause instanceof RollbackError) return null;
    throw cause;
  }
}

/** Goes from snapshot to snapshot, and keeps the last state of every file. */
function walker() {
  const course: Course<Kept> = follow();
  const files = new Map<string, PageFile>();
  let now = new Map<string, Kept>();
  let source: Kept["source"] | null = null;
  let sawAll = false;
  const ends = ({ next: { manifest, same }, vault }: Read): Ends[] => {
    if (same && source !== null) source.vault = vault;
    else {
      source = { vault };
      now = keptOf(manifest, source);
      for (const [path, { name, kind }] of now) if (!files.has(path)) files.set(path, { path, name, kind });
    }
    const isQuiet = same && sawAll && manifest.skipped.length === 0;
    sawAll = manifest.skipped.length === 0;
    if (isQuiet) return [];
    const skipped = manifest.skipped.map(({ path }) => path);
    return course.next(now, skipped).map((turn) => ({
      turn,
      before: turn.before && versionOf(turn.before),
      after: turn.after && versionOf(turn.after),
    }));
  };
  return { files, read: manifestSeries(), ends };
}

/** Where a path stands twice, the first counts. */
const keptOf = ({ files }: Manifest, source: Kept["source"]): Map<string, Kept> =>
  new Map(
    files.toReversed().map((file) => {
      const { original, kind, hash, mode, symlink } = file;
      return [original, { name: displayName(file), kind, hash, mode, link: symlink, file, source }];
    }),
  );

const versionOf = ({ file, source: { vault } }: Kept): Version => storedVersion(vault, file, file.original);

async function describe(
  entry: Entry,
  manifest: Manifest | null,
  { pinned, undo, glanceOf }: Asked,
): Promise<PageSnapshot> {
  const { id } = entry;
  const base = {
    id,
    pinned: pinned.has(id),
    undo: undo !== null && undo.id === id ? undo.what : null,
    changes: [],
    problems: [],
  };
  if (manifest === null) {
    const status = formOf(entry) === "zip.age" ? "sealed" : "damaged";
    return { ...base, description: null, category: null, status, files: 0, git: null, skipped: [] };
  }
  const { description, category, complete, files, skipped, git } = manifest;
  return {
    ...base,
    description,
    category,
    status: statusOf((await glanceOf(entry))?.missing !== false, complete),
    files: files.length,
    git: git?.commit == null ? null : `${git.branch ?? "detached"} at ${git.commit.slice(0, 9)}`,
    skipped,
  };
}

/** The changes, with what changed inside where the page has room to tell it: contents are read for those alone, the newest first. */
async function tellChanges(told: { snapshot: PageSnapshot; ends: Ends[] }[], notify: Notify): Promise<void> {
  const known = knownSecrets();
  let left = CHANGES_TOLD;
  for (const [done, { snapshot, ends }] of told.toReversed().entries()) {
    notify({ type: "progress", what: "Comparing", done, total: told.length });
    ends.sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
    for (const [index, { turn, before, after }] of ends.entries()) {
      const isTold = left > 0 && index < FILES_TOLD;
      if (isTold) left--;
      const { diff, problems } = isTold ? await compareVersions(before, after, known) : UNTOLD;
      snapshot.changes.push(changeOf(turn, diff));
      snapshot.problems.push(...problems);
    }
  }
  for (const { snapshot } of told)
    snapshot.changes = snapshot.changes.map((change) => ({
      ...change,
      diff: change.diff && (hideKnown([change.diff], known)[0] ?? null),
    }));
}

const UNTOLD: { diff: FileDiff | null; problems: Problem[] } = { diff: null, problems: [] };

const rankOf = ({ turn: { path, before, after } }: Ends): string =>
  `${KINDS.indexOf((after ?? before)?.kind ?? "plist")}${path}`;

function changeOf({ path, change, before, after }: Turn<Kept>, diff: FileDiff | null): Change {
  const { name = path, kind = "plist" } = after ?? before ?? {};
  return { path, name, kind, change, diff };
}
