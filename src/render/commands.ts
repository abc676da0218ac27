// Commands to copy, as a person or a pipe gets them. Pure.
import { quote } from "../text.ts";
import type { View } from "./face.ts";
import { pasted } from "./wrap.ts";

const INDENT = "   ";

/**
 * A command to copy, indented. On a terminal the home is `~`, and a line that is too wide is broken at a blank with a backslash, which a
 * shell reads as if it stood on one line; in a pipe it does.
 */
export function typed(command: readonly string[], home: string, view: View): string[] {
  if (!view.isTerminal()) return [INDENT + command.map(quote).join(" ")];
  const line = command.map((word) => shortWord(word, home)).join(" ");
  return pasted(line, view.columns() - INDENT.length).map((part) => INDENT + part);
}

/** A shell expands `~` only where it begins a word, and not in quotes. */
function shortWord(word: string, home: string): string {
  const quoted = quote(word);
  if (quoted !== word) return quoted;
  return word === home || word.startsWith(`${home}/`) ? `~${word.slice(home.length)}` : word;
}
