// A file's value with the places where it is written: what is merged by key, whatever the form.

/** Keys and indices from the top. */
export type Path = (string | number)[];

/** A value. `start` and `end` are its place in the document's text, both 0 where the form has no text. */
export type Node = Leaf | Branch;

export interface Leaf {
  sort: "leaf";
  /** Type and value: two leaves are the same where these are. */
  is: string;
  start: number;
  end: number;
  /** The bytes of a binary plist's object. */
  raw?: Uint8Array;
}

export interface Branch {
  sort: "dict" | "list";
  parts: Part[];
  start: number;
  end: number;
  /** The text between its brackets: without them, where it has none. */
  inner: { start: number; end: number };
  style: Style;
}

/** How the parts of a branch follow one another. */
export type Style = "elements" | "commas" | "lines";

/** One member of a dictionary, or one item of a list. `start` and `end` hold the key, too. */
export interface Part {
  /** Null in a list. */
  key: string | null;
  start: number;
  /** Where the key's text ends; in a list, where the item begins. */
  keyEnd: number;
  end: number;
  value: Node;
}

export type Form = "xml" | "binary" | "json" | "yaml";

/** A file that was read. */
export interface Doc {
  form: Form;
  /** Empty for a binary plist. */
  text: string;
  root: Node;
  /** A text in the file's own encoding; null where it can't be written so. */
  encode(text: string): Uint8Array | null;
}

/** No dictionary of one file is deeper. */
export const DEEPEST = 100;

/** Where something stands in a text: both count from 1, columns in characters. */
export interface Place {
  line: number;
  column: number;
}

/** The file is not of its form. `what` says what is wrong and what to write instead, as far as anybody will read it. */
export class Unreadable extends Error {
  constructor(
    readonly what = "",
    readonly place: Place | null = null,
  ) {
    super("unreadable");
  }
}

const known = new WeakMap<Node, string>();

/** What tells two values apart, whatever the order of keys. */
export function canon(node: Node): string {
  if (node.sort === "leaf") return node.is;
  const held = known.get(node);
  if (held !== undefined) return held;
  const text = canonOf(
    node.sort,
    node.parts.map(({ key, value }) => [key, canon(value)]),
  );
  known.set(node, text);
  return text;
}

/** The same of a value that is put together of others. */
export function canonOf(sort: Branch["sort"], parts: [string | null, string][]): string {
  if (sort === "list") return `[${parts.map(([, is]) => is).join(",")}]`;
  const members = parts.map(([key, is]) => `${JSON.stringify(key)}:${is}`);
  return `{${members.sort().join(",")}}`;
}

export const sameNode = (a: Node | undefined, b: Node | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canon(a) === canon(b);

/** A leaf's text in a form that no other leaf can be taken for. */
export const leafOf = (type: string, text: string): string => `${type} ${JSON.stringify(text)}`;

/** A dictionary's member. */
export const partOf = (node: Node | undefined, key: string): Part | undefined =>
  node?.sort === "dict" ? node.parts.find((part) => part.key === key) : undefined;

/** A dictionary with two members of one name means different things to different readers. */
export function demandUnique(parts: Part[]): void {
  if (new Set(parts.map(({ key }) => key)).size < parts.length) throw new Unreadable();
}

/** The same of every dictionary of a value. */
export function demandUniqueBelow(node: Node): void {
  if (node.sort === "leaf") return;
  if (node.sort === "dict") demandUnique(node.parts);
  for (const { value } of node.parts) demandUniqueBelow(value);
}
