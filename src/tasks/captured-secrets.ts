// Every secret value that is captured: in the live files, and in each snapshot that can be opened.
import { discover } from "../inventory/discover.ts";
import type { Holder } from "../leaks/find.ts";
import { type SecretValue, secretValuesIn } from "../leaks/values.ts";
import type { AbsPath, Kind } from "../model.ts";
import { RollbackError, reasonOf } from "../rollback-error.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { manifestOf } from "../snapshot/vault.ts";
import { digestOf, readBytes } from "../system/files.ts";
import { displayName } from "../text.ts";
import type { Site } from "./context.ts";
import { formOf, type Keys, openVault } from "./open.ts";

/** A larger file is not read for its secrets; keys and tokens are a few KiB. */
export const LIMIT_BYTES = 1 << 20;

/** One captured file, live (`snapshot` is null) or stored. */
export interface CapturedFile {
  path: string;
  name: string;
  kind: Kind;
  hash: string;
  snapshot: string | null;
  bytes: Uint8Array;
}

export interface Captured {
  values: Map<string, Holder[]>;
  snapshots: number;
  /** Snapshots that could not be looked into, and live files that could not be read. */
  unread: { what: string; reason: string }[];
}

/** Collects the values. Each content is read for its secrets once, however many snapshots hold it. */
export async function capturedSecrets(
  site: Site,
  keys: Keys,
  each: (file: CapturedFile) => void = () => {},
): Promise<Captured> {
  const values = new Map<string, Map<string, Holder>>();
  const read = new Map<string, Promise<SecretValue[]>>();
  const captured = await eachCaptured(site, keys, async (file) => {
    each(file);
    const { path, name, kind, hash, snapshot } = file;
    const content = `${hash} ${kind} ${path}`;
    const found = read.get(content) ?? secretValuesIn(file, file.bytes);
    read.set(content, found);
    for (const { key, value } of await found) {
      const holders = values.get(value) ?? new Map<string, Holder>();
      values.set(value, holders);
      const place = `${path}\0${key}`;
      const holder = holders.get(place) ?? { path, name, key, live: false, snapshots: [] };
      holders.set(place, holder);
      if (snapshot === null) holder.live = true;
      else holder.snapshots.push(snapshot);
    }
  });
  const known = [...values].map(([value, holders]): [string, Holder[]] => [
    value,
    [...holders.values()].sort(liveFirst),
  ]);
  return { ...captured, values: new Map(known) };
}

const liveFirst = (a: Holder, b: Holder): number => Number(b.live) - Number(a.live);

/** Hands over every captured file: the live ones, then those of each snapshot, the newest first. */
export async function eachCaptured(
  site: Site,
  keys: Keys,
  take: (file: CapturedFile) => Promise<void>,
): Promise<Pick<Captured, "snapshots" | "unread">> {
  const unread: Captured["unread"] = [];
  const { found, skipped, malformed } = await discover(site.config, site);
  unread.push(...[...skipped, ...malformed].map(({ path, reason }) => ({ what: path, reason })));
  for (const { path, name, kind } of found) {
    const bytes = live(path, unread);
    if (bytes !== null) await take({ path, name, kind, hash: digestOf(bytes), snapshot: null, bytes });
  }
  const contents = new Map<string, Uint8Array>();
  let snapshots = 0;
  for (const entry of listSnapshots(site.store)) {
    try {
      using vault = await openVault(entry, keys);
      const { manifest } = await manifestOf(vault);
      for (const file of manifest.files) {
        const { original, kind, hash, stored } = file;
        const bytes = contents.get(hash) ?? (await vault.read(stored, LIMIT_BYTES).catch(() => null));
        if (bytes === null) continue;
        contents.set(hash, bytes);
        await take({ path: original, name: displayName(file), kind, hash, snapshot: entry.id, bytes });
      }
      snapshots++;
    } catch (cause) {
      // A mistyped identity is a mistake of the user's, and no snapshot's fault.
      if (!(cause instanceof RollbackError) || cause.code === "usage") throw cause;
      unread.push({
        what: entry.id,
        reason: formOf(entry) === "zip.age" ? "it is sealed, and no identity at hand opens it" : cause.message,
      });
    }
  }
  return { snapshots, unread };
}

function live(path: AbsPath, unread: Captured["unread"]): Uint8Array | null {
  try {
    return readBytes(path, LIMIT_BYTES);
  } catch (cause) {
    if (!(cause instanceof RangeError)) unread.push({ what: path, reason: reasonOf(cause) });
    return null;
  }
}
