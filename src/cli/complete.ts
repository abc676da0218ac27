// What may come next on a command line: the answer to a shell's completion script. It only reads, says nothing on failure, and loads
// the one command that is being typed.
import { KINDS } from "../model.ts";
import { listSnapshots } from "../snapshot/store.ts";
import type { NamedPlaces, World } from "../tasks/context.ts";
import { glanceAt } from "../tasks/open.ts";
import { findSiteIfAny, findStoreAlone } from "../tasks/site.ts";
import { printable } from "../text.ts";
import { COMMANDS, OWN_WORDS } from "./commands.ts";
import { flagsOf, GLOBAL_FLAGS, type Grammar, grammarOf, positionalsOf, shortOf, splitCommand } from "./strict.ts";

const SNAPSHOTS_SHOWN = 30;
const DESCRIPTION_CHARS = 60;

/** A word that may come, and what it means. */
type Proposal = [value: string, about: string];

/**
 * Lines of `VALUE<tab>DESCRIPTION` for the last of `words`, which may be empty; none where a file's name may come, or nothing is known.
 * Values are safe to stand in any shell without quotes; descriptions have no control characters.
 */
export async function complete(words: string[], world: World): Promise<string> {
  const current = words.at(-1) ?? "";
  let candidates: Proposal[];
  try {
    candidates = await candidatesFor(words.slice(0, -1), current, world);
  } catch {
    // A command line that is still being typed: whatever is wrong, running it will say so.
    candidates = [];
  }
  return candidates
    .filter(([value]) => value.startsWith(current) && /^[\w.@%+,:=/~-]+$/.test(value))
    .map(([value, about]) => `${value}\t${printable(about).slice(0, DESCRIPTION_CHARS)}\n`)
    .join("");
}

async function candidatesFor(before: string[], current: string, world: World): Promise<Proposal[]> {
  const { word, rest: written } = splitCommand(before);
  const command = word === undefined ? undefined : await COMMANDS.get(word)?.load();
  if (word === undefined) {
    if (before.length > 0 && isAwaiting(GLOBAL_FLAGS, before.at(-1))) return [];
    return current.startsWith("-") ? flagWords(GLOBAL_FLAGS) : [...commandWords(), ...OWN_WORDS];
  }
  if (word === "help") return written.length > 0 ? [] : helpWords();
  if (command === undefined || written.includes("--")) return [];
  const grammar = grammarOf(command);
  const short = shortOf(grammar);
  const rest = written.map((item) => short.get(item) ?? item);
  const flags = flagsOf(grammar);
  const named: NamedPlaces = { root: undefined, config: undefined, snapshots: undefined };
  const given = new Set<string>();
  const only: string[] = [];
  let words = 0;
  for (let index = 0; index < rest.length; index++) {
    const item = rest[index] ?? "";
    if (!item.startsWith("--")) {
      words++;
      continue;
    }
    const [name = "", inline] = item.slice(2).split("=", 2);
    given.add(name);
    if (flags.get(name)?.value === undefined) continue;
    const value = inline ?? rest[++index];
    if (name === "only" && value !== undefined) only.push(value);
    if (name === "root" || name === "config" || name === "snapshots") named[name] = value;
  }
  const valuesFor = (name: string) =>
    name === "key" || name === "except-key" ? keysFor(only, world, named) : valuesOf(name, grammar, world, named);
  if (isAwaiting(flags, rest.at(-1))) return valuesFor(rest.at(-1)?.slice(2) ?? "");
  const assigned = /^--([\w-]+)=/.exec(current);
  if (assigned !== null) {
    const values = await valuesFor(assigned[1] ?? "");
    return values.map(([value, about]) => [`${assigned[0]}${value}`, about]);
  }
  if (current.startsWith("-"))
    return flagWords(new Map([...flags].filter(([name, { repeatable }]) => repeatable || !given.has(name))));
  const positionals = positionalsOf(grammar);
  const last = positionals.at(-1)?.name ?? "";
  const next = positionals[words]?.name ?? (grammar.repeatable.includes(last) ? last : "");
  return valuesOf(next, grammar, world, named);
}

