// Two values → what changed in them, by key. Nothing that may be a secret is in the result.
import type { KeyChange } from "../comparison.ts";
import { maskText } from "../secrets/line-secrets.ts";
import { HIDDEN, isHarmlessVariable, isSecretName, isToken } from "../secrets/secret.ts";
import { maskValue, maskWords } from "../secrets/word-secrets.ts";
import { Bare, same, type Tree } from "./value.ts";

/** How far what stands at a place may be shown. */
export interface Sight {
  /** Nothing below is shown, because a key above or the file says so. */
  hidden: boolean;
  /** The keys are names of environment variables. */
  variables: boolean;
  /** The keys are names that somebody gave to things, and say nothing of what is in them. */
  names: boolean;
}
export const OPEN: Sight = { hidden: false, variables: false, names: false };
export const CLOSED: Sight = { ...OPEN, hidden: true };

type Path = KeyChange["path"];
const VARIABLES = /^(env|environ|environment|environment_?variables|env_?vars|variables|(http_?)?headers?)$/i;
const NAMES = /^mcp_?servers$/i;
const LONGEST_SHOWN = 300;

/** Every key whose value differs, in the order of the newer value. A part that came or went is told leaf by leaf. */
export function compareKeys(
  before: Tree | undefined,
  after: Tree | undefined,
  sight: Sight,
  path: Path = [],
): KeyChange[] {
  if (same(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...(after?.keys() ?? []), ...(before?.keys() ?? [])])];
    if (keys.length > 0)
      return keys.flatMap((key) =>
        compareKeys(before?.get(key), after?.get(key), sightOf(key, [before, after], sight), [...path, maskKey(key)]),
      );
  }
  if (isList(before) && isList(after) && (before?.length || after?.length))
    return compareLists(before ?? [], after ?? [], sight, path);
  // A value of another sort: what was there went, and what is there came.
  if (before !== undefined && after !== undefined && (isBranch(before) || isBranch(after)))
    return [...compareKeys(before, undefined, sight, path), ...compareKeys(undefined, after, sight, path)];
  return [changeOf(before, after, sight, path)];
}

const isMap = (value: Tree | undefined): value is Map<string, Tree> | undefined =>
  value === undefined || value instanceof Map;
const isList = (value: Tree | undefined): value is Tree[] | undefined => value === undefined || Array.isArray(value);
const isBranch = (value: Tree): boolean =>
  Array.isArray(value) ? value.length > 0 : value instanceof Map && value.size > 0;

/** Lists are laid side by side after what is alike at both ends. */
function compareLists(before: Tree[], after: Tree[], sight: Sight, path: Path): KeyChange[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && same(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shortest - head && same(before.at(-1 - tail), after.at(-1 - tail))) tail++;
  const sights = { before: sightsIn(before, sight), after: sightsIn(after, sight) };
  const changes: KeyChange[] = [];
  for (let index = head; index < Math.max(before.length, after.length) - tail; index++) {
    const old = index < before.length - tail ? before[index] : undefined;
    const now = index < after.length - tail ? after[index] : undefined;
    const words = { before: sights.before[index], after: sights.after[index] };
    if (typeof old !== "string" && typeof now !== "string")
      changes.push(...compareKeys(old, now, sight, [...path, index]));
    else if ((old !== undefined && isBranch(old)) || (now !== undefined && isBranch(now)))
      changes.push(
        ...compareKeys(old, undefined, sight, [...path, index]),
        ...compareKeys(undefined, now, sight, [...path, index]),
      );
    else if (!same(old, now)) changes.push(changeOf(old, now, sight, [...path, index], words));
  }
  return changes;
}

/** The texts of a list as they may be shown: as words of a command line, where each may speak of the next. */
function sightsIn(list: Tree[], sight: Sight): string[] {
  const words = list.map((item) => (typeof item === "string" ? item : ""));
  return sight.hidden ? words.map(() => HIDDEN) : maskWords(words);
}

function changeOf(
  before: Tree | undefined,
  after: Tree | undefined,
  sight: Sight,
  path: Path,
  words: { before?: string | undefined; after?: string | undefined } = {},
): KeyChange {
  const shown = { before: write(before, sight, words.before), after: write(after, sight, words.after) };
  const hidden = shown.before === shown.after || [shown.before, shown.after].includes(JSON.stringify(HIDDEN));
  return {
    path,
    change: changeBetween(before, after),
    before: hidden ? null : shown.before,
    after: hidden ? null : shown.after,
    hidden,
    words: null,
  };
}

/** What became of a value; undefined is none. */
export function changeBetween(before: Tree | undefined, after: Tree | undefined): KeyChange["change"] {
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "modified";
}

/** A value as JSON writes it, its secrets masked, cut where it is long; null where there is none. */
export function write(value: Tree | undefined, sight: Sight, word?: string): string | null {
  if (value === undefined) return null;
  const text = jsonOf(value, sight, word);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function jsonOf(value: Tree, sight: Sight, word?: string): string {
  if (Array.isArray(value)) {
    const words = sightsIn(value, sight);
    return `[${value.map((item, index) => jsonOf(item, sight, words[index])).join(", ")}]`;
  }
  if (value instanceof Map) {
    const members = [...value].map(
      ([key, item]) => `${JSON.stringify(maskKey(key))}: ${jsonOf(item, sightOf(key, [value], sight))}`,
    );
    return `{${members.join(", ")}}`;
  }
  // Where variables should stand and something else does, nobody knows what it is.
  if (sight.hidden || sight.variables) return JSON.stringify(HIDDEN);
  if (value instanceof Bare) return value.shown;
  return JSON.stringify(word ?? maskValue(value));
}

/** What may be seen below a key. */
export function sightOf(key: string, holders: (Tree | undefined)[], sight: Sight): Sight {
  if (sight.hidden) return sight;
  if (sight.variables) return isHarmlessVariable(key) ? OPEN : CLOSED;
  if (sight.names) return OPEN;
  if (isSecretName(key) || (holdsSecret(holders) && !NAMING.test(key))) return CLOSED;
  if (VARIABLES.test(key)) return { ...OPEN, variables: true };
  return NAMES.test(key) ? { ...OPEN, names: true } : OPEN;
}

const NAMING = /^(name|key|id|var|variable|env|header)$/i;
/** `{"name": "API_KEY", "value": "…"}`: a map of which one member names what another holds. */
const holdsSecret = (holders: (Tree | undefined)[]): boolean =>
  holders.some(
    (holder) =>
      holder instanceof Map &&
      [...holder].some(([key, value]) => NAMING.test(key) && typeof value === "string" && isSecretName(value)),
  );

/** A key as it may be shown. */
function maskKey(key: string): string {
  const plain = isToken(key) ? HIDDEN : key;
  const shown = /^[\w.-]*$/.test(key) ? plain : maskText(key);
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
}
