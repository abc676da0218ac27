// (Manifest, what is there, what is stored) → Plan. Pure: no disk, no clock, no process.

import type {
  AbsPath,
  Change,
  Found,
  Manifest,
  Observed,
  Owner,
  Plan,
  Rewritten,
  StoredFile,
  StoredPath,
  StoredState,
  Summary,
  Target,
  Was,
  Write,
} from "../model.ts";
import { absolute, isWithin, nameOf, parentOf } from "../paths.ts";
import { Said } from "../rollback-error.ts";
import { displayName } from "../text.ts";

/** One file of the snapshot that the user chose, with where it is to go. */
export interface Candidate {
  file: StoredFile;
  /** What was rewritten in its content for another home; its hash is then that of the content to write. */
  rewritten?: Rewritten[] | undefined;
  /** Where its content, as it would be written, names a place that was moved. */
  still?: string[] | undefined;
  target: { path: AbsPath } | { refused: string };
}

export interface PlanInput {
  id: string;
  /** The folder or archive of the snapshot. */
  source: AbsPath;
  manifest: Pick<Manifest, "description" | "category" | "format">;
  candidates: Candidate[];
  targets: ReadonlyMap<AbsPath, Target>;
  stored: ReadonlyMap<StoredPath, StoredState>;
  /** Live files that the inventory finds now. */
  found: Found[];
  /** Folders below which writing is allowed, links resolved: home, root, and what --allow names. */
  allowed: AbsPath[];
  /** The snapshots folder, links resolved: never written to by a restore. */
  store: AbsPath;
  /** Whether files can be given their recorded owner (root alone can), and whether that owner means anything here. */
  owners: "recorded" | "folder" | "ours";
}

/** Decides for each file what a restore would do. The order is the manifest's; extras come last. */
export function planRestore(input: PlanInput): Plan {
  const twins = findTwins(input);
  const changes: Change[] = [];
  const seen = new Map<AbsPath, string>();
  const owned = new Set([...input.targets.values()].map(({ place }) => place));
  for (const { file, target, rewritten, still = [] } of input.candidates) {
    const base = {
      name: displayName(file),
      kind: file.kind,
      ...(rewritten === undefined ? {} : { rewritten }),
      ...(still.length === 0 ? {} : { still }),
    };
    if ("refused" in target) {
      changes.push({ ...base, path: file.original, action: "refused", reason: target.refused, writes: [] });
      continue;
    }
    const observed = input.targets.get(target.path);
    if (observed === undefined) throw new Said(`${target.path} was not observed`);
    if (seen.get(observed.place) === file.hash) continue;
    seen.set(observed.place, file.hash);
    const conflict = twins.get(observed.place);
    changes.push({
      ...base,
      path: target.path,
      ...(conflict === undefined
        ? judge(file, observed, input, owned)
        : { action: "refused", reason: conflict, writes: [] }),
    });
  }
  return {
    snapshot: input.id,
    description: input.manifest.description,
    category: input.manifest.category,
    changes: [...refuseClashes(changes, input), ...extras(input)],
  };
}

type Judged = Pick<Change, "action" | "reason" | "allow" | "obstructed" | "writes">;
const refused = (reason: string, allow?: AbsPath): Judged => ({ action: "refused", reason, allow, writes: [] });

function judge(file: StoredFile, target: Target, input: PlanInput, owned: ReadonlySet<AbsPath>): Judged {
  const stored = input.stored.get(file.stored);
  if (stored?.state === "link") return refused(stored.reason);
  if (file.symlink != null && /[\0-\x08\x0b-\x1f\x7f]/.test(file.symlink))
    return refused("its link holds control characters");
  const fate = fateOf(file, target, owned);
  const { link, contentAt, now, elsewhere } = fate;
  const sameContent = elsewhere || (now.state === "file" && now.hash === file.hash);
  const sameMode =
    elsewhere || (now.state === "file" && [undefined, now.facts.mode].includes(file.mode)) || isTightened(file, now);

  const places = [...(link === null ? [] : [target.place]), ...(elsewhere ? [] : [contentAt])];
  const inStore = places.find((place) => isWithin(place, input.store));
  if (inStore !== undefined) return refused(`${leads(inStore, target)}lies in the snapshots folder`);
  if (fate.change === "kept" && sameContent && sameMode) return { action: "unchanged", writes: [] };
  const outside = places.find((place) => !input.allowed.some((folder) => isWithin(place, folder)));
  if (outside !== undefined)
    return refused(`${leads(outside, target)}lies outside the home and the root`, parentOf(outside));
  if (now.state === "other" && fate.change !== "dropped" && !elsewhere) return refused(`${now.what} ${contentAt}`);

  if (stored === undefined || stored.state === "missing")
    return { action: "missing-backup", reason: stored?.reason, writes: [] };
  if (stored.state === "damaged") return { action: "damaged-backup", reason: stored.reason, writes: [] };

  const folderMode = file.kind === "credential" ? 0o700 : 0o755;
  const was: Was = target.link === null ? wasOf(target.now) : { state: "link", target: target.link };
  const writes: Write[] = [];
  if (!(sameContent && sameMode) || fate.change === "dropped")
    writes.push({
      type: "file",
      at: contentAt,
      was: fate.change === "dropped" ? was : wasOf(now),
      folderMode,
      from: stored.from,
      hash: file.hash,
      mode: modeFor(file, now, stored.facts.mode),
      mtimeMs: file.mtimeMs ?? stored.facts.mtimeMs,
      owner: ownerFor(file, now, target, input.owners),
    });
  if (fate.change === "made") writes.push({ type: "link", at: target.place, was, folderMode, target: fate.link });
  const obstacle = target.obstacles.find(({ at }) => writes.some((write) => write.at === at));
  if (obstacle !== undefined) {
    const reason = `${leads(obstacle.at, target)}${obstacle.why}`;
    return { action: "refused", reason, obstructed: true, writes: [] };
  }
  const reasons = reasonsFor(fate, target, { sameContent, sameMode });
  if (stored.from.at !== input.source)
    reasons.unshift(`the bytes come from ${nameOf(stored.from.at)}, which holds the same`);
  const nothingThere = target.now.state === "absent" && target.link === null;
  return {
    action: nothingThere ? "create" : "modify",
    ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }),
    writes,
  };
}

