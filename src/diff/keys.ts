// Two values → what changed in them, by key. Nothing that may be a secret is in the result.
import type { KeyChange } from "../comparison.ts";
import type { Known } from "../secrets/known.ts";
import { maskText, maskValue } from "../secrets/line-secrets.ts";
import { HIDDEN, isHarmless, isSecretName, isToken } from "../secrets/secret.ts";
import { maskCommand, maskWords } from "../secrets/word-secrets.ts";
import { Bare, same, type Tree } from "./value.ts";

/** How far what stands at a place may be shown. */
export interface Sight {
  /** Nothing below is shown, because the file says so. */
  hidden: boolean;
  /** A key above tells of a secret: shown is only what the nearest key says to be something else. */
  told: boolean;
  /** The keys are names of environment variables. */
  variables: boolean;
  /** The keys are names that somebody gave to things, and say nothing of what is in them. */
  names: boolean;
  /** The texts are words of a command line, or a whole one. */
  command: boolean;
  /** The nearest key above. */
  name: string;
}
export const OPEN: Sight = { hidden: false, told: false, variables: false, names: false, command: false, name: "" };
export const CLOSED: Sight = { ...OPEN, hidden: true };

type Path = KeyChange["path"];
const VARIABLES =
  /^(env|environ|environment|environment_?variables|env_?vars|variables|build_?args|([a-z]+_?)?headers?)$/i;
const COMMANDS =
  /^(program|program_?arguments|args|arguments|argv|command|cmd|entrypoint|exec|exec_?start|run|scripts?)$/i;
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

/** The texts of a list as they may be shown: each may speak of the next, as the words of a command line do. */
function sightsIn(list: Tree[], sight: Sight): string[] {
  const words = list.map((item) => (typeof item === "string" ? item : ""));
  if (sight.hidden) return words.map(() => HIDDEN);
  if (sight.variables) return words.map((word) => maskVariable(word));
  if (sight.told) return words.map((word) => (isHarmless(sight.name, word) ? word : HIDDEN));
  return maskWords(words, { strict: sight.command });
}

/** `NAME=value`; of anything else nobody knows what it is. */
function maskVariable(word: string): string {
  const [, name = "", value = ""] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word) ?? [];
  if (name === "") return HIDDEN;
  return isHarmless(name, value) ? word : `${name}=${HIDDEN}`;
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
  if (sight.hidden) return JSON.stringify(HIDDEN);
  const text = value instanceof Bare ? value.shown : value;
  const shown = value instanceof Bare ? text : JSON.stringify(text);
  // Where variables should stand and something else does, nobody knows what it is.
  if (sight.variables) return JSON.stringify(word ?? HIDDEN);
  if (sight.told) return isHarmless(sight.name, text) ? shown : JSON.stringify(HIDDEN);
  if (value instanceof Bare || isHarmless(sight.name, text)) return shown;
  return JSON.stringify(word ?? shownText(text, sight));
}

/** What may be seen below a key. */
export function sightOf(key: string, holders: (Tree | undefined)[], sight: Sight): Sight {
  if (sight.hidden) return sight;
  const below = { ...OPEN, name: key };
  if (sight.told) return { ...below, told: true, name: /hook/i.test(sight.name) ? `${sight.name}_${key}` : key };
  const holder = holders.find((one) => one instanceof Map);
  if (sight.variables) {
    // `env: [{name: …, value: …}]`
    const named = key === "value" && holder instanceof Map ? holder.get("name") : undefined;
    if (key === "name" && holder instanceof Map && holder.has("value")) return below;
    return { ...below, told: true, name: typeof named === "string" ? named : key };
  }
  if (sight.names) return below;
  if (isSecretName(key) || (holdsSecret(holders) && !NAMING.test(key))) return { ...below, told: true };
  if (key === "data" && holder instanceof Map && holder.get("kind") === "Secret") return { ...below, told: true };
  if (VARIABLES.test(key)) return { ...below, variables: true };
  if (COMMANDS.test(key)) return { ...below, command: true };
  return NAMES.test(key) ? { ...below, names: true } : { ...below, command: sight.command };
}

const NAMING = /^(name|key|id|var|variable|env|header)$/i;
/** `{"name": "API_KEY", "value": "…"}`: a map of which one member names what another holds. */
const holdsSecret = (holders: (Tree | undefined)[]): boolean =>
  holders.some(
    (holder) =>
      holder instanceof Map &&
      [...holder].some(([key, value]) => NAMING.test(key) && typeof value === "string" && isSecretName(value)),
  );

/** A text of a value in which something is masked, with the key where it stands and the name that speaks of it. */
export interface Masked {
  path: Path;
  name: string;
  text: string;
  shown: string;
}

/** Every text of a value that may not be shown as it is. */
export function* maskedIn(value: Tree, sight: Sight, path: Path = [], word?: string): Generator<Masked> {
  if (Array.isArray(value)) {
    const words = sightsIn(value, sight);
    for (const [index, item] of value.entries()) yield* maskedIn(item, sight, [...path, index], words[index]);
  } else if (value instanceof Map)
    for (const [key, item] of value) yield* maskedIn(item, sightOf(key, [value], sight), [...path, key]);
  else {
    const text = value instanceof Bare ? value.shown : value;
    const isHidden = sight.hidden || ((sight.told || sight.variables) && word === undefined);
    const shown =
      isHidden && (sight.hidden || !isHarmless(sight.name, text)) ? HIDDEN : (word ?? shownText(text, sight));
    if (shown !== text) yield { path, name: sight.name, text, shown };
  }
}

/** Notes every secret of a value, wherever in it. */
export function noteSecrets(value: Tree, sight: Sight, known: Known): void {
  for (const { text, shown, name } of maskedIn(value, sight))
    if (text.length >= SHORTEST_NOTED) known.note(text, shown, isSecretName(name));
}

const SHORTEST_NOTED = 5;

const shownText = (text: string, sight: Sight): string => {
  if (isHarmless(sight.name, text)) return text;
  return sight.command ? maskCommand(text, { strict: true }) : maskValue(text);
};

/** A key as it may be shown. */
export function maskKey(key: string): string {
  const plain = isToken(key) ? HIDDEN : key;
  const shown = /^[\w.-]*$/.test(key) ? plain : maskText(key);
  return shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
}
