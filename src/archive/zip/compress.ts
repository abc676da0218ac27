// One file's content as an entry's data: stored or deflated, in blocks of 1 MiB, so that memory stays flat.
import { constants, deflateRawSync } from "node:zlib";
import { quoted, ZipError } from "./error.ts";

export interface Content {
  name: string;
  /** Bytes. */
  size: number;
  /** The content in chunks of any size, each used up before the next is asked for. May be called twice. */
  read(): Iterable<Uint8Array>;
}

/** The part of fflate that is needed here. */
export type Fflate = Pick<typeof import("fflate"), "deflateSync">;

/** Up to here fflate deflates, alike on every processor; beyond it zlib, three times as fast where that is felt. */
const FFLATE_BYTES = 16 << 10;
const LEVEL = 6;
const BLOCK = 1 << 20;
/** How far back deflate may refer: each block is deflated with the end of the one before it as its dictionary. */
const WINDOW = 32 << 10;

/** Whether deflate saves enough to be worth it: 1/32. Compressed files and random bytes don't. */
const pays = (deflated: number, plain: number): boolean => deflated <= plain - Math.max(1, plain >> 5);

/** The smaller form of a content that is whole in memory; null where it had better be stored. */
export function squeezed(content: Uint8Array, fflate: Fflate): Uint8Array | null {
  if (content.length === 0) return null;
  const deflated =
    content.length <= FFLATE_BYTES
      ? fflate.deflateSync(content, { level: LEVEL })
      : deflateRawSync(content, { level: LEVEL });
  return pays(deflated.length, content.length) ? deflated : null;
}

interface Block {
  /** 1 MiB; less only in the last one. Valid until the next one is asked for. */
  bytes: Uint8Array;
  /** The end of the content before it. */
  before: Uint8Array;
  last: boolean;
}

/**
 * Content cut into blocks that do not depend on the chunks it came in, so that neither does the archive. Throws `changed`
 * where it has more or less bytes than its size says.
 */
export function* blocksOf(content: Content): Generator<Block, void> {
  const buffer = new Uint8Array(WINDOW + BLOCK);
  let before = 0;
  let filled = 0;
  let total = 0;
  const block = (last: boolean): Block => ({
    bytes: buffer.subarray(WINDOW, WINDOW + filled),
    before: buffer.subarray(WINDOW - before, WINDOW),
    last,
  });
  for (let chunk of content.read()) {
    total += chunk.length;
    if (total > content.size) throw changed(content, "it has grown");
    while (chunk.length > 0) {
      if (filled === BLOCK) {
        yield block(false);
        buffer.copyWithin(0, BLOCK);
        before = WINDOW;
        filled = 0;
      }
      const part = chunk.subarray(0, BLOCK - filled);
      buffer.set(part, WINDOW + filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
    }
  }
  if (total < content.size) throw changed(content, "it has become shorter");
  yield block(true);
}

/** All of a content at once, for small ones. Throws as `blocksOf`. */
export function whole(content: Content): Uint8Array {
  const bytes = new Uint8Array(content.size);
  let total = 0;
  for (const chunk of content.read()) {
    if (total + chunk.length > content.size) throw changed(content, "it has grown");
    bytes.set(chunk, total);
    total += chunk.length;
  }
  if (total < content.size) throw changed(content, "it has become shorter");
  return bytes;
}

/** One block as a piece of a deflate stream: it ends at a whole byte, so that the next piece can simply follow. */
export function deflatedPiece(block: Block): Uint8Array {
  return deflateRawSync(block.bytes, {
    level: LEVEL,
    finishFlush: block.last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(block.before.length > 0 && { dictionary: block.before }),
  });
}

/** Whether deflating a large content pays, by its first block. */
export function isWorthDeflating(content: Content): boolean {
  for (const block of blocksOf(content)) return pays(deflatedPiece(block).length, block.bytes.length);
  return false;
}

export const changed = (content: Content, how: string): ZipError =>
  new ZipError("changed", `${quoted(content.name)} changed while it was read: ${how}`);
