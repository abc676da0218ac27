// What a command is: citty's definition, and what the help page adds to it.
import { type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from "citty";
import type { Outcome } from "../outcome.ts";
import type { RollbackError } from "../rollback-error.ts";
import type { Context, NamedPlaces } from "../tasks/context.ts";

/** The flags that every command takes. */
export interface Globals extends NamedPlaces {
  json: boolean;
  quiet: boolean;
  noColor: boolean;
}

/** A command's own values by name: a switch that was given is true, what was not given is undefined or its default. */
export type Values = Record<string, string | true | undefined>;

/** What a command gets beside its own words. */
export interface Session extends Context {
  argv: string[];
  globals: Globals;
  /** Values of the flags that may be repeated, in order. */
  lists: Record<string, string[]>;
}

export interface Command {
  /** citty's definition: the help page, the man page and strict.ts read it. */
  definition: CommandDef<ArgsDef>;
  /** What it does, in a sentence. */
  description: string;
  run(args: Values, session: Session): Promise<Outcome>;
  /** Flags that may be given several times. */
  repeatable: string[];
  /** The headings of its help page, each with the flags below it; the others stand first. */
  sections: Record<string, string[]>;
  /** The only words that its first one can be. */
  actions: string[] | undefined;
  /** Those of them that act without a flag, and have no preview. */
  acting: string[];
  /** What stands behind `--`, for a command that hands it on; `lists["--"]` holds it. */
  passthrough: string | undefined;
  /**
   * For what speaks as a monitoring plugin: what it answers where it could not look at anything, a usage error too. `words` are those of
   * the command line. What it throws ends the program.
   */
  onError: ((error: RollbackError, words: string[]) => Outcome) | undefined;
  /** Exit codes that this command can end with, and what they mean here. */
  exits: Record<number, string>;
  example: string;
}

/** Builds a command; the arguments' types reach `run`. */
export function command<const T extends ArgsDef>(spec: {
  name: string;
  description: string;
  args: T;
  repeatable?: string[];
  sections?: Record<string, string[]>;
  actions?: string[];
  acting?: string[];
  passthrough?: string;
  onError?: (error: RollbackError, words: string[]) => Outcome;
  exits: Record<number, string>;
  example: string;
  run(args: ParsedArgs<T>, session: Session): Promise<Outcome>;
}): Command {
  const {
    name,
    description,
    args,
    repeatable = [],
    sections = {},
    actions,
    acting = [],
    passthrough,
    onError,
    exits,
    example,
    run,
  } = spec;
  return {
    definition: defineCommand<ArgsDef>({ meta: { name, description }, args }),
    description,
    sections,
    // strict.ts has checked every word against `args`, which is what makes this their type.
    run: (values, session) => run(values as ParsedArgs<T>, session),
    repeatable,
    actions,
    acting,
    passthrough,
    onError,
    exits,
    example,
  };
}
