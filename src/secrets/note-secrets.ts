// What somebody wrote about a snapshot: its description and category. Words are shown also beside one that tells, as titles speak of tokens and
// keys all the time; what is no word and stands behind one, and every token, is not. Pure.
import { maskText } from "./line-secrets.ts";
import { HIDDEN, isSpoken } from "./secret.ts";

/** Words, and the ids of snapshots: nothing in it that could be a secret. */
const ORDINARY = /^(?:[\p{L}'’-]{1,16}[.,:;!?]?|\d{1,2}|\d{8}_\d{6}|[–—&+/])$/u;
const DAY = /^\d{4}-\d\d(?:-\d\d)?$/;

/** Characters that are judged at once, so that a long note is words still, and how many words before them are looked at again. */
const [AT_ONCE, AGAIN] = [4000, 8];

/** The same note, safe to show, to store and to log. Doing it twice changes nothing. */
export function maskNote(text: string): string {
  const parts = text.split(/(\s+)/);
  if (parts.every((part) => part.trim() === "" || ORDINARY.test(part))) return text;
  const masked: string[] = [];
  while (masked.length < parts.length) {
    const from = masked.length;
    let [to, length] = [from, 0];
    while (to < parts.length && (to === from || length + (parts[to]?.length ?? 0) <= AT_ONCE))
      length += parts[to++]?.length ?? 0;
    // Words have even numbers, and what is judged begins and ends with one.
    if (to < parts.length && to % 2 === 0 && to - from > 1) to--;
    const before = Math.min(from, 2 * AGAIN - (from % 2));
    masked.push(...maskParts(parts.slice(from - before, to)).slice(before));
  }
  return masked.join("");
}

/** As many parts as there were. */
function maskParts(parts: string[]): string[] {
  const masked = maskText(parts.join("")).split(/(\s+)/);
  const isSame = masked.length === parts.length;
  return parts.map((part, at) => {
    const shown = isSame ? (masked[at] ?? HIDDEN) : HIDDEN;
    return part.trim() === "" || !shown.includes(HIDDEN) || isWord(part, parts[at - 2]) ? part : shown;
  });
}

/** `before` is the word in front of it: behind `password:` and `is` any word may be one. */
function isWord(part: string, before = ""): boolean {
  if (/[:=]$/.test(before) || /^(?:is|was)$/i.test(before)) return false;
  const word = part.replace(/^[("'“]+|[)"'”.,:;!?]+$/g, "");
  return word === "" || DAY.test(word) || word.split(/[-'’/]/).every((one) => one.length <= 16 && isSpoken(one));
}
