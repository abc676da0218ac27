// The stages of a restore in their order: look, plan, back up what will be overwritten, apply.
import { fail } from "../errors.ts";
import type {
  AbsPath,
  Change,
  Found,
  Manifest,
  Notify,
  Plan,
  Skipped,
  StoredFile,
  StoredPath,
  StoredState,
  Target,
  Write,
} from "../model.ts";
import { isWithin, nameOf } from "../paths.ts";
import { RollbackError } from "../rollback-error.ts";
import { type Captured, type Circumstances, capture } from "../snapshot/capture.ts";
import { type FindCopy, healthyCopies } from "../snapshot/copies.ts";
import { innerFolder } from "../snapshot/store.ts";
import { folderVault, type Vault } from "../snapshot/vault.ts";
import { writeNew } from "../system/durable.ts";
import { digestOf, resolved } from "../system/files.ts";
import { displayName } from "../text.ts";
import { applyWrites } from "./apply.ts";
import { journalAt } from "./journal.ts";
import { type Folders, observe } from "./observe.ts";
import { type Candidate, type PlanInput, planRestore } from "./plan.ts";
import { relocate, relocateValue } from "./relocate.ts";
import { type PathMap, selection, targetPath } from "./target.ts";

export interface RestoreRequest {
  id: string;
  vault: Vault;
  manifest: Manifest;
  store: AbsPath;
  home: AbsPath;
  root: AbsPath;
  only: string[];
  except: string[];
  maps: PathMap[];
  /** Also rewrite the paths inside plists and JSON configs, by the same maps. */
  relocate: boolean;
  allow: AbsPath[];
  found: Found[];
  uid: number;
}

/** Looks at every live path and every stored byte, and plans. Writes nothing. Throws `not-found` where no file is chosen. */
export async function planFor(request: RestoreRequest): Promise<Plan> {
  const { chosen, candidates } = chooseFiles(request);
  const targets = new Map<AbsPath, Target>();
  const moved: Candidate[] = [];
  const stored = new Map<StoredPath, StoredState>();
  const folders: Folders = new Map();
  const findCopy = healthyCopies(request.store);
  for (const { file: recorded, target } of candidates) {
    const state = stored.get(recorded.stored) ?? (await checkOrHeal(request.vault, recorded, findCopy));
    const { file, from, rewritten } = await moveContent(request, recorded, state);
    stored.set(recorded.stored, from === null || state.state !== "ok" ? state : { ...state, from });
    moved.push({ file, target, rewritten });
    if ("path" in target && !targets.has(target.path))
      targets.set(target.path, observe(target.path, file.symlink, folders));
  }
  return planRestore({
    id: request.id,
    source: request.vault.at,
    manifest: request.manifest,
    candidates: moved,
    targets,
    stored,
    found: request.found.filter(({ kind, path, name }) => chosen({ kind, path, name })),
    allowed: [request.home, request.root, ...request.allow].map((folder) => resolved(folder)),
    store: resolved(request.store),
    owners: ownersFor(request),
  });
}

/** The files that --only and --except leave. A word that fits nothing is an error: a mistyped --except would restore what it named. */
function chooseFiles({ id, manifest, only, except, maps, found }: RestoreRequest) {
  const chosen = selection(only, except);
  const described = manifest.files.map((file) => ({
    candidate: { file, target: targetPath(file.original, maps) },
    kind: file.kind,
    path: livePath(file, maps),
    name: displayName(file),
  }));
  const flags = [
    ...only.map((word) => ["--only", word] as const),
    ...except.map((word) => ["--except", word] as const),
  ];
  for (const [flag, word] of flags)
    if (![...found, ...described].some(selection([word], []))) throw fail.noFileSelected(id, `${flag} ${word}`);
  const candidates = described.filter(chosen).map(({ candidate }) => candidate);
  if (candidates.length === 0 && flags.length > 0) throw fail.noFileSelected(id, flags.flat().join(" "));
  return { chosen, candidates };
}

