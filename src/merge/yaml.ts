// YAML as a value whose every part knows its place in the text. Pure. Form: YAML 1.2; what 1.1 takes for something else than a text
// when it is not quoted is told apart from the quoted text.
import type { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { decodeUtf8 } from "./encoding.ts";
import {
  type Branch,
  canon,
  DEEPEST,
  type Doc,
  demandUnique,
  leafOf,
  type Node,
  type Part,
  Unreadable,
} from "./node.ts";

type Yaml = typeof import("yaml");

/** Throws Unreadable for what is not YAML. Several documents in one file are a list. */
export async function readYaml(bytes: Uint8Array): Promise<Doc> {
  const yaml = await import("yaml");
  const { text, encode } = decodeUtf8(bytes);
  const documents = yaml.parseAllDocuments(text, { intAsBigInt: true, keepSourceTokens: true, logLevel: "silent" });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) throw new Unreadable();
  const roots = documents.map(({ contents }) => nodeOf(yaml, contents, text, 0));
  const [only] = roots;
  if (only !== undefined && roots.length === 1) return { form: "yaml", text, root: only, encode };
  return { form: "yaml", text, root: stream(roots), encode };
}

/** Documents can be changed, but none can come or go. */
function stream(roots: Node[]): Branch {
  if (roots.length === 0) throw new Unreadable();
  const parts = roots.map((value) => ({ key: null, start: value.start, keyEnd: value.start, end: value.end, value }));
  const [start, end] = [roots[0]?.start ?? 0, roots.at(-1)?.end ?? 0];
  return { sort: "list", parts, start, end, inner: { start, end }, style: "lines" };
}

function nodeOf(yaml: Yaml, node: Document["contents"] | unknown, text: string, depth: number): Node {
  if (depth > DEEPEST) throw new Unreadable();
  if (yaml.isMap(node)) return whole(node, mapOf(yaml, node, text, depth));
  if (yaml.isSeq(node)) return whole(node, seqOf(yaml, node, text, depth));
  if (yaml.isAlias(node)) {
    const [start = 0, end = 0] = node.range ?? [];
    return { sort: "leaf", is: leafOf("alias", node.source), start, end };
  }
  if (!yaml.isScalar(node)) throw new Unreadable();
  const [start = 0, end = 0] = node.range ?? [];
  return whole(node, { sort: "leaf", is: scalarIs(node), start, end: blockEnd(text, start, end) });
}

/** What other places name, or what a tag makes into something else, is merged as one value. */
function whole({ anchor, tag }: { anchor?: string | undefined; tag?: string | undefined }, node: Node): Node {
  const plain = node.sort === "leaf" || tag === undefined || /:(map|seq)$/.test(tag);
  if (anchor === undefined && plain) return node;
  return { sort: "leaf", is: leafOf(`${anchor ?? ""} ${tag ?? ""}`, canon(node)), start: node.start, end: node.end };
}

/** The line end behind a block text belongs to what comes next. */
const blockEnd = (text: string, start: number, end: number): number => {
  if (!/^[|>]/.test(text.slice(start, end))) return end;
  return start + text.slice(start, end).replace(/\r?\n$/, "").length;
};

const YAML_1_1 = /^(y|n|yes|no|on|off|[-+]?\d[\d_]*(:[0-5]?\d)+(\.\d*)?|[-+]?0[\d_]+|0b[01_]+|\d{4}-\d\d?-\d\d?.*)$/i;

function scalarIs({ value, type, tag, source }: Scalar): string {
  const kind = tag === undefined ? "" : `${tag} `;
  if (type === "PLAIN" && typeof source === "string" && YAML_1_1.test(source)) return leafOf(`${kind}plain`, source);
  if (typeof value === "string") return leafOf(`${kind}string`, value);
  // Numbers are told by their digits where a double could not hold them.
  if (typeof value === "number" && !Number.isSafeInteger(value))
    return leafOf(`${kind}number`, source ?? String(value));
  if (typeof value === "number" || typeof value === "bigint") return leafOf(`${kind}number`, String(value));
  if (value === null || typeof value === "boolean") return kind + String(value);
  return leafOf(`${kind}other`, source ?? JSON.stringify(value));
}

function mapOf(yaml: Yaml, map: YAMLMap, text: string, depth: number): Branch {
  const token = map.srcToken;
  const flow = token?.type === "flow-collection";
  const parts = map.items.map((pair) => pairOf(yaml, pair, text, depth, flow));
  demandUnique(parts);
  return branchOf("dict", map, parts, flow);
}

function pairOf(yaml: Yaml, pair: Pair, text: string, depth: number, flow: boolean): Part {
  const { key, value } = pair;
  if (!yaml.isScalar(key) || key.range == null || key.anchor !== undefined) throw new Unreadable();
  const [start, keyEnd] = key.range;
  const sep = pair.srcToken?.sep ?? [];
  const last = sep.findLast(({ type }) => type === "map-value-ind");
  const after = last === undefined ? keyEnd : last.offset + last.source.length;
  const given = yaml.isNode(value) ? nodeOf(yaml, value, text, depth + 1) : null;
  const node: Node = given ?? { sort: "leaf", is: "null", start: after, end: after };
  const end = Math.max(node.end, after);
  return {
    key: String(key.source ?? key.value),
    start,
    keyEnd: after,
    end: flow ? end : lineEnd(text, end),
    value: node,
  };
}

function seqOf(yaml: Yaml, seq: YAMLSeq, text: string, depth: number): Branch {
  const token = seq.srcToken;
  const flow = token?.type === "flow-collection";
  const items = token?.type === "block-seq" ? token.items : [];
  const parts = seq.items.map((item, index): Part => {
    const value = nodeOf(yaml, item, text, depth + 1);
    if (flow) return { key: null, start: value.start, keyEnd: value.start, end: value.end, value };
    const dash = items[index]?.start.find(({ type }) => type === "seq-item-ind");
    if (dash === undefined) throw new Unreadable();
    return {
      key: null,
      start: dash.offset,
      keyEnd: dash.offset + 1,
      end: lineEnd(text, Math.max(value.end, dash.offset + 1)),
      value,
    };
  });
  return branchOf("list", seq, parts, flow);
}

function branchOf(sort: Branch["sort"], node: YAMLMap | YAMLSeq, parts: Part[], flow: boolean): Branch {
  const [from = 0, to = 0] = node.range ?? [];
  if (flow) return { sort, parts, start: from, end: to, inner: { start: from + 1, end: to - 1 }, style: "commas" };
  const [start, end] = [parts[0]?.start ?? from, parts.at(-1)?.end ?? to];
  return { sort, parts, start, end, inner: { start, end }, style: "lines" };
}

/** A comment behind the value on its line belongs to it. */
function lineEnd(text: string, end: number): number {
  const comment = /[ \t]+#[^\r\n]*/y;
  comment.lastIndex = end;
  return comment.test(text) ? comment.lastIndex : end;
}

/** A value on one line, for the inside of brackets. */
export function flowText(node: Node, text: string): string {
  if (node.sort === "list") return `[${node.parts.map(({ value }) => flowText(value, text)).join(", ")}]`;
  if (node.sort === "dict")
    return `{${node.parts.map(({ key, value }) => `${JSON.stringify(key)}: ${flowText(value, text)}`).join(", ")}}`;
  const source = text.slice(node.start, node.end);
  if (!/[\n,[\]{}]/.test(source)) return source;
  return node.sort === "leaf" && node.is.startsWith("string ") ? node.is.slice("string ".length) : source;
}
