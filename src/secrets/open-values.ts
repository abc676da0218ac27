// What a line leaves open for the next one: a quote, a bracket, an operator that waits for its value; and the private keys' marks. Pure.
import { HIDDEN } from "./secret.ts";

export const PEM_BEGIN = /-----\s*BEGIN|PuTTY-User-Key/;
export const PEM_END = /-----\s*END/;
/** A line that begins something of its own, so that a value that was left open has ended before it. */
export const BEGINS =
  /^\s*(?:["']?[\w.-]+["']?\s*(?::=|=>|[:=])|\[[\w .-]+\]\s*$|[#@]|(?:from|import|def|class|if|for|while|return|export|alias|function)\b)/;

/** What is open at the end of a line. */
export interface Open {
  depth: number;
  /** The mark that ends the text: a quote, three of them, or a line of its own (`\nEOF`). */
  quote: string | null;
  /** A backslash at the end, or an operator that waits for its value. */
  waits: boolean;
}

export const threeQuotes = (quote: string | null): string | null =>
  quote !== null && /^(?:"""|''')$/.test(quote) ? quote : null;
export const indentOf = (line: string): number => line.search(/\S|$/);

/** The last, short line of a base64 text below lines that were hidden for their randomness. */
export const isLastOfBase64 = (line: string, before: string | undefined): boolean =>
  before?.trim() === HIDDEN && /^\s*[A-Za-z0-9+/_-]{1,76}={0,2}\s*$/.test(line);

/** What is open behind a line. Marks of many languages at once: what is a quote in one of them counts as one. */
export function openAfter(line: string, before: Open): Open {
  let { depth, quote } = before;
  let at = 0;
  if (quote?.startsWith("\n")) {
    if (line.trim() !== quote.slice(1)) return { depth, quote, waits: false };
    return { depth, quote: null, waits: false };
  }
  while (at < line.length) {
    const char = line.charAt(at);
    if (quote !== null) {
      if (char === "\\") at += 2;
      else if (line.startsWith(quote, at)) {
        at += quote.length;
        quote = null;
      } else at++;
      continue;
    }
    if (char === "\\") at++;
    else if (char === '"' || char === "'" || char === "`") {
      // Within a word it is an apostrophe.
      const isApostrophe = char === "'" && /\w/.test(line.charAt(at - 1)) && /\w/.test(line.charAt(at + 1));
      const opening = line.startsWith(char.repeat(3), at) ? char.repeat(3) : char;
      quote = isApostrophe ? null : opening;
      at += isApostrophe ? 0 : opening.length - 1;
    } else if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth = Math.max(0, depth - 1);
    at++;
  }
  const [, word] = /<<[-~]?\s*["']?(\w+)/.exec(line) ?? [];
  if (word !== undefined && before.quote === null) return { depth, quote: `\n${word}`, waits: false };
  return { depth, quote, waits: /(?:[\\=:,+|>&(-]|[|>][+-]?\d?)\s*$/.test(line) };
}
