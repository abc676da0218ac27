// A part of a file: some of its keys or hunks come back, or all but today's secrets. The rest of the live file stays.
import { keyText } from "../comparison.ts";
import { compareBytes, textOf } from "../diff/compare.ts";
import { takeBackHunks } from "../diff/hunks.ts";
import { fail } from "../errors.ts";
import type { Path } from "../merge/node.ts";
import type { Choose } from "../merge/three.ts";
import type { StoredFile, Target } from "../model.ts";
import type { Settle, Unsettled } from "../restore/look.ts";
import { maskLines } from "../secrets/line-secrets.ts";
import { HIDDEN, isSecretFile } from "../secrets/secret.ts";
import { digestOf } from "../system/files.ts";
import { displayName } from "../text.ts";
import { hiddenIn, secretName } from "./earlier-secrets.ts";
import { type Part, WHOLE } from "./part.ts";
import { type Findings, LIMIT_BYTES, type Merging, readNow } from "./settle.ts";

export interface Picking extends Merging {
  /** Throws `not-found` where a key or a hunk that was named is in none of the files. */
  demandFound(): void;
}

type Settled = Awaited<ReturnType<Settle>>;

/** Decides of each file which part of it comes back. */
export function picking(part: Part): Picking {
  const findings: Findings = { conflicts: [], leftAlone: [], kept: new Map(), keeps: [] };
  const found = new Set<string | number>();
  const settle: Settle = async (unsettled) => {
    const { file, target } = unsettled;
    const leave = (why: string): Settled => {
      findings.leftAlone.push({ path: target.path, name: displayName(file), kind: file.kind, why });
      return null;
    };
    if (target.now.state !== "file") {
      if (isPlain(part)) return { file, content: null };
      if (part.hunks.length > 0) return null;
      // There is nothing that a part of it could be put into.
      const stored = await read(unsettled);
      const isMeant = stored !== null && (await noteKeys(part, target.path, [stored], found)).size > 0;
      return isMeant ? leave("it is not there now, and comes back only whole") : null;
    }
    if (target.now.hash === file.hash && isPlain(part)) return { file, content: null };
    const [then, now] = [await read(unsettled), readNow(target, target.now.hash)];
    if (then === null || now === null) return leave("too large to be restored in part");
    const states = { then, now };
    const picked = isPlain(part) ? states.then : await pickPart(part, unsettled, states, found, leave);
    if (picked === null) return null;
    const kept = part.keepSecrets ? await keepSecrets(picked, now, unsettled, findings, leave) : picked;
    if (kept === null) return null;
    const left = await compareBytes({ path: target.path, kind: file.kind }, then, kept);
    if (!Buffer.from(then).equals(kept)) findings.kept.set(target.path, left);
    return asPart(file, target, kept, isPlain(part));
  };
  const demandFound = () => {
    for (const key of [...part.keys, ...part.exceptKeys]) if (!found.has(key)) throw fail.noSuchKey(key);
    for (const hunk of part.hunks) if (!found.has(hunk)) throw fail.noSuchHunk(hunk);
  };
  return { settle, findings, demandFound };
}

/** No keys and no hunks are named: the whole file, but for secrets. */
const isPlain = ({ keys, exceptKeys, hunks }: Part): boolean => keys.length + exceptKeys.length + hunks.length === 0;

/** Of a file that comes back in part, all but its content is as it is now. */
function asPart(file: StoredFile, target: Target, content: Uint8Array, whole: boolean): Settled {
  if (digestOf(content) === file.hash) return { file, content: null };
  const mtimeMs = Date.now();
  if (whole || target.now.state !== "file") return { file: { ...file, mtimeMs }, content };
  return { file: { ...file, mtimeMs, mode: target.now.facts.mode, symlink: target.link }, content };
}

