// Inventory → a published snapshot. Each file is read once; the hash is of the bytes that were stored.
import { fail } from "../errors.ts";
import { type Agent, agentOf } from "../launchd/agent.ts";
import { judgePlist, placeAndWhat } from "../launchd/judge.ts";
import { danglingReferences } from "../launchd/problems.ts";
import type {
  AbsPath,
  Digest,
  Found,
  GitState,
  Gone,
  LaunchdState,
  Manifest,
  Notify,
  Skipped,
  SnapshotId,
  StoredFile,
  StoredPath,
  VenvState,
} from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { codeOf, RollbackError, reasonOf } from "../rollback-error.ts";
import { now } from "../system/clock.ts";
import { copyNew, flush, makeFolder, NotWritten, rename, writeNew } from "../system/durable.ts";
import { digestOf, ifReadable, linkTarget, look, lookThrough, readBytes } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { quote } from "../text.ts";
import { CREDENTIAL_MANIFEST_NAME, credentialManifest } from "./credential-manifest.ts";
import { nextId } from "./id.ts";
import { asStored, losses } from "./loss.ts";
import { AUTO_BACKUP, bytesOf, countFiles, formatManifest, MANIFEST_NAME } from "./manifest.ts";
import { type Meter, meter, oneOf } from "./meter.ts";
import { flushStaged, inStaging, listSnapshots, takenIds } from "./store.ts";
import { storedNames } from "./stored-name.ts";
import { folderVault, tryManifestOf } from "./vault.ts";

/** Facts that were gathered before the lock was taken, because asking takes time. */
export interface Circumstances {
  git: Omit<GitState, "timestamp">;
  venvs: Record<string, VenvState>;
  /** What launchd said, by label; empty where it could not be asked. */
  launchd: ReadonlyMap<string, LaunchdState>;
  host: string;
  home: AbsPath;
  root: AbsPath;
  tool: string;
}

export interface CaptureRequest {
  store: AbsPath;
  found: Found[];
  /** What the inventory could not look at. */
  skipped: Skipped[];
  description: string;
  category: string;
  circumstances: Circumstances;
  /** Make none where nothing differs from the newest complete snapshot. */
  ifChanged: boolean;
  /** An auto-backup stands also where all it could note are links that lead nowhere. */
  mayBeEmpty: boolean;
  /** A restore is unfinished: the snapshot is taken all the same, and says so. */
  unfinishedRestore: string | undefined;
  /** The snapshot whose restore it precedes, for an auto-backup. */
  beforeRestoreOf?: string | undefined;
}

export interface Captured {
  id: SnapshotId;
  folder: AbsPath;
  files: StoredFile[];
  skipped: Skipped[];
  /** What the last complete snapshot held and is lost. */
  gone: Gone;
  /** SHA-256 of manifest.json; null where an unchanged snapshot was found instead. */
  digest: Digest | null;
}

const CHECK_EVERY = 16;
const PLIST_LIMIT_BYTES = 1 << 20;

/** Captures and publishes; the caller is the store's writer. Throws without a trace in the store where nothing could be stored. */
export async function capture(request: CaptureRequest, notify: Notify): Promise<Captured> {
  const { store } = request;
  try {
    return await inStaging(store, async (staging) => {
      const { files, skipped } = await storeFiles(request, staging, notify);
      if (files.length === 0 && !request.mayBeEmpty) throw fail.nothingReadable(skipped);
      // What a restore is about to overwrite is compared with nothing: the restore mends it.
      const last = request.beforeRestoreOf === undefined ? await newestComplete(store) : null;
      if (last !== null && request.ifChanged && skipped.length === 0 && sameFiles(last.manifest, files))
        return { id: last.id, folder: last.folder, files, skipped, gone: NOTHING_GONE, digest: null };
      const gone = await goneSince(last, request.circumstances, files, staging);
      const flushing = meter(notify, "Flushing", bytesOf(files));
      return await publish(request, staging, { files, skipped, gone, flushing });
    });
  } catch (cause) {
    // What is wrong with a source is in `skipped`: any other system error is the store's.
    if (cause instanceof RollbackError) throw cause;
    if (cause instanceof NotWritten) throw fail.storeNotWritable(store, cause.cause);
    throw codeOf(cause) === undefined ? cause : fail.storeNotWritable(store, cause);
  }
}

async function storeFiles(request: CaptureRequest, staging: AbsPath, notify: Notify) {
  const { found } = request;
  const files: StoredFile[] = [];
  const failed: Skipped[] = [];
  const nameOf = storedNames();
  for (const folder of ["plist", "config", "credentials"]) makeFolder(below(staging, folder), 0o700);
  const sizes = found.map(({ path }) => ifReadable(() => lookThrough(path)?.size) ?? 0);
  for (const [index, item] of found.entries()) {
    if (index % CHECK_EVERY === 0) await checkpoint("no snapshot was made");
    const onBytes = meter(oneOf(notify, sizes, index, item.name), "Storing", sizes[index] ?? 0);
    const stored = nameOf(item);
    try {
      files.push(
        await storeFile(item, stored, below(staging, stored), request.circumstances.launchd, { notify, onBytes }),
      );
    } catch (cause) {
      if (cause instanceof NotWritten) throw cause;
      failed.push({ path: item.path, reason: whyNotRead(item.path, cause) });
    }
  }
  // What could not be read has been told by the inventory, too, where it leads to others.
  const others = request.skipped.filter(({ path }) => !failed.some((item) => item.path === path));
  return { files, skipped: [...others, ...failed] };
}

