// The one judge of plists: is this sound, as `plutil -lint` would say, and where not, what is wrong at which place? Pure.
import { type Leaf, type Node, Unreadable } from "../merge/node.ts";
import { readPlist } from "../merge/plist.ts";
import { readPlain } from "./plain-plist.ts";

/** What is wrong with a plist, and what to write instead; never a word of its content. Without a place for binary ones. */
export interface Malformed {
  /** Both from 1; columns count characters. */
  line: number | null;
  column: number | null;
  what: string;
}

export type Judgement =
  | {
      ok: true;
      /** Dictionaries are objects, dates and UIDs text, data bytes; integers that a double can't hold are bigint. */
      value: unknown;
      /** Keys that stand twice in their dictionary: the last one counts, for launchd too. */
      repeated: string[];
    }
  | ({ ok: false } & Malformed);

/** Judges a plist, XML or binary. Never throws, and is quick for what agents usually look like. */
export function judgePlist(bytes: Uint8Array): Judgement {
  const value = readPlain(utf8(bytes));
  if (value !== undefined) return { ok: true, value, repeated: [] };
  try {
    const { root } = readPlist(bytes);
    return { ok: true, value: plainOf(root), repeated: [...new Set(repeatedIn(root))] };
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    return { ok: false, line: cause.place?.line ?? null, column: cause.place?.column ?? null, what: cause.what };
  }
}

/** `is malformed: line 12, column 24: & must be written &amp;` */
export const malformedWords = (malformed: Malformed): string => `is malformed: ${placeAndWhat(malformed)}`;

/** `line 12, column 24: & must be written &amp;` */
export const placeAndWhat = ({ line, column, what }: Malformed): string =>
  line === null ? what : `line ${line}, column ${column}: ${what}`;

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "";
  }
}

function plainOf(node: Node): unknown {
  if (node.sort === "leaf") return leafValue(node);
  if (node.sort === "list") return node.parts.map(({ value }) => plainOf(value));
  return Object.fromEntries(node.parts.map(({ key, value }) => [key ?? "", plainOf(value)]));
}

function leafValue({ is }: Leaf): unknown {
  const { type, text } = typedLeaf(is);
  switch (type) {
    case "true":
    case "false":
      return type === "true";
    case "integer": {
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
    case "real":
      return Number(text.replace(/^(-?)inf(inity)?$/, "$1Infinity"));
    case "data":
      return new Uint8Array(Buffer.from(text, "base64"));
    default:
      return text;
  }
}

/** The type and the text of a value's end. */
export function typedLeaf(is: string): { type: string; text: string } {
  const at = is.indexOf(" ");
  return at === -1 ? { type: is, text: "" } : { type: is.slice(0, at), text: String(JSON.parse(is.slice(at + 1))) };
}

function* repeatedIn(node: Node): Generator<string> {
  if (node.sort === "leaf") return;
  const seen = new Set<string>();
  for (const { key, value } of node.parts) {
    if (key !== null && seen.has(key)) yield key;
    seen.add(key ?? "");
    yield* repeatedIn(value);
  }
}
