// What stands between two parts of a branch: white space, comments, a comma. Pure.
import type { Branch, Doc, Form } from "./node.ts";

/** What surrounds one part. */
export interface Around {
  /** From the end of the line before it, or from what stands before it on its own line. */
  lead: string;
  /** Between it and its comma. */
  pre: string;
  /** A comment behind its comma, on the same line. */
  tail: string;
}

export interface Layout {
  around: Around[];
  /** Whether a comma stands behind the last one. */
  trailing: boolean;
  /** From the last one to the closing bracket. */
  closing: string;
}

const TOKEN: Record<Form, RegExp> = {
  xml: /\r?\n|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|[^\S\n]+|./g,
  json: /\r?\n|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|[^\S\n]+|./g,
  yaml: /\r?\n|#[^\r\n]*|[^\S\n]+|./g,
  binary: /./g,
};
const tokensOf = (text: string, form: Form): string[] => [...(text.match(TOKEN[form]) ?? [])];
const isBreak = (token: string): boolean => /^\r?\n$/.test(token);
const isComment = (token: string): boolean => /^(\/\/|\/\*|#|<!--|<\?)/.test(token);

export function layoutOf({ parts, inner, style }: Branch, { text, form }: Doc): Layout {
  const around: Around[] = [];
  let lead = text.slice(inner.start, parts[0]?.start ?? inner.end);
  let trailing = false;
  for (const [index, part] of parts.entries()) {
    const gap = text.slice(part.end, parts[index + 1]?.start ?? inner.end);
    const tokens = tokensOf(gap, form);
    const comma = style === "commas" ? tokens.indexOf(",") : -1;
    const after = tokens.slice(comma + 1);
    const line = after.findIndex(isBreak);
    const tail = style === "lines" || line === -1 || !after.slice(0, line).some(isComment) ? 0 : line;
    around.push({ lead, pre: tokens.slice(0, Math.max(comma, 0)).join(""), tail: after.slice(0, tail).join("") });
    lead = after.slice(tail).join("");
    trailing = comma !== -1;
  }
  return { around, trailing, closing: lead };
}

/** The comments before a part that goes: they stay. */
export function commentsIn(lead: string, form: Form): string {
  const tokens = tokensOf(lead, form);
  if (!tokens.some(isComment)) return "";
  const last = tokens.findLastIndex(isBreak);
  return (last === -1 ? tokens : tokens.slice(0, last)).join("");
}

/** The line end and indentation of the last line; null where the text has no line end outside comments. */
export function lineLead(lead: string, form: Form): string | null {
  const tokens = tokensOf(lead, form);
  const last = tokens.findLastIndex(isBreak);
  if (last === -1) return null;
  const indent = tokens[last + 1] ?? "";
  return (tokens[last] ?? "\n") + (isComment(indent) ? "" : indent);
}

/** A text in which every comment became nothing, for readers that know none. */
export const withoutComments = (trivia: string, form: Form): string =>
  tokensOf(trivia, form)
    .filter((token) => !isComment(token))
    .join("");

/** White space at the beginning of the line in which a place lies. */
export function indentAt(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(line, at))?.[0] ?? "";
}
