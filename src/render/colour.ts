// Colours for a terminal; on anything else text stays text.

/** Escape codes by what they tell: ECMA-48, SGR. */
const CODES = {
  added: 32,
  removed: 31,
  modified: 33,
  dim: 2,
  bold: 1,
  good: 32,
  warn: 33,
  bad: 31,
  command: 36,
} as const;
export type Tone = keyof typeof CODES;

/** Gives a text, which has no control characters of its own, its colour. */
export type Paint = (tone: Tone, text: string) => string;

/** `wanted` is asked once, and only when there is something to paint: to ask a terminal costs as much as to make a list. */
export function painter(wanted: () => boolean): Paint {
  let answer: boolean | undefined;
  return (tone, text) => {
    answer ??= wanted();
    return answer && text !== "" ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
  };
}
