// What a restore is to write where it does not take the stored file as it is: of each file three states are merged, so that what came
// later stays. What nobody can decide is a conflict, and named.

import { type ContentDiff, type KeyChange, keyText } from "../comparison.ts";
import { compareBytes } from "../diff/compare.ts";
import type { Conflict } from "../merge/merge.ts";
import type { Side } from "../merge/three.ts";
import type { Digest, Kind, StoredFile, Target } from "../model.ts";
import type { Settle, Unsettled } from "../restore/look.ts";
import { maskLines } from "../secrets/line-secrets.ts";
import { isSecretFile } from "../secrets/secret.ts";
import { digestOf, readBytes } from "../system/files.ts";
import { displayName } from "../text.ts";

/** One value that both sides changed; what is hidden, or is no value, is null. */
export interface ConflictPart {
  /** The key, `lines 3 to 5`, or `mode`, `link`, `the file`. */
  where: string;
  before: string | null;
  after: string | null;
  now: string | null;
}

export interface FileConflict {
  path: string;
  name: string;
  kind: Kind;
  parts: ConflictPart[];
}

/** A file that is not touched, and why. */
export interface LeftAlone {
  path: string;
  name: string;
  kind: Kind;
  why: string;
}

/** What a merge found beside the plan. */
export interface Findings {
  conflicts: FileConflict[];
  leftAlone: LeftAlone[];
  /** Later edits that stay, by the file's path. */
  kept: Map<string, ContentDiff>;
  /** Secrets of today that stay, each by its key. */
  keeps: { path: string; kind: Kind; key: string }[];
}

/** A file as the change that is taken back had left it. What is not recorded is undefined. */
export interface Base {
  hash: Digest;
  mode: number | undefined;
  link: string | null | undefined;
  /** Its bytes, as `read` gives them, were made for another home: the hash is that of the ones before. */
  moved: boolean;
  /** Null where the bytes are nowhere any more. */
  read(limit: number): Promise<Uint8Array | null>;
}

export interface Merging {
  settle: Settle;
  findings: Findings;
}

export const LIMIT_BYTES = 16 << 20;

/**
 * Takes back what changed from a snapshot to `baseAt`, file by file: null says that the change removed the file, undefined that it did not
 * touch it. With `decide` that side wins every conflict.
 */
export function takingBack(
  baseAt: (file: StoredFile, path: string) => Base | null | undefined,
  decide: Side | null,
): Merging {
  const findings: Findings = { conflicts: [], leftAlone: [], kept: new Map(), keeps: [] };
  const settle: Settle = async (unsettled) => {
    const { file, target } = unsettled;
    const found = baseAt(file, target.path);
    if (found === undefined) return null;
    const base = found?.moved === true ? await hashed(found) : found;
    const parts: ConflictPart[] = [];
    const settled = await mergeFile(unsettled, base, decide, parts, findings);
    if (parts.length === 0) return settled;
    findings.conflicts.push({ path: target.path, name: displayName(file), kind: file.kind, parts });
    return null;
  };
  return { settle, findings };
}

/** With the hash of the bytes for this home. */
async function hashed(base: Base): Promise<Base> {
  const bytes = await base.read(LIMIT_BYTES);
  return bytes === null ? base : { ...base, hash: digestOf(bytes), moved: false };
}

type Settled = Awaited<ReturnType<Settle>>;

async function mergeFile(
  unsettled: Unsettled,
  base: Base | null,
  decide: Side | null,
  parts: ConflictPart[],
  findings: Findings,
): Promise<Settled> {
  const { file, target } = unsettled;
  const { now } = target;
  const whole = (where: string): Settled => {
    if (decide === null) parts.push({ where, before: null, after: null, now: null });
    return decide === "theirs" ? { file, content: null } : null;
  };
  if (base === null)
    return now.state === "absent" || isSame(file, target)
      ? { file, content: null }
      : whole("the file: it is there again");
  if (base.hash === file.hash && alike(base.mode, file.mode) && alike(base.link, file.symlink)) return null;
  if (now.state === "absent") return whole("the file: it is gone");
  if (now.state !== "file") return whole("the file: it can't be read now");
  const settled = { ...file, mode: file.mode, symlink: file.symlink };
  const one = <T>(where: string, before: T, after: T, live: T, show: (value: T) => string): T => {
    if (alike(before, live) || alike(after, before)) return live;
    if (alike(after, live) || decide === "theirs") return before;
    if (decide === null) parts.push({ where, before: show(before), after: show(after), now: show(live) });
    return live;
  };
  settled.mode = one("mode", file.mode, base.mode, now.facts.mode, (mode) => (mode ?? 0).toString(8).padStart(4, "0"));
  settled.symlink = one("link", file.symlink, base.link, target.link, (link) => link ?? "none");
  if (settled.symlink !== target.link && now.hash !== base.hash && now.hash !== file.hash)
    return whole("the file: its link and its content");
  if (now.hash === base.hash || now.hash === file.hash) return { file: settled, content: null };
  if (base.hash === file.hash) return { file: settled, content: readNow(target, now.hash) };
  return mergeContent(unsettled, base, settled, decide, parts, findings);
}

