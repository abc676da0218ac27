// The help pages. Loaded only when one is asked for.
import { stripVTControlCharacters } from "node:util";
import { renderUsage } from "citty";
import { TOOL } from "../version.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { GLOBAL_FLAGS } from "./strict.ts";

const FLAG_WIDTH = 17;
const EVERYWHERE = [
  "ON EVERY COMMAND",
  "",
  ...[...GLOBAL_FLAGS].map(
    ([name, { value, about }]) =>
      `  ${`--${name}${value === undefined ? "" : ` ${value}`}`.padEnd(FLAG_WIDTH - 2)}  ${about}`,
  ),
].join("\n");

/** The page of one command: citty's usage, then exit codes and an example. */
export async function commandHelp({ definition, exits, example, passthrough }: Command): Promise<string> {
  const usage = stripVTControlCharacters(await renderUsage(definition, { meta: { name: "rollback" } }));
  const shown = passthrough === undefined ? usage : usage.replace(/^(USAGE.*)$/m, `$1 -- ${passthrough}`);
  const codes = Object.entries({ ...exits, 2: "usage: a bad word, flag, config or root" })
    .map(([code, meaning]) => `  ${code}  ${meaning}`)
    .join("\n");
  return `${shown.trim()}\n\n${EVERYWHERE}\n\nEXIT CODES\n\n${codes}\n\nEXAMPLE\n\n  ${example}\n`.replace(/ +$/gm, "");
}

/** The page that names every command. */
export function mainHelp(): string {
  const width = Math.max(...[...COMMANDS.keys()].map((name) => name.length));
  const rows = [...COMMANDS].map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`).join("\n");
  return `${TOOL}: snapshots and all-or-nothing restores of LaunchAgents, configs and credentials

USAGE rollback COMMAND [WORDS] [FLAGS]

COMMANDS

${rows}

Every command has a page: rollback COMMAND --help

${EVERYWHERE}

EXIT CODES

  0  done                  4  damage found
  1  failed, nothing done  5  not found
  2  usage                 6  locked by another rollback
  3  partly                7  refused for safety
`;
}
