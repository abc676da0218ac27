// A file's bytes → the value that they write down, whatever the form: a plist, JSON or YAML.
import type { Node as JsonNode, ParseError } from "jsonc-parser";
import type { Format } from "../comparison.ts";
import { typedLeaf } from "../launchd/judge.ts";
import type { Node } from "../merge/node.ts";
import { readPlist } from "../merge/plist.ts";

/** A value by its keys. Texts are strings; whatever else stands at an end is a Bare. */
export type Tree = string | Bare | Tree[] | Map<string, Tree>;

/** A number, a truth value, a date, bytes: `is` tells two of them apart, `shown` is safe to print. */
export class Bare {
  constructor(
    readonly shown: string,
    readonly is = shown,
  ) {}
}

const DEEPEST = 100;

/** The form that a file's name or first bytes claim; null for plain text and everything else. */
export function formatOf(name: string, bytes: Uint8Array): Format | null {
  if (/\.plist$/i.test(name) || Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "bplist") return "plist";
  if (/\.json$/i.test(name)) return "json";
  return /\.ya?ml$/i.test(name) ? "yaml" : null;
}

/** The value, or undefined where the bytes are not of that form. No parser's message leaves here: it could hold a secret. */
export async function readValue(format: Format, bytes: Uint8Array): Promise<Tree | undefined> {
  try {
    const value = await READ[format](bytes);
    return value === undefined ? undefined : treeOf(value, 0);
  } catch {
    return undefined;
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** Numbers as they are written: 12345678901234567891 is not …890, though both are the same double. */
const numberOf = (value: number, source: string | undefined): Bare =>
  new Bare(Number.isSafeInteger(value) ? String(value) : (source ?? String(value)));

const plainJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? numberOf(value, context?.source) : value,
  );

/** JSON with comments or trailing commas, as editors and agents' tools write it; undefined for what is not even that. */
async function commentedJson(text: string): Promise<unknown> {
  const { parseTree } = await import("jsonc-parser");
  const errors: ParseError[] = [];
  const tree = parseTree(text.replace(/^\ufeff/, " "), errors, { allowTrailingComma: true });
  const valueAt = ({ type, value, children = [], offset, length }: JsonNode): unknown => {
    if (type === "array") return children.map(valueAt);
    if (type === "number" && typeof value === "number") return numberOf(value, text.slice(offset, offset + length));
    if (type !== "object") return value;
    return new Map(
      children.flatMap(({ children: [key, item] = [] }) => (key && item ? [[key.value, valueAt(item)]] : [])),
    );
  };
  return tree === undefined || errors.length > 0 ? undefined : valueAt(tree);
}

const READ: Record<Format, (bytes: Uint8Array) => Promise<unknown>> = {
  plist: async (bytes) => plistTree(readPlist(bytes).root),
  json: async (bytes) => {
    const text = textOf(bytes);
    try {
      return plainJson(text);
    } catch {
      return commentedJson(text);
    }
  },
  async yaml(bytes) {
    const { parseAllDocuments } = await import("yaml");
    const documents = parseAllDocuments(textOf(bytes), { intAsBigInt: true, logLevel: "silent" });
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    const values: unknown[] = documents.map((document) => document.toJS());
    return values.length === 1 ? values[0] : values;
  },
};

/** Exact: an integer of any size, a real that is whole, a date's very second and a UID are told apart as the file has them. */
function plistTree(node: Node): Tree {
  if (node.sort === "dict") return new Map(node.parts.map(({ key, value }) => [key ?? "", plistTree(value)] as const));
  if (node.sort !== "leaf") return node.parts.map(({ value }) => plistTree(value));
  const { type, text } = typedLeaf(node.is);
  if (type === "string") return text;
  if (type === "data") return new Bare(`data of ${Buffer.from(text, "base64").length} bytes`, node.is);
  if (type === "real") return new Bare(/^-?\d+$/.test(text) ? `${text}.0` : text, node.is);
  if (type === "uid") return new Bare(`UID ${BigInt(`0x${text}`)}`, node.is);
  if (type !== "date" || text.includes("T")) return new Bare(text === "" ? type : text, node.is);
  // Of a part of a second, which XML can't have: seconds since 2001.
  return new Bare(new Date((Number(text) + SECONDS_TO_2001) * 1000).toISOString(), node.is);
}
const SECONDS_TO_2001 = 978_307_200;

function treeOf(value: unknown, depth: number): Tree {
  if (depth > DEEPEST) throw new RangeError("too deep");
  if (typeof value === "string" || value instanceof Bare) return value;
  if (value instanceof Date) return new Bare(Number.isNaN(value.getTime()) ? "no date" : value.toISOString());
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return new Bare(`data of ${bytes.length} bytes`, bytes.toString("hex"));
  }
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item: unknown) => treeOf(item, depth + 1));
  if (typeof value === "object" && value !== null) {
    const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
    return new Map([...entries].map(([key, item]) => [String(key), treeOf(item, depth + 1)]));
  }
  return new Bare(String(value));
}

/** Whether two values are the same, whatever the order of keys. */
export function same(a: Tree | undefined, b: Tree | undefined): boolean {
  if (a instanceof Bare && b instanceof Bare) return a.is === b.is;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && same(item, b.get(key)));
  return a === b;
}
