// Secrets by their value: what one rule has hidden anywhere is hidden everywhere in what a run shows, also inside other words and in the
// forms in which it travels. Pure.
import { HIDDEN, isClearPath, isPlainWord } from "./secret.ts";

/** The secrets that were met so far. */
export interface Known {
  /** Notes what stood where `shown` has `‹hidden›`. `told`: a name said that it is a secret, so that a plain word is one, too. */
  note(original: string, shown: string, told: boolean): void;
  /** A text with all of them masked. */
  hide(text: string): string;
}

/** Shorter ones stand in other words by chance. */
const SHORTEST = 5;
const SHORTEST_PLAIN = 6;
const LONGEST = 4096;
/** A form is looked up by its first signs. */
const BEGIN = 5;
/** What stands under telling names and is no secret: `auth: required`. */
const IDLE =
  /^(?:true|false|null|none|undefined|enabled|disabled|required|optional|default|production|staging|development|bearer|basic|token|password|secret|admin|string|number|hidden|changeme)$/i;

export function knownSecrets(): Known {
  const forms = new Map<string, string[]>();
  const seen = new Set<string>();
  const add = (form: string) => {
    if (form.length < BEGIN) return;
    const begin = form.slice(0, BEGIN);
    const list = forms.get(begin) ?? [];
    if (list.includes(form)) return;
    list.push(form);
    // The longest first, so that no end of one stays.
    list.sort((a, b) => b.length - a.length);
    forms.set(begin, list);
  };
  return {
    note(original, shown, told) {
      for (const gap of gapsOf(original, shown))
        for (const value of secretsIn(gap, told)) {
          if (seen.has(value)) continue;
          seen.add(value);
          for (const form of formsOf(value)) add(form);
        }
    },
    hide: (text) => (forms.size === 0 || text.length < BEGIN ? text : masked(text, forms)),
  };
}

function masked(text: string, forms: ReadonlyMap<string, string[]>): string {
  let shown = "";
  let from = 0;
  for (let at = 0; at + BEGIN <= text.length; at++) {
    const found = forms.get(text.slice(at, at + BEGIN))?.find((form) => text.startsWith(form, at));
    if (found === undefined) continue;
    shown += text.slice(from, at) + HIDDEN;
    from = at + found.length;
    at = from - 1;
  }
  return shown + text.slice(from);
}

/** The parts of a text that another one has masked. */
export function gapsOf(original: string, shown: string): string[] {
  if (original === shown) return [];
  const kept = shown.split(HIDDEN);
  if (kept.length === 1) return [];
  const gaps: string[] = [];
  let at = kept[0]?.length ?? 0;
  for (const [index, part] of kept.slice(1).entries()) {
    const isLast = index === kept.length - 2;
    const end = isLast ? original.length - part.length : original.indexOf(part, part === "" ? original.length : at);
    if (end < at) return [original];
    gaps.push(original.slice(at, end));
    at = end + part.length;
  }
  return gaps;
}

/** What of a hidden text is worth to be hidden elsewhere: its words, and all of it where it is one. */
function secretsIn(gap: string, told: boolean): string[] {
  if (gap.length > LONGEST) return [];
  const { whole, words } = piecesOf(gap);
  return [...new Set([...words, whole])].filter((word) => isWorth(word, told && word === whole));
}

/** A hidden text without its quotes, and its words. */
export const piecesOf = (gap: string): { whole: string; words: string[] } => ({
  whole: gap.trim().replace(/^["']|["'],?$/g, ""),
  words: gap.split(/[\s"'`,;(){}[\]<>]+|(?<=^[\w.-]{1,64}):|(?<=^[A-Za-z_][\w.-]{0,63})=(?=[^=])/),
});

function isWorth(word: string, told: boolean): boolean {
  if (word.length < SHORTEST || IDLE.test(word)) return false;
  if (/^\W*$/.test(word)) return false;
  if (!isPlainWord(word)) return true;
  return told && word.length >= SHORTEST_PLAIN && !/\s/.test(word) && !isClearPath(word) && !/^\d{1,5}$/.test(word);
}

/** A value as it is, and as it stands in URLs, JSON, base64 and, for those who hide it by hand, backwards. */
function* formsOf(value: string): Generator<string> {
  yield value;
  yield [...value].reverse().join("");
  yield encodeURIComponent(value.toWellFormed());
  yield JSON.stringify(value).slice(1, -1);
  yield value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
  yield* codedBase64(value);
}

/** A value in the base64 of a text that holds it: three ways to lie across the groups of three bytes, in two alphabets. */
export function* codedBase64(value: string): Generator<string> {
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const usable = bytes.length - (bytes.length % 3);
    const coded = bytes
      .subarray(0, usable)
      .toString("base64")
      .slice(before === 0 ? 0 : before + 1);
    if (coded.length < 8) continue;
    yield coded;
    yield coded.replaceAll("+", "-").replaceAll("/", "_");
  }
}
