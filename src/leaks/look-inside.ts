// One file's bytes → the secrets in it: as they stand there, in its compressed and its coded parts.
import type { Found, Search } from "./search.ts";

export interface Place<T> {
  what: T;
  /** The first is 1; null in what has no lines. */
  line: number | null;
  /** The part in which it stands: an archive's entry; null in the file itself. */
  inside: string | null;
  /** It stands in base64 that goes on for lines. */
  coded: boolean;
}

export interface Inside<T> {
  places: Place<T>[];
  /** It holds a whole snapshot: a manifest below its id. */
  isSnapshot: boolean;
  /** Why a part could not be looked into; null where all was. */
  unread: string | null;
}

/** Bytes that the parts of one file may unfold to. */
const UNFOLDED_LIMIT_BYTES = 256 << 20;
const DEEPEST = 3;
/** A text with base64 in it is looked into up to this size; what is larger holds data. */
const TEXT_LIMIT_BYTES = 16 << 20;
const MANIFEST = /(?:^|\/)\d{8}_\d{6}\/manifest\.json$/;
const SHORTEST_RUN = 16;
/** From the beginning of a run on, through lines that are nothing else. */
const CODED = /(?:[A-Za-z0-9+/_-]{16,}\r?\n[ \t]*)*[A-Za-z0-9+/_-]{16,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{1,})?={0,2}/y;
const IS_CODE = new Uint8Array(256);
for (const sign of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
  IS_CODE[sign.charCodeAt(0)] = 1;

export async function lookInside<T>(bytes: Uint8Array, search: Search<T>, depth = 0): Promise<Inside<T>> {
  const seen: Inside<T> = { places: [], isSnapshot: false, unread: null };
  seen.places.push(...withLines(bytes, search.in(bytes), null));
  if (depth > DEEPEST) return seen;
  const parts = await partsOf(bytes);
  seen.unread = parts.unread;
  seen.isSnapshot = parts.names.some((name) => MANIFEST.test(name));
  for (const { name, bytes: part } of parts.parts) {
    const below = await lookInside(part, search, depth + 1);
    seen.places.push(
      ...below.places.map((place) => ({ ...place, inside: [name, place.inside].filter(Boolean).join(": ") || null })),
    );
    seen.isSnapshot ||= below.isSnapshot;
    seen.unread ??= below.unread;
  }
  if (parts.parts.length === 0) seen.places.push(...inBase64(bytes, search));
  return seen;
}

/** Offsets come in their order. */
function withLines<T>(bytes: Uint8Array, found: Found<T>[], inside: string | null): Place<T>[] {
  let line = 1;
  let from = 0;
  const isText = !bytes.subarray(0, 8000).includes(0) || isWide(bytes);
  return found.map(({ what, offset }) => {
    for (let at = bytes.indexOf(10, from); at >= 0 && at < offset; at = bytes.indexOf(10, at + 1)) line++;
    from = offset;
    return { what, line: isText ? line : null, inside, coded: false };
  });
}

const isWide = ([a, b]: Uint8Array): boolean => (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);

interface Parts {
  parts: { name: string; bytes: Uint8Array }[];
  /** Of the entries, also of those that were not unfolded. */
  names: string[];
  unread: string | null;
}

const begins = (bytes: Uint8Array, ...signs: number[]): boolean => signs.every((sign, at) => bytes[at] === sign);

async function partsOf(bytes: Uint8Array): Promise<Parts> {
  if (begins(bytes, 0x1f, 0x8b)) {
    const { gunzipSync } = await import("node:zlib");
    try {
      const inner = gunzipSync(bytes, { maxOutputLength: UNFOLDED_LIMIT_BYTES });
      return { parts: [{ name: "", bytes: inner }], names: [], unread: null };
    } catch {
      return { parts: [], names: [], unread: "its gzip data can't be unfolded" };
    }
  }
  if (begins(bytes, 0x50, 0x4b, 3, 4)) return zipParts(bytes);
  if (begins(bytes, 0x42, 0x5a, 0x68)) return { parts: [], names: [], unread: "bzip2 is not read" };
  if (begins(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a)) return { parts: [], names: [], unread: "xz is not read" };
  if (begins(bytes, 0x37, 0x7a, 0xbc, 0xaf)) return { parts: [], names: [], unread: "7z is not read" };
  // A tar's contents stand in it as they are, so its bytes were searched already.
  return { parts: [], names: tarNames(bytes), unread: null };
}

/** Any zip, whoever made it: nothing of it is written anywhere. */
async function zipParts(bytes: Uint8Array): Promise<Parts> {
  const { unzipSync } = await import("fflate");
  const names: string[] = [];
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter({ name, originalSize }) {
        names.push(name);
        total += originalSize;
        return total <= UNFOLDED_LIMIT_BYTES;
      },
    });
    const unread = total > UNFOLDED_LIMIT_BYTES ? "it unfolds to more than 256 MiB" : null;
    return { parts: Object.entries(files).map(([name, part]) => ({ name, bytes: part })), names, unread };
  } catch {
    return { parts: [], names, unread: "its zip data can't be unfolded" };
  }
}

/** Format: tar(5), ustar and GNU; the names of its headers. */
function tarNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  const text = (at: number, length: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + at, length)
      .toString("utf8")
      .split("\0", 1)[0] ?? "";
  for (let at = 0; at + 512 <= bytes.length && text(at + 257, 5) === "ustar"; ) {
    const prefix = text(at + 345, 155);
    names.push(prefix === "" ? text(at, 100) : `${prefix}/${text(at, 100)}`);
    const size = Number.parseInt(text(at + 124, 12).trim(), 8);
    if (!Number.isSafeInteger(size)) break;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}

/** What stands in runs of base64: also where it was broken into lines, which no form of one value would match. */
function inBase64<T>(bytes: Uint8Array, search: Search<T>): Place<T>[] {
  if (bytes.length > TEXT_LIMIT_BYTES || bytes.subarray(0, 8000).includes(0)) return [];
  const places: Place<T>[] = [];
  let text: string | null = null;
  for (let at = 0; at < bytes.length; at++) {
    const index = at;
    while (IS_CODE[bytes[at] ?? 0] === 1) at++;
    if (at - index < SHORTEST_RUN) continue;
    text ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    CODED.lastIndex = index;
    const [run = ""] = CODED.exec(text) ?? [];
    at = Math.max(at, index + run.length - 1);
    const plain = Buffer.from(run.replace(/\s+/g, ""), "base64");
    const found = search.in(plain);
    if (found.length === 0) continue;
    const first = text.slice(0, index).split("\n").length;
    places.push(
      ...found.map(({ what, offset }) => ({
        what,
        line: first + breaksBefore(run, offset),
        inside: null,
        coded: true,
      })),
    );
  }
  return places;
}

/** How many lines end in a run of base64 before the byte of its content at `offset`. */
function breaksBefore(run: string, offset: number): number {
  let left = Math.floor((offset * 4) / 3);
  let breaks = 0;
  for (const sign of run) {
    if (sign === "\n") breaks++;
    else if (!/\s/.test(sign) && left-- === 0) break;
  }
  return breaks;
}
