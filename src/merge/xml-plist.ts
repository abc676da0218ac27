// An XML property list as a value whose every part knows its place in the text. Pure. Form: plist(5), Apple's PropertyList-1.0.dtd.
import { decodeXml, placeIn } from "./encoding.ts";
import { DEEPEST, type Doc, type Leaf, leafOf, type Node, type Part, Unreadable } from "./node.ts";

// What is sound here is what CFPropertyList.c of Apple's CoreFoundation takes, which plutil asks: attributes are not looked at, a comment may
// hold `--`, the declaration may come late. Four things it takes are refused: they are never meant. They are a <key> where a value must be,
// anything behind the end, a control character, and base64 or a date that can't be.
const TRIVIA = /(?:[ \t\n\r]+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/y;
/** Its own declarations are passed over. Each thing in it can be read in one way only, so that nothing is tried again and again. */
const DOCTYPE =
  /<!DOCTYPE[^>[]*(?:\[(?:[^<\]]|<!--(?:(?!-->)[\s\S])*-->|<\?(?:(?!\?>)[\s\S])*\?>|<!(?!--)[^>]*>)*\][ \t\n\r]*)?>/y;
const OPEN = /<([A-Za-z]+)(?=[ \t\n\r/>])([^<>]*?)(\/?)>/y;
const CLOSE = /<\/([A-Za-z]+)[ \t\n\r]*>/y;
const CONTENT = /(?:[^<]+|<!\[CDATA\[[\s\S]*?\]\]>)*/y;
const BARE_CONTENT = /[^<]*/y;
const CONTROL =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})(?:[ \r]|$)/;
const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const VALUES = ["dict", "array", "string", "integer", "real", "date", "data", "true", "false"];
/** What people write for them. */
const MEANT = new Map([
  ["int", "integer"],
  ["number", "integer"],
  ["float", "real"],
  ["double", "real"],
  ["str", "string"],
  ["text", "string"],
  ["list", "array"],
  ["map", "dict"],
  ["dictionary", "dict"],
  ["bool", "true/> or <false/"],
  ["boolean", "true/> or <false/"],
]);

