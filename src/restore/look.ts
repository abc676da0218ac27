// The first stage of a restore: every live path and every stored byte is looked at, and a plan is made of that. Writes nothing.
import { fail } from "../errors.ts";
import {
  type AbsPath,
  type Env,
  type Found,
  KINDS,
  type Manifest,
  type Plan,
  type Rewritten,
  type StoredFile,
  type StoredPath,
  type StoredRef,
  type StoredState,
  type Target,
} from "../model.ts";
import { type FindSpare, healthySpares } from "../snapshot/spares.ts";
import type { Vault } from "../snapshot/vault.ts";
import { digestOf, resolved } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import { displayName } from "../text.ts";
import { type Folders, observe } from "./observe.ts";
import { type Obstacles, obstacleAt, obstaclesAround, whyNotRead } from "./obstacles.ts";
import { placesIn, relocateValue } from "./old-places.ts";
import { type Candidate, type PlanInput, planRestore } from "./plan.ts";
import { relocate, stillNamed } from "./relocate.ts";
import { selection } from "./selection.ts";
import { readStored, vaultAt } from "./stored-ref.ts";
import { type PathMap, targetPath } from "./target.ts";

export interface LookRequest {
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
  env: Env;
  /** Leaves out whatever it does not want, before anything is looked at. */
  among?: ((file: StoredFile, path: string) => boolean) | undefined;
  /** Decides of each chosen file what it is to hold; without it that is what is stored. */
  settle?: Settle | undefined;
}

/** A file of the snapshot beside what is there, before anything is decided. `read` gives the bytes that would be written. */
export interface Unsettled {
  file: StoredFile;
  target: Target;
  read(limit: number): Promise<Uint8Array>;
}

/**
 * The file as it is to be, and its content where that is not what is stored. Null leaves the file out: it is neither written nor named.
 */
export type Settle = (unsettled: Unsettled) => Promise<{ file: StoredFile; content: Uint8Array | null } | null>;

const CHECK_EVERY = 256;

/** Looks at every live path and every stored byte, and plans. Writes nothing. Throws `not-found` where no file is chosen. */
export async function planFor(request: LookRequest): Promise<Plan> {
  const { chosen, candidates } = chooseFiles(request);
  const targets = new Map<AbsPath, Target>();
  const moved: Candidate[] = [];
  const stored = new Map<StoredPath, StoredState>();
  const folders: Folders = new Map();
  const leftOut = new Set<AbsPath>();
  const findSpare = healthySpares(request.store);
  const paths = candidates.flatMap(({ target }) => ("path" in target ? [target.path] : []));
  const obstacles: Obstacles = await obstaclesAround(paths, request.env);
  const see = (path: AbsPath, link: string | null | undefined): Target =>
    observe(path, link, folders, (at) => whyNotRead(at, obstacles));
  const lookAtTarget = (path: AbsPath, link: string | null | undefined, seen?: Target): Target => {
    const target = seen ?? see(path, link);
    const places = new Set([target.place, target.real, ...(target.behind === null ? [] : [target.behind.real])]);
    const found = [...places].flatMap((at) => {
      const why = obstacleAt(at, request.uid, obstacles);
      return why === null ? [] : [{ at, why }];
    });
    return { ...target, obstacles: found };
  };
  const stays = staying(request);
  for (const [index, candidate] of candidates.entries()) {
    const { file: recorded, target } = candidate;
    if (index % CHECK_EVERY === CHECK_EVERY - 1) await checkpoint("every file is as it was");
    const seen = stays === null || "refused" in target ? undefined : see(target.path, recorded.symlink);
    if (seen !== undefined && stays?.(recorded, seen) === true) {
      moved.push(candidate);
      targets.set(seen.path, seen);
      continue;
    }
    const state = stored.get(recorded.stored) ?? (await checkOrHeal(request.vault, recorded, findSpare));
    const { file: inPlace, from, rewritten, still } = await moveContent(request, recorded, state);
    const ready = from === null || state.state !== "ok" ? state : { ...state, from };
    const observed = "path" in target ? lookAtTarget(target.path, inPlace.symlink, seen) : null;
    const settled = await settle(request, inPlace, ready, observed);
    if (settled === null) {
      if (observed !== null) leftOut.add(observed.path);
      continue;
    }
    stored.set(recorded.stored, settled.state);
    moved.push({ file: settled.file, target, rewritten, still });
    if (observed !== null && !targets.has(observed.path)) targets.set(observed.path, observed);
  }
  return planRestore({
    id: request.id,
    source: request.vault.at,
    manifest: request.manifest,
    candidates: moved,
    targets,
    stored,
    found: request.found.filter((file) => chosen(file) && !leftOut.has(file.path)),
    allowed: [request.home, request.root, ...request.allow].map((folder) => resolved(folder)),
    store: resolved(request.store),
    owners: ownersFor(request),
  });
}

/**
 * Tells whether a live file is as it was recorded, content and mode, and no link at either end: it stays whatever is stored, so the stored
 * bytes need no look. Null where they do: an archive is whole or nothing, and other bytes than the stored ones may be wanted.
 */