async function storeFile(
  item: Found,
  stored: StoredPath,
  to: AbsPath,
  launchd: Circumstances["launchd"],
  { notify, onBytes }: { notify: Notify; onBytes: Meter },
): Promise<StoredFile> {
  const link = look(item.path)?.isSymbolicLink() ? linkTarget(item.path) : null;
  const { hash, facts } = copyNew(item.path, to, { onBytes });
  const file: StoredFile = {
    kind: item.kind,
    original: item.path,
    stored,
    hash,
    size: facts.size,
    mode: facts.mode,
    mtimeMs: facts.mtimeMs,
    uid: facts.uid,
    gid: facts.gid,
    symlink: link,
    name: item.name,
    foundBy: item.foundBy,
  };
  if (item.kind !== "plist") return file;
  const agent = facts.size > PLIST_LIMIT_BYTES ? null : readStoredAgent(to, item.path, notify);
  const label = agent?.label ?? null;
  const [dangling] = agent === null ? [] : danglingReferences(agent);
  if (dangling !== undefined) notify({ type: "dangling", label: label ?? item.path, problem: dangling });
  return { ...file, label, launchd: label === null ? undefined : launchd.get(label) };
}

/** The agent of a plist that was just stored; says why where it has no label. */
function readStoredAgent(stored: AbsPath, path: AbsPath, notify: Notify): Agent | null {
  const judged = judgePlist(readBytes(stored, PLIST_LIMIT_BYTES));
  const agent = judged.ok ? agentOf(judged.value) : null;
  const why = judged.ok ? "" : ` (${placeAndWhat(judged)})`;
  if ((agent?.label ?? null) === null)
    notify({ type: "warning", message: `${path} is not a plist with a Label${why}; it is stored all the same` });
  return agent;
}

/** Words for a source that could not be read. A link's own text is told: nothing else holds it. */
function whyNotRead(path: AbsPath, cause: unknown): string {
  const reason = reasonOf(cause, quote(path));
  const link = ifReadable(() => linkTarget(path));
  // Such names are read with this sign for what can't be read, and are then found no more.
  if (codeOf(cause) === "ENOENT" && path.includes("\ufffd")) return "its name is not UTF-8: give it another";
  if (codeOf(cause) === "ENOENT")
    return link === null ? "vanished before it was read" : `is a link to nothing (${link})`;
  return link === null ? reason : `is a link to ${link}: ${reason}`;
}

async function publish(
  request: CaptureRequest,
  staging: AbsPath,
  { files, skipped, gone, flushing }: Pick<Captured, "files" | "skipped" | "gone"> & { flushing: Meter },
): Promise<Captured> {
  const { store, circumstances } = request;
  await checkpoint("no snapshot was made");
  const moment = now();
  const id = nextId(moment.id, [...takenIds(store)].sort().reverse());
  const folder = below(store, id);
  const text = formatManifest(folder, files, {
    ...circumstances,
    git: { ...circumstances.git, timestamp: moment.local },
    createdAt: moment,
    description: request.description,
    category: request.category,
    skipped,
    gone,
    duringUnfinishedRestore: request.unfinishedRestore,
    beforeRestoreOf: request.beforeRestoreOf,
  });
  const credentials = files.filter(({ kind }) => kind === "credential");
  const written = files.map(({ stored }) => below(staging, stored));
  const write = (name: string, content: string) => {
    const path = below(staging, name);
    writeNew(path, content);
    written.push(path);
  };
  write(MANIFEST_NAME, text);
  if (credentials.length > 0) write(CREDENTIAL_MANIFEST_NAME, credentialManifest(id, moment.local, credentials));
  const sizes = new Map(files.map(({ stored, size = 0 }) => [below(staging, stored), size]));
  flushStaged(staging, written, (path) => flushing(sizes.get(path) ?? 0, nameOf(path)));
  rename(staging, folder);
  flush([store, parentOf(store)]);
  return { id, folder, files, skipped, gone, digest: digestOf(text) };
}

const NOTHING_GONE: Gone = { files: [], from: null };

/** What of the last complete snapshot is lost; nothing where that is of another home or root. */
async function goneSince(
  last: Complete | null,
  { home, root }: Circumstances,
  files: StoredFile[],
  staging: AbsPath,
): Promise<Gone> {
  if (last === null || (last.manifest.home ?? home) !== home || (last.manifest.root ?? root) !== root)
    return NOTHING_GONE;
  const lost = await losses(last.manifest, last.folder, asStored(files, staging));
  return lost.length === 0
    ? NOTHING_GONE
    : { files: lost, from: { id: last.id, counts: countFiles(last.manifest.files) } };
}

export interface Complete {
  id: SnapshotId;
  folder: AbsPath;
  manifest: Manifest;
}

/** What a new snapshot is compared with: manifests are read from the newest on, as far as to the first complete one that is not an auto-backup. */
export async function newestComplete(store: AbsPath): Promise<Complete | null> {
  for (const { id, at, forms, ahead } of listSnapshots(store)) {
    if (ahead || !forms.includes("folder")) continue;
    const read = await tryManifestOf(folderVault(id, at));
    if ("manifest" in read && read.manifest.complete && read.manifest.category !== AUTO_BACKUP)
      return { id, folder: at, manifest: read.manifest };
  }
  return null;
}

/** Whether two captures hold the same files. An mtime alone is not a change; what a manifest does not record can't differ. */
function sameFiles(manifest: Manifest, files: StoredFile[]): boolean {
  const known = new Map(manifest.files.map((file) => [file.original, file]));
  return (
    known.size === files.length &&
    files.every(({ original, hash, mode, symlink }) => {
      const before = known.get(original);
      return (
        before?.hash === hash &&
        (before.mode === undefined || before.mode === mode) &&
        (before.symlink === undefined || before.symlink === symlink)
      );
    })
  );
}
