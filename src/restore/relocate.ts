// Moving a file's content to another home: paths below the recorded home and root become paths below today's, in the values of
// plists and JSON, and nothing else changes by a byte. Pure.
import type { Rewritten } from "../model.ts";
import type { PathMap } from "./target.ts";

/** A value under such a key is told of, but not shown, unless it is nothing but a path. */
const SECRET_KEY = /TOKEN|SECRET|KEY|PASS|CREDENTIAL|AUTH/i;

const note = (key: string, before: string, after: string): Rewritten =>
  SECRET_KEY.test(key) && !/^\/[^\s:=]*$/.test(before) ? { key, before: null, after: null } : { key, before, after };

/** Rewrites the paths in one value: at its start, and behind what ends a path in lists and options (`:`, `=`, `,`, space, quote). */
export function relocateValue(value: string, maps: PathMap[]): string {
  const paths = maps.map(({ from }) => from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // One pass, so that what was moved is not moved again; of two that fit, the first does, as for targets.
  const pattern = new RegExp(`(^|[:=,;\\s"'])(${paths.join("|")})(?=$|[/:,;\\s"'])`, "g");
  return value.replace(
    pattern,
    (_, lead: string, path: string) => lead + (maps.find(({ from }) => from === path)?.to ?? path),
  );
}

/** The file in its new home and what changed in it, or null where nothing in it does (or it is neither plist nor JSON). */
export async function relocate(
  bytes: Uint8Array,
  name: string,
  maps: PathMap[],
): Promise<{ bytes: Uint8Array; rewritten: Rewritten[] } | null> {
  const text = new TextDecoder().decode(bytes);
  const moved = text.startsWith("bplist")
    ? await relocateBinary(bytes, maps)
    : /\.plist$/i.test(name)
      ? relocateXml(text, maps)
      : /\.json$/i.test(name)
        ? relocateJson(text, maps)
        : null;
  return moved === null || moved.rewritten.length === 0 ? null : moved;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Values of `<string>` elements, as text: comments, order, white space and everything else stay as they are. */
function relocateXml(text: string, maps: PathMap[]) {
  const rewritten: Rewritten[] = [];
  let key = "";
  const moved = text.replace(
    /<!--[\s\S]*?-->|<key>([^<]*)<\/key>|<string>([^<]*)<\/string>/g,
    (whole, name: string | undefined, value: string | undefined) => {
      if (name !== undefined) key = unescapeXml(name);
      if (value === undefined) return whole;
      const before = unescapeXml(value);
      const after = relocateValue(before, maps);
      if (after === before) return whole;
      rewritten.push(note(key, before, after));
      return `<string>${escapeXml(after)}</string>`;
    },
  );
  return { bytes: encode(moved), rewritten };
}

const unescapeXml = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'" })[name] ?? "&",
  );
const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** String values, literal by literal; names of members and all formatting stay. */
function relocateJson(text: string, maps: PathMap[]) {
  try {
    JSON.parse(text);
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
  return { bytes: encode(moved), rewritten };
}

async function relocateBinary(bytes: Uint8Array, maps: PathMap[]) {
  const { parseBinary, buildBinary } = await import("plist");
  const rewritten: Rewritten[] = [];
  type Value = ReturnType<typeof parseBinary>;
  const move = (value: Value, key: string): Value => {
    if (typeof value === "string") {
      const after = relocateValue(value, maps);
      if (after !== value) rewritten.push(note(key, value, after));
      return after;
    }
    if (Array.isArray(value)) return value.map((item) => move(item, key));
    if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array)
      return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, move(item, name)]));
  };
  try {
    const moved = move(parseBinary(bytes), "");
    return { bytes: rewritten.length === 0 ? bytes : buildBinary(moved), rewritten };
  } catch {
    return null;
  }
}