function staying({ vault, maps, settle: decide }: LookRequest): ((file: StoredFile, target: Target) => boolean) | null {
  if (vault.archive || maps.length > 0 || decide !== undefined) return null;
  const linked = vault.linked();
  return (file, { link, now }) =>
    link === null &&
    file.symlink == null &&
    now.state === "file" &&
    now.hash === file.hash &&
    (file.mode === undefined || file.mode === now.facts.mode) &&
    !linked(file.stored);
}

/** The files that --only and --except leave. A word that fits nothing is an error: a mistyped --except would restore what it named. */
function chooseFiles({ id, manifest, only, except, maps, found, among = () => true }: LookRequest) {
  const chosen = selection(only, except);
  const isNamed = only.length > 0 && !only.some((word) => KINDS.some((kind) => kind === word));
  const unmet = new Map(
    [...only.map((word) => ["--only", word] as const), ...except.map((word) => ["--except", word] as const)].map(
      (flag) => [flag, selection([flag[1]], [])] as const,
    ),
  );
  const flags = [...unmet.keys()].map((flag) => flag.join(" "));
  const meet = (file: Parameters<typeof chosen>[0]) => {
    for (const [flag, fits] of unmet) if (fits(file)) unmet.delete(flag);
  };
  found.forEach(meet);
  let isAnyChosen = false;
  const candidates: Candidate[] = [];
  for (const file of manifest.files) {
    const target = targetPath(file.original, maps, isNamed);
    const path = "path" in target ? target.path : livePath(file, maps);
    const described = { kind: file.kind, path, name: displayName(file) };
    meet(described);
    if (!chosen(described)) continue;
    isAnyChosen = true;
    if (among(file, path)) candidates.push({ file, target });
  }
  const [first] = unmet.keys();
  if (first !== undefined) throw fail.noFileSelected(id, first.join(" "));
  if (!isAnyChosen && flags.length > 0) throw fail.noFileSelected(id, flags.join(" "));
  return { chosen, candidates };
}

/** Null where the file is left out. */
async function settle(
  { settle: decide, vault }: LookRequest,
  file: StoredFile,
  state: StoredState,
  target: Target | null,
): Promise<{ file: StoredFile; state: StoredState } | null> {
  if (decide === undefined || target === null || state.state !== "ok") return { file, state };
  const { from } = state;
  const settled = await decide({ file, target, read: (limit) => readStored(from, vault, limit) });
  if (settled === null) return null;
  const { content } = settled;
  if (content === null) return { file: settled.file, state };
  const made = { ...settled.file, hash: digestOf(content), size: content.length };
  return { file: made, state: { ...state, from: { ...from, content } } };
}

const LOOK_INTO_BYTES = 16 << 20;

interface Moved {
  file: StoredFile;
  from: StoredRef | null;
  rewritten?: Rewritten[];
  still: string[];
}

/**
 * With --relocate: the file as it is to be in its new home, its link and its content, where those hold paths of the old one. Wherever files
 * are moved, what still names the place that they come from is told; credentials keep every byte.
 */
async function moveContent(
  { relocate: wanted, maps, vault }: LookRequest,
  file: StoredFile,
  state: StoredState,
): Promise<Moved> {
  if (state.state !== "ok" || maps.length === 0) return { file, from: null, still: [] };
  const { at, stored } = state.from;
  const { size } = state.facts;
  if (size > LOOK_INTO_BYTES) return { file, from: null, still: ["too large to look into"] };
  const bytes = await vaultAt(at, vault).read(stored, size);
  const moved = wanted && file.kind !== "credential" ? relocate(bytes, stored, maps) : null;
  const linked = !wanted || file.symlink == null ? file : { ...file, symlink: relocateValue(file.symlink, maps) };
  const still = [
    ...stillNamed(moved?.bytes ?? bytes, maps),
    ...(linked.symlink == null ? [] : placesIn(Buffer.from(linked.symlink), maps).map(() => "its link")),
  ];
  if (moved === null) return { file: linked, from: null, still };
  return {
    file: { ...linked, hash: digestOf(moved.bytes), size: moved.bytes.length },
    from: { at, stored, content: moved.bytes },
    rewritten: moved.rewritten,
    still,
  };
}

function livePath({ original }: StoredFile, maps: PathMap[]): string {
  const target = targetPath(original, maps, true);
  return "path" in target ? target.path : original;
}

/** Root alone can give files away, and a recorded owner means something only where the paths stayed what they were. */
function ownersFor({ uid, maps }: LookRequest): PlanInput["owners"] {
  if (uid !== 0) return "ours";
  return maps.length > 0 ? "folder" : "recorded";
}

async function checkOrHeal(vault: Vault, { stored, hash }: StoredFile, findSpare: FindSpare): Promise<StoredState> {
  const checked = await vault.check(stored, hash);
  if (checked.state === "ok") return { state: "ok", facts: checked.facts, from: { at: vault.at, stored } };
  if (checked.state === "link") return { state: "link", reason: checked.reason };
  if (vault.archive) throw fail.archiveBroken(vault.at, `${stored}: ${checked.reason}`);
  const copy = await findSpare(hash, vault.at);
  if (copy !== null) return { state: "ok", facts: copy.facts, from: { at: copy.vault.at, stored: copy.stored } };
  return { state: checked.state === "missing" ? "missing" : "damaged", reason: checked.reason };
}
