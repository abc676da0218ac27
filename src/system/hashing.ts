// SHA-256 of many files. Where there is much to read, every core takes the next file from one shared counter until none is left.
import { availableParallelism } from "node:os";
import type { Digest, FileFacts, Notice } from "../model.ts";
import { codeOf, reasonOf } from "../rollback-error.ts";
import { hashFile, NotAFile } from "./files.ts";

/** What became of one file. A failure is told in words and its errno, so that it can cross threads. */
export type Hashed =
  | { hash: Digest; facts: FileFacts }
  | { failed: string; code: string | undefined; notAFile: boolean };

/** What a thread gets: the paths, in `next` the index of the first that nobody has taken, in `read` the bytes that all have read. */
export interface HashJob {
  paths: string[];
  next: SharedArrayBuffer;
  read: SharedArrayBuffer;
}

/** Starting a thread takes some ten milliseconds, as does reading this many bytes, or opening a thousandth of these files. */
const WORTH_BYTES = 100e6;
const BYTES_PER_FILE = 20_000;
const MOST_THREADS = 4;
const TELL_MS = 200;

/** How much is read before the thread looks up, in bytes; a file counts for at least `MIN_COST`. */
const BREATH = 64 << 20;
const MIN_COST = 1 << 20;

/** Hashes one file, no link followed at its end; never throws for what it meets. */
export function tryHash(path: string, onBytes?: (count: number) => void): Hashed {
  try {
    const { hash, facts } = hashFile(path, { noFollow: true, onBytes });
    return { hash, facts };
  } catch (cause) {
    return { failed: reasonOf(cause), code: codeOf(cause), notAFile: cause instanceof NotAFile };
  }
}

/** Hashes what this thread can get hold of; the results stand at the paths' indices. */
export async function takePart(
  { paths, next, read }: HashJob,
  { between, progress }: Pick<Meanwhile, "between" | "progress">,
): Promise<Map<number, Hashed>> {
  const counter = new Int32Array(next);
  const readByAll = new BigInt64Array(read);
  const done = new Map<number, Hashed>();
  let since = 0;
  for (;;) {
    const index = Atomics.add(counter, 0, 1);
    const path = paths[index];
    if (path === undefined) return done;
    const hashed = tryHash(path, (count) => progress(Number(Atomics.add(readByAll, 0, BigInt(count))) + count, path));
    done.set(index, hashed);
    since += "hash" in hashed ? MIN_COST + hashed.facts.size : MIN_COST;
    if (since < BREATH) continue;
    since = 0;
    await between();
  }
}

/** What whoever waits for many hashes does meanwhile. */
export interface Meanwhile {
  /** Called now and then between files of this thread; what it throws ends all of them. */
  between(): Promise<void>;
  /** How many bytes all threads have read, and the file that this one is at. */
  progress(bytes: number, path?: string): void;
  /** A thread failed for this reason: its files are hashed all the same, but later. */
  lost(reason: string): void;
}

/** What is told where a thread was lost. */
export const oneThreadFewer = (reason: string): Notice => ({
  type: "warning",
  message: `one thread fewer hashes, which takes longer: ${reason}`,
});

/** Hashes all, in the order of `paths`; `bytes` is about how much there is to read. */
export async function hashFiles(paths: string[], bytes: number, meanwhile: Meanwhile): Promise<Hashed[]> {
  const job: HashJob = { paths, next: new SharedArrayBuffer(4), read: new SharedArrayBuffer(8) };
  const worth = paths.length > 1 && bytes + paths.length * BYTES_PER_FILE > WORTH_BYTES;
  const threads = worth ? Math.min(availableParallelism(), MOST_THREADS, paths.length) : 1;
  // From the bundle's root, where the built code lies; never from the working folder.
  const workers = Array.from(
    { length: threads - 1 },
    () => new Worker(new URL("./system/hash-worker.ts", import.meta.url)),
  );
  // While this thread waits for the others, too.
  const read = new BigInt64Array(job.read);
  const telling = workers.length > 0 && setInterval(() => meanwhile.progress(Number(Atomics.load(read, 0))), TELL_MS);
  try {
    const theirs = workers.map((worker) => partOf(worker, job, meanwhile.lost));
    // A thread only starts while this one looks up, which it does not in the midst of a file.
    await Promise.all(workers.map(isStarted));
    const parts = await Promise.all([takePart(job, meanwhile), ...theirs]);
    const all = new Map(parts.flatMap((part) => [...part]));
    return paths.map((path, index) => all.get(index) ?? tryHash(path));
  } finally {
    if (telling) clearInterval(telling);
    for (const worker of workers) worker.terminate();
  }
}

/** Settles once a worker runs, or has failed to. */
const isStarted = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ["open", "error", "close"]) worker.addEventListener(event, () => resolve(), { once: true });
  });

/** A worker's part. One that fails has done nothing: what it took is hashed in the end by whoever waits. */
function partOf(worker: Worker, job: HashJob, lost: Meanwhile["lost"]): Promise<Map<number, Hashed>> {
  const { promise, resolve } = Promise.withResolvers<Map<number, Hashed>>();
  worker.onmessage = ({ data }: MessageEvent<Map<number, Hashed>>) => resolve(data);
  worker.onerror = ({ message }) => {
    lost(message);
    resolve(new Map());
  };
  worker.postMessage(job);
  return promise;
}
