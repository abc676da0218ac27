// A captured file → the secret values in it, each with the key or the name under which it stands. Pure.

import { keyText } from "../comparison.ts";
import { textOf } from "../diff/compare.ts";
import { CLOSED, maskedIn, maskKey, OPEN } from "../diff/keys.ts";
import { formatOf, readValue } from "../diff/value.ts";
import type { Kind } from "../model.ts";
import { gapsOf, piecesOf } from "../secrets/known.ts";
import { maskLines } from "../secrets/line-secrets.ts";
import { isSecretFile } from "../secrets/secret.ts";
import { isSecretValue, SHORTEST_VALUE } from "../secrets/worth.ts";

export interface SecretValue {
  /** As `diff` prints it; in a text, the name before the value, or null. */
  key: string | null;
  value: string;
}

/** Every value of at least `shortest` characters that the judge takes for a secret, under each key that holds it. */
export async function secretValuesIn(
  { path, kind }: { path: string; kind: Kind },
  bytes: Uint8Array,
  shortest = SHORTEST_VALUE,
): Promise<SecretValue[]> {
  const isSecret = kind === "credential" || (kind !== "plist" && isSecretFile(path));
  const format = formatOf(path, bytes);
  const tree = format === null ? undefined : await readValue(format, bytes);
  const values = new Map<string, SecretValue>();
  const add = (text: string, shown: string, name: string, key: string | null) => {
    for (const value of valuesIn(text, shown, name, shortest)) values.set(`${key}\0${value}`, { key, value });
  };
  if (tree !== undefined)
    for (const { path: at, name, text, shown } of maskedIn(tree, isSecret ? CLOSED : OPEN)) {
      const last = at.findLast((part) => typeof part === "string") ?? "";
      add(
        text,
        shown,
        name || String(last),
        keyText(at.map((part) => (typeof part === "string" ? maskKey(part) : part))),
      );
    }
  else {
    const lines = (textOf(bytes) ?? Buffer.from(bytes).toString("latin1")).split(/\r?\n/);
    const masked = maskLines(lines, isSecret, path);
    let before: string | null = null;
    for (const [index, line] of lines.entries()) {
      const shown = masked[index] ?? line;
      const own = nameIn(line);
      before = own ?? before;
      // Of a value that goes on for lines the name says where it stands, no longer what every word of it is.
      if (shown !== line) add(line, shown, own ?? "", before === null ? null : maskKey(before));
    }
  }
  return [...values.values()];
}

/** The name that a line gives to what follows: `export API_KEY=`, `"token": `. */
const nameIn = (line: string): string | null =>
  /^\s*(?:-\s+)?(?:(?:export|set|const|let|var|readonly|local|ENV|ARG)\s+)?["']?([A-Za-z_][\w.-]{0,63})["']?\s*(?::\s*\w+\s*)?(?::=|=>|[:=](?!=))/.exec(
    line,
  )?.[1] ?? null;

/** A whole text under its name, its quoted parts, and its words, which have none. */
function valuesIn(text: string, shown: string, name: string, shortest: number): string[] {
  const found = new Set<string>();
  const take = (value: string, under: string) => {
    if (isSecretValue(value, under, shortest)) found.add(value);
  };
  for (const gap of gapsOf(text, shown)) {
    const { whole, words } = piecesOf(gap);
    if (!/["'][\s\S]*["']/.test(whole) && !/^-----BEGIN/.test(whole) && !/\n/.test(whole)) take(whole, name);
    for (const [, , quoted = ""] of gap.matchAll(/(["'`])((?:\\.|(?!\1).)*)\1/g)) take(quoted, name);
    for (const word of words) {
      take(word, word === whole ? name : "");
      if (word.includes(":") && !word.includes("://")) for (const part of word.split(":")) take(part, "");
    }
    for (const [, password = ""] of gap.matchAll(/:\/\/[^\s:/@]*:([^\s@/]+)@/g)) take(password, "password");
  }
  return [...found];
}
