// Files as streams, in chunks, and at random: in flat memory whatever their size. Errors are the system's own.

import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Said } from "../rollback-error.ts";
import { CHUNK, kindOf, NotAFile } from "./files.ts";

/** Bytes at random. */
export interface RandomAccess {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  /** Gives back what it takes of the disk or of the process. It is not read afterwards. */
  close(): void;
}

const MOST_OPEN = 32;
/** Descriptors of files that have a name. The one that was opened first gives way, and is opened anew when it is read again. */
const opened = new Map<RandomAccess, number>();

/** Opens a regular file for reading at random. Its buffers are valid until the next call. Throws where it is replaced meanwhile. */
export function openAtRandom(path: string): RandomAccess {
  const start = openRegular(path);
  const reopen = (): number => {
    const { fd, stats } = openRegular(path);
    const same = (["dev", "ino", "size", "mtimeMs"] as const).every((fact) => stats[fact] === start.stats[fact]);
    if (same) return held(self, fd);
    closeSync(fd);
    throw new Said("it was replaced while it was read");
  };
  const self: RandomAccess = {
    size: start.stats.size,
    read: (offset, length) => readFully(opened.get(self) ?? reopen(), offset, length),
    close() {
      const fd = opened.get(self);
      opened.delete(self);
      if (fd !== undefined) closeSync(fd);
    },
  };
  held(self, start.fd);
  return self;
}

function held(file: RandomAccess, fd: number): number {
  opened.set(file, fd);
  const [oldest] = opened.keys();
  if (opened.size > MOST_OPEN) oldest?.close();
  return fd;
}

function openRegular(path: string) {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, stats };
  closeSync(fd);
  throw new NotAFile(`is ${kindOf(stats)}, not a file`);
}

function readFully(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, bytes, at, length - at, offset + at);
    if (count === 0) throw new RangeError(`ends before byte ${offset + length}`);
    at += count;
  }
  return bytes;
}

/** Of a file without a name. */
function nameless(fd: number, size: number): RandomAccess {
  let isOpen = true;
  return {
    size,
    read: (offset, length) => readFully(fd, offset, length),
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

const HELD_BYTES = 64 << 20;

/** What takes bytes as they come, for reading them at random afterwards. */
export interface Collector {
  take(bytes: Uint8Array): void;
  /** Forgets what was taken: it comes again from the start. */
  restart(): void;
  /** The caller closes it. */
  taken(): RandomAccess;
}

/**
 * Collects bytes in memory, and beyond 64 MiB in a file without a name in the temporary folder, which nobody else can open and which is
 * gone when it is closed, or with the process.
 */
export function collector(): Collector {
  let parts: Uint8Array[] = [];
  let size = 0;
  let fd: number | null = null;
  return {
    take(part) {
      if (fd === null && size + part.length > HELD_BYTES) {
        fd = openNameless();
        for (const held of parts.splice(0)) writeFully(fd, held);
      }
      if (fd === null) parts.push(part.slice());
      else writeFully(fd, part);
      size += part.length;
    },
    restart() {
      if (fd !== null) closeSync(fd);
      parts = [];
      size = 0;
      fd = null;
    },
    taken() {
      if (fd !== null) return nameless(fd, size);
      const whole = Buffer.concat(parts);
      return {
        size,
        read(offset, length) {
          if (offset < 0 || offset + length > size) throw new RangeError(`ends before byte ${offset + length}`);
          return whole.subarray(offset, offset + length);
        },
        close: () => {},
      };
    },
  };
}

/** The same of a stream; `onBytes` is told of each piece. */
export async function collect(stream: ReadableStream<Uint8Array>, onBytes = (_: number) => {}): Promise<RandomAccess> {
  const { take, restart, taken } = collector();
  try {
    for await (const part of stream) {
      take(part);
      onBytes(part.length);
    }
  } catch (cause) {
    restart();
    throw cause;
  }
  return taken();
}

/** Runs `work` with the descriptor of a nameless file, and hands over what it wrote there. */
export async function throughNameless(work: (fd: number) => Promise<void>, take: (bytes: Uint8Array) => void) {
  const fd = openNameless();
  try {
    await work(fd);
    eachChunk(nameless(fd, fstatSync(fd).size), take);
  } finally {
    closeSync(fd);
  }
}

/** Hands over all of it, from its beginning. */
export function eachChunk({ size, read }: RandomAccess, take: (bytes: Uint8Array) => void): void {
  for (let at = 0; at < size; at += CHUNK) take(read(at, Math.min(CHUNK, size - at)));
}

/** The same as a stream. */
export function streaming({ size, read }: RandomAccess): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const length = Math.min(CHUNK, size - at);
      if (length === 0) return controller.close();
      controller.enqueue(read(at, length).slice());
      at += length;
    },
  });
}

function openNameless(): number {
  const path = join(tmpdir(), `.rollback-${crypto.randomUUID()}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  unlinkSync(path);
  return fd;
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}

/** A file's bytes from its beginning, as they are asked for. */
export const streamOf = (path: string): ReadableStream<Uint8Array> => Bun.file(path).stream();

/** A file's bytes in chunks of 1 MiB at most, each valid until the next; links are not followed. */
export function* chunksOf(path: string): Generator<Uint8Array, void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const buffer = new Uint8Array(Math.min(CHUNK, fstatSync(fd).size + 1));
    for (let at = 0; ; ) {
      const count = readSync(fd, buffer, 0, buffer.length, at);
      if (count === 0) return;
      yield buffer.subarray(0, count);
      at += count;
    }
  } finally {
    closeSync(fd);
  }
}
