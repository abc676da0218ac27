// Random documents for the laws of merging: a value, and texts of many forms that say it.

import fc from "fast-check";
import { parse as parseJsonc } from "jsonc-parser";
import { buildBinary, parse as parsePlist } from "plist";
import { parse as parseYaml } from "yaml";

export type Value = string | number | boolean | Value[] | { [key: string]: Value };
export type Fields = { [key: string]: Value };

const KEYS = ["Label", "Program", "EnvironmentVariables", "PATH", "a key", "é", "KeepAlive", "x"];
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(
    "",
    "yes",
    "a & b",
    "<x>",
    "# no comment",
    "// none",
    "a: b",
    "12",
    "é€",
    " lead",
    "tr\nail",
    "{",
    "- x",
  ),
  fc.string({ maxLength: 6, unit: "grapheme-ascii" }),
  fc.integer({ min: -5, max: 400 }),
  fc.boolean(),
);
export const key = fc.constantFrom(...KEYS);
export const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3 }).map((fields): Fields => ({ ...fields })),
  ),
}));
export const fields: fc.Arbitrary<Fields> = fc.dictionary(key, value, { maxKeys: 6 }).map((made) => ({ ...made }));

/** How a text is laid out. */
export interface Look {
  unit: string;
  end: string;
  comments: boolean;
  tight: boolean;
}
export const look: fc.Arbitrary<Look> = fc.record({
  unit: fc.constantFrom("  ", "    ", "\t"),
  end: fc.constantFrom("\n", "\r\n"),
  comments: fc.boolean(),
  tight: fc.boolean(),
});

export interface Form {
  name: string;
  write(value: Value, look: Look): Uint8Array;
  read(bytes: Uint8Array): unknown;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const xmlText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const isFields = (item: Value): item is Fields => typeof item === "object" && !Array.isArray(item);

function xml(item: Value, look: Look, lead: string): string {
  if (typeof item === "string")
    return look.tight && item !== "" ? `<string><![CDATA[${item}]]></string>` : `<string>${xmlText(item)}</string>`;
  if (typeof item === "number") return `<integer>${item}</integer>`;
  if (typeof item === "boolean") return `<${item}/>`;
  const inner = look.tight ? "" : lead + look.unit;
  const name = Array.isArray(item) ? "array" : "dict";
  const members = isFields(item)
    ? Object.entries(item).map(([name, below]) => `<key>${xmlText(name)}</key>${inner}${xml(below, look, inner)}`)
    : item.map((below) => xml(below, look, inner));
  if (members.length === 0) return `<${name}/>`;
  const note = look.comments ? `${inner}<!-- a - note -->` : "";
  return `<${name}>${members.map((member) => note + inner + member).join("")}${look.tight ? "" : lead}</${name}>`;
}

function json(item: Value, look: Look, lead: string): string {
  if (typeof item !== "object") return JSON.stringify(item);
  const inner = look.tight ? " " : lead + look.unit;
  const members = isFields(item)
    ? Object.entries(item).map(([name, below]) => `${JSON.stringify(name)}: ${json(below, look, inner)}`)
    : item.map((below) => json(below, look, inner));
  const [open, close] = Array.isArray(item) ? "[]" : "{}";
  if (members.length === 0) return `${open}${close}`;
  const note = look.comments && !look.tight ? `${inner}// a note, {` : "";
  const after = look.comments && !look.tight ? " // behind" : "";
  const lines = members.map((member, index) => note + inner + member + (index < members.length - 1 ? "," : "") + after);
  return `${open}${lines.join("")}${look.tight ? "" : lead}${close}`;
}

const quoted = (text: string): string =>
  /^(?!(y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z ]*[A-Za-z]$/i.test(text) ? text : JSON.stringify(text);

function yaml(item: Value, look: Look, lead: string): string {
  if (typeof item === "string" && look.comments && /^[a-z]+\n[a-z]+$/.test(item))
    return `|-${lead}${look.unit}${item.replace("\n", lead + look.unit)}`;
  if (typeof item === "string") return look.comments ? quoted(item) : JSON.stringify(item);
  if (typeof item !== "object") return JSON.stringify(item);
  const members = isFields(item)
    ? Object.entries(item).map(([name, below]) => {
        const flat = typeof below !== "object" || Object.keys(below).length === 0 || look.tight;
        return `${JSON.stringify(name)}:${flat ? " " : lead + look.unit}${yaml(below, look, lead + look.unit)}`;
      })
    : item.map((below) => `-${yamlGap(below, look, lead)}${yaml(below, look, lead + look.unit)}`);
  if (members.length === 0) return Array.isArray(item) ? "[]" : "{}";
  if (look.tight) return flow(item);
  return members.join((look.comments ? `${lead}# a note` : "") + lead);
}
const yamlGap = (below: Value, look: Look, lead: string) =>
  typeof below !== "object" || Object.keys(below).length === 0 || look.tight ? " " : lead + look.unit;
const flow = (item: Value): string => JSON.stringify(item);

export const FORMS: Form[] = [
  {
    name: "a.plist",
    write: (item, look) =>
      bytesOf(
        `<?xml version="1.0" encoding="UTF-8"?>${look.end}<plist version="1.0">${look.end}${xml(item, look, look.end)}${look.end}</plist>${look.end}`,
      ),
    read: (bytes) => parsePlist(textOf(bytes)),
  },
  { name: "b.plist", write: (item) => buildBinary(item), read: (bytes) => parsePlist(bytes) },
  {
    name: "a.json",
    write: (item, look) => bytesOf(json(item, look, look.end) + look.end),
    read: (bytes) => parseJsonc(textOf(bytes)),
  },
  {
    name: "a.yaml",
    write: (item, look) => bytesOf(yaml(item, { ...look, unit: look.unit.replace("\t", "   ") }, look.end) + look.end),
    read: (bytes) => parseYaml(textOf(bytes)),
  },
];
