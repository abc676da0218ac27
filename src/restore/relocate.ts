// Moving a file's content to another home: paths below the recorded home and root become paths below today's, in the values of
// plists and JSON, and nothing else changes by a byte. Pure.

import type { Rewritten } from "../model.ts";
import { hideTokens } from "../secrets/secret.ts";
import { mapBinaryStrings } from "./binary-strings.ts";
import type { PathMap } from "./target.ts";

/** What is nothing but a path, or a list of them, is shown; anything more could hold a secret, whatever its key is called. */
function note(key: string, before: string, after: string): Rewritten {
  const isPaths = /^\/[^\s:=@?&]*(:\/[^\s:=@?&]*)*$/.test(before);
  const isShown = isPaths && hideTokens(before) === before && hideTokens(after) === after;
  return isShown ? { key: hideTokens(key), before, after } : { key: hideTokens(key), before: null, after: null };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Rewrites the paths in one value: at its start, and behind what ends a path in lists, options and URLs of files. One pass, so that
 * what was moved is not moved again; of two maps that fit, the first does, as for targets.
 */
export function relocateValue(value: string, maps: PathMap[]): string {
  if (maps.length === 0) return value;
  const paths = maps.map(({ from }) => escaped(from)).join("|");
  const pattern = new RegExp(`(^|[:=,;\\s"'(>]|file://(?:localhost)?)(${paths})(?=$|[/:,;&<)\\s"'])`, "g");
  return value.replace(pattern, (whole, lead: string, path: string, offset: number) => {
    // The colon of `https://host` ends no path.
    if (lead === ":" && value.startsWith("//", offset + 1)) return whole;
    return lead + (maps.find(({ from }) => from === path)?.to ?? path);
  });
}

/** The file in its new home and what changed in it, or null where nothing in it does (or it is neither plist nor JSON). */
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
  if (Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "bplist") return relocateBinary;
  if (/\.plist$/i.test(name)) return relocateXml;
  return /\.json$/i.test(name) ? relocateJson : undefined;
}

/**
 * Values of `<string>` elements: comments, order, white space, entities, byte order mark and encoding stay as they are. The text is taken
 * byte for byte (Latin-1), and so are the paths, as XML writes them.
 */
function relocateXml(bytes: Uint8Array, maps: PathMap[]) {
  const raw = (text: string) =>
    Buffer.from(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")).toString("latin1");
  const rawMaps = maps.map(({ from, to }) => ({ from: raw(from), to: raw(to) as PathMap["to"] }));
  const shown = (text: string) => unescapeXml(Buffer.from(text, "latin1").toString());
  const rewritten: Rewritten[] = [];
  let key = "";
  const text = Buffer.from(bytes).toString("latin1");
  const moved = text.replace(
    /<!--[\s\S]*?-->|<key>([^<]*)<\/key>|<string>([^<]*)<\/string>/g,
    (whole, name: string | undefined, value: string | undefined) => {
      if (name !== undefined) key = shown(name);
      if (value === undefined) return whole;
      const after = relocateValue(value, rawMaps);
      if (after === value) return whole;
      rewritten.push(note(key, shown(value), shown(after)));
      return `<string>${after}</string>`;
    },
  );
  return { bytes: Buffer.from(moved, "latin1"), rewritten };
}

const unescapeXml = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'" })[name] ?? "&",
  );

/** String values, literal by literal; names of members and all formatting stay. */
function relocateJson(bytes: Uint8Array, maps: PathMap[]) {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return null;
  }
  const rewritten: Rewritten[] = [];
  let key = "";
  const moved = text.replace(/("(?:[^"\\]|\\.)*")(\s*:)?/g, (whole, literal: string, colon: string | undefined) => {
    const before: unknown = JSON.parse(literal);
    if (typeof before !== "string") return whole;
    if (colon !== undefined) {
      key = before;
      return whole;
    }
    const after = relocateValue(before, maps);
    if (after === before) return whole;
    rewritten.push(note(key, before, after));
    return JSON.stringify(after);
  });
  return { bytes: new TextEncoder().encode(moved), rewritten };
}

/** Every text but the keys of dictionaries. */
function relocateBinary(bytes: Uint8Array, maps: PathMap[]) {
  const rewritten: Rewritten[] = [];
  const moved = mapBinaryStrings(bytes, (text, key) => {
    const after = relocateValue(text, maps);
    if (after !== text) rewritten.push(note(key, text, after));
    return after;
  });
  return moved === null ? null : { bytes: moved, rewritten };
}
