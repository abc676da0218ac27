// Two states of the protected files → what differs between them. Reads only what differs, through the states' own `read`.
import type { Both, Comparison, ContentDiff, FileDiff, KeysDiff, Problem, Side } from "../comparison.ts";
import { type Digest, KINDS, type Kind, type Skipped } from "../model.ts";
import { isWithin } from "../paths.ts";
import { type Known, knownSecrets } from "../secrets/known.ts";
import { maskValue } from "../secrets/line-secrets.ts";
import { isSecretFile } from "../secrets/secret.ts";
import { CLOSED, compareKeys, noteSecrets, OPEN } from "./keys.ts";
import { compareAgents } from "./launchd-words.ts";
import { compareLines } from "./lines.ts";
import { formatOf, readValue } from "./value.ts";

/** A file over this is told by its sizes alone. */
export const TEXT_LIMIT_BYTES = 1 << 20;

/** One file at one end. What is not recorded is undefined: it can't differ. */
export interface Version {
  path: string;
  name: string;
  kind: Kind;
  hash: Digest;
  size: number | undefined;
  mode: number | undefined;
  link: string | null | undefined;
  mtimeMs: number | undefined;
  /** The very bytes of `hash`; `large` where there are more than `limit`. */
  read(limit: number): Promise<Uint8Array | "large" | { problem: Problem["problem"]; reason: string }>;
}

/** One end of a comparison. A path with a problem is neither there nor absent. */
export interface State {
  side: Side;
  files: ReadonlyMap<string, Version>;
  problems: ReadonlyMap<string, Omit<Problem, "path" | "side">>;
  /** Places that nobody could look into: a file that is missing below one of them may be there all the same. */
  unseen: Skipped[];
}

/** Compares all files of two states. */
export async function compareStates(before: State, after: State): Promise<Comparison> {
  const known = knownSecrets();
  const problems: Problem[] = [
    ...[...before.problems].map(([path, what]) => ({ path, side: "before" as const, ...what })),
    ...[...after.problems].map(([path, what]) => ({ path, side: "after" as const, ...what })),
  ];
  const files: FileDiff[] = [];
  let unchanged = 0;
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    if (before.problems.has(path) || after.problems.has(path)) continue;
    const [old, now] = [before.files.get(path) ?? null, after.files.get(path) ?? null];
    const [state, side] = old === null ? [before, "before" as const] : [after, "after" as const];
    const unseen = old !== null && now !== null ? undefined : state.unseen.find((place) => isWithin(path, place.path));
    if (unseen !== undefined) {
      problems.push({ path, side, problem: "unreadable", reason: unseen.reason });
      continue;
    }
    const compared = await compareVersions(old, now, known);
    problems.push(...compared.problems);
    if (compared.diff !== null) files.push(compared.diff);
    if (compared.diff === null || compared.diff.change === "touched") unchanged++;
  }
  const rank = ({ kind, path }: FileDiff) => `${KINDS.indexOf(kind)}${path}`;
  files.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return { before: before.side, after: after.side, files: hideKnown(files, known), unchanged, problems };
}

/** The same differences, and in them no secret that was met anywhere. */
export const hideKnown = <T extends FileDiff>(files: T[], known: Known): T[] =>
  files.map((file) => ({ ...file, content: file.content && hideIn(file.content, known) }));

function hideIn(content: ContentDiff, known: Known): ContentDiff {
  const hide = (text: string | null): string | null => (text === null ? null : known.hide(text));
  if (content.type === "sizes") return content;
  if (content.type === "lines")
    return {
      ...content,
      hunks: content.hunks.map(({ header, lines }) => ({ header, lines: lines.map((line) => known.hide(line)) })),
    };
  const changes = content.changes.map(({ path, before, after, words, ...change }) => ({
    ...change,
    path: path.map((part) => (typeof part === "string" ? known.hide(part) : part)),
    before: hide(before),
    after: hide(after),
    words: hide(words),
  }));
  return { ...content, changes };
}

