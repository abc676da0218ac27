// One file's content as an entry's data, stored or deflated: in flat memory, and the same bytes however it came in chunks.
import { constants, deflateRawSync } from "node:zlib";
import { quoted, ZipError } from "./error.ts";
import { DEFLATED, STORED } from "./format.ts";

export interface Content {
  name: string;
  /** Bytes. */
  size: number;
  /** The content in chunks of any size, each used up before the next is asked for. */
  read(): Iterable<Uint8Array>;
}

export interface Piece {
  /** A part of the content, valid until the next piece is asked for. */
  plain: Uint8Array<ArrayBuffer>;
  /** What stands for it in the archive. */
  data: Uint8Array<ArrayBuffer>;
  /** The same for all pieces of a content. */
  method: typeof STORED | typeof DEFLATED;
  last: boolean;
}

const LEVEL = 6;
const BLOCK = 1 << 20;
/** How far back deflate may refer: each block is deflated with the end of the one before it as its dictionary. */
const WINDOW = 32 << 10;

/** Whether deflate saves enough to be worth it: 1/32. Compressed files and random bytes don't. */
const pays = (deflated: number, plain: number): boolean => deflated <= plain - Math.max(1, plain >> 5);

/**
 * The content in pieces of 1 MiB, of which the first decides whether deflating pays. Throws `changed` where it has more or less
 * bytes than its size says.
 */
export function* piecesOf(content: Content): Generator<Piece, void> {
  let method: Piece["method"] | undefined;
  let before: Uint8Array = new Uint8Array(0);
  for (const { bytes, last } of blocksOf(content)) {
    const deflated = method === STORED ? bytes : deflatedBlock(bytes, before, content.size <= BLOCK, last);
    method ??= pays(deflated.length, bytes.length) ? DEFLATED : STORED;
    yield { plain: bytes, data: method === STORED ? bytes.slice() : deflated, method, last };
    before = bytes.slice(-WINDOW);
  }
}

/** A block that is not the last ends at a whole byte, so that the next one can simply follow. */
function deflatedBlock(bytes: Uint8Array<ArrayBuffer>, before: Uint8Array, alone: boolean, last: boolean) {
  // The same zlib either way, but node:zlib's streams take ten times as long for the first small files.
  if (alone) return Bun.deflateSync(bytes, { level: LEVEL, library: "zlib" });
  const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const dictionary = before.length > 0 && { dictionary: before };
  return new Uint8Array(deflateRawSync(bytes, { level: LEVEL, finishFlush, ...dictionary }));
}

function* blocksOf(content: Content): Generator<{ bytes: Uint8Array<ArrayBuffer>; last: boolean }, void> {
  const buffer = new Uint8Array(Math.min(BLOCK, content.size));
  let filled = 0;
  let total = 0;
  for (let chunk of content.read()) {
    total += chunk.length;
    if (total > content.size) throw changed(content, "it has grown");
    while (chunk.length > 0) {
      if (filled === buffer.length) {
        yield { bytes: buffer, last: false };
        filled = 0;
      }
      const part = chunk.subarray(0, buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
    }
  }
  if (total < content.size) throw changed(content, "it has become shorter");
  yield { bytes: buffer.subarray(0, filled), last: true };
}

const changed = (content: Content, how: string): ZipError =>
  new ZipError("changed", `${quoted(content.name)} changed while it was read: ${how}`);
