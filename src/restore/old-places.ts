// Where a text names a place that was moved, in all the forms in which plists, shells, URLs and programs write a path. Pure.
import type { PathMap } from "./target.ts";

/** What can stand before a path's first slash only as a part of another path. Beyond ASCII every character can. */
const BEFORE = "\\w.~%\\x80-\\uffff-";
/** Behind these a path may go on: not moved, but told. */
const MAYBE_BEFORE = ")}\\]*?/";
/** What makes another name of it: `/Users/alex.old`. */
const GOES_ON = "\\.*[\\w~%+@\\x80-\\uffff-]|\\\\\\s";

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const inShell = (text: string): string => text.replace(/[^\w/.@%+=:,~-]/g, "\\$&");

/** `~alex`, for a home that is /Users/alex or /home/alex. */
const tilde = (path: string): string[] => {
  const user = /^\/(?:Users|home)\/([^/]+)$/.exec(path)?.[1];
  return user === undefined ? [] : [`~${user}`];
};
/** A name with marks on its letters is written in two ways. */
const forms = (path: string): string[] => [path, path.normalize("NFC"), path.normalize("NFD")];
/** `-I/usr/include` */
const AFTER_OPTION = "(?<=(?:^|[\\s\"'=,;(])-[A-Za-z])";

/**
 * Moves every path in one value: at its start, and behind whatever ends a word in lists, options, URLs and shell texts. One pass, so that
 * what was moved is not moved again; of two maps that fit, the first does, as for targets. In a text for a shell a name with blanks is
 * written so that the shell takes it for one word.
 */
export function relocateValue(value: string, maps: PathMap[], isShell = false): string {
  if (maps.length === 0) return value;
  const places = new Map<string, string>();
  for (const { from, to } of maps)
    for (const form of isShell ? [...forms(from), ...forms(inShell(from)), ...tilde(from)] : forms(from))
      if (!places.has(form)) places.set(form, to);
  const fresh = `(?<![${BEFORE}${MAYBE_BEFORE}])`;
  const leads = [
    `${fresh}file://localhost`,
    "(?<=[a-z]):/{2,3}(?=/)",
    `${fresh}/*(?=/)`,
    `${fresh}(?=~)`,
    AFTER_OPTION,
  ];
  const paths = [...places.keys()].map(escaped).join("|");
  const pattern = new RegExp(`(${leads.join("|")})(${paths})(?!${GOES_ON})`, "gi");
  return value.replace(pattern, (whole, lead: string, path: string, offset: number) => {
    const to = places.get(path);
    // In `https://host` the slashes are no part of a path.
    if (to === undefined || (lead === "/" && /[a-z]:$/i.test(value.slice(0, offset)))) return whole;
    return lead + (isShell ? shellWord(to, value.slice(0, offset)) : to);
  });
}

/** A path as a shell reads it in a word that `before` has begun. */
function shellWord(path: string, before: string): string {
  let quote = "";
  for (const [char] of before.matchAll(/\\.|['"]/gs))
    if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === quote) quote = "";
  if (quote === "'") return path.replaceAll("'", "'\\''");
  return quote === '"' ? path.replace(/["$`\\]/g, "\\$&") : inShell(path);
}

/** Whether a text names one of the old places, in whatever form. What is only the beginning of another name does not count. */
export function namesOld(text: string, maps: PathMap[]): boolean {
  return maps.some(({ from, to }) => {
    const written = [from, inShell(from), from.replaceAll("/", "\\/"), encodeURI(from), encodeURIComponent(from)];
    const paths = [...new Set(written.flatMap(forms))].map(escaped).join("|");
    const place = `(?:(?<![${BEFORE}])|(?<=%2F|%20|%3A|%3D)|${AFTER_OPTION})(?:${paths})`;
    const homes = tilde(from).map((home) => `|(?<![${BEFORE}/])${escaped(home)}`);
    const moved = to.startsWith(`${from}/`) ? `(?!${escaped(to.slice(from.length))}(?!${GOES_ON}))` : "";
    return new RegExp(`(?:${place}${homes.join("")})${moved}(?:(?=%2F)|(?!${GOES_ON}))`, "i").test(text);
  });
}

/** Characters that XML and JSON write by number or name. */
const plain = (line: string): string =>
  unescapeXml(line)
    .replaceAll("\\/", "/")
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

export const unescapeXml = (text: string): string =>
  text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name !== undefined) return { lt: "<", gt: ">", quot: '"', apos: "'" }[String(name).toLowerCase()] ?? "&";
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });

/** Where a file's content still names an old place: `line 12`, or in a binary plist a key. Never a value. */
export function placesIn(bytes: Uint8Array, maps: PathMap[]): string[] {
  if (maps.length === 0) return [];
  if (isBinary(bytes)) return namesOldBytes(bytes, maps) ? ["a binary file"] : [];
  return textOf(bytes)
    .split(/\r\n|\n|\r/)
    .flatMap((line, index) => (namesOld(line, maps) || namesOld(plain(line), maps) ? [`line ${index + 1}`] : []));
}

export const isBinary = (bytes: Uint8Array): boolean => utf16Of(bytes) === null && bytes.subarray(0, 8192).includes(0);

/** In UTF-8, and in the UTF-16 of binary plists. */
export function namesOldBytes(bytes: Uint8Array, maps: PathMap[]): boolean {
  const held = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return maps.some(({ from }) => held.includes(from) || held.includes(Buffer.from(from, "utf16le").swap16()));
}

/** The encoding that a byte order mark tells, where that is UTF-16. */
export function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : null;
}

/** Every byte that is not UTF-8 becomes a sign that stands in no path. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder(utf16Of(bytes) ?? "utf-8").decode(bytes);
