// A text by its lines with every secret in them masked, before any of them is compared or shown. A line is judged together with
// those around it: a value may go on for many lines, and a view of lines must not show its inside. In doubt a line is hidden.
import { HIDDEN, hideTokens, isSecretName, isToken, tellsSecret } from "./secret.ts";

/** A key and its operator at the beginning of a line: `export API_KEY=`, `"token": `, `self.key = `. */
const ASSIGNMENT =
  /^(\s*(?:(?:export|set|const|let|var|readonly|local)\s+)?["']?([A-Za-z_][\w.-]{0,63})["']?\s*(?::=|=>|[:=](?!=)))(\s*)([\s\S]*)$/;
/** What names things and holds no value of its own. */
const IMPORT = /^\s*(?:from\s+[\w.]+\s+)?import\s+[\w.,*\s()]+$/;
const HEADER = /^\s*(?:async\s+)?(?:def|class|function)\s+\w+[^"'`=]*$/;
/** A line that begins something of its own, so that a value that was left open has ended before it. */
const BEGINS =
  /^\s*(?:["']?[\w.-]+["']?\s*(?::=|=>|[:=])|\[[\w .-]+\]\s*$|[#@]|(?:from|import|def|class|if|for|while|return|export|alias|function)\b)/;
const PEM_BEGIN = /-----\s*BEGIN|PuTTY-User-Key/;
const PEM_END = /-----\s*END/;

/** What is open at the end of a line. */
interface Open {
  depth: number;
  /** The mark that ends the text: a quote, three of them, or a line of its own (`\nEOF`). */
  quote: string | null;
  /** A backslash at the end, or an operator that waits for its value. */
  waits: boolean;
}
const CLOSED: Open = { depth: 0, quote: null, waits: false };

/**
 * The same lines, safe to show. With `secretFile` every value is hidden and only keys remain. Lines keep their number and order, so
 * that a comparison of the originals can be shown in these.
 */
export function maskLines(lines: string[], secretFile: boolean): string[] {
  const masked: string[] = [];
  let inKey = false;
  /** The three quotes of a text that began on an earlier line. */
  let around: string | null = null;
  let value: (Open & { indent: number }) | null = null;
  for (const line of lines) {
    const isBlank = /^\s*$/.test(line);
    const within = around;
    around = threeQuotes(scan(line, { ...CLOSED, quote: around }).quote);
    if (inKey || PEM_BEGIN.test(line)) {
      inKey = PEM_BEGIN.test(line.slice(Math.max(0, line.lastIndexOf("-----END")))) || !PEM_END.test(line);
      masked.push(HIDDEN);
      continue;
    }
    if (PEM_END.test(line)) hideBodyBefore(masked, lines);
    if (value !== null) {
      const isOpen: boolean = value.depth > 0 || value.quote !== null;
      const goesOn = isOpen || (value.waits && (isBlank || !BEGINS.test(line))) || indentOf(line) > value.indent;
      if (goesOn || (isBlank && value.waits)) {
        masked.push(isBlank ? "" : HIDDEN);
        value = { ...scan(line, value), indent: value.indent, waits: value.waits && (isBlank || !isOpen) };
        continue;
      }
      if (!isBlank) value = null;
    }
    if (isBlank) {
      masked.push("");
      continue;
    }
    const [, head = "", name = "", gap = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
    const isSecret = secretFile || tellsSecret(line) || (name !== "" && isSecretName(name)) || namesKey(line);
    if (!isSecret) {
      masked.push(continuesKey(line, masked) ? HIDDEN : hideTokens(line));
      continue;
    }
    if (IMPORT.test(line)) {
      masked.push(hideTokens(line));
      continue;
    }
    if (HEADER.test(line) && !secretFile) {
      masked.push(hideTokens(line));
      value = { ...CLOSED, indent: indentOf(line) };
      continue;
    }
    // A key alone is told, and only where it is the key that says so; `=` at the end may be base64's.
    const hasKey =
      name !== "" && !isToken(name) && (secretFile || isSecretName(name)) && !(/=$/.test(head) && /^=*\s*$/.test(rest));
    masked.push(hasKey ? head + gap + (rest === "" ? "" : HIDDEN) : HIDDEN);
    // Three quotes behind an operator begin a text, whatever stood before.
    const ends = within !== null && !/[=:(,[{+]\s*\w{0,2}("""|''')/.test(line);
    const open = scan(line, ends && line.includes(within) ? { ...CLOSED, quote: within } : CLOSED);
    value = { ...open, waits: open.waits || (name !== "" ? rest === "" : isWord(line)), indent: indentOf(line) };
  }
  return masked;
}

/** A text of any number of lines with its secrets masked. */
export const maskText = (text: string): string => maskLines(text.split("\n"), false).join("\n");

const threeQuotes = (quote: string | null): string | null =>
  quote !== null && /^(?:"""|''')$/.test(quote) ? quote : null;
const indentOf = (line: string): number => line.search(/\S|$/);
const isWord = (line: string): boolean => /^\s*[\w-]+\s*$/.test(line) && !/^\s*pass\s*$/.test(line);

/** `key = …`, `"auth": …`, `api-key …` anywhere in a line: words that mean a secret where a value follows them. */
const namesKey = (line: string): boolean =>
  [...line.matchAll(/(?<![\w-])([A-Za-z_][\w-]{0,63})["'\]]{0,2}\s{0,20}[:=]/g)].some(([, name = ""]) =>
    isSecretName(name),
  ) || [...line.matchAll(/(?<![\w-])[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+/g)].some(([name]) => isSecretName(name));

/** The last, short line of a base64 text below lines that were hidden for their randomness. */
const continuesKey = (line: string, masked: string[]): boolean =>
  masked.at(-1)?.trim() === HIDDEN && /^\s*[A-Za-z0-9+/_-]{1,76}={0,2}\s*$/.test(line);

/** The body of a key of which the beginning is missing. */
function hideBodyBefore(masked: string[], lines: string[]): void {
  for (let at = masked.length - 1; at >= 0 && /^\s*[A-Za-z0-9+/=]+\s*$/.test(lines[at] ?? ""); at--)
    masked[at] = HIDDEN;
}

/** What is open behind a line. Marks of many languages at once: what is a quote in one of them counts as one. */
function scan(line: string, before: Open): Open {
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
      if (!isApostrophe) {
        quote = line.startsWith(char.repeat(3), at) ? char.repeat(3) : char;
        at += quote.length - 1;
      }
    } else if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth = Math.max(0, depth - 1);
    at++;
  }
  const [, word] = /<<[-~]?\s*["']?(\w+)/.exec(line) ?? [];
  if (word !== undefined && before.quote === null) return { depth, quote: `\n${word}`, waits: false };
  return { depth, quote, waits: /(?:[\\=:,+|>&(-]|[|>][+-]?\d?)\s*$/.test(line) };
}