/** Compares one file's two versions; no diff where not even the time differs. Its secrets are noted: see hideKnown. */
export async function compareVersions(
  before: Version | null,
  after: Version | null,
  known: Known,
): Promise<{ diff: FileDiff | null; problems: Problem[] }> {
  const file = after ?? before;
  if (file === null) return { diff: null, problems: [] };
  const { path, name } = file;
  // What was a credential at either end is one.
  const kind = before?.kind === "credential" ? before.kind : file.kind;
  const size = { before: before?.size ?? null, after: after?.size ?? null };
  const base = { path, name, kind, size };
  if (before === null || after === null) {
    const change = before === null ? ("added" as const) : ("removed" as const);
    return { diff: { ...base, change, mode: null, link: null, mtimeMs: null, content: null }, problems: [] };
  }
  const mode = both(before.mode, after.mode);
  const mtimeMs = both(before.mtimeMs, after.mtimeMs);
  const link = both(before.link, after.link);
  const shownLink = link && { before: maskLink(link.before), after: maskLink(link.after) };
  const sameBytes = before.hash === after.hash;
  const { content, problems } = sameBytes
    ? { content: null, problems: [] }
    : await compareContent(before, { ...after, kind }, known);
  const differs = !sameBytes || mode !== null || link !== null;
  if (!differs && mtimeMs === null) return { diff: null, problems };
  const change = differs ? ("modified" as const) : ("touched" as const);
  return { diff: { ...base, change, mode, link: shownLink, mtimeMs, content }, problems };
}

const both = <T>(before: T | undefined, after: T | undefined): Both<T> | null =>
  before === undefined || after === undefined || before === after ? null : { before, after };
const maskLink = (target: string | null): string | null => (target === null ? null : maskValue(target));

async function compareContent(
  before: Version,
  after: Version,
  known: Known,
): Promise<{ content: ContentDiff | null; problems: Problem[] }> {
  const problems: Problem[] = [];
  const bytes: Uint8Array[] = [];
  let isLarge = false;
  for (const [side, version] of [
    ["before", before],
    ["after", after],
  ] as const) {
    const read = await version.read(TEXT_LIMIT_BYTES);
    if (read === "large") isLarge = true;
    else if (read instanceof Uint8Array) bytes.push(read);
    else problems.push({ path: version.path, side, ...read });
  }
  if (problems.length > 0) return { content: null, problems };
  const [old, now] = bytes;
  if (isLarge || old === undefined || now === undefined) return { content: sizes("large"), problems };
  return { content: await compareBytes(after, old, now, known), problems };
}

const sizes = (why: Extract<ContentDiff, { type: "sizes" }>["why"]): ContentDiff => ({ type: "sizes", why });

/** What changed inside a file: by key where it has keys, else by line, else that it did. Secrets are masked. */
export async function compareBytes(
  { path, kind }: Pick<Version, "path" | "kind">,
  before: Uint8Array,
  after: Uint8Array,
  known: Known = knownSecrets(),
): Promise<ContentDiff> {
  return hideIn(await compareUnhidden({ path, kind }, before, after, known), known);
}

async function compareUnhidden(
  { path, kind }: Pick<Version, "path" | "kind">,
  before: Uint8Array,
  after: Uint8Array,
  known: Known,
): Promise<ContentDiff> {
  const format = formatOf(path, after) ?? formatOf(path, before);
  // An agent's name says what it does, `refresh-token`, and not what is in it.
  const isSecret = kind === "credential" || (kind !== "plist" && isSecretFile(path));
  if (format !== null)
    return (await compareForms(format, kind, isSecret, [before, after], known)) ?? sizes("unreadable-form");
  if (kind === "credential") return sizes("secret");
  const [old, now] = [textOf(before), textOf(after)];
  if (old === null || now === null) return sizes("binary");
  return compareLines(old, now, isSecret, path, known) ?? sizes("too-different");
}

async function compareForms(
  format: KeysDiff["format"],
  kind: Kind,
  isSecret: boolean,
  [before, after]: [Uint8Array, Uint8Array],
  known: Known,
): Promise<KeysDiff | null> {
  const [old, now] = [await readValue(format, before), await readValue(format, after)];
  // Without its keys nobody can tell which of its texts is a secret.
  if (old === undefined || now === undefined) return null;
  const sight = isSecret ? CLOSED : OPEN;
  for (const value of [old, now]) noteSecrets(value, sight, known);
  const isAgent = kind === "plist" && old instanceof Map && now instanceof Map;
  return { type: "keys", format, changes: isAgent ? compareAgents(old, now, sight) : compareKeys(old, now, sight) };
}

/** A text in UTF-8; null for anything else. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
