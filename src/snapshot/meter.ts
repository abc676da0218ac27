// How far long work has come, in bytes: what the stages tell while they read and write, also inside one large file. Pure.
import type { Notify } from "../model.ts";

/** Takes the bytes as they go by; `name` is what they belong to from now on. */
export type Meter = (bytes: number, name?: string) => void;

/** Tells of work on `total` bytes, from its beginning on. */
export function meter(notify: Notify, what: string, total: number, name = ""): Meter {
  let done = 0;
  let at = name;
  const tell = () => {
    const bytes = { done: Math.min(done, total), total };
    notify({ type: "progress", what, done: 0, total: 1, bytes, name: at });
  };
  tell();
  return (bytes, now = at) => {
    done += bytes;
    at = now;
    tell();
  };
}

/** What one of several says of its progress, told as a part of all of them; `sizes` are theirs in bytes, `name` is what this one is called. */
export function oneOf(notify: Notify, sizes: readonly number[], index: number, name: string): Notify {
  const begins = beginnings(sizes);
  const [before, total] = [begins[index] ?? 0, begins.at(-1) ?? 0];
  return (notice) => {
    if (notice.type !== "progress" || notice.bytes === undefined) return notify(notice);
    const done = before + Math.min(notice.bytes.done, sizes[index] ?? 0);
    notify({ ...notice, done: index, total: sizes.length, bytes: { done, total }, name });
  };
}

const known = new WeakMap<readonly number[], number[]>();

/** Where each of several begins, and last where all end: added up once, not for each of ten thousand files anew. */
function beginnings(sizes: readonly number[]): number[] {
  const before = known.get(sizes);
  if (before?.length === sizes.length + 1) return before;
  let sum = 0;
  const begins = [0, ...sizes.map((size) => (sum += size))];
  known.set(sizes, begins);
  return begins;
}
