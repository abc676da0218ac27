// Git's index against what rollback protects: by the place of a file, by its bytes, and by the secret values in it.
import { CryptoHasher } from "bun";
import { readObjects } from "../inventory/git.ts";
import type { AbsPath, Env } from "../model.ts";
import { isWithin, nameOf } from "../paths.ts";
import { HIDDEN } from "../secrets/secret.ts";
import { formsOf, type Written } from "./forms.ts";
import type { Staged } from "./in-git.ts";
import { type Inside, lookInside, type Place } from "./look-inside.ts";
import { type Search, searchFor } from "./search.ts";
import { type Shape, shapesIn } from "./shapes.ts";

/** Where a secret value is captured. */
export interface Holder {
  /** Absolute. */
  path: string;
  name: string;
  key: string | null;
  /** The live file holds it. */
  live: boolean;
  /** Ids of the snapshots that hold it, newest first. */
  snapshots: string[];
}

export interface Leak {
  /** Absolute; a secret in it is masked. */
  path: string;
  line: number | null;
  /** The entry of an archive. */
  inside: string | null;
  kind: "snapshot" | "archive" | "unsealed" | "credential" | "bytes" | "value" | "token";
  /** What it is, without a value. */
  why: string;
  /** Of a value. */
  heldBy: Holder | null;
  written: Written | null;
}

/** What is looked for. */
export interface Protected {
  store: AbsPath;
  /** Live credential files, their links followed. */
  credentials: ReadonlySet<string>;
  /** Git's object ids of captured credentials, each with the credential's name. */
  objects: ReadonlyMap<string, string>;
  values: ReadonlyMap<string, Holder[]>;
}

/** A value in one of its forms. */
interface Sought {
  holders: Holder[];
  written: Written;
}

const searchOf = (values: ReadonlyMap<string, Holder[]>): Search<Sought> =>
  searchFor(
    [...values].flatMap(([value, holders]) =>
      formsOf(value).map(({ bytes, written }) => ({ bytes, what: { holders, written } })),
    ),
  );

/** Git's name for bytes. Format: gitformat, "blob SIZE\\0BYTES". */
export const objectId = (bytes: Uint8Array, algorithm: "sha1" | "sha256"): string =>
  new CryptoHasher(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A larger object is looked into window by window, and not unfolded. */
const WHOLE_LIMIT_BYTES = 64 << 20;
const AGE = /^age-encryption\.org\/v1\n|^\s*-----BEGIN AGE ENCRYPTED FILE-----/;
const IN_SNAPSHOT =
  /^(.*\/\d{8}_\d{6})\/(?:manifest\.json|CREDENTIAL-MANIFEST\.md|(?:plist|config|credentials)\/[^/]+)$/s;

/** Null where git stopped answering. `unread` is what could not be looked into, with the reason. */
export async function findLeaks(
  folder: AbsPath,
  env: Env,
  staged: Staged[],
  sought: Protected,
): Promise<{ leaks: Leak[]; unread: { path: string; reason: string }[] } | null> {
  const search = searchOf(sought.values);
  const byPlace = placeJudge(staged, sought);
  const leaks = new Map<string, Leak[]>();
  const rest = new Map<string, AbsPath[]>();
  for (const { path, object } of staged) {
    const leak = byPlace(path, object);
    if (leak !== null) leaks.set(path, [leak]);
    else rest.set(object, [...(rest.get(object) ?? []), path]);
  }
  const unread: { path: string; reason: string }[] = [];
  const work: Promise<void>[] = [];
  const reader = wholeObjects((object, bytes, isWhole) => {
    work.push(
      (async () => {
        const inside = isWhole ? await lookInside(bytes, search) : shallow(bytes, search);
        const shapes = isWhole ? await shapesOf(bytes) : [];
        for (const path of rest.get(object) ?? []) {
          const found = [...(leaks.get(path) ?? []), ...leaksIn(path, bytes, inside)];
          leaks.set(path, [...found, ...tokenLeaks(path, shapes ?? [], found)]);
          const reason = shapes === null ? "the rules for tokens of known forms failed on it" : inside.unread;
          if (reason !== null) unread.push({ path, reason });
        }
      })(),
    );
  }, search.longest);
  const answered = rest.size === 0 || (await readObjects(folder, env, [...rest.keys()], reader));
  await Promise.all(work);
  if (!answered) return null;
  return { leaks: staged.flatMap(({ path }) => [...nameLeak(path, search), ...(leaks.get(path) ?? [])]), unread };
}

const shallow = (bytes: Uint8Array, search: Search<Sought>): Inside<Sought> => ({
  places: search.in(bytes).map(({ what }) => ({ what, line: null, inside: null, coded: false })),
  isSnapshot: false,
  unread: "it is larger than 64 MiB: its bytes were searched, and nothing in it unfolded",
});

/** Puts the chunks of objects together, up to windows that overlap by what is sought at the most. */
function wholeObjects(take: (object: string, bytes: Uint8Array, isWhole: boolean) => void, overlap: number) {
  let held: Uint8Array = new Uint8Array(0);
  let used = 0;
  let windows = 0;
  return (object: string, size: number, chunk: Uint8Array, isLast: boolean): void => {
    if (used === 0 && windows === 0) held = new Uint8Array(Math.min(size, WHOLE_LIMIT_BYTES));
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + held.length - used);
      held.set(part, used);
      used += part.length;
      at += part.length;
      if (used < held.length || (isLast && at === chunk.length)) continue;
      take(object, held, false);
      windows++;
      const kept = held.slice(held.length - overlap);
      held = new Uint8Array(WHOLE_LIMIT_BYTES);
      held.set(kept);
      used = kept.length;
    }
    if (!isLast) return;
    take(object, held.subarray(0, used), windows === 0);
    [held, used, windows] = [new Uint8Array(0), 0, 0];
  };
}