const RELOCATE_LIMIT_BYTES = 16 << 20;

/** With --relocate: the file as it is to be in its new home, its link and its content, where those hold paths of the old one. */
async function moveContent({ relocate: wanted, maps, vault }: RestoreRequest, file: StoredFile, state: StoredState) {
  if (!wanted || state.state !== "ok" || file.kind === "credential") return { file, from: null, rewritten: undefined };
  const linked = file.symlink == null ? file : { ...file, symlink: relocateValue(file.symlink, maps) };
  const { at, stored } = state.from;
  const size = state.facts.size;
  const moved =
    size > RELOCATE_LIMIT_BYTES ? null : relocate(await vaultAt(at, vault).read(stored, size), stored, maps);
  if (moved === null) return { file: linked, from: null, rewritten: undefined };
  const { bytes, rewritten } = moved;
  return {
    file: { ...linked, hash: digestOf(bytes), size: bytes.length },
    from: { at, stored, relocated: bytes },
    rewritten,
  };
}

/** The snapshot that is being restored, or the one in whose folder `at` a damaged file's bytes were found. */
export const vaultAt = (at: AbsPath, restored: Vault): Vault =>
  at === restored.at ? restored : folderVault(nameOf(at), at);

function livePath({ original }: StoredFile, maps: PathMap[]): string {
  const target = targetPath(original, maps);
  return "path" in target ? target.path : original;
}

/** Root alone can give files away, and a recorded owner means something only where the paths stayed what they were. */
function ownersFor({ uid, maps }: RestoreRequest): PlanInput["owners"] {
  if (uid !== 0) return "ours";
  return maps.length > 0 ? "folder" : "recorded";
}

async function checkOrHeal(vault: Vault, { stored, hash }: StoredFile, findCopy: FindCopy): Promise<StoredState> {
  const checked = await vault.check(stored, hash);
  if (checked.state === "ok") return { state: "ok", facts: checked.facts, from: { at: vault.at, stored } };
  if (checked.state === "link") return { state: "link", reason: checked.reason };
  if (vault.archive) throw fail.archiveBroken(vault.at, `${stored}: ${checked.reason}`);
  const copy = await findCopy(hash, vault.at);
  if (copy !== null) return { state: "ok", facts: copy.facts, from: { at: copy.vault.at, stored: copy.stored } };
  return { state: checked.state === "missing" ? "missing" : "damaged", reason: checked.reason };
}

export interface Restored {
  plan: Plan;
  autoBackup: Captured | null;
  restored: Change[];
  failed: { path: string; error: string }[];
}

const REPLANS = 3;

/**
 * Does it: the caller is the store's writer and no journal is pending. All files in one transaction, or with `keepGoing` each
 * in one of its own. Throws, with every live file as it was, where a target is refused, the auto-backup lacks a file that would
 * be overwritten, or the transaction fails.
 */
