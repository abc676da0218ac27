// What a search is about: the changes from one state to another, whole files or the keys and hunks in them, each of which can be undone
// by itself; and the writes that undo some of them in today's files.
import { type ContentDiff, keyText, meaning } from "../comparison.ts";
import { compareBytes, textOf } from "../diff/compare.ts";
import { countHunks, takeBackHunks } from "../diff/hunks.ts";
import { differing } from "../merge/keys.ts";
import { pick } from "../merge/merge.ts";
import type { AbsPath, Change, Kind, Plan, StoredFile, Write } from "../model.ts";
import { readStored } from "../restore/stored-ref.ts";
import { targetPath } from "../restore/target.ts";
import { digestOf, lookThrough, readBytes } from "../system/files.ts";
import type { Opened } from "./open.ts";
import { chosenBy } from "./parts.ts";

/** A snapshot, and the plan of its restore into today's files. */
export interface Side {
  opened: Opened;
  plan: Plan;
}

/** The two states: `good` passes, `bad` fails. A null is today's files. */
export interface Span {
  good: Side;
  bad: Side | null;
}

/** One change. Without a key and a hunk it is the whole file. */
export interface Culprit {
  path: AbsPath;
  name: string;
  kind: Kind;
  /** As `diff` prints it. */
  key: string | null;
  /** By the number that `diff --hunks` shows. */
  hunk: number | null;
}

/** `com.example.mail.plist ProgramArguments`, `notes.py hunk 2`. */
export const culpritName = ({ name, key, hunk }: Culprit): string =>
  [name, key ?? (hunk === null ? "" : `hunk ${hunk}`)].join(" ").trim();

const LIMIT_BYTES = 4 << 20;

/** The files that differ, each as one change. */
export function changedFiles({ good, bad }: Span): Culprit[] {
  const whole = ({ path, name, kind }: Change): Culprit => ({
    ...{ path: path as AbsPath, name, kind },
    ...{ key: null, hunk: null },
  });
  const plan = good.plan.changes.filter(({ action }) => ["unchanged", "modify", "create"].includes(action));
  if (bad === null) return plan.filter(({ writes }) => writes.length > 0).map(whole);
  const [before, after] = [byPath(good.opened), byPath(bad.opened)];
  return plan.filter(({ path }) => !isSame(before.get(path), after.get(path))).map(whole);
}

function byPath({ manifest }: Opened): Map<string, StoredFile> {
  const files = manifest.files.flatMap((file) => {
    const target = targetPath(file.original, []);
    return "path" in target ? [[target.path as string, file] as const] : [];
  });
  return new Map(files);
}

const isSame = (a: StoredFile | undefined, b: StoredFile | undefined): boolean =>
  a?.hash === b?.hash && a?.mode === b?.mode && a?.symlink === b?.symlink;

/** The changes inside one changed file; the file as a whole where they can't be told apart. */
export async function changesInside(file: Culprit, span: Span): Promise<Culprit[]> {
  const states = await statesOf(file.path, span);
  if (states === null) return [file];
  const { good, bad } = states;
  const paths = await differing(file.path, good, bad);
  if (paths !== null && paths.length > 0) {
    const keys = [...new Set(paths.map(keyText))];
    const all = await pick(file.path, good, bad, chosenBy({ keys, exceptKeys: [] }));
    const left = all === null ? null : await differing(file.path, good, all);
    return left?.length === 0 ? keys.map((key) => ({ ...file, key })) : [file];
  }
  const [before, after] = [textOf(good), textOf(bad)];
  const count = paths !== null || before === null || after === null ? null : countHunks(before, after);
  if (count === null || count < 2) return [file];
  return Array.from({ length: count }, (_, index) => ({ ...file, hunk: index + 1 }));
}

