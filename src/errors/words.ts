// Errors about what was typed, where things are looked for, and rollback.yaml; and what no other room has words for.
import { type Choice, codeOf, kindOf, RollbackError, reasonOf, Said } from "../rollback-error.ts";
import { error, leading, nearestHint } from "./make.ts";

/** The command that shows a command's page; of `rollback` alone it is the main one. */
const pageOf = (command: string) => (command === "rollback" ? "rollback --help" : `rollback ${command} --help`);

const NO_ROOT =
  "A project's folder holds rollback.yaml, infrastructure/rollback-snapshots, shared/rollback_manager.py or .mcp.json. Go there, name it (--root, ROLLBACK_ROOT), or make one:";

export const wordErrors = {
  unknownCommand: (word: string, nearest: { word: string; line: string } | undefined) =>
    nearest === undefined
      ? leading("usage", `unknown command \`${word}\``, "All commands:", "rollback help")
      : leading("usage", `unknown command \`${word}\``, `Did you mean \`${nearest.word}\`?`, nearest.line),
  otherTool: (word: string, command: string | null, line: string) =>
    leading(
      "usage",
      `unknown command \`${word}\``,
      `Here that is \`${command ?? "rollback"}\`${command === null ? " alone" : ""}:`,
      line,
    ),
  noHelp: (word: string, nearest: string | undefined) =>
    error(
      "usage",
      `no command and no topic is called \`${word}\``,
      nearestHint(nearest === undefined ? undefined : `rollback help ${nearest}`, "`rollback help` lists them."),
    ),
  unknownFlag: (command: string, flag: string, nearest: string | undefined) =>
    error(
      "usage",
      `\`${command}\` knows no flag \`${flag}\``,
      nearestHint(nearest, `\`${pageOf(command)}\` lists its flags.`),
    ),
  extraWord: (command: string, word: string) =>
    error(
      "usage",
      `\`${command}\` takes no further word, but got \`${word}\``,
      `Put a text of several words in quotes; \`${pageOf(command)}\` shows how.`,
    ),
  missingWord: (command: string, word: string) =>
    error("usage", `\`${command}\` needs ${word}`, `\`${pageOf(command)}\` shows an example.`),
  needsSnapshot: (command: string, choices: readonly Choice[], example: string) =>
    new RollbackError("usage", `\`${command}\` needs a snapshot`, "", { choices, commands: [example] }),
  badValue: (flag: string, value: string, wanted: string) =>
    error("usage", `${flag} can't be ${JSON.stringify(value)}`, `It takes ${wanted}.`),
  badDuration: (flag: string, value: string, problem: string) =>
    error(
      "usage",
      `${flag} can't be ${JSON.stringify(value)}: ${problem}`,
      "Units are s, min, h, d, w, mo and y; they may stand side by side, as in 1y6mo.",
    ),
  notAPage: (path: string, wanted: string) =>
    error("usage", `-o can't be ${JSON.stringify(path)}`, `It takes ${wanted}.`),
  givenTwice: (command: string, flag: string) =>
    error("usage", `${flag} was given twice`, `\`${pageOf(command)}\` lists its flags.`),
  eitherOr: (command: string, one: string, other: string) =>
    error("usage", `\`${command}\` takes ${one} or ${other}, not both`, `\`${pageOf(command)}\` tells what each does.`),
  foreignOptions: () =>
    error(
      "refused",
      "BUN_OPTIONS is set, which changes how this program runs",
      "Run it without: env -u BUN_OPTIONS rollback …",
    ),
  asRoot: (home: string, owner: number, command: string) =>
    leading(
      "refused",
      `rollback runs as root, but HOME ${home} belongs to another user (uid ${owner}): what root writes there is lost to its owner`,
      "Run it as that user:",
      command,
    ),
  noSystemCalls: (program: string, cause: unknown) =>
    error(
      "failed",
      `${program} can't call the system: that takes the JIT and the C library, and one of them can't be had`,
      "A hardened runtime without com.apple.security.cs.allow-jit, or BUN_JSC_useJIT=0, forbids it. " +
        `Unset that variable, or sign it as it was released: codesign --force --sign - ${program}`,
      cause,
    ),
  noRoot: (from: string) =>
    new RollbackError("usage", `no project at or above ${from}`, NO_ROOT, {
      again: { flag: "--root", value: "DIR", advice: NO_ROOT },
      commands: ["rollback init --write"],
    }),
  notAFolder: (what: string, path: string, why: string) =>
    error("usage", `${what} ${path} is not a usable folder: ${why}`, `Name an existing folder for ${what}.`),
  configUnreadable: (path: string, why: string) =>
    error(
      "usage",
      `can't read the config ${path}: ${why}`,
      "Mend the file's path or permissions, or leave --config out.",
    ),
  configInvalid: (path: string, line: number, what: string) =>
    error("usage", `${path}:${line}: ${what}`, "Correct that line; `rollback help config` lists every key."),
  ruleNotAdded: (path: string, list: string, rule: string) =>
    error(
      "failed",
      `${path} stays as it is: the line ${JSON.stringify(rule)} could not be added to \`${list}\` in its form`,
      "Add it by hand.",
    ),
  nothingFound: (places: string[]) =>
    error(
      "failed",
      "nothing to back up: no file matches",
      `Looked for ${places.join(", ")}. Check --root and HOME, or name your files in rollback.yaml.`,
    ),
  nothingSeen: (home: string, root: string) =>
    error(
      "failed",
      `nothing was found to capture: no agent, config or credential in the usual places of ${home}, and below ${root}`,
      "Nothing was written. Check HOME and --root, or write a rollback.yaml by hand: `rollback init` prints its form.",
    ),
  interrupted: (signal: "SIGINT" | "SIGTERM" | "SIGHUP", what: string) =>
    new RollbackError("interrupted", `interrupted by ${signal}; ${what}`, "Run it again when you are ready.", {
      exit: { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal],
    }),
  io: (what: string, path: string, cause: unknown) =>
    error("failed", `can't ${what} ${path}: ${reasonOf(cause)}`, "Mend the cause and run it again.", cause),
  unforeseen: (cause: unknown) =>
    codeOf(cause) !== undefined && cause instanceof Error
      ? error("failed", reasonOf(cause), "Mend the cause and run it again.", cause)
      : error(
          "failed",
          `unexpected: ${cause instanceof Said ? cause.message : kindOf(cause)}`,
          "This is a defect of rollback: please report it with the command that led to it.",
          cause,
        ),
} as const;
