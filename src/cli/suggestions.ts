// What is suggested, as it has to be typed where the user named places or flags: each can be run as it is printed.
import type { Notify } from "../model.ts";
import type { Again, RollbackError } from "../rollback-error.ts";
import type { NamedPlaces } from "../tasks/context.ts";
import { quote } from "../text.ts";

const PLACES = ["root", "config", "snapshots"] as const;

/** A command with the places that were named and that it does not name itself. Help and identities are the same everywhere. */
export function placed(command: string, named: NamedPlaces): string {
  if (/^rollback (help|--help|version|key)\b| --help$/.test(command)) return command;
  const more = PLACES.flatMap((name) => {
    const value = named[name];
    return value === undefined || new RegExp(` --${name}[ =]`).test(command) ? [] : [`--${name}`, quote(value)];
  });
  const end = command.indexOf(" -- ");
  const [own, rest] = end < 0 ? [command, ""] : [command.slice(0, end), command.slice(end)];
  return [own, ...more].join(" ") + rest;
}

/** The same for every command that stands between backticks in a text. */
const placedIn = (text: string, named: NamedPlaces): string =>
  text.replace(/`(rollback [a-z][^`]*)`/g, (_, command: string) => `\`${placed(command, named)}\``);

/** Warnings suggest commands, too. */
export const withPlaces =
  (notify: Notify, named: NamedPlaces): Notify =>
  (notice) =>
    notify(notice.type === "warning" ? { ...notice, message: placedIn(notice.message, named) } : notice);

/** An error's commands with the places that were named, after the very line that failed with the flags that may help it. */
export function asTyped(
  error: RollbackError,
  { argv, named, flags }: { argv: readonly string[]; named: NamedPlaces; flags: ReadonlySet<string> },
): RollbackError {
  const { commands } = error;
  const again = error.again !== undefined && flags.has(error.again.flag.slice(2)) ? error.again : null;
  const first = again === null ? [] : [againWith(argv, again)];
  return error.with({
    again: undefined,
    advice: placedIn(again?.advice ?? error.advice, named),
    commands: [...first, ...commands.map((command) => placed(command, named))],
  });
}

/** The line that was typed, with a flag and its value in place of its own. */
function againWith(argv: readonly string[], { flag, value }: Again): string {
  const end = argv.indexOf("--");
  const [own, rest] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end)];
  const kept = own.filter((word, index) => word !== flag && !word.startsWith(`${flag}=`) && own[index - 1] !== flag);
  return ["rollback", ...kept, flag, value, ...rest].map((word) => quote(word)).join(" ");
}
