// An entry's content, inflated and checked against what the archive claims of it, in flat memory.
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { broken, quoted, unsafe, type ZipError } from "./error.ts";
import type { ZipEntry, ZipSource } from "./format.ts";

const CHUNK = 256 << 10;
/** Up to this many bytes, on both sides, an entry is inflated in one call, which is quicker for the many small ones. */
const AT_ONCE = 1 << 20;

/**
 * Hands a file's content to `take` in chunks of at most 1 MiB, each valid until `take` returns. Nothing beyond the entry's size is
 * ever handed over, but the CRC is known only at the end: what was taken counts once this resolves.
 *
 * Rejects with `broken` (does not inflate, too short, wrong CRC), `unsafe` (inflates to more than the archive claims; it stops
 * there), or what `take` or the source threw.
 */
export async function extract(source: ZipSource, entry: ZipEntry, take: (chunk: Uint8Array) => void): Promise<void> {
  const checked = checking(entry, take);
  if (entry.method === "stored") for (const chunk of dataOf(source, entry)) checked.take(chunk);
  else if (entry.size <= AT_ONCE && entry.compressedSize <= AT_ONCE) checked.take(inflatedAtOnce(source, entry));
  else await inflateInto(source, entry, checked.take);
  checked.end();
}

/** All of a file's content. Throws a RangeError where the archive claims more than `limit` bytes of it, else as `extract`. */
export function contentOf(source: ZipSource, entry: ZipEntry, limit: number): Uint8Array {
  if (entry.size > limit) throw new RangeError(`is larger than ${limit} bytes`);
  let content: Uint8Array = new Uint8Array(0);
  const checked = checking(entry, (chunk) => {
    content = chunk;
  });
  checked.take(
    entry.method === "stored"
      ? source.read(entry.dataOffset, entry.compressedSize).slice()
      : inflatedAtOnce(source, entry),
  );
  checked.end();
  return content;
}

/** Passes chunks on for as long as they are what the archive claims. */
function checking(entry: ZipEntry, take: (chunk: Uint8Array) => void) {
  let size = 0;
  let crc = 0;
  return {
    take(chunk: Uint8Array): void {
      size += chunk.length;
      if (size > entry.size) throw moreThanClaimed(entry);
      crc = crc32(chunk, crc);
      if (chunk.length > 0) take(chunk);
    },
    end(): void {
      if (size < entry.size) throw broken(`${quoted(entry.name)} has ${size} bytes instead of ${entry.size}`);
      if (crc !== entry.crc) throw broken(`${quoted(entry.name)} is damaged: its CRC-32 does not match`);
    },
  };
}

function* dataOf(source: ZipSource, entry: ZipEntry): Generator<Uint8Array, void> {
  for (let offset = 0; offset < entry.compressedSize; offset += CHUNK)
    yield source.read(entry.dataOffset + offset, Math.min(CHUNK, entry.compressedSize - offset));
}

function inflatedAtOnce(source: ZipSource, entry: ZipEntry): Uint8Array {
  const data = source.read(entry.dataOffset, entry.compressedSize);
  const result: unknown = translated(entry, () =>
    inflateRawSync(data, { maxOutputLength: Math.max(1, entry.size), info: true }),
  );
  const { content, consumed } = inflateInfo(result);
  if (consumed !== data.length) throw bytesBehind(entry);
  return content;
}

/** With `info` zlib answers with the content and the engine that made it, which its types do not say. */
function inflateInfo(result: unknown): { content: Uint8Array; consumed: number } {
  if (typeof result === "object" && result !== null && "buffer" in result && "engine" in result) {
    const { buffer, engine } = result;
    if (buffer instanceof Uint8Array && typeof engine === "object" && engine !== null && "bytesWritten" in engine)
      if (typeof engine.bytesWritten === "number") return { content: buffer, consumed: engine.bytesWritten };
  }
  throw new TypeError("zlib did not say how much it has read");
}

async function inflateInto(source: ZipSource, entry: ZipEntry, take: (chunk: Uint8Array) => void): Promise<void> {
  const inflater = createInflateRaw({ chunkSize: CHUNK });
  // Copies: the stream reads one chunk ahead, and a source may use its buffer again.
  const data = function* () {
    for (const chunk of dataOf(source, entry)) yield chunk.slice();
  };
  try {
    await pipeline(data, inflater, async (inflated: AsyncIterable<Uint8Array>) => {
      for await (const chunk of inflated) take(chunk);
    });
  } catch (cause) {
    throw translate(entry, cause);
  }
  if (inflater.bytesWritten !== entry.compressedSize) throw bytesBehind(entry);
}

function translated<T>(entry: ZipEntry, inflate: () => T): T {
  try {
    return inflate();
  } catch (cause) {
    throw translate(entry, cause);
  }
}

const INFLATION: Record<string, string> = {
  Z_DATA_ERROR: "its compressed data is damaged",
  Z_BUF_ERROR: "its compressed data ends too early",
  Z_NEED_DICT: "its compressed data needs a dictionary",
};

/** zlib's errors in our words; others as they are. */
function translate(entry: ZipEntry, cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause && typeof cause.code === "string")) return cause;
  if (cause.code === "ERR_BUFFER_TOO_LARGE") return moreThanClaimed(entry);
  if (cause.code.startsWith("Z_"))
    return broken(`${quoted(entry.name)} does not inflate: ${INFLATION[cause.code] ?? cause.code}`, cause);
  return cause;
}

const moreThanClaimed = (entry: ZipEntry): ZipError =>
  unsafe(`${quoted(entry.name)} inflates to more than the ${entry.size} bytes that the archive claims`);
const bytesBehind = (entry: ZipEntry): ZipError =>
  broken(`${quoted(entry.name)} has bytes behind the end of its compressed data`);
