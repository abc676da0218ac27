// Our signs in ASCII, for a terminal, a log or a mail that knows no other: the words stay the same, and no sign stands alone. Pure.

/** What POSIX calls the locale of a text: the first of these that is set. `C` and `POSIX` know ASCII alone; `C.UTF-8` does not say so. */
export function wantsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  return locale === "C" || locale === "POSIX";
}

/** In this order; a sign that only decorates goes, with the blanks behind it. */
const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/✅ ?/gu, "OK: "],
  [/❌ ?/gu, "FAIL: "],
  [/⚠\ufe0f? {0,2}/gu, "WARN: "],
  [/❔ ?/gu, "UNKNOWN: "],
  // The heading says it already, and so does a count of them.
  [/🔐 (?=CREDENTIALS|\d)/gu, ""],
  [/🔐 ?/gu, "credential: "],
  [/ 📌(?=$|\n)/gu, " pinned"],
  [/(?:📦|📜|📌|🔄|🔒|🔑|🩹|ℹ\ufe0f?) */gu, ""],
  [/✓/gu, "+"],
  [/[●·]/gu, "-"],
  [/→/gu, "->"],
  [/[−–]/gu, "-"],
  [/…/gu, "..."],
  [/[“”]/gu, '"'],
  [/‹/gu, "<"],
  [/›/gu, ">"],
  [/⏎/gu, "\\n"],
];

/** The same text without our signs; what a user wrote in other letters stays. */
export const inAscii = (text: string): string => SIGNS.reduce((plain, [sign, word]) => plain.replace(sign, word), text);
