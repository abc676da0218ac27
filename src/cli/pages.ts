// What help, `--help --json` and the man pages tell, from the commands' own definitions.
import { fail } from "../errors.ts";
import type { CommandPage, HelpOutcome, MainPage, Topic } from "../outcome.ts";
import { BUILD } from "../version.ts";
import type { Command } from "./command.ts";
import { COMMANDS, type Entry, GROUPS } from "./commands.ts";
import { type Flag, flagsOf, GLOBAL_FLAGS, grammarOf, hasPreview, nearest, positionalsOf } from "./strict.ts";
import { TOPICS } from "./topics.ts";

/** `rollback help [WORD]`; with `whole` the main page holds every command's own. Throws `usage` for what is neither command nor topic. */
export async function help(word: string | undefined, whole: boolean): Promise<HelpOutcome> {
  if (word === undefined) return shown({ main: await mainPage(whole) });
  const entry = COMMANDS.get(word);
  if (entry !== undefined) return shown({ command: await commandPage(word, entry) });
  const topic = TOPICS.get(word);
  if (topic !== undefined) return shown({ topic: { name: word, ...topic } });
  throw fail.noHelp(word, await nearest(word, [...COMMANDS.keys(), ...TOPICS.keys()]));
}

const shown = (page: HelpOutcome["page"]): HelpOutcome => ({ command: "help", exit: 0, page });

async function mainPage(whole: boolean): Promise<MainPage> {
  return {
    version: BUILD.version,
    groups: GROUPS.map((name) => ({ name, cells: cellsOf([...COMMANDS].filter(([, { group }]) => group === name)) })),
    topics: [...TOPICS].map(([name, { about }]) => ({ name, about })),
    flags: [...GLOBAL_FLAGS].map(([name, flag]) => asFlag(name, flag, null)),
    commands: whole ? await allPages() : [],
  };
}

/** Every command's page, in the order of the main help. */
export const allPages = (): Promise<CommandPage[]> =>
  Promise.all([...COMMANDS].map(([name, entry]) => commandPage(name, entry)));

/** Every topic. */
export const allTopics = (): Topic[] => [...TOPICS].map(([name, topic]) => ({ name, ...topic }));

function cellsOf(entries: [string, Entry][]): MainPage["groups"][number]["cells"] {
  const paired = new Set(entries.map(([, { pair }]) => pair?.name));
  return entries.flatMap(([name, { words, about, pair }]) => {
    if (paired.has(name)) return [];
    if (pair !== undefined) return [{ label: `${name}, ${pair.name}`, about: pair.about }];
    return [{ label: words === undefined ? name : `${name} ${words}`, about }];
  });
}

async function commandPage(name: string, { group, load }: Entry): Promise<CommandPage> {
  const loaded = await load();
  const { exits, example, actions = [], passthrough, description } = loaded;
  const grammar = grammarOf(loaded);
  const words = positionalsOf(grammar).map(({ name: key, required }, index) => ({
    name: key.toUpperCase(),
    required,
    repeatable: grammar.repeatable.includes(key),
    values: index === 0 ? actions : [],
    description: grammar.args[key]?.description ?? "",
  }));
  const usage = [
    "rollback",
    name,
    ...words.map(usageOf),
    "[FLAGS]",
    ...(passthrough === undefined ? [] : [`-- ${passthrough}`]),
  ];
  return {
    name,
    group,
    description,
    usage: usage.join(" "),
    preview: hasPreview(grammar),
    words,
    flags: ownFlags(loaded),
    // Its own meaning of a usage error, where it has one.
    exits: Object.entries({ 2: "usage: a bad word, flag, config or root", ...exits }).map(([code, meaning]) => ({
      code: Number(code),
      meaning,
    })),
    example,
  };
}

function usageOf({ name, required, repeatable, values }: CommandPage["words"][number]): string {
  const word = `${values.length > 0 ? values.join("|") : name}${repeatable ? "…" : ""}`;
  return required ? word : `[${word}]`;
}

function ownFlags(loaded: Command): CommandPage["flags"] {
  const sectionOf = (name: string) => Object.entries(loaded.sections).find(([, names]) => names.includes(name))?.[0];
  const grammar = grammarOf(loaded);
  return [...flagsOf(grammar)]
    .filter(([name]) => name in grammar.args || !GLOBAL_FLAGS.has(name))
    .map(([name, flag]) => asFlag(name, flag, sectionOf(name) ?? null));
}

const asFlag = (name: string, flag: Flag, section: string | null): CommandPage["flags"][number] => ({
  name: `--${name}`,
  short: flag.short ?? null,
  value: flag.value ?? null,
  repeatable: flag.repeatable && flag.value !== undefined,
  section,
  description: flag.about,
});
