// Moving a file's content to another home: paths below the recorded home and root become paths below today's, in plists, JSON and YAML,
// and nothing else changes by a byte. What still names the old home afterwards is told. Pure.

import type { Rewritten } from "../model.ts";
import { hideTokens } from "../secrets/secret.ts";
import { mapBinaryStrings } from "./binary-strings.ts";
import { namesOld, namesOldBytes, placesIn, relocateValue, textOf, unescapeXml, utf16Of } from "./old-places.ts";
import type { PathMap } from "./target.ts";

/** What is nothing but a path, or a list of them, is shown; anything more could hold a secret, whatever its key is called. */
function note(key: string, before: string, after: string): Rewritten {
  const isPaths = /^\/[^\s:=@?&]*(:\/[^\s:=@?&]*)*$/.test(before);
  const isShown = isPaths && hideTokens(before) === before && hideTokens(after) === after;
  return isShown ? { key: hideTokens(key), before, after } : { key: hideTokens(key), before: null, after: null };
}

/** The file in its new home and what changed in it, or null where nothing in it does, or it is of a form that is not moved. */
export function relocate(
  bytes: Uint8Array,
  name: string,
  maps: PathMap[],
): { bytes: Uint8Array; rewritten: Rewritten[] } | null {
  const moved = relocator(bytes, name)?.(bytes, maps) ?? null;
  return moved === null || moved.rewritten.length === 0 ? null : moved;
}

/** What can rewrite such a file; undefined where nothing can. */
function relocator(bytes: Uint8Array, name: string) {
  if (isBinaryPlist(bytes)) return relocateBinary;
  if (/\.plist$/i.test(name)) return relocateXml;
  if (/\.ya?ml$/i.test(name)) return relocateYaml;
  return /\.jsonc?$/i.test(name) ? relocateJson : undefined;
}

const isBinaryPlist = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "bplist";

/** Where the content names an old place: a line, or in a binary plist a key. Never a value. */
export function stillNamed(bytes: Uint8Array, maps: PathMap[]): string[] {
  if (!isBinaryPlist(bytes)) return placesIn(bytes, maps);
  const keys = new Set<string>();
  const read = mapBinaryStrings(bytes, (text, key) => {
    if (namesOld(text, maps)) keys.add(hideTokens(key));
    return text;
  });
  if (read === null) return namesOldBytes(bytes, maps) ? ["a binary plist that can't be rewritten"] : [];
  return keys.size === 0 && namesOldBytes(bytes, maps) ? ["the name of a key"] : [...keys];
}

/**
 * Values of `<string>` elements, and the paths that are keys in PathState: comments, order, white space, entities, byte order mark and
 * encoding stay as they are. The text is taken byte for byte (Latin-1, or UTF-16 where it says so), and so are the paths, as XML writes
 * them.
 */
function relocateXml(bytes: Uint8Array, maps: PathMap[]) {
  const wide = utf16Of(bytes);
  const inBytes = (text: string) => (wide === null ? Buffer.from(text).toString("latin1") : text);
  const shown = (text: string) => (wide === null ? Buffer.from(text, "latin1").toString() : text);
  const rewritten: Rewritten[] = [];
  const seen = { key: "", before: "", inPathState: false };
  const moveText = (text: string, key: string, isShell: boolean): string => {
    const after = moveXmlText(text, maps, isShell, inBytes);
    const [was, is] = [xmlValue(text), xmlValue(after)].map(shown) as [string, string];
    if (after !== text) rewritten.push(note(key, was, is));
    return after;
  };
  const whole = wide === null ? Buffer.from(bytes).toString("latin1") : textOf(bytes);
  const moved = whole.replace(XML_PARTS, (part, ...groups: (string | undefined)[]) => {
    const [keyOpen, key, keyClose, open, value, close, dict] = groups;
    if (dict !== undefined) seen.inPathState = dict === "" && seen.key === "PathState";
    if (key !== undefined) {
      seen.key = shown(xmlValue(key));
      return seen.inPathState ? `${keyOpen}${moveText(key, "PathState", false)}${keyClose}` : part;
    }
    if (value === undefined) return part;
    const isShell = SHELL_OPTION.test(seen.before);
    seen.before = xmlValue(value);
    return `${open}${moveText(value, seen.key, isShell)}${close}`;
  });
  return { bytes: wide === null ? Buffer.from(moved, "latin1") : utf16(moved, wide), rewritten };
}

