// A command line → one outcome. Errors are thrown; `main` turns them into words.
import { fail } from "../errors.ts";
import type { Notify } from "../model.ts";
import type { Outcome } from "../outcome.ts";
import { watchSignals } from "../system/interrupt.ts";
import { compileWhenLong } from "../system/jit.ts";
import { demandOwnHome } from "../system/machine.ts";
import type { World } from "../tasks/context.ts";
import { quote } from "../text.ts";
import { BUILD } from "../version.ts";
import { COMMANDS } from "./commands.ts";
import { COMPLETE } from "./shells.ts";
import { type Grammar, grammarOf, nearest, readWords, splitCommand } from "./strict.ts";

/** Finds the command among its own names, checks every word, and runs it. */
export async function runCommandLine(argv: string[], world: World, notify: Notify): Promise<Outcome> {
  if (argv[0] === COMPLETE) {
    const { complete } = await import("./complete.ts");
    return { command: "completions", exit: 0, text: await complete(argv.slice(2), world) };
  }
  const { word, rest } = splitCommand(argv);
  if (word === undefined) {
    const { help, version } = await readWords("rollback", NO_GRAMMAR, rest);
    if (version) return versionOutcome();
    if (!help) throw fail.noCommand();
    const { mainHelp } = await import("./help.ts");
    return {
      command: "help",
      exit: 0,
      text: mainHelp(),
      json: { ok: true, command: "help", commands: [...COMMANDS.keys()] },
    };
  }
  const entry = COMMANDS.get(word);
  if (entry === undefined) throw fail.unknownCommand(word, await nearest(word, [...COMMANDS.keys()]));
  const loaded = await entry.load();
  const { globals, help, version, args, lists } = await readWords(word, grammarOf(loaded), rest);
  if (version) return versionOutcome();
  if (help) {
    const { commandHelp } = await import("./help.ts");
    const text = await commandHelp(loaded);
    return { command: "help", exit: 0, text, json: { ok: true, command: "help", text } };
  }
  const holder = ["rollback", ...argv].map(quote).join(" ");
  demandOwnHome(world.env, holder);
  await watchSignals();
  compileWhenLong();
  return loaded.run(args, { argv, world, globals, named: globals, holder, lists, notify });
}

const NO_GRAMMAR: Grammar = { args: {}, repeatable: [], actions: undefined, passthrough: undefined };

/** `--version` beside other words. */
const versionOutcome = (): Outcome => ({
  command: "version",
  exit: 0,
  text: `rollback ${BUILD.version}\n`,
  json: { ok: true, command: "version", ...BUILD },
});
