// `leaks --where FILE[:KEY]`: before a key is changed, every captured place that holds the same value. Never the value itself.
import { maskKey } from "../diff/keys.ts";
import { fail } from "../errors.ts";
import { type Places, placesOf, SHORTEST_ASKED } from "../leaks/places.ts";
import { type SecretValue, secretValuesIn } from "../leaks/values.ts";
import type { Kind } from "../model.ts";
import { selection } from "../restore/selection.ts";
import { EXIT } from "../rollback-error.ts";
import { type CapturedFile, eachCaptured } from "./captured-secrets.ts";
import type { Context, Ending, Site, World } from "./context.ts";
import { copiesHolding } from "./copies-holding.ts";
import { wordsFor } from "./file-words.ts";
import { keysIfAny } from "./leaks.ts";
import type { Keys } from "./open.ts";
import { findSite } from "./site.ts";

export interface WhereRequest {
  /** `FILE` or `FILE:KEY`, as the user wrote it. */
  where: string;
  identity: string | undefined;
}

/** One captured file that holds the value. */
export interface HoldingFile extends Places {
  path: string;
  name: string;
  kind: Kind;
  /** The live file holds it; what is told of keys and lines is then of that one, else of the newest snapshot's. */
  live: boolean;
  /** Ids of the snapshots that hold it in this file, newest first. */
  snapshots: string[];
}

/** One secret value that was asked for. */
export interface Held {
  /** Where it was asked for: `name` of the file; `key` null where it has none. */
  name: string;
  key: string | null;
  files: HoldingFile[];
  /** Of any file, newest first. */
  snapshots: string[];
  /** Copies that hold it, each by its place and the name that it has there. */
  copies: { at: string; key: string }[];
}

export interface WhereOutcome extends Ending {
  command: "where";
  values: Held[];
  unread: { what: string; reason: string }[];
}

export async function leakWhere(
  { where, identity }: WhereRequest,
  { world, named, notify }: Context,
): Promise<WhereOutcome> {
  const site = await findSite(world, named);
  const keys = keysIfAny(world, identity);
  const asked = await valuesAt(where, site, keys, world);
  const find = placesOf([...asked.keys()]);
  const seen = new Map<string, Promise<Map<string, Places>>>();
  const looked = new Set<string>();
  const held = new Map([...asked].map(([value, at]) => [value, { ...at, files: new Map<string, HoldingFile>() }]));
  const { unread } = await eachCaptured(site, keys, async (file) => {
    const { path, name, kind, hash, snapshot, bytes } = file;
    const content = `${hash} ${kind} ${path}`;
    const places = seen.get(content) ?? find(file, bytes);
    seen.set(content, places);
    if (snapshot !== null) looked.add(snapshot);
    for (const [value, found] of await places) {
      const files = held.get(value)?.files;
      const holding = files?.get(path) ?? { path, name, kind, ...found, live: snapshot === null, snapshots: [] };
      files?.set(path, holding);
      if (snapshot !== null) holding.snapshots.push(snapshot);
    }
  });
  const snapshotsOf = (value: string) => [...(held.get(value)?.files.values() ?? [])].flatMap((file) => file.snapshots);
  const holding = new Map([...held.keys()].map((value) => [value, new Set(snapshotsOf(value))]));
  const copies = await copiesHolding(holding, looked, { site, world, keys });
  unread.push(...copies.unread);
  const values = [...held].map(([value, { name, key, files }]): Held => {
    const all = [...files.values()].sort((a, b) => Number(b.live) - Number(a.live));
    const snapshots = [...(holding.get(value) ?? [])].sort().reverse();
    return { name, key, files: all, snapshots, copies: copies.holding.get(value) ?? [] };
  });
  for (const { what, reason } of unread) notify({ type: "warning", message: `not looked into: ${what}: ${reason}` });
  return {
    command: "where",
    exit: unread.length === 0 ? EXIT.done : EXIT.partial,
    values,
    unread,
  };
}

/** The values that are asked for, each with the file and the key that it was asked by. Of a live file the live ones, else the newest stored. */
async function valuesAt(
  where: string,
  site: Site,
  keys: Keys,
  world: World,
): Promise<Map<string, Pick<Held, "name" | "key">>> {
  const files: CapturedFile[] = [];
  await eachCaptured(site, keys, async (file) => {
    if (!files.some(({ path }) => path === file.path)) files.push(file);
  });
  const { word, key, chosen } = choose(where, files, world);
  if (chosen.length === 0) throw fail.neverHeld(word);
  const values = new Map<string, Pick<Held, "name" | "key">>();
  const holding: SecretValue["key"][] = [];
  for (const file of chosen)
    for (const { key: at, value } of await secretValuesIn(file, file.bytes, SHORTEST_ASKED)) {
      holding.push(at);
      if ((key === null || isCalled(at, key)) && !values.has(value)) values.set(value, { name: file.name, key: at });
    }
  const names = [...new Set(holding.flatMap((at) => at ?? []))];
  if (values.size === 0) throw fail.noSecretAt(word, key === null ? null : maskKey(key), names, SHORTEST_ASKED);
  return values;
}

/** A whole word that names a file before one that ends in a key: a path may hold a colon. */
function choose(where: string, files: CapturedFile[], world: World) {
  for (let end = where.length; end > 0; end = where.lastIndexOf(":", end - 1)) {
    const word = where.slice(0, end);
    const wanted = selection(wordsFor(word, world), []);
    const chosen = files.filter(wanted);
    const key = end === where.length ? null : where.slice(end + 1);
    if (chosen.length > 0) return { word, key, chosen };
  }
  return { word: where.replace(/:[^:/]*$/, ""), key: null, chosen: [] };
}

/** A key by its whole name, or by the last parts of it. */
const isCalled = (key: string | null, word: string): boolean => key === word || key?.endsWith(`.${word}`) === true;