const commandWords = (): Proposal[] => [...COMMANDS].map(([name, { about }]) => [name, about]);

async function helpWords(): Promise<Proposal[]> {
  const { TOPICS } = await import("./topics.ts");
  return [...commandWords(), ...[...TOPICS].map(([name, { about }]): Proposal => [name, about])];
}

const isAwaiting = (flags: ReadonlyMap<string, { value: string | undefined }>, item = ""): boolean =>
  item.startsWith("--") && flags.get(item.slice(2))?.value !== undefined;

const flagWords = (flags: ReadonlyMap<string, { about: string }>): Proposal[] =>
  [...flags].map(([name, { about }]) => [`--${name}`, about]);

/** The keys of the live files that `--only` chose. */
async function keysFor(only: string[], world: World, named: NamedPlaces): Promise<Proposal[]> {
  const { liveKeys } = await import("../tasks/live-keys.ts");
  return (await liveKeys(only, world, named)).map(({ key, name }) => [key, name]);
}

/** What a word or a flag's value may be, by its name. */
async function valuesOf(name: string, { actions }: Grammar, world: World, named: NamedPlaces): Promise<Proposal[]> {
  if (name === "action" || name === "shell") return (actions ?? []).map((action) => [action, ""]);
  if (name === "only" || name === "except")
    return [...KINDS.map((kind): Proposal => [kind, `every ${kind}`]), ...(await namesFor(world, named))];
  if (name === "file" || name === "where") return namesFor(world, named);
  if (name === "what") return [...(await labelsFor(world, named)), ...(await refsFor("ref", world, named))];
  if (name === "dest" || name === "from") {
    const site = await findSiteIfAny(world, named);
    const { namedPlaces } = await import("../tasks/destinations.ts");
    return namedPlaces(site).map(({ name: place, shown }) => [place, shown]);
  }
  if (name === "number") {
    const { runsOf } = await import("../tasks/undoable.ts");
    const runs = runsOf(await findStoreAlone(world, named)).filter(({ can }) => can);
    return runs.map(({ line, command, id, description }) => [
      String(line),
      `${command} of ${id}: ${description ?? ""}`,
    ]);
  }
  return ["ref", "ref2", "a", "b", "category"].includes(name) ? refsFor(name, world, named) : [];
}

/** The files of the newest snapshot; where that can't be had, none, and the rest is offered all the same. */
async function namesFor(world: World, named: NamedPlaces): Promise<Proposal[]> {
  const { heldNames } = await import("../tasks/held-names.ts");
  const held = await heldNames(world, named).catch(() => []);
  return held.map(({ name, kind }) => [name, kind]);
}

async function labelsFor(world: World, named: NamedPlaces): Promise<Proposal[]> {
  const { heldNames } = await import("../tasks/held-names.ts");
  const held = await heldNames(world, named).catch(() => []);
  return held.flatMap(({ label }): Proposal[] => (label === null ? [] : [[label, "agent"]]));
}

/** Snapshots, or with `category` the categories that they have. */
async function refsFor(name: string, world: World, named: NamedPlaces): Promise<Proposal[]> {
  const refs: Proposal[] = [];
  const categories = new Map<string, string>();
  for (const entry of listSnapshots(await findStoreAlone(world, named)).slice(0, SNAPSHOTS_SHOWN)) {
    const seen = await glanceAt(entry);
    const about = seen?.description ?? (entry.forms[0] === "zip.age" ? "sealed" : "damaged");
    if (seen !== null && !categories.has(seen.category)) categories.set(seen.category, about);
    refs.push([entry.id, about]);
  }
  if (name === "category") return [...categories].map(([category, about]) => [category, `as in “${about}”`]);
  const [newest] = refs;
  if (newest === undefined) return [];
  const latest: Proposal[] = [...categories].map(([category, about]) => [`latest:${category}`, about]);
  return [["latest", newest[1]], ...refs, ...latest];
}
