// The plain form of an XML property list, as plutil, Xcode, Python and people write it, read in one pass: for 71 agents an XML parser
// costs more than all the rest of a snapshot. What is not plain is left to the reader of all of them. Pure. Form: plist(5), Apple's PropertyList-1.0.dtd.

const HEAD =
  /^(?:<\?xml version="1\.0" encoding="UTF-8"\?>\n*)?(?:<!DOCTYPE plist [^<>[]*>\n*)?<plist(?: version="1\.0")?>/;
const TAIL = /[ \t\n]*<\/plist>[ \t\n]*$/;
/** Space and comments, then a text with both its tags, an empty element, or one tag of a collection. */
const TAG =
  /(?:[ \t\n]|<!--(?:[^-]|-[^-])*-->)*<(?:(key|string|integer)>([^<]*)<\/\1>|(true|false|string|dict|array)\/>|(\/?(?:dict|array))>)/y;
/** Line ends that XML folds (XML 1.1, 2.11), characters that it forbids, and a sequence that it reserves. */
const ODD = /[\x85\u2028\u2029]|[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|\]\]>/u;
const ENTITIES = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);
const DEEPEST = 32;

type Value = string | number | boolean | Value[] | { [key: string]: Value };
class NotPlain extends Error {}

/** A plain property list's value; undefined where the text is anything else, well-formed or not. */
export function readPlain(text: string): Value | undefined {
  const head = HEAD.exec(text);
  const tail = TAIL.exec(text);
  if (head === null || tail === null || ODD.test(text)) return undefined;
  const body = text.slice(head[0].length, tail.index);
  let at = 0;
  const next = () => {
    TAG.lastIndex = at;
    const [, texts, content = "", empty, collection] = TAG.exec(body) ?? [];
    at = TAG.lastIndex;
    return { texts, content, empty, collection };
  };
  const read = ({ texts, content, empty, collection }: ReturnType<typeof next>, depth: number): Value => {
    if (texts === "string") return decoded(content);
    if (texts === "integer" && /^-?\d{1,15}$/.test(content)) return Number(content);
    if (empty === "true" || empty === "false") return empty === "true";
    if (empty === "string") return "";
    if (empty === "array") return [];
    if (empty !== undefined) return {};
    if (depth === DEEPEST) throw new NotPlain();
    if (collection === "array") {
      const list: Value[] = [];
      for (let tag = next(); tag.collection !== "/array"; tag = next()) list.push(read(tag, depth + 1));
      return list;
    }
    if (collection !== "dict") throw new NotPlain();
    const map: Record<string, Value> = {};
    for (let tag = next(); tag.collection !== "/dict"; tag = next()) {
      const key = tag.texts === "key" ? decoded(tag.content) : "";
      if (key === "" || key in map) throw new NotPlain();
      map[key] = read(next(), depth + 1);
    }
    return map;
  };
  try {
    const value = read(next(), 0);
    return at === body.length ? value : undefined;
  } catch (cause) {
    if (cause instanceof NotPlain) return undefined;
    throw cause;
  }
}

/** A text with its five named entities replaced; another `&` is not plain. */
const decoded = (text: string): string =>
  text.includes("&")
    ? text.replace(/&(?:(\w+);)?/g, (_, name: string) => {
        const character = ENTITIES.get(name);
        if (character === undefined) throw new NotPlain();
        return character;
      })
    : text;
