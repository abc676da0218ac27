// Which of the texts that are hidden are worth to be looked for elsewhere: a secret that nobody would write by chance. What is hidden in
// doubt alone, a title or a project's name, would raise alarm in every other file. Pure.
import {
  hasAppPassword,
  isHarmless,
  isPath,
  isPlainUrl,
  isPlainWord,
  isSecretName,
  isSpoken,
  isToken,
} from "./secret.ts";

/** Characters of the shortest value that is looked for. */
export const SHORTEST_VALUE = 12;

/** `token_type`, `auth_provider`: a name that tells, of a value that does not. */
const DESCRIBING =
  /(?:type|provider|method|mode|kind|name|uri|url|scopes?|status|state|format|alg|algorithm|version|region|host|path|file|dir|expir\w*|expires_\w+|at|email|issuer|audience|header|prefix|style|ids?)$/i;
const PLACEHOLDER =
  /^[<{[%$]|^(?:your|my|insert|replace|change|put|enter|add|todo|example|dummy|fake|sample|placeholder|redacted|secret|none)[-_ .]|[-_ ](?:here|goes|example|placeholder)$|example/i;
const PLACE = /^(?:~|\.{1,2}|\$\w+|\$\{\w+\})?\/[^\s:@?&=]*$/;
const HASH = /^(?:[0-9a-f]{32,128}|[0-9A-F]{32,128}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i;
const TIME = /^\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?$/;
const BREAKS = /[\s,;:=|&"'`(){}[\]<>]+/;

/** Whether a value under this name, or in an unnamed place (`""`), is a secret that is worth to be found elsewhere. */
export function isSecretValue(value: string, name: string, shortest = SHORTEST_VALUE): boolean {
  if (value.length < shortest || new Set(value).size < 5 || TIME.test(value)) return false;
  const tells = isSecretName(name) && !DESCRIBING.test(name);
  if (/:\/\/[^\s/@]*:[^\s/@]+@/.test(value)) return true;
  if (isHarmless(name, value) || PLACE.test(value) || isPath(value)) return false;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return !isPlainUrl(value) && isToken(value);
  if (PLACEHOLDER.test(value)) return false;
  if (hasAppPassword(value)) return true;
  if (HASH.test(value)) return tells;
  const parts = value.split(BREAKS).filter((part) => part !== "");
  if (!parts.every(isOrdinary)) return tells || !/[\s"'`{}()[\]<>,;]/.test(value) || isToken(value);
  return tells && !isAddress(value);
}

const isAddress = (value: string): boolean => /^[^\s@]+@[^\s@]+\.[a-z]{2,10}$/i.test(value) || isHost(value);
const isHost = (value: string): boolean => /^(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,10}$/.test(value) && isPlainWord(value);

/** A word that people write: a name, a number, a version, a place; also with a number at its end. */
function isOrdinary(word: string): boolean {
  if (isPlainWord(word) || PLACE.test(word) || isPath(word)) return true;
  if (isToken(word)) return false;
  return word.split(/[-_.:/@+~]/).every(
    (part) =>
      /^\d{0,10}[a-z]{0,3}$/.test(part) ||
      (/^[A-Za-z]+\d{0,6}$/.test(part) &&
        part
          .replace(/\d+$/, "")
          .split(/(?<=[a-z])(?=[A-Z])/)
          .every(isSpoken)),
  );
}
