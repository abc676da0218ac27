// argv → one command's values, with nothing unknown let through. The definitions are citty's, and so are the help pages; its parser
// accepts unknown flags and extra words in silence, and takes longer to load than a list to make.
import type { ArgsDef } from "citty";
import { durationProblem } from "../duration.ts";
import { fail } from "../errors.ts";
import type { RollbackError } from "../rollback-error.ts";
import type { Command, Globals, Values } from "./command.ts";

/** A flag: the hint for its value where it takes one, whether it may be repeated, and what it does. */
export interface Flag {
  value: string | undefined;
  repeatable: boolean;
  about: string;
  short?: string;
}

const switchFlag = (about: string, short?: string): Flag => ({
  value: undefined,
  repeatable: true,
  about,
  ...(short === undefined ? {} : { short }),
});
const pathFlag = (value: string, about: string): Flag => ({ value, repeatable: false, about });
/** The flags that every command takes. */
export const GLOBAL_FLAGS: ReadonlyMap<string, Flag> = new Map([
  ["root", pathFlag("DIR", "the project root, instead of the one found from here")],
  ["config", pathFlag("FILE", "instead of ROOT/rollback.yaml")],
  ["snapshots", pathFlag("DIR", "where the snapshots are")],
  ["json", switchFlag("one JSON value on stdout, also for errors")],
  ["quiet", switchFlag("only the essential datum", "-q")],
  ["no-color", switchFlag("no colours; NO_COLOR does the same")],
  ["verbose", switchFlag("without a terminal, a line about long work every 30 s")],
  ["help", switchFlag("this page", "-h")],
  ["version", switchFlag("the version", "-V")],
]);

/** A flag's one-letter name (`-o`) → its whole one. */
export const shortOf = (grammar: Grammar): Map<string, string> =>
  new Map(
    [...flagsOf(grammar)].flatMap(([key, { short }]) => (short === undefined ? [] : [[short, `--${key}`] as const])),
  );

/** Every command that only shows what it would do, unless one of the others is given, knows this one, too. */
const PREVIEW = "preview";
const ACTING = ["force", "write", "install"];
export const hasPreview = ({ args }: Pick<Grammar, "args">): boolean => ACTING.some((flag) => flag in args);

/** What a command's words may be, as its definition says. */
export type Grammar = Pick<Command, "repeatable" | "passthrough" | "actions"> & { args: ArgsDef; acting?: string[] };

export function grammarOf({ definition, repeatable, passthrough, actions, acting }: Command): Grammar {
  // command() takes its args as a plain object.
  const args = typeof definition.args === "object" && !(definition.args instanceof Promise) ? definition.args : {};
  return { args, repeatable, passthrough, actions, acting };
}

/** Every flag of a command, its own and those of all. */
export function flagsOf({ args, repeatable }: Grammar): Map<string, Flag> {
  const flags = new Map(GLOBAL_FLAGS);
  for (const [key, arg] of Object.entries(args)) {
    const { type, valueHint = key.toUpperCase(), description: about = "" } = arg;
    if (type === "positional") continue;
    const value = type === "boolean" ? undefined : valueHint;
    const short = "alias" in arg && typeof arg.alias === "string" ? { short: `-${arg.alias}` } : {};
    flags.set(key, { value, repeatable: repeatable.includes(key), about, ...short });
    if (ACTING.includes(key)) flags.set(PREVIEW, switchFlag(`Only show it, as without --${key}`, "-n"));
  }
  return flags;
}

/** The names of the words that stand alone, in their order. */
export const positionalsOf = ({ args }: Grammar): { name: string; required: boolean }[] =>
  Object.entries(args).flatMap(([name, arg]) =>
    arg.type === "positional" ? [{ name, required: arg.required !== false && arg.default === undefined }] : [],
  );

export interface Split {
  /** The first word, if there is one. */
  word: string | undefined;
  /** All that is not that word, in order. */
  rest: string[];
}

/** Finds the command's word among flags that may stand before it. */
export function splitCommand(argv: string[]): Split {
  for (let index = 0; index < argv.length; index++) {
    const item = argv[index] ?? "";
    if (!item.startsWith("-")) return { word: item, rest: [...argv.slice(0, index), ...argv.slice(index + 1)] };
    if (item === "--") break;
    if (GLOBAL_FLAGS.get(item.slice(2))?.value !== undefined) index++;
  }
  return { word: undefined, rest: argv };
}

export interface Words {
  globals: Globals;
  help: boolean;
  version: boolean;
  /** The first word that is needed and was not given. */
  lacks: string | null;
  args: Values;
  lists: Record<string, string[]>;
}

/**
 * Checks every word and flag against a command's definition. Throws `usage` for what it does not know, with the nearest right
 * one; for a flag given twice; for an unwanted word, a missing or unwanted value. With `passthrough`, what stands behind `--` is kept apart.
 */
