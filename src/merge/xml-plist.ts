// An XML property list as a value whose every part knows its place in the text. Pure. Form: plist(5), Apple's PropertyList-1.0.dtd.
import { decodeXml } from "./encoding.ts";
import { DEEPEST, type Doc, demandUnique, type Leaf, leafOf, type Node, type Part, Unreadable } from "./node.ts";

const TRIVIA = /(?:\s|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/y;
const DOCTYPE = /<!DOCTYPE\s[^<>[]*>/y;
const OPEN = /<([A-Za-z]+)(\s[^<>]*?)?(\/?)>/y;
const CLOSE = /<\/([A-Za-z]+)\s*>/y;
const CONTENT = /(?:[^<]|<!\[CDATA\[[\s\S]*?\]\]>)*/y;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Throws Unreadable for what is not a sound property list. */
export function readXml(bytes: Uint8Array): Doc {
  const { text, encode } = decodeXml(bytes);
  const at = { index: 0 };
  skip(text, at);
  if (take(DOCTYPE, text, at) !== null) skip(text, at);
  if (take(OPEN, text, at)?.[1] !== "plist") throw new Unreadable();
  skip(text, at);
  const root = readNode(text, at, 0);
  skip(text, at);
  if (take(CLOSE, text, at)?.[1] !== "plist") throw new Unreadable();
  skip(text, at);
  if (at.index !== text.length) throw new Unreadable();
  return { form: "xml", text, root, encode };
}

interface At {
  index: number;
}

function take(pattern: RegExp, text: string, at: At): RegExpExecArray | null {
  pattern.lastIndex = at.index;
  const match = pattern.exec(text);
  if (match !== null) at.index = pattern.lastIndex;
  return match;
}
const skip = (text: string, at: At) => take(TRIVIA, text, at);

function readNode(text: string, at: At, depth: number): Node {
  const start = at.index;
  const [, name = "", , slash] = take(OPEN, text, at) ?? [];
  const empty = slash === "/";
  if (depth > DEEPEST) throw new Unreadable();
  if (name === "dict" || name === "array") {
    const from = at.index;
    const parts = empty ? [] : readParts(name, text, at, depth);
    const inner = { start: from, end: empty ? from : at.index };
    if (!empty) close(name, text, at);
    return { sort: name === "dict" ? "dict" : "list", parts, start, end: at.index, inner, style: "elements" };
  }
  const content = empty ? "" : decoded(take(CONTENT, text, at)?.[0] ?? "");
  if (!empty) close(name, text, at);
  return { sort: "leaf", is: leafIs(name, content), start, end: at.index };
}

/** Everything up to the closing tag, which is left. */
function readParts(name: string, text: string, at: At, depth: number): Part[] {
  const parts: Part[] = [];
  for (;;) {
    const before = at.index;
    skip(text, at);
    if (text.startsWith("</", at.index)) {
      // What stands before the closing tag belongs to the inside.
      if (name === "dict") demandUnique(parts);
      return parts;
    }
    if (at.index === before && before >= text.length) throw new Unreadable();
    const start = at.index;
    const key = name === "dict" ? readKey(text, at) : null;
    const keyEnd = at.index;
    if (key !== null) skip(text, at);
    const value = readNode(text, at, depth + 1);
    parts.push({ key, start, keyEnd, end: at.index, value });
  }
}

function readKey(text: string, at: At): string {
  const [, name, , slash] = take(OPEN, text, at) ?? [];
  if (name !== "key") throw new Unreadable();
  if (slash === "/") return "";
  const key = decoded(take(CONTENT, text, at)?.[0] ?? "");
  close("key", text, at);
  return key;
}

function close(name: string, text: string, at: At): void {
  if (take(CLOSE, text, at)?.[1] !== name) throw new Unreadable();
}

const decoded = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(/<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));|&/g, (_, cdata, decimal, hex, name) => {
      if (cdata !== undefined) return String(cdata);
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      const character = name === undefined ? codePoint(code) : NAMED[name];
      if (character === undefined) throw new Unreadable();
      return character;
    });
const codePoint = (code: number): string | undefined =>
  code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;

/** Type and value of an element without elements inside. */
function leafIs(name: string, content: string): string {
  const trimmed = content.trim();
  switch (name) {
    case "string":
      return leafOf("string", content);
    case "integer":
      if (!/^[+-]?(\d+|0x[\da-f]+)$/i.test(trimmed)) throw new Unreadable();
      return leafOf(
        "integer",
        String(trimmed.startsWith("-") ? -BigInt(trimmed.slice(1)) : BigInt(trimmed.replace("+", ""))),
      );
    case "real":
      return leafOf("real", realText(trimmed));
    case "date":
      if (!/^-?\d+(-\d\d){2}T\d\d(:\d\d){2}Z$/.test(trimmed)) throw new Unreadable();
      return leafOf("date", trimmed);
    case "data":
      if (!/^[A-Za-z\d+/=\s]*$/.test(content)) throw new Unreadable();
      return leafOf("data", Buffer.from(content, "base64").toString("base64"));
    case "true":
    case "false":
      if (trimmed !== "") throw new Unreadable();
      return name;
    default:
      throw new Unreadable();
  }
}

function realText(text: string): string {
  if (/^[+-]?(nan|inf(inity)?)$/i.test(text)) return text.toLowerCase().replace("+", "");
  const number = text === "" ? Number.NaN : Number(text);
  if (Number.isNaN(number)) throw new Unreadable();
  return Object.is(number, -0) ? "-0" : String(number);
}

/** A value that stood in a binary property list, as XML; `lead` is the line end with the indentation of the element. */
export function writeXml(node: Node, lead: string, unit: string): string {
  if (node.sort === "leaf") return leafXml(node);
  const name = node.sort === "dict" ? "dict" : "array";
  if (node.parts.length === 0) return `<${name}/>`;
  const inside = lead.includes("\n") ? lead + unit : lead;
  const parts = node.parts.map(({ key, value }) => {
    const named = key === null ? "" : `<key>${escaped(key)}</key>${inside}`;
    return inside + named + writeXml(value, inside, unit);
  });
  return `<${name}>${parts.join("")}${lead}</${name}>`;
}

function leafXml({ is }: Leaf): string {
  const at = is.indexOf(" ");
  if (at === -1) return `<${is}/>`;
  const name = is.slice(0, at);
  const text: unknown = JSON.parse(is.slice(at + 1));
  return `<${name}>${escaped(String(text))}</${name}>`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