export async function restore(
  request: RestoreRequest,
  options: {
    keepGoing: boolean;
    /** Told of the auto-backup as soon as it stands, whatever comes of the restore. */
    backedUp: (backup: Captured) => void;
    skipped: Skipped[];
    circumstances: Circumstances;
    retryWith: (allow: AbsPath[]) => string;
  },
  notify: Notify,
): Promise<Restored> {
  let plan = await planFor(request);
  demandNothingRefused(plan, options.retryWith);
  let autoBackup: Captured | null = null;
  for (let attempt = 0; ; attempt++) {
    if (overwritten(plan).length === 0) break;
    if (autoBackup === null) {
      autoBackup = await backUp(request, plan, options, notify);
      options.backedUp(autoBackup);
    }
    const lacking = notCovered(plan, autoBackup);
    if (lacking.length === 0) break;
    const [first] = lacking;
    const named = autoBackup.skipped.filter(({ path }) => lacking.some((write) => write.at === path));
    if (named.length > 0) throw fail.autoBackupPartial(named.map(({ path, reason }) => `${path}: ${reason}`));
    if (first !== undefined && attempt >= REPLANS) throw fail.liveChanged(first.at);
    // A file changed between our look and the backup, which now holds what it is: plan again from there.
    plan = await planFor(request);
    demandNothingRefused(plan, options.retryWith);
  }
  const due = plan.changes.filter(({ writes }) => writes.length > 0);
  const groups = options.keepGoing ? due.map((change) => [change]) : [due];
  const restored: Change[] = [];
  const failed: Restored["failed"] = [];
  for (const group of groups) {
    try {
      await applyWrites(
        {
          journalFolder: innerFolder(request.store),
          snapshot: request.id,
          autoBackup: autoBackup?.id ?? null,
          writes: group.flatMap(({ writes }) => writes),
          copy: async ({ at, stored, relocated }, to, attributes) => {
            if (relocated !== undefined) {
              writeNew(to, relocated, attributes);
              return digestOf(relocated);
            }
            return vaultAt(at, request.vault).copy(stored, to, attributes);
          },
        },
        notify,
      );
      restored.push(...group);
    } catch (cause) {
      const [only] = group;
      const stuck = journalAt(innerFolder(request.store)) !== null;
      if (
        !options.keepGoing ||
        stuck ||
        only === undefined ||
        !(cause instanceof RollbackError) ||
        cause.code !== "failed"
      )
        throw cause;
      failed.push({ path: only.path, error: cause.message });
    }
  }
  return { plan, autoBackup, restored, failed };
}

function demandNothingRefused(plan: Plan, retryWith: (allow: AbsPath[]) => string): void {
  const refused = plan.changes.filter(({ action }) => action === "refused");
  if (refused.length === 0) return;
  const allow = refused.map((change) => change.allow);
  const places = outermost(allow.filter((place) => place !== undefined));
  throw fail.restoreRefused(
    refused.map(({ path, reason }) => `${path}: ${reason}`),
    allow.includes(undefined) ? undefined : retryWith(places),
  );
}

/** The folders without those that lie in another one of them. */
export function outermost(folders: AbsPath[]): AbsPath[] {
  return [...new Set(folders)].filter(
    (folder) => !folders.some((other) => other !== folder && isWithin(folder, other)),
  );
}

const overwritten = (plan: Plan): Write[] =>
  plan.changes.flatMap(({ writes }) => writes).filter(({ was }) => was.state !== "absent");

/** The auto-backup: a full create, and every file that will be overwritten, whether the config names it or not. */
function backUp(
  { store, found, id }: RestoreRequest,
  plan: Plan,
  { skipped, circumstances }: { skipped: Skipped[]; circumstances: Circumstances },
  notify: Notify,
): Promise<Captured> {
  const all = new Map(found.map((item) => [item.path, item]));
  const foundBy = [`overwritten by the restore of ${id}`];
  for (const { path, kind, name, writes } of plan.changes) {
    if (writes.every(({ was }) => was.state === "absent")) continue;
    // Where a link changes, what the new one leads to is overwritten as well.
    const relinked = writes.some(({ type }) => type === "link");
    const behind = relinked ? writes.filter(({ was }) => was.state === "file").map(({ at }) => at) : [];
    for (const at of [path as AbsPath, ...behind]) if (!all.has(at)) all.set(at, { path: at, kind, name, foundBy });
  }
  return capture(
    {
      store,
      found: [...all.values()],
      skipped,
      description: `Auto-backup before restoring ${id}`,
      category: "auto-backup",
      circumstances,
      ifChanged: false,
      mayBeEmpty: true,
      unfinishedRestore: undefined,
    },
    notify,
  );
}

/** Writes whose old content the backup does not hold. A link's target text stands in the backup's manifest or its skipped list. */
function notCovered(plan: Plan, { files }: Captured): Write[] {
  const held = new Set(files.map(({ hash }) => hash));
  return overwritten(plan).filter(
    ({ was }) => was.state === "unknown" || (was.state === "file" && !held.has(was.hash)),
  );
}
