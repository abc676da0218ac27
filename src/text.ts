// Text that is safe to print, and safe to paste into a shell. Pure; used by messages and reports alike.
import type { StoredFile } from "./model.ts";

/** One line without anything that a terminal would obey: control and direction characters become `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    if (char === "\n") return "\\n";
    if (char === "\t") return "\\t";
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A word as a shell reads it back unchanged; where it holds what a terminal would obey, in the form `$'…'` of bash and zsh. */
export function quote(word: string): string {
  if (printable(word) !== word) return `$'${printable(word.replaceAll("\\", "\\\\")).replaceAll("'", "\\'")}'`;
  return /^[\w@%+=:,./~-]+$/.test(word) && !word.startsWith("~") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The name under which a stored file is shown: a credential's own, else the last part of its path. */
export const displayName = ({ name, original, kind }: Pick<StoredFile, "name" | "original" | "kind">): string =>
  kind === "credential" && name !== undefined ? name : original.slice(original.lastIndexOf("/") + 1);

/** `1s`, `5m`, `3h 12m`, `12d`. */
export function span(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  if (minutes >= 24 * 60) return `${Math.floor(minutes / 60 / 24)}d`;
  const rest = minutes % 60 === 0 ? "" : ` ${minutes % 60}m`;
  return `${Math.floor(minutes / 60)}h${rest}`;
}

/** `3h 12m ago` */
export const age = (seconds: number): string => `${span(seconds)} ago`;