const CONTENT = "[^<]*(?:<!\\[CDATA\\[[\\s\\S]*?\\]\\]>[^<]*)*";
/** A comment; a key; a string; the beginning or end of a dictionary. */
const XML_PARTS = new RegExp(
  `<!--[\\s\\S]*?-->|(<key\\s*>)(${CONTENT})(</key\\s*>)|(<string\\s*>)(${CONTENT})(</string\\s*>)|<(/?)dict\\s*>`,
  "g",
);
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/g;
/** `sh -c TEXT`, also with other letters beside it. */
const SHELL_OPTION = /^-[a-z]*c$/;

const xmlText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
/** A text with its entities and CDATA sections read. */
const xmlValue = (text: string): string =>
  text
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part, index) => (index % 2 === 1 ? part.replace(CDATA, "$1") : unescapeXml(part)))
    .join("");

/** Path by path where that does; where entities stand inside a path, the text is written anew. */
function moveXmlText(text: string, maps: PathMap[], isShell: boolean, inBytes: (text: string) => string): string {
  const plain = maps.map(({ from, to }) => ({ from: inBytes(from), to: inBytes(to) as PathMap["to"] }));
  const coded = plain.map(({ from, to }) => ({ from: xmlText(from), to: xmlText(to) as PathMap["to"] }));
  const after = text
    .split(/(<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part, index) => {
      if (index % 2 === 0) return relocateValue(part, coded, isShell);
      return part.replace(CDATA, (_, inner: string) => `<![CDATA[${relocateValue(inner, plain, isShell)}]]>`);
    })
    .join("");
  const value = xmlValue(text);
  const wanted = relocateValue(value, plain, isShell);
  return xmlValue(after) === wanted ? after : xmlText(wanted);
}

function utf16(text: string, encoding: "utf-16le" | "utf-16be"): Uint8Array {
  const little = Buffer.from(`\ufeff${text}`, "utf16le");
  return encoding === "utf-16le" ? little : little.swap16();
}

/** String values, literal by literal; names of members, comments and all formatting stay. */
function relocateJson(bytes: Uint8Array, maps: PathMap[]) {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(withoutComments(text.replace(/^\ufeff/, "")));
  } catch {
    return null;
  }
  const rewritten: Rewritten[] = [];
  let key = "";
  let last = "";
  const moved = text.replace(JSON_PARTS, (whole, literal: string | undefined, colon: string | undefined) => {
    if (literal === undefined) return whole;
    const before: unknown = JSON.parse(literal);
    if (typeof before !== "string") return whole;
    if (colon !== undefined) {
      key = before;
      return whole;
    }
    const after = relocateValue(before, maps, SHELL_OPTION.test(last));
    last = before;
    if (after === before) return whole;
    rewritten.push(note(key, before, after));
    return JSON.stringify(after);
  });
  return { bytes: new TextEncoder().encode(moved), rewritten };
}

/** A comment; a string, and the colon that makes a name of it. */
const JSON_PARTS = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"\\]|\\.)*")(\s*:)?/g;
const withoutComments = (text: string): string =>
  text.replace(JSON_PARTS, (whole, literal) => (literal === undefined ? " " : whole)).replace(/,(\s*[\]}])/g, "$1");

/**
 * Every path in the text, also in comments, where neither the old place nor the new one has a character that means something in YAML: then
 * what surrounds a path is read as before.
 */
function relocateYaml(bytes: Uint8Array, maps: PathMap[]) {
  const plain = maps.filter(({ from, to }) => [from, to].every((path) => /^[\w/.@+ -]+$/.test(path)));
  const rewritten: Rewritten[] = [];
  const lines = Buffer.from(bytes)
    .toString("latin1")
    .split(/(\r?\n)/);
  const moved = lines.map((line) => {
    const after = relocateValue(line, plain);
    if (after === line) return line;
    const [, key = "", was = line] = /^[\s-]*([\w.-]+):\s+(\S.*)$/.exec(line) ?? [];
    rewritten.push(note(key, was.trim(), relocateValue(was.trim(), plain)));
    return after;
  });
  return { bytes: Buffer.from(moved.join(""), "latin1"), rewritten };
}

/** Every text but the keys of dictionaries; of those the ones that are paths, in PathState. */
function relocateBinary(bytes: Uint8Array, maps: PathMap[]) {
  const rewritten: Rewritten[] = [];
  let last = "";
  const moved = mapBinaryStrings(bytes, (text, key) => {
    const after = relocateValue(text, maps, SHELL_OPTION.test(last));
    last = text;
    if (after !== text) rewritten.push(note(key, text, after));
    return after;
  });
  return moved === null ? null : { bytes: moved, rewritten };
}
