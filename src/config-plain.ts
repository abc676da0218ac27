// The plain form of rollback.yaml, as `rollback init` and people write it: the YAML package takes 4 ms to load, which every command
// would pay. What is not plain, and all that is wrong, is left to that package, which also knows the line. Pure. Form: YAML 1.2.

export type Value = string | number | boolean | Value[] | { [key: string]: Value };
class NotPlain extends Error {}

/** Characters that stand for themselves alone: no tab, no line end but \n, no mark of a byte order. */
const ODD = /[^\n\x20-\x7e\u00a1-\u1fff]/;
const QUOTED = `"[^"\\\\\\n]*"|'[^'\\n]*'`;
/** Begins with a letter or as a path does. What YAML reads as something else than a text is sorted out in `scalar`. */
const BEGINS = "(?:[A-Za-z]|~?/|\\.{1,2}/|\\.[A-Za-z])";
/** A number, or one with a unit that can't be taken for a part of it. */
const COUNT = "\\d+(?:[hdwmyB%]|[KMGT]iB)?";
const IN_FLOW = `(?:${QUOTED}|${BEGINS}[\\w./~*?+@%=-]*|${COUNT})`;
const IN_BLOCK = `(?:${QUOTED}|${BEGINS}(?:[\\w./~*?+@%={},[\\]()-]|:(?=[\\w./])| (?=[\\w./]))*|${COUNT})`;
const KEY = "[A-Za-z][\\w-]*";
const FLOW_LIST = `\\[ *(?:${IN_FLOW}(?: *, *${IN_FLOW})*)? *\\]`;
const PAIR = `${KEY}: +(?:${IN_FLOW}|${FLOW_LIST})`;
const FLOW_MAP = `\\{ *(?:${PAIR}(?: *, *${PAIR})*)? *\\}`;
const END = " *(?: #.*)?$";

const BLANK = /^ *(?:#.*)?$/;
const LINE = new RegExp(`^( *)(?:(- +)|(${KEY}):(?= |$))(?: *(?:(${FLOW_LIST})|(${FLOW_MAP})|(${IN_BLOCK})))?${END}`);
const ITEMS = new RegExp(IN_FLOW, "g");
const PAIRS = new RegExp(`(${KEY}): +(?:(${IN_FLOW})|(${FLOW_LIST}))`, "g");

interface Line {
  indent: number;
  /** Undefined in a list. */
  key: string | undefined;
  /** Undefined where it stands on the lines below. */
  value: Value | undefined;
}

/** A plain config's value; undefined where the text is anything else, sound or not. */
export function readPlainConfig(text: string): Value | undefined {
  if (ODD.test(text)) return undefined;
  try {
    const lines = text
      .split("\n")
      .filter((line) => !BLANK.test(line))
      .map(readLine);
    if (lines.length === 0) return {};
    const { value, next } = readBlock(lines, 0, 0);
    return next === lines.length ? value : undefined;
  } catch (cause) {
    if (cause instanceof NotPlain) return undefined;
    throw cause;
  }
}

function readLine(text: string): Line {
  const [all, spaces = "", dash, key, list, map, block] = LINE.exec(text) ?? [];
  if (all === undefined) throw new NotPlain();
  return { indent: spaces.length, key: dash === undefined ? key : undefined, value: contentOf(list, map, block) };
}

function contentOf(list: string | undefined, map: string | undefined, text: string | undefined): Value | undefined {
  if (list !== undefined) return [...list.matchAll(ITEMS)].map(([item]) => scalar(item));
  if (map === undefined) return text === undefined ? undefined : scalar(text);
  const pairs = [...map.matchAll(PAIRS)];
  return mapOf(pairs.map(([, key = "", single, several]) => [key, contentOf(several, undefined, single) ?? ""]));
}

/** The map or list of all lines from this one on that stand in this column. */
function readBlock(lines: Line[], from: number, indent: number): { value: Value; next: number } {
  const list: Value[] = [];
  const pairs: [string, Value][] = [];
  const isList = lines[from]?.key === undefined;
  let at = from;
  for (let line = lines[at]; line?.indent === indent && isList === (line.key === undefined); line = lines[at]) {
    at++;
    let { value } = line;
    const below = lines[at];
    if (value === undefined && line.key !== undefined && below !== undefined) {
      // A list may stand in the column of its key.
      const isInside = below.indent > indent || (below.indent === indent && below.key === undefined);
      if (isInside) ({ value, next: at } = readBlock(lines, at, below.indent));
    }
    if (value === undefined) throw new NotPlain();
    if (line.key === undefined) list.push(value);
    else pairs.push([line.key, value]);
  }
  return { value: isList ? list : mapOf(pairs), next: at };
}

function mapOf(pairs: [string, Value][]): Value {
  const map: Record<string, Value> = {};
  for (const [key, value] of pairs) {
    // Twice, or a name that every map has.
    if (key in map || /^(?:true|false|null)$/i.test(key)) throw new NotPlain();
    map[key] = value;
  }
  return map;
}

function scalar(text: string): Value {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  // A number in another form, and a word that may be none.
  if (/^\d+$/.test(text) || /^(?:true|false|null|\.inf|\.nan)$/i.test(text)) throw new NotPlain();
  return text;
}
