// Three states of a file → one: by key for plists, JSON and YAML, by line for other text, as a whole for the rest. Only the bytes of what
// changes change. What can't be proven by reading the result again is a conflict, and so is what both sides changed. Pure.
import { isBinaryPlist, writeBinary } from "./binary-plist.ts";
import { decodeUtf8 } from "./encoding.ts";
import { isStrict, readJson } from "./json.ts";
import { type LinesConflict, mergeLines } from "./lines.ts";
import { canon, type Doc, demandUniqueBelow, type Path, Unreadable } from "./node.ts";
import { readPlist } from "./plist.ts";
import { spliced, valueFrom } from "./splice.ts";
import { type Choose, canonWant, type Side, three, type Want } from "./three.ts";
import { readYaml } from "./yaml.ts";

export type Conflict =
  | { at: "key"; path: Path }
  | ({ at: "lines" } & LinesConflict)
  /** The file as a whole: it is not of a form that can be merged, or the result could not be proven. */
  | { at: "file" };

export interface Merged {
  /** Null while a conflict is undecided. */
  bytes: Uint8Array | null;
  by: "key" | "line" | "file";
  conflicts: Conflict[];
}

export interface Three {
  base: Uint8Array;
  theirs: Uint8Array;
  ours: Uint8Array;
}

/** A file over this is taken as a whole. */
const LARGEST_BYTES = 4 << 20;

/**
 * Takes what changed from `base` to `theirs` into `ours`. With `decide` that side wins every conflict, and none is left. `name` is the
 * file's: it tells the form.
 */
export async function merge(name: string, { base, theirs, ours }: Three, decide: Side | null = null): Promise<Merged> {
  const known = [
    [theirs, ours, ours],
    [base, theirs, ours],
    [base, ours, theirs],
  ].find(([a, b]) => equal(a, b));
  if (known?.[2] !== undefined) return { bytes: known[2], by: "file", conflicts: [] };
  const whole: Merged = {
    bytes: decide === null ? null : { ours, theirs }[decide],
    by: "file",
    conflicts: decide === null ? [{ at: "file" }] : [],
  };
  if ([base, theirs, ours].some(({ length }) => length > LARGEST_BYTES)) return whole;
  if (isKeyed(name, ours)) return (await byKeys(name, { base, theirs, ours }, decide, null)) ?? whole;
  return byLines({ base, theirs, ours }, decide) ?? whole;
}

/**
 * `into` with those differences to `from` that are chosen; null where one of the two has no keys that can be chosen, or the result can't
 * be proven.
 */
export async function pick(
  name: string,
  from: Uint8Array,
  into: Uint8Array,
  choose: Choose,
): Promise<Uint8Array | null> {
  if (!isKeyed(name, into) || from.length > LARGEST_BYTES || into.length > LARGEST_BYTES) return null;
  const merged = await byKeys(name, { base: into, theirs: from, ours: into }, null, choose);
  return merged?.bytes ?? null;
}

const equal = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);

const isKeyed = (name: string, bytes: Uint8Array): boolean =>
  /\.(plist|jsonc?|ya?ml)$/i.test(name) || isBinaryPlist(bytes);

/** Throws Unreadable. */
export async function readDoc(name: string, bytes: Uint8Array): Promise<Doc> {
  if (!isBinaryPlist(bytes)) {
    if (/\.jsonc?$/i.test(name)) return readJson(bytes);
    if (/\.ya?ml$/i.test(name)) return readYaml(bytes);
  }
  const doc = readPlist(bytes);
  demandUniqueBelow(doc.root);
  return doc;
}

async function byKeys(name: string, states: Three, decide: Side | null, choose: Choose | null): Promise<Merged | null> {
  try {
    const [base, theirs, ours] = [
      await readDoc(name, states.base),
      await readDoc(name, states.theirs),
      await readDoc(name, states.ours),
    ];
    const merging = { decide, choose, conflicts: [] };
    const want = three(base.root, theirs.root, ours.root, merging);
    if (want === undefined) return null;
    const conflicts = merging.conflicts.map((path: Path) => ({ at: "key" as const, path }));
    if (conflicts.length > 0) return { bytes: null, by: "key", conflicts };
    if (canonWant(want) === canon(ours.root)) return { bytes: states.ours, by: "key", conflicts: [] };
    const bytes = written(want, { base, ours, theirs });
    const proven = bytes !== null && (await proves(name, bytes, want, ours));
    return proven ? { bytes, by: "key", conflicts: [] } : null;
  } catch (cause) {
    if (cause instanceof Unreadable) return null;
    throw cause;
  }
}

function written(want: Want, docs: { base: Doc; ours: Doc; theirs: Doc }): Uint8Array | null {
  const { ours } = docs;
  return ours.form === "binary" ? writeBinary(valueFrom(want)) : ours.encode(spliced(want, docs));
}

/** Whether the bytes hold just the merged value, for every reader that could read ours. */
async function proves(name: string, bytes: Uint8Array, want: Want, ours: Doc): Promise<boolean> {
  const read = await readDoc(name, bytes);
  const strict = ours.form !== "json" || !isStrict(ours.text) || isStrict(read.text);
  return read.form === ours.form && strict && canon(read.root) === canonWant(want);
}

function byLines(states: Three, decide: Side | null): Merged | null {
  try {
    const [base, theirs, ours] = [states.base, states.theirs, states.ours].map((bytes) => decodeUtf8(bytes));
    if (base === undefined || theirs === undefined || ours === undefined) return null;
    if ([base, theirs, ours].some(({ text }) => text.includes("\0"))) return null;
    const merged = mergeLines(base.text, theirs.text, ours.text, decide);
    if (merged === null) return null;
    const conflicts = merged.conflicts.map((conflict) => ({ at: "lines" as const, ...conflict }));
    return { bytes: conflicts.length > 0 ? null : ours.encode(merged.text), by: "line", conflicts };
  } catch (cause) {
    if (cause instanceof Unreadable) return null;
    throw cause;
  }
}