/** What is not recorded can't differ. */
const alike = <T>(a: T | undefined, b: T | undefined): boolean => a === undefined || b === undefined || a === b;
const isSame = (file: StoredFile, { now, link }: Target): boolean =>
  now.state === "file" && now.hash === file.hash && alike<string | null>(file.symlink, link);

export function readNow({ real }: Target, hash: Digest): Uint8Array | null {
  try {
    const bytes = readBytes(real, LIMIT_BYTES, { noFollow: true });
    return digestOf(bytes) === hash ? bytes : null;
  } catch {
    return null;
  }
}

async function mergeContent(
  { file, target, read }: Unsettled,
  base: Base,
  settled: StoredFile,
  decide: Side | null,
  parts: ConflictPart[],
  findings: Findings,
): Promise<Settled> {
  const states = await statesOf({
    theirs: () => read(LIMIT_BYTES),
    base: () => base.read(LIMIT_BYTES),
    ours: () => readNow(target, wanted(target)),
  });
  if (states === null) {
    if (decide === null) parts.push({ where: "the file", before: null, after: null, now: null });
    return decide === "theirs" ? { file, content: null } : null;
  }
  const { merge } = await import("../merge/merge.ts");
  const { bytes, conflicts } = await merge(target.path, states, decide);
  if (bytes === null) {
    for (const conflict of conflicts)
      parts.push(...(await shownConflict(conflict, { path: target.path, kind: file.kind }, states)));
    return null;
  }
  const kept = await compareBytes({ path: target.path, kind: file.kind }, states.theirs, bytes);
  findings.kept.set(target.path, kept);
  // Nobody wrote these bytes before now.
  return { file: { ...settled, mtimeMs: Date.now() }, content: bytes };
}

const wanted = ({ now }: Target): Digest => (now.state === "file" ? now.hash : digestOf(""));

interface States {
  base: Uint8Array;
  theirs: Uint8Array;
  ours: Uint8Array;
}

/** Null where one of the three can't be had. */
async function statesOf(
  reads: { [S in keyof States]: () => Promise<Uint8Array | null> | Uint8Array | null },
): Promise<States | null> {
  try {
    const [base, theirs, ours] = [await reads.base(), await reads.theirs(), await reads.ours()];
    return base === null || theirs === null || ours === null ? null : { base, theirs, ours };
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

/** A conflict as it may be seen: every secret is masked, as in `diff`. */
async function shownConflict(
  conflict: Conflict,
  file: { path: string; kind: Kind },
  { base, theirs, ours }: States,
): Promise<ConflictPart[]> {
  if (conflict.at === "file") return [{ where: "the file", before: null, after: null, now: null }];
  if (conflict.at === "lines") return [shownLines(conflict, file, { base, theirs, ours })];
  const changes = async (a: Uint8Array, b: Uint8Array): Promise<KeyChange[]> => {
    const diff = await compareBytes(file, a, b);
    return diff.type === "keys" ? diff.changes.filter(({ path }) => isWithin(path, conflict.path)) : [];
  };
  const [run, since] = [await changes(theirs, base), await changes(base, ours)];
  const keys = [...new Set([...run, ...since].map(({ path }) => keyText(path)))];
  if (keys.length === 0) return [{ where: "one of its keys", before: null, after: null, now: null }];
  return keys.map((where) => {
    const [ran, edited] = [run, since].map((list) => list.find(({ path }) => keyText(path) === where));
    const hidden = ran?.hidden === true || edited?.hidden === true;
    const shown = (value: string | null | undefined) => (hidden ? "not shown" : (value ?? "none"));
    return {
      where,
      before: shown(ran?.before),
      after: shown(ran?.after ?? edited?.before),
      now: shown(edited?.after),
    };
  });
}

const isWithin = (path: KeyChange["path"], top: KeyChange["path"]): boolean =>
  top.every((step, index) => path[index] === step);

function shownLines(
  conflict: Extract<Conflict, { at: "lines" }>,
  { path, kind }: { path: string; kind: Kind },
  states: States,
): ConflictPart {
  const text = (side: keyof States): string | null => {
    if (kind === "credential") return null;
    const lines = maskLines(new TextDecoder().decode(states[side]).split(/\r?\n/), isSecretFile(path));
    return lines.slice(conflict[side].from, conflict[side].to).join("⏎");
  };
  const { from, to } = conflict.ours;
  const where = to - from > 1 ? `lines ${from + 1} to ${to}` : `line ${from + 1}`;
  return { where, before: text("theirs"), after: text("base"), now: text("ours") };
}
