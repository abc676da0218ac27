// JSON, also with comments and trailing commas, as a value whose every part knows its place in the text. Pure.
import type { Node as JsonNode } from "jsonc-parser";
import { decodeUtf8 } from "./encoding.ts";
import { DEEPEST, type Doc, demandUnique, leafOf, type Node, Unreadable } from "./node.ts";

/** Throws Unreadable for what is not JSON, with comments or without. */
export async function readJson(bytes: Uint8Array): Promise<Doc> {
  const { parseTree } = await import("jsonc-parser");
  const { text, encode } = decodeUtf8(bytes);
  const errors: unknown[] = [];
  const tree = parseTree(text, errors as [], { allowTrailingComma: true });
  if (tree === undefined || errors.length > 0) throw new Unreadable();
  return { form: "json", text, root: nodeOf(tree, text, 0), encode };
}

/** Whether readers that know no comments can read it. */
export function isStrict(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function nodeOf(tree: JsonNode, text: string, depth: number): Node {
  if (depth > DEEPEST) throw new Unreadable();
  const [start, end] = [tree.offset, tree.offset + tree.length];
  const children = tree.children ?? [];
  const inner = { start: start + 1, end: end - 1 };
  if (tree.type === "array") {
    const parts = children.map((child) => {
      const value = nodeOf(child, text, depth + 1);
      return { key: null, start: value.start, keyEnd: value.start, end: value.end, value };
    });
    return { sort: "list", parts, start, end, inner, style: "commas" };
  }
  if (tree.type === "object") {
    const parts = children.map((child) => {
      const [key, value] = child.children ?? [];
      if (key === undefined || value === undefined) throw new Unreadable();
      const node = nodeOf(value, text, depth + 1);
      return { key: String(key.value), start: key.offset, keyEnd: key.offset + key.length, end: node.end, value: node };
    });
    demandUnique(parts);
    return { sort: "dict", parts, start, end, inner, style: "commas" };
  }
  return { sort: "leaf", is: leafIs(tree, text.slice(start, end)), start, end };
}

/** 1 and 1.0 are one number; what a double can't hold is told by its digits. */
function leafIs(tree: JsonNode, source: string): string {
  const value: unknown = tree.value;
  if (typeof value === "string") return leafOf("string", value);
  if (typeof value !== "number") return String(value);
  return leafOf("number", Number.isSafeInteger(value) ? String(value) : source);
}