/**
 * What becomes of the link at a file's place. `kept`: the link that is there stays, and where there is none, none is made. `dropped`: a
 * file takes the link's place. `made`: a link is made, or another one than is there.
 */
type Fate = {
  /** Where the content goes, and what is there now. */
  contentAt: AbsPath;
  now: Observed;
  /** The link leads to another file of the snapshot: that one is restored by itself, and through the link it is seen. */
  elsewhere: boolean;
} & ({ change: "kept"; link: string | null } | { change: "dropped"; link: null } | { change: "made"; link: string });

function fateOf(file: StoredFile, target: Target, owned: ReadonlySet<AbsPath>): Fate {
  // Where not even the way there could be followed, a file is planned that replaces something unknown: no backup will cover it.
  const blind = target.now.state === "unreadable";
  // An original snapshot does not know about links: what is a link now stays one.
  const link = file.symlink === undefined || blind ? target.link : file.symlink;
  const elsewhere = link !== null && owned.has(absolute(link, parentOf(target.place)));
  if (link === target.link) return { change: "kept", link, elsewhere, contentAt: target.real, now: target.now };
  if (link === null) return { change: "dropped", link, elsewhere, contentAt: target.place, now: target.now };
  const { real, now }: { real: AbsPath; now: Observed } = target.behind ?? {
    real: target.real,
    now: { state: "absent" },
  };
  return { change: "made", link, elsewhere, contentAt: real, now };
}

/** What a reader should know of a change beside that it is one. */
function reasonsFor(fate: Fate, target: Target, same: { sameContent: boolean; sameMode: boolean }): string[] {
  const { now } = fate;
  if (fate.change === "dropped") return [`is a link to ${target.link} now, was a file`];
  const reasons: string[] = [];
  if (now.state === "unreadable") reasons.push(`can't be read now: ${now.reason}`);
  if (fate.change === "made") reasons.push(`will be a link to ${fate.link} again`);
  if (now.state === "file" && now.names > 1)
    reasons.push(`has ${now.names} names now; the restored one will be a file of its own`);
  if (fate.change === "kept" && same.sameContent && !same.sameMode) reasons.push("mode only");
  return reasons;
}

const leads = (place: AbsPath, { path }: Target): string => (place === path ? "" : `leads to ${place}, which `);

function wasOf(now: Observed): Was {
  if (now.state === "file") return { state: "file", hash: now.hash };
  return now.state === "absent" || now.state === "dangling" ? { state: "absent" } : { state: "unknown" };
}

/** launchd refuses a plist that others can write to, so such a mode is restored without that. */
const OTHERS_WRITE = 0o022;
const isTightened = ({ kind, mode }: StoredFile, now: Observed): boolean =>
  kind === "plist" && mode !== undefined && now.state === "file" && now.facts.mode === (mode & ~OTHERS_WRITE);

/** The original tool recorded no modes: a live file keeps its own, a new one takes the stored file's, secrets at most 0600. */
function modeFor(file: StoredFile, now: Observed, storedMode: number): number {
  if (file.mode !== undefined) return file.kind === "plist" ? file.mode & ~OTHERS_WRITE : file.mode;
  if (now.state === "file") return now.facts.mode;
  return file.kind === "plist" ? storedMode : storedMode & 0o600;
}