export async function readWords(name: string, grammar: Grammar, rest: string[]): Promise<Words> {
  const { repeatable, passthrough, actions } = grammar;
  const flags = flagsOf(grammar);
  const positionals = positionalsOf(grammar);
  const short = shortOf(grammar);
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const handedOn: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const written = rest[index] ?? "";
    const item = short.get(written) ?? written;
    if (item === "--") {
      (passthrough === undefined ? words : handedOn).push(...rest.slice(index + 1));
      break;
    }
    if (!item.startsWith("-") || item === "-") {
      words.push(item);
      continue;
    }
    const [key = "", inline] = cut(item.slice(2));
    const flag = item.startsWith("--") ? flags.get(key) : undefined;
    if (flag === undefined)
      throw fail.unknownFlag(name, item.split("=")[0] ?? item, await nearest(key, [...flags.keys()], "--"));
    if (flag.value === undefined && inline !== undefined) throw fail.badValue(`--${key}`, inline, "no value");
    const value = flag.value !== undefined ? (inline ?? rest[++index]) : "";
    if (value === undefined || (inline === undefined && value.startsWith("--")))
      throw fail.missingWord(name, `a value after --${key}`);
    const known = given.get(key);
    if (known !== undefined && !flag.repeatable)
      throw flag.value !== undefined
        ? fail.badValue(`--${key}`, value, "one value, and was given twice")
        : fail.givenTwice(name, `--${key}`);
    given.set(key, [...(known ?? []), value]);
  }
  takePreview(name, given, words[0], grammar.acting ?? []);
  const globals = takeGlobals(given);
  const help = given.delete("help");
  const version = given.delete("version");
  const missing = help || version ? undefined : positionals[words.length];
  if (!help && !version) {
    const extra = words[positionals.length];
    if (extra !== undefined && !repeatable.includes(positionals.at(-1)?.name ?? "")) throw fail.extraWord(name, extra);
    const [action] = words;
    if (actions !== undefined && action !== undefined && !actions.includes(action))
      throw await unknownAction(name, action, actions);
  }
  // A word that may be repeated is the last one, and takes all that are left.
  const several = positionals.findIndex(({ name: key }) => repeatable.includes(key));
  const many = several < 0 ? [] : words.splice(several);
  const lists: Words["lists"] = Object.fromEntries(
    repeatable.map((key) => [key, key === positionals[several]?.name ? many : (given.get(key) ?? [])]),
  );
  if (passthrough !== undefined) lists["--"] = handedOn;
  const args: Values = {};
  for (const [key, [value]] of given)
    if (!repeatable.includes(key)) args[key] = flags.get(key)?.value === undefined ? true : value;
  for (const [index, { name: key }] of positionals.entries()) {
    const usual = grammar.args[key]?.default;
    const value = words[index] ?? (typeof usual === "string" ? usual : undefined);
    if (value !== undefined && index !== several) args[key] = value;
  }
  return { globals, help, version, lacks: missing?.required ? missing.name : null, lists, args };
}

/** The preview is what a command shows anyway; beside the flag or the action that acts, nobody can tell which of the two was meant. */
function takePreview(name: string, given: Map<string, string[]>, action: string | undefined, acting: string[]): void {
  const flag = ACTING.find((candidate) => given.has(candidate));
  if (!given.delete(PREVIEW)) return;
  if (flag !== undefined) throw fail.eitherOr(name, "-n", `--${flag}`);
  if (action !== undefined && acting.includes(action)) throw fail.eitherOr(name, "-n", action);
}

function cut(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function takeGlobals(given: Map<string, string[]>): Globals {
  const take = (name: string) => {
    const values = given.get(name);
    given.delete(name);
    if (values?.[0] === "" && GLOBAL_FLAGS.get(name)?.value !== undefined)
      throw fail.badValue(`--${name}`, "", "a path");
    return values;
  };
  return {
    json: take("json") !== undefined,
    quiet: take("quiet") !== undefined,
    noColor: take("no-color") !== undefined,
    root: take("root")?.[0],
    config: take("config")?.[0],
    snapshots: take("snapshots")?.[0],
  };
}

async function unknownAction(name: string, action: string, actions: string[]): Promise<RollbackError> {
  const near = await nearest(action, actions, `${name} `);
  return fail.unknownCommand(
    `${name} ${action}`,
    near === undefined ? undefined : { word: near, line: `rollback ${near}` },
  );
}

/** The candidate that a mistyped word most likely meant, with `prefix`; undefined where none is near. */
export async function nearest(word: string, candidates: string[], prefix = ""): Promise<string | undefined> {
  const { closestMatch } = await import("leven");
  const found = closestMatch(word, candidates, { maxDistance: Math.max(2, Math.floor(word.length / 2)) });
  return found === undefined ? undefined : prefix + found;
}

/** A whole number of at least `least`, or a usage error that names the flag. */
export function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw fail.badValue(flag, text, `a whole number of at least ${least}`);
  return value;
}

/** A duration such as `7d`, or a usage error that names the flag. */
export function duration(flag: string, text: string): string {
  const problem = durationProblem(text);
  if (problem !== null) throw fail.badDuration(flag, text, problem);
  return text;
}

/** How many rows a list shows: all, `--limit`, or `usual` many. */
export function rowLimit(
  { all, limit }: { all?: boolean | undefined; limit?: string | undefined },
  usual: number,
): number {
  if (all) return Number.POSITIVE_INFINITY;
  return limit === undefined ? usual : wholeNumber("--limit", limit, 1);
}
