// A command line → one outcome. Errors are thrown; `program` turns them into words.
import { fail } from "../errors.ts";
import type { Notify } from "../model.ts";
import type { Outcome } from "../outcome.ts";
import { RollbackError } from "../rollback-error.ts";
import { watchSignals } from "../system/interrupt.ts";
import { compileWhenLong } from "../system/jit.ts";
import { demandOwnHome } from "../system/machine.ts";
import type { Context, NamedPlaces, World } from "../tasks/context.ts";
import { quote } from "../text.ts";
import { BUILD } from "../version.ts";
import type { Command } from "./command.ts";
import { COMMANDS, OWN_WORDS, SYNONYMS } from "./commands.ts";
import { COMPLETE } from "./shells.ts";
import { flagsOf, GLOBAL_FLAGS, type Grammar, grammarOf, nearest, readWords, splitCommand } from "./strict.ts";
import { asTyped, withPlaces } from "./suggestions.ts";

/** Finds the command among its own names, checks every word, and runs it. */
export async function runCommandLine(argv: string[], world: World, notify: Notify): Promise<Outcome> {
  if (argv[0] === COMPLETE) {
    const { complete } = await import("./complete.ts");
    return { command: "completions", exit: 0, text: await complete(argv.slice(2), world) };
  }
  const { word, rest } = splitCommand(argv);
  if (word === undefined || OWN_WORDS.has(word)) return answerOwn(word, rest, { argv, world, notify });
  const entry = COMMANDS.get(word);
  if (entry === undefined) throw await unknown(word, argv);
  const loaded = await entry.load();
  try {
    return await runCommand(loaded, word, { argv, rest, world, notify });
  } catch (cause) {
    const error = cause instanceof RollbackError ? cause : fail.unforeseen(cause);
    if (loaded.onError === undefined || error.code === "interrupted") throw cause;
    const outcome = loaded.onError(error, rest);
    notify({ type: "warning", message: `${error.message}. ${error.hint}` });
    return outcome;
  }
}

async function runCommand(
  loaded: Command,
  word: string,
  { argv, rest, world, notify }: { argv: string[]; rest: string[]; world: World; notify: Notify },
): Promise<Outcome> {
  const { globals, help, version, lacks, args, lists } = await readWords(word, grammarOf(loaded), rest);
  if (version) return versionOutcome();
  if (help) return helpFor(word, globals.json);
  if (lacks !== null) throw await missing(word, lacks, { argv, world, named: globals });
  const context = await begin(argv, world, globals, withPlaces(notify, globals));
  compileWhenLong();
  try {
    return await loaded.run(args, { ...context, argv, globals, lists });
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    throw asTyped(cause, { argv, named: globals, flags: new Set(flagsOf(grammarOf(loaded)).keys()) });
  }
}

/** What every task gets; from here on signals are heard. */
async function begin(argv: string[], world: World, named: NamedPlaces, notify: Notify): Promise<Context> {
  demandOwnHome(world.env, ["rollback", ...argv].map(quote).join(" "));
  await watchSignals();
  return { world, named, holder: holderOf(argv), notify };
}

/** What another rollback is told that waits for the lock: the command alone, as the user's words may hold a secret. */
const holderOf = (argv: string[]): string => splitCommand(argv).word ?? "rollback";

/** `help`, `version`, the flags of the same name, and how things are where there is nothing else. */
async function answerOwn(
  word: string | undefined,
  rest: string[],
  { argv, world, notify }: { argv: string[]; world: World; notify: Notify },
): Promise<Outcome> {
  const { globals, help, version, args } = await readWords(
    word ?? "rollback",
    word === "help" ? OF_HELP : NO_WORDS,
    rest,
  );
  if (version || word === "version") return versionOutcome();
  if (word === undefined && !help) {
    const { statusScreen } = await import("./status.ts");
    try {
      return await statusScreen(await begin(argv, world, globals, withPlaces(notify, globals)));
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      throw asTyped(cause, { argv, named: globals, flags: new Set(GLOBAL_FLAGS.keys()) });
    }
  }
  const { topic } = args;
  return helpFor(typeof topic === "string" ? topic : undefined, globals.json);
}

const NO_WORDS: Grammar = { args: {}, repeatable: [], actions: undefined, passthrough: undefined };
const OF_HELP: Grammar = { ...NO_WORDS, args: { topic: { type: "positional", required: false } } };

async function helpFor(word: string | undefined, isWhole: boolean): Promise<Outcome> {
  const { help } = await import("./pages.ts");
  return help(word, isWhole);
}

const versionOutcome = (): Outcome => ({ command: "version", exit: 0, ...BUILD });

/** The error for a word that is no command: other tools' words are understood, mistyped ones guessed. What it suggests can be run. */
async function unknown(word: string, argv: string[]): Promise<RollbackError> {
  const meant = SYNONYMS.get(word);
  if (meant !== undefined)
    return fail.otherTool(word, meant, meant === null ? "rollback" : await lineWith(meant, word, argv));
  const near = await nearest(word, [...COMMANDS.keys(), ...OWN_WORDS.keys()]);
  return fail.unknownCommand(
    word,
    near === undefined ? undefined : { word: near, line: await lineWith(near, word, argv) },
  );
}

/** The whole line with a command in place of a word, where that command takes it; else the way to its page. */
async function lineWith(command: string, word: string, argv: string[]): Promise<string> {
  const at = argv.indexOf(word);
  const line = [...argv.slice(0, at), command, ...argv.slice(at + 1)];
  const rest = splitCommand(line).rest;
  const entry = COMMANDS.get(command);
  try {
    const grammar = entry === undefined ? OF_HELP : grammarOf(await entry.load());
    if ((await readWords(command, grammar, rest)).lacks === null) return ["rollback", ...line].map(quote).join(" ");
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
  }
  return `rollback help ${command}`;
}

/** The words that mean a snapshot. */
const REFS = ["ref", "a", "b"];
const CHOICES = 5;

/** The error for a word that was left out; where a snapshot is to be named, with the newest and the whole command. */
async function missing(
  command: string,
  lacks: string,
  { argv, world, named }: { argv: string[]; world: World; named: NamedPlaces },
): Promise<RollbackError> {
  const otherwise = fail.missingWord(command, lacks.toUpperCase());
  if (!REFS.includes(lacks)) return otherwise;
  const { newestSnapshots } = await import("../tasks/newest.ts");
  const choices = await newestSnapshots(CHOICES, world, named);
  // Between two, the older one comes first.
  const ids = (lacks === "a" ? choices.slice(0, 2).reverse() : choices.slice(0, 1)).map(({ id }) => id);
  if (ids.length < (lacks === "a" ? 2 : 1)) return otherwise;
  return fail.needsSnapshot(command, choices, ["rollback", ...argv, ...ids].map(quote).join(" "));
}
