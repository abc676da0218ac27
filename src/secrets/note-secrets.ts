// What somebody wrote about a snapshot: its description and category. Words are shown also beside one that tells, as titles speak of tokens and
// keys all the time; what is no word and stands behind one, and every token, is not. Pure.
import { maskText } from "./line-secrets.ts";
import { HIDDEN, isSpoken } from "./secret.ts";

/** Words, and the ids of snapshots: nothing in it that could be a secret. */
const ORDINARY = /^(?:[\p{L}'’-]{1,16}[.,:;!?]?|\d{1,2}|\d{8}_\d{6}|[–—&+/])$/u;
const DAY = /^\d{4}-\d\d(?:-\d\d)?$/;

/** The same note, safe to show, to store and to log. Doing it twice changes nothing. */
export function maskNote(text: string): string {
  const parts = text.split(/(\s+)/);
  if (parts.every((part) => part.trim() === "" || ORDINARY.test(part))) return text;
  const masked = maskText(text).split(/(\s+)/);
  if (masked.length !== parts.length) return masked.join("");
  return parts
    .map((part, at) => (masked[at]?.includes(HIDDEN) && !isWord(part, parts[at - 2]) ? masked[at] : part))
    .join("");
}

/** `before` is the word in front of it: behind `password:` and `is` any word may be one. */
function isWord(part: string, before = ""): boolean {
  if (/[:=]$/.test(before) || /^(?:is|was)$/i.test(before)) return false;
  const word = part.replace(/^[("'“]+|[)"'”.,:;!?]+$/g, "");
  return word === "" || DAY.test(word) || word.split(/[-'’/]/).every((one) => one.length <= 16 && isSpoken(one));
}
