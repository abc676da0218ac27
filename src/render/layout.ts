// Lines for a terminal of a certain width: text wrapped at words, commands broken so that they can still be pasted. Pure.
import { quote } from "../text.ts";
import type { View } from "./face.ts";

/** What does not take a column: colours. */
const COLOURS = /\u001b\[\d*m/g;

/** How many columns a text takes, as far as the signs and letters of our own texts go. */
const width = (text: string): number => Bun.stringWidth(text.replace(COLOURS, ""));

/** One line as several that fit, the later ones indented. A word that is too long stands alone. */
export function wrapped(line: string, columns: number, indent: string): string[] {
  if (width(line) <= columns) return [line];
  const lines: string[] = [];
  let current = "";
  // The blanks at its beginning are its own indentation.
  const [, lead = "", text = ""] = /^(\s*)(.*)$/s.exec(line) ?? [];
  for (const word of text.split(" ")) {
    const start = lines.length === 0 ? lead : indent;
    const longer = current === "" ? start + word : `${current} ${word}`;
    if (current !== "" && width(longer) > columns) {
      lines.push(current);
      current = indent + word;
    } else current = longer;
  }
  return [...lines, current];
}

const INDENT = "   ";

/**
 * A command to copy, indented. On a terminal the home is `~`, and a line that is too wide is broken at a blank with a backslash, which a
 * shell reads as if it stood on one line; in a pipe it does.
 */
export function typed(command: readonly string[], home: string, view: View): string[] {
  if (!view.isTerminal()) return [INDENT + command.map(quote).join(" ")];
  const words = command.map((word) => shortWord(word, home));
  const lines: string[] = [];
  let current = INDENT;
  for (const [index, word] of words.entries()) {
    const longer = current.trim() === "" ? current + word : `${current} ${word}`;
    const room = view.columns() - (index === words.length - 1 ? 0 : 2);
    if (current.trim() !== "" && width(longer) > room) {
      lines.push(`${current} \\`);
      current = `${INDENT}  ${word}`;
    } else current = longer;
  }
  return [...lines, current];
}

/** A shell expands `~` only where it begins a word, and not in quotes. */
function shortWord(word: string, home: string): string {
  const quoted = quote(word);
  if (quoted !== word) return quoted;
  return word === home || word.startsWith(`${home}/`) ? `~${word.slice(home.length)}` : word;
}