/** What a file's place and bytes tell before one looks into it. */
function placeJudge(staged: Staged[], { store, credentials, objects }: Protected) {
  const paths = new Set<string>(staged.map(({ path }) => path));
  return (path: AbsPath, object: string): Leak | null => {
    const leak = (kind: Leak["kind"], why: string): Leak => ({
      path,
      line: null,
      inside: null,
      kind,
      why,
      heldBy: null,
      written: null,
    });
    if (isWithin(path, store) && !path.endsWith(".zip.age") && !path.endsWith("/.gitignore"))
      return leak("snapshot", "a plain snapshot");
    const [, snapshot] = IN_SNAPSHOT.exec(path) ?? [];
    if (snapshot !== undefined && paths.has(`${snapshot}/manifest.json`)) return leak("snapshot", "a plain snapshot");
    if (credentials.has(path)) return leak("credential", "a credential file");
    const name = objects.get(object);
    return name === undefined ? null : leak("bytes", `the bytes of the credential ${name}`);
  };
}

function leaksIn(path: AbsPath, bytes: Uint8Array, { places, isSnapshot }: Inside<Sought>): Leak[] {
  const whole = { path, line: null, inside: null, heldBy: null, written: null };
  const found: Leak[] = [];
  const head = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  if (path.endsWith(".zip.age") && !AGE.test(head))
    found.push({ ...whole, kind: "unsealed", why: "called .zip.age, and not sealed" });
  if (isSnapshot) found.push({ ...whole, kind: "archive", why: "an archive of a snapshot" });
  return [...found, ...valueLeaks(path, places)];
}

/** One a value and place; a value that goes on for lines once. */
function valueLeaks(path: string, places: Place<Sought>[]): Leak[] {
  const found = new Map<string, Leak & { last: number | null }>();
  const inOrder = [...places].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  for (const { what, line, inside, coded } of inOrder) {
    const [holder] = what.holders;
    if (holder === undefined) continue;
    const key = `${inside}\0${holder.path}\0${holder.key}`;
    const known = found.get(key);
    if (known !== undefined && (known.line === line || (known.last !== null && line === known.last + 1))) {
      known.last = line;
      continue;
    }
    const written = coded ? "base64" : what.written;
    const leak = { path, line, inside, kind: "value" as const, why: whyOf(holder, written), heldBy: holder, written };
    found.set(known === undefined ? key : `${key}\0${line}`, { ...leak, last: line });
  }
  return [...found.values()].map(({ last: _, ...leak }) => leak);
}

function whyOf({ name, key, live, snapshots }: Holder, written: Written): string {
  const what = key === null ? "a secret of" : `the value of ${key} in`;
  const when = live ? "" : `, as snapshot ${snapshots[0]} holds it`;
  return `${what} ${name}${when}${written === "plain" ? "" : ` (${written})`}`;
}

/** Tokens are looked for in texts of at most this size: a larger one holds data. */
const TEXT_LIMIT_BYTES = 1 << 20;

/** Null where the rules fail. */
async function shapesOf(bytes: Uint8Array): Promise<Shape[] | null> {
  if (bytes.length > TEXT_LIMIT_BYTES || bytes.includes(0)) return [];
  try {
    return await shapesIn(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** What is found by its value is not told again by its form. */
function tokenLeaks(path: string, shapes: Shape[], known: Leak[]): Leak[] {
  const isKnown = (line: number) => known.some((leak) => leak.line === line || leak.line === line + 1);
  const told = new Set<string>();
  return shapes.flatMap(({ line, what }): Leak[] => {
    if (isKnown(line) || told.has(`${line} ${what}`)) return [];
    told.add(`${line} ${what}`);
    const why = `looks like ${what}; no captured file holds it`;
    return [{ path, line, inside: null, kind: "token", why, heldBy: null, written: null }];
  });
}

/** A name that holds a value is told with the value masked. */
function nameLeak(path: AbsPath, search: Search<Sought>): Leak[] {
  const bytes = Buffer.from(nameOf(path));
  const [found] = search.in(bytes);
  if (found === undefined) return [];
  const [leak] = valueLeaks(`${path.slice(0, -nameOf(path).length)}${HIDDEN}`, [
    { what: found.what, line: null, inside: null, coded: false },
  ]);
  return leak === undefined ? [] : [{ ...leak, why: `its name is ${leak.why}` }];
}