function ownerFor(file: StoredFile, now: Observed, target: Target, owners: PlanInput["owners"]): Owner | null {
  if (owners === "ours") return null;
  if (owners === "recorded" && file.uid !== undefined && file.gid !== undefined)
    return { uid: file.uid, gid: file.gid };
  return now.state === "file" ? { uid: now.facts.uid, gid: now.facts.gid } : target.folderOwner;
}

/** Places that several files of the snapshot claim with different bytes, or that are one on a file system like APFS. */
function findTwins(input: PlanInput): Map<AbsPath, string> {
  const groups = new Map<string, { target: Target; hash: string }[]>();
  const isShared = sharedNames(input);
  for (const { file, target } of input.candidates) {
    const observed = "path" in target ? input.targets.get(target.path) : undefined;
    if (observed === undefined) continue;
    const key = caseless(observed.place);
    if (!isShared(key)) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ target: observed, hash: file.hash }]);
    else group.push({ target: observed, hash: file.hash });
  }
  const conflicts = new Map<AbsPath, string>();
  for (const group of groups.values()) {
    const places = new Set(group.map(({ target }) => target.place));
    const inodes = new Set(group.map(({ target }) => target.inode));
    const apart = inodes.size === places.size && !inodes.has(null);
    const hashes = new Map<AbsPath, Set<string>>();
    for (const { target, hash } of group) hashes.set(target.place, (hashes.get(target.place) ?? new Set()).add(hash));
    for (const place of places) {
      if ((hashes.get(place)?.size ?? 0) > 1) conflicts.set(place, "the snapshot holds it twice, with different bytes");
      else if (places.size > 1 && !apart)
        conflicts.set(
          place,
          "another file of the snapshot differs only in case or Unicode form: they may be one on this disk",
        );
    }
  }
  return conflicts;
}

/** The name of a place on a disk that ignores case and Unicode form. */
const caseless = (place: AbsPath): string => place.normalize("NFC").toLowerCase();

/** Whether several files may have this name: by hashes of 32 bits, so that of fifty thousand files no name is kept twice. */
function sharedNames({ candidates, targets }: PlanInput): (name: string) => boolean {
  const once = new Set<number>();
  const again = new Set<number>();
  for (const { target } of candidates) {
    const observed = "path" in target ? targets.get(target.path) : undefined;
    if (observed === undefined) continue;
    const hash = Bun.hash.xxHash32(caseless(observed.place));
    if (once.has(hash)) again.add(hash);
    else once.add(hash);
  }
  return (name) => again.size > 0 && again.has(Bun.hash.xxHash32(name));
}

/**
 * Two changes that write the same place, one of them through a link: one write where they agree, refused where not. A place that
 * is to stay what it is, because the snapshot's own file for it is unchanged, is written by nobody else either.
 */
function refuseClashes(changes: Change[], { targets, candidates }: PlanInput): Change[] {
  if (changes.every(({ writes }) => writes.length === 0)) return changes;
  const writers = new Map<AbsPath, Write>();
  const kept = new Map<string, string>();
  for (const { file, target } of candidates) {
    const observed = "path" in target ? targets.get(target.path) : undefined;
    if (observed !== undefined && observed.link === null) kept.set(observed.place, file.hash);
  }
  return changes.map((change) => {
    const writes: Write[] = [];
    for (const write of change.writes) {
      const other = writers.get(write.at);
      const own = kept.get(write.at);
      const overrides = write.type === "file" && own !== undefined && own !== write.hash;
      if (other === undefined && !overrides) writes.push(write);
      else if (overrides || (other !== undefined && !sameResult(other, write)))
        return {
          ...change,
          ...refused(`${write.at} is to be written by another file of the snapshot too, with other bytes`),
        };
      writers.set(write.at, other ?? write);
    }
    return { ...change, writes };
  });
}

const sameResult = (a: Write, b: Write): boolean =>
  a.type === "file" && b.type === "file"
    ? a.hash === b.hash && a.mode === b.mode
    : a.type === b.type && linkOf(a) === linkOf(b);
const linkOf = (write: Write): string | null => (write.type === "link" ? write.target : null);

/** A path that the snapshot writes in another case is known by its place, which is as the disk spells it. */
function extras({ candidates, found, targets }: PlanInput): Change[] {
  const known = new Set(
    candidates.flatMap(({ target }) => ("path" in target ? [target.path, targets.get(target.path)?.place] : [])),
  );
  return found
    .filter(({ path }) => !known.has(path))
    .map(({ path, name, kind }) => ({ path, name, kind, action: "extra", writes: [] }));
}

/** How many changes there are of each sort; `skipped` counts stored files that are missing or damaged. */
export function summarize(plan: Plan): Summary {
  const summary: Summary = { unchanged: 0, modify: 0, create: 0, extra: 0, skipped: 0, refused: 0 };
  for (const { action } of plan.changes)
    summary[action === "missing-backup" || action === "damaged-backup" ? "skipped" : action]++;
  return summary;
}