/** Throws Unreadable for what is not a sound property list: with its place, and without a word of its content, which may be a secret. */
export function readXml(bytes: Uint8Array): Doc {
  const { text, encode } = decodeXml(bytes);
  if (/^[ \t\n\r]*$/.test(text)) throw bad(text, 0, "the file is empty");
  const control = CONTROL.exec(text);
  if (control !== null) {
    const code = (control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    throw bad(text, control.index, `the character U+${code} can't stand in XML: remove it`);
  }
  const at = { index: 0 };
  skip(text, at);
  while (take(DOCTYPE, text, at) !== null) skip(text, at);
  const start = at.index;
  if (!text.startsWith("<", start)) throw bad(text, start, "a property list begins with <?xml or <plist");
  const isWrapped = /^<plist[\s/>]/.test(text.slice(start, start + 7));
  if (isWrapped) {
    if (opening(text, at).isEmpty) throw bad(text, start, "<plist> is empty: write a <dict> into it");
    skip(text, at);
    if (text.startsWith("</", at.index)) throw bad(text, start, "<plist> is empty: write a <dict> into it");
  }
  const root = readNode(text, at, 0);
  skip(text, at);
  if (isWrapped) {
    if (!text.startsWith("</", at.index) && at.index < text.length)
      throw bad(
        text,
        at.index,
        "<plist> holds one value: remove what stands behind it, or write one <dict> around all",
      );
    close("plist", text, at, start);
    skip(text, at);
  }
  if (at.index < text.length) throw bad(text, at.index, "something stands behind the end: remove it");
  return { form: "xml", text, root, encode };
}

interface At {
  index: number;
}

/** What is wrong at a place. A conflict of git is told as that, whatever it does to the form. */
function bad(text: string, index: number, what: string): Unreadable {
  const from = text.lastIndexOf("\n", index - 1) + 1;
  const to = text.indexOf("\n", from);
  const isConflict = CONFLICT.test(text.slice(from, to === -1 ? undefined : to));
  const told = isConflict ? "a conflict of git: keep one of its sides, and remove the lines of <, = and >" : what;
  return new Unreadable(told, placeIn(text, isConflict ? from : index));
}

function take(pattern: RegExp, text: string, at: At): RegExpExecArray | null {
  pattern.lastIndex = at.index;
  const match = pattern.exec(text);
  if (match !== null) at.index = pattern.lastIndex;
  return match;
}

/** Space, comments and instructions. */
function skip(text: string, at: At): void {
  take(TRIVIA, text, at);
  if (text.startsWith("<!--", at.index)) throw bad(text, at.index, "a comment is not closed: write -->");
  if (text.startsWith("<?", at.index)) throw bad(text, at.index, "an instruction is not closed: write ?>");
}

/** A tag that opens an element. */
function opening(text: string, at: At): { name: string; isEmpty: boolean } {
  const start = at.index;
  const [, name = "", , slash] = take(OPEN, text, at) ?? [];
  if (name !== "") return { name, isEmpty: slash === "/" };
  if (text.startsWith("</", start)) throw bad(text, start, "this tag closes what was not opened: remove it");
  if (text.startsWith("<!", start)) throw bad(text, start, "<! begins nothing here: a comment is <!-- … -->");
  if (/[A-Za-z]/.test(text.charAt(start + 1)))
    throw bad(
      text,
      start,
      "this tag has no >, or no name that property lists have; where it is text, < must be written &lt;",
    );
  throw bad(text, start, "< must be written &lt;");
}

function readNode(text: string, at: At, depth: number): Node {
  const start = at.index;
  if (start >= text.length) throw bad(text, start, "the file ends where a value must be");
  if (!text.startsWith("<", start))
    throw bad(text, start, "text stands where a value must be: write it as <string>, or remove it");
  const { name, isEmpty } = opening(text, at);
  if (name === "key")
    throw bad(text, start, "a <key> stands where a value must be: write <string>, or a <dict> around it");
  if (!VALUES.includes(name)) throw bad(text, start, unknown(name));
  if (depth > DEEPEST) throw bad(text, start, `a value is deeper than ${DEEPEST} others`);
  if (name === "dict" || name === "array") {
    const from = at.index;
    const parts = isEmpty ? [] : readParts(name, text, at, depth, start);
    const inner = { start: from, end: isEmpty ? from : at.index };
    if (!isEmpty) close(name, text, at, start);
    return { sort: name === "dict" ? "dict" : "list", parts, start, end: at.index, inner, style: "elements" };
  }
  const content = readContent(name, isEmpty, text, at, start);
  const is = leafIs(name, isEmpty ? null : content);
  if ("wrong" in is) throw bad(text, start, is.wrong);
  return { sort: "leaf", ...is, start, end: at.index };
}

const unknown = (name: string): string => {
  const lower = name.toLowerCase();
  const meant = VALUES.includes(lower) ? lower : MEANT.get(lower);
  return meant === undefined
    ? "property lists have no such element; where it is text, < must be written &lt;"
    : `property lists have no <${name}>: write <${meant}>`;
};

/** Everything up to the closing tag, which is left. */
function readParts(name: string, text: string, at: At, depth: number, opened: number): Part[] {
  const parts: Part[] = [];
  for (;;) {
    skip(text, at);
    // What stands before the closing tag belongs to the inside.
    if (text.startsWith("</", at.index)) return parts;
    if (at.index >= text.length) throw bad(text, opened, `<${name}> is not closed: write </${name}>`);
    const start = at.index;
    const key = name === "dict" ? readKey(text, at) : null;
    const keyEnd = at.index;
    if (key !== null) {
      skip(text, at);
      if (/^<(?:\/|key[ \t\n\r/>])/.test(text.slice(at.index, at.index + 5)))
        throw bad(text, start, "a <key> has no value: write one behind it, or remove it");
    }
    const value = readNode(text, at, depth + 1);
    parts.push({ key, start, keyEnd, end: at.index, value });
  }
}

function readKey(text: string, at: At): string {
  const start = at.index;
  if (!text.startsWith("<", start))
    throw bad(text, start, "text stands where a <key> must be: remove it, or make it a comment: <!-- … -->");
  const { name, isEmpty } = opening(text, at);
  if (VALUES.includes(name)) throw bad(text, start, "a value stands where a <key> must be: write its <key> before it");
  if (name !== "key") throw bad(text, start, unknown(name));
  return readContent("key", isEmpty, text, at, start);
}

/** The text of an element without elements inside, and its closing tag. */
function readContent(name: string, isEmpty: boolean, text: string, at: At, opened: number): string {
  if (isEmpty) return "";
  const from = at.index;
  const isText = name === "string" || name === "key";
  const content = take(isText ? CONTENT : BARE_CONTENT, text, at)?.[0] ?? "";
  close(name, text, at, opened);
  return isText ? decoded(content, text, from) : content;
}

/** The closing tag of the element that was opened at `opened`; says what stands there instead. */
function close(name: string, text: string, at: At, opened: number): void {
  const start = at.index;
  const closed = take(CLOSE, text, at)?.[1];
  if (closed === name) return;
  const missing = `<${name}> is not closed: write </${name}>`;
  if (start >= text.length) throw bad(text, opened, missing);
  if (text.startsWith("</", start)) {
    const { line } = placeIn(text, opened);
    throw bad(text, start, `</${name}> must stand here: it closes the <${name}> of line ${line}`);
  }
  if (text.startsWith("<![CDATA[", start)) throw bad(text, start, "a CDATA section is not closed: write ]]>");
  if (text.startsWith("<!--", start))
    throw bad(text, start, `a comment can't stand inside <${name}>: put it in front of it`);
  const next = take(OPEN, text, { index: start })?.[1] ?? "";
  throw next === "key" || VALUES.includes(next)
    ? bad(text, opened, missing)
    : bad(text, start, "< must be written &lt;");
}

const decoded = (content: string, text: string, from: number): string =>
  content.includes("&") || content.includes("<") || content.includes("\r")
    ? content.replace(
        /\r\n?|<!\[CDATA\[([\s\S]*?)\]\]>|&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));|&/g,
        (whole, cdata, decimal, hex, name, at) => {
          if (whole.startsWith("\r")) return "\n";
          if (cdata !== undefined) return String(cdata).replace(/\r\n?/g, "\n");
          const character = characterOf(decimal, hex, name);
          if (character === undefined) {
            const isNumber = decimal !== undefined || hex !== undefined;
            const what = isNumber ? "this number is not that of a character in XML" : "& must be written &amp;";
            throw bad(text, from + Number(at), what);
          }
          return character;
        },
      )
    : content;