async function read({ read: stored }: Unsettled): Promise<Uint8Array | null> {
  try {
    return await stored(LIMIT_BYTES);
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

interface States {
  then: Uint8Array;
  now: Uint8Array;
}

/** Today's file with the keys or hunks that were named; null where it has none of them. */
async function pickPart(
  part: Part,
  { target }: Unsettled,
  { then, now }: States,
  found: Set<string | number>,
  leave: (why: string) => Settled,
): Promise<Uint8Array | null> {
  if (part.hunks.length > 0) return pickHunks(part.hunks, { then, now }, found);
  if ((await noteKeys(part, target.path, [then, now], found)).size === 0) return null;
  const { pick } = await import("../merge/merge.ts");
  const picked = await pick(target.path, then, now, chosenBy(part));
  if (picked === null) leave("its keys can't be changed alone");
  return picked;
}

/** Which of the file's keys the flags are about; those that were named are noted. */
async function noteKeys(
  { keys, exceptKeys }: Part,
  path: string,
  versions: Uint8Array[],
  found: Set<string | number>,
): Promise<Set<string>> {
  const { pathsIn } = await import("../merge/keys.ts");
  const paths = await Promise.all(versions.map((bytes) => pathsIn(path, bytes)));
  const there = new Set(paths.flat().map(keyText));
  for (const key of [...keys, ...exceptKeys]) if (there.has(key)) found.add(key);
  return keys.length === 0 ? there : new Set(keys.filter((key) => there.has(key)));
}

function pickHunks(hunks: number[], { then, now }: States, found: Set<string | number>): Uint8Array | null {
  const [before, after] = [textOf(then), textOf(now)];
  if (before === null || after === null) return null;
  let any = false;
  const text = takeBackHunks(before, after, (number) => {
    if (!hunks.includes(number)) return false;
    found.add(number);
    any = true;
    return true;
  });
  return any && text !== null ? new TextEncoder().encode(text) : null;
}

/** What lies below one of these keys, as `diff` prints them. */
const isBelow = (text: string, key: string): boolean => text.startsWith(`${key}.`) || text.startsWith(`${key}[`);

/** The differences that the flags ask for. */
export function chosenBy({ keys, exceptKeys }: Pick<Part, "keys" | "exceptKeys">): Choose {
  return (path: Path) => {
    const text = keyText(path);
    const holds = (list: string[]) => text === "" || list.some((key) => isBelow(key, text));
    const hits = (list: string[]) => list.some((key) => text === key || isBelow(text, key));
    if (hits(exceptKeys) && text !== "") return "none";
    if (keys.length > 0 && !hits(keys)) return holds(keys) ? "inside" : "none";
    return exceptKeys.length > 0 && holds(exceptKeys) ? "inside" : "all";
  };
}

/** The file with today's secrets in it; null where it is left alone. */
async function keepSecrets(
  then: Uint8Array,
  now: Uint8Array,
  { file, target }: Unsettled,
  findings: Findings,
  leave: (why: string) => Settled,
): Promise<Uint8Array | null> {
  const { path } = target;
  if (file.kind === "credential") {
    const isNewer = target.now.state === "file" && target.now.facts.mtimeMs > (file.mtimeMs ?? 0);
    if (!isNewer || !(await parses(path, now))) return then;
    leave("today's is newer");
    return null;
  }
  const about = { path, kind: file.kind };
  const diff = await compareBytes(about, then, now);
  if (diff.type === "lines") return keepLines(then, now, path, findings);
  if (diff.type === "sizes") {
    if (diff.why === "binary" || diff.why === "large") return then;
    leave("what differs in it may be a secret");
    return null;
  }
  const { pick } = await import("../merge/merge.ts");
  const secrets = hiddenIn(diff);
  if (secrets.length === 0) return then;
  const keys = secrets.map(({ path: at }) => keyText(at));
  for (let up = 1; up <= DEEPEST; up++) {
    const kept = keys.includes("") ? now : await pick(path, now, then, chosenBy({ ...WHOLE, keys }));
    if (kept === null) break;
    const earlier = hiddenIn(await compareBytes(about, kept, now));
    if (earlier.length === 0) {
      findings.keeps.push(...secrets.map(({ path: at }) => ({ path, kind: file.kind, key: secretName(at) })));
      return kept;
    }
    // An index means nothing in a list of another length: then the list as a whole stays, and at last all that holds it.
    keys.push(...earlier.map(({ path: at }) => keyText(at.slice(0, Math.max(0, at.length - up)))));
  }
  leave("today's secrets can't be put into it");
  return null;
}
const DEEPEST = 8;

/** Of a text, hunks in which a secret differs stay as they are today. */
function keepLines(then: Uint8Array, now: Uint8Array, path: string, findings: Findings): Uint8Array | null {
  const [before, after] = [textOf(then), textOf(now)];
  if (before === null || after === null) return then;
  let kept = 0;
  const text = takeBackHunks(
    before,
    after,
    (_, lines) => {
      const changed = lines.filter((line) => /^[+-]/.test(line)).map((line) => line.slice(1));
      const secret = maskLines(changed, isSecretFile(path)).some((line) => line.includes(HIDDEN));
      if (secret) kept++;
      return !secret;
    },
    0,
  );
  if (text === null) return then;
  if (kept > 0) findings.keeps.push({ path, kind: "config", key: "secret lines" });
  return new TextEncoder().encode(text);
}

/** Whether a file is of the form that its name promises, and holds anything. */
async function parses(path: string, bytes: Uint8Array): Promise<boolean> {
  const { formatOf, readValue } = await import("../diff/value.ts");
  const format = formatOf(path, bytes);
  if (format === null) return textOf(bytes)?.trim() !== "" && bytes.length > 0;
  return (await readValue(format, bytes)) !== undefined;
}