/** The file's bytes in both states; null where it is in one alone, or differs in more than its content. */
async function statesOf(path: AbsPath, { good, bad }: Span): Promise<{ good: Uint8Array; bad: Uint8Array } | null> {
  const change = changeOf(good.plan, path);
  const other = bad === null ? undefined : changeOf(bad.plan, path);
  if (change === undefined || change.action === "create" || (bad !== null && other === undefined)) return null;
  if ([...change.writes, ...(other?.writes ?? [])].some(({ type }) => type === "link")) return null;
  try {
    const live = lookThrough(path);
    if (live === null || [change, other].some((side) => hasOtherMode(side, live.mode & 0o7777))) return null;
    const [then, now] = [await bytesOf(change, path, good), await bytesOf(other, path, bad ?? good)];
    return { good: then, bad: now };
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

const changeOf = ({ changes }: Plan, path: AbsPath): Change | undefined =>
  changes.find((change) => change.path === path);
const hasOtherMode = (change: Change | undefined, mode: number): boolean =>
  change?.writes.some((write) => write.type === "file" && write.mode !== mode) ?? false;

/** What a plan would leave at a path: what it writes, else what is there. Throws a RangeError where there are more than 4 MiB. */
async function bytesOf(change: Change | undefined, path: AbsPath, { opened }: Side): Promise<Uint8Array> {
  const write = change?.writes.find(({ type }) => type === "file");
  return write?.type === "file" ? readStored(write.from, opened.vault, LIMIT_BYTES) : readBytes(path, LIMIT_BYTES);
}

/** The writes that make today's files those of `bad` with these changes undone; null where that can't be done for one of them alone. */
export async function writesWith(undone: readonly Culprit[], span: Span): Promise<Write[] | null> {
  const { good, bad } = span;
  const byFile = Map.groupBy(undone, ({ path }) => path);
  const others = bad?.plan.changes.filter(({ path }) => !byFile.has(path as AbsPath)) ?? [];
  const writes = others.flatMap((change) => change.writes);
  for (const [path, parts] of byFile) {
    const made = await fileWith(path, parts, { good, bad });
    if (made === null) return null;
    writes.push(...made);
  }
  return writes;
}

async function fileWith(path: AbsPath, parts: Culprit[], span: Span): Promise<Write[] | null> {
  const change = changeOf(span.good.plan, path);
  if (change === undefined) return null;
  if (parts.some(({ key, hunk }) => key === null && hunk === null)) return change.writes;
  const states = await statesOf(path, span);
  const content = states === null ? null : await contentWith(path, parts, states);
  if (content === null) return null;
  const templates = [change, span.bad === null ? undefined : changeOf(span.bad.plan, path)];
  const write = templates.flatMap((template) => template?.writes ?? []).find(({ type }) => type === "file");
  if (write?.type !== "file") return null;
  const hash = digestOf(content);
  if (write.was.state === "file" && write.was.hash === hash) return [];
  return [{ ...write, hash, mtimeMs: Date.now(), from: { ...write.from, content } }];
}

async function contentWith(
  path: AbsPath,
  parts: Culprit[],
  { good, bad }: { good: Uint8Array; bad: Uint8Array },
): Promise<Uint8Array | null> {
  const keys = parts.flatMap(({ key }) => key ?? []);
  if (keys.length > 0) return pick(path, good, bad, chosenBy({ keys, exceptKeys: [] }));
  const [before, after] = [textOf(good), textOf(bad)];
  if (before === null || after === null) return null;
  const text = takeBackHunks(before, after, (number) => parts.some(({ hunk }) => hunk === number));
  return text === null ? null : new TextEncoder().encode(text);
}

/** What a change is, in words that hold no secret; none where the words for it would be "it differs". */
export async function wordsFor({ path, kind, key, hunk }: Culprit, span: Span): Promise<string[]> {
  const change = changeOf(span.good.plan, path);
  if (change?.action === "create") return ["it is gone"];
  const states = await statesOf(path, span);
  if (states === null) return change?.reason === undefined ? [] : [change.reason];
  return wordsOf(await compareBytes({ path, kind }, states.good, states.bad), key, hunk);
}

function wordsOf(diff: ContentDiff, key: string | null, hunk: number | null): string[] {
  if (diff.type === "lines")
    return diff.hunks.filter((_, index) => hunk === null || hunk === index + 1).flatMap(({ lines }) => changed(lines));
  if (diff.type === "sizes") return [];
  const inside = diff.changes.filter(({ path }) => key === null || isWithin(keyText(path), key));
  return inside.map((change) => {
    const at = keyText(change.path);
    if (change.hidden) return `${at}: it changed; the value is not shown`;
    return meaning(change) ?? `${at}: ${change.after ?? "none"} instead of ${change.before ?? "none"}`;
  });
}

const changed = (lines: string[]): string[] => lines.filter((line) => /^[-+]/.test(line));
const isBelow = (text: string, key: string): boolean => text.startsWith(`${key}.`) || text.startsWith(`${key}[`);
/** One of them holds the other: what `diff` tells as one change may be more, or less, than a key. */
const isWithin = (text: string, key: string): boolean => text === key || isBelow(text, key) || isBelow(key, text);