function characterOf(decimal?: string, hex?: string, name?: string): string | undefined {
  if (decimal === undefined && hex === undefined)
    return Object.hasOwn(NAMED, name ?? "") ? NAMED[name ?? ""] : undefined;
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
  return character === undefined || CONTROL.test(character) ? undefined : character;
}

/** Type and value of an element without elements inside, null where it is one tag; or what to write instead. */
function leafIs(name: string, content: string | null): { is: string } | { wrong: string } {
  if (name === "string") return { is: leafOf("string", content ?? "") };
  if (name === "true" || name === "false")
    return content === null || content === "" ? { is: name } : { wrong: `<${name}> must be empty: write <${name}/>` };
  if (content === null) return { wrong: `<${name}/> has no value: write <${name}>…</${name}>` };
  switch (name) {
    case "integer":
      return integerIs(content);
    case "real": {
      const real = realText(content.replace(/^[ \t\n\r]+/, ""));
      if (real === null) return { wrong: "<real> must be a number, as 1.5: no other sign, no space behind it" };
      return { is: leafOf("real", real) };
    }
    case "date":
      if (!isDate(content)) return { wrong: "<date> must be as 2026-01-31T08:00:00Z" };
      return { is: leafOf("date", content) };
    default: {
      const packed = content.replace(/[ \t\n\r]+/g, "");
      const isBase64 = packed.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(packed);
      if (!isBase64) return { wrong: "<data> must be base64, as `base64 FILE` prints it" };
      return { is: leafOf("data", Buffer.from(packed, "base64").toString("base64")) };
    }
  }
}

const LARGEST = 2n ** 64n - 1n;
const SMALLEST = -(2n ** 63n);

function integerIs(content: string): { is: string } | { wrong: string } {
  const [, sign, digits] = /^[ \t\n\r]*([+-]?)[ \t\n\r]*(\d+|0x[\da-f]+)$/i.exec(content) ?? [];
  if (digits === undefined)
    return { wrong: "<integer> must be digits, as 10 or 0x1f: no other sign, no space behind them" };
  const value = sign === "-" ? -BigInt(digits) : BigInt(digits);
  if (value > LARGEST || value < SMALLEST) return { wrong: `<integer> must be from ${SMALLEST} to ${LARGEST}` };
  return { is: leafOf("integer", String(value)) };
}

/** `YYYY-MM-DDThh:mm:ssZ`, and a moment that there is. */
function isDate(text: string): boolean {
  const [, year, rest] = /^-?(\d+)(-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(text) ?? [];
  if (year === undefined || rest === undefined) return false;
  // Any year of the same length does for the 29th of February.
  const iso = `${String(2000 + (Number(year) % 400)).padStart(4, "0")}${rest}`;
  const moment = new Date(iso);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === iso.replace("Z", ".000Z");
}

/** Null where it is not a number. */
function realText(text: string): string | null {
  if (/^([+-]?inf(inity)?|nan)$/i.test(text)) return text.toLowerCase().replace("+", "");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  const number = Number(text);
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
