// `leaks`: is anything that rollback protects about to be public? By place, by bytes, and by value.
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import { readHead } from "../inventory/git.ts";
import { findLeaks, type Leak, objectId } from "../leaks/find.ts";
import { indexOf, type Staged } from "../leaks/in-git.ts";
import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { resolved } from "../system/files.ts";
import { type Captured, type CapturedFile, capturedSecrets } from "./captured-secrets.ts";
import type { Context, Ending, World } from "./context.ts";
import { keysOf } from "./identity.ts";
import { findLeakPlaces, type LeakPlaces } from "./leak-places.ts";
import type { Keys } from "./open.ts";

export interface LeaksRequest {
  /** Only what the next commit would change. */
  staged: boolean;
  identity: string | undefined;
}

export interface LeaksOutcome extends Ending {
  command: "leaks";
  /** False where there was no git to ask. */
  checked: boolean;
  /** How much was looked into, and what it was compared with. */
  files: number;
  values: number;
  snapshots: number;
  leaks: Leak[];
  /** What could not be looked into: a snapshot, a captured file, a file of git's. */
  unread: { what: string; reason: string }[];
}

export async function leaks({ staged, identity }: LeaksRequest, context: Context): Promise<LeaksOutcome> {
  const { world, named, notify } = context;
  const places = await findLeakPlaces(world, named);
  const { folder } = places;
  const none = { command: "leaks" as const, files: 0, values: 0, snapshots: 0, leaks: [], unread: [] };
  const index = await indexOf(folder, staged, world.env);
  if (index === null && readHead(folder) !== null) throw fail.gitSilent(folder);
  if (index === null) {
    notify({ type: "warning", message: `git does not answer in ${folder}: nothing was looked at` });
    return { ...none, exit: EXIT.done, checked: false };
  }
  const { captured, objects } = await gather(places, index, keysIfAny(world, identity));
  const { values, snapshots } = captured;
  const store = resolved(places.site.store);
  const credentials = await liveCredentials(places);
  const found = await findLeaks(folder, world.env, index, { store, credentials, objects, values });
  if (found === null) throw fail.gitSilent(folder);
  const unread = [...captured.unread, ...found.unread.map(({ path, reason }) => ({ what: path, reason }))];
  for (const { what, reason } of unread) notify({ type: "warning", message: `not looked into: ${what}: ${reason}` });
  return {
    command: "leaks",
    exit: exitOf(found.leaks, snapshots),
    checked: true,
    files: index.length,
    values: values.size,
    snapshots,
    leaks: found.leaks,
    unread,
  };
}

function exitOf(found: Leak[], snapshots: number): number {
  if (found.length > 0) return EXIT.refused;
  return snapshots === 0 ? EXIT.partial : EXIT.done;
}

/** The default identity is used where it is there; one that was named has to be. */
export function keysIfAny(world: World, identity: string | undefined): Keys {
  if (identity !== undefined) keysOf(world, identity);
  return () => keysOf(world, identity);
}

/** The values, and the object ids of every captured credential. */
async function gather(
  { site }: LeakPlaces,
  index: Staged[],
  keys: Keys,
): Promise<{ captured: Captured; objects: Map<string, string> }> {
  const algorithm = index[0]?.object.length === 64 ? "sha256" : "sha1";
  const objects = new Map<string, string>();
  const hashed = new Set<string>();
  const note = ({ kind, hash, name, bytes, snapshot }: CapturedFile) => {
    if (kind !== "credential" || snapshot === null || bytes.length < TRIVIAL_BYTES || hashed.has(hash)) return;
    hashed.add(hash);
    objects.set(objectId(bytes, algorithm), name);
  };
  return { captured: await capturedSecrets(site, keys, note), objects };
}

/** `{}` and the like are in every repository. */
const TRIVIAL_BYTES = 8;

/** Live credentials by their paths, also where another checkout has them. */
async function liveCredentials({ site, mirror }: LeakPlaces): Promise<Set<string>> {
  const { found } = await discover(site.config, site);
  const paths = found.filter(({ kind }) => kind === "credential").map(({ path }) => resolved(path));
  return new Set(
    paths.flatMap((path: AbsPath) =>
      mirror !== null && isWithin(path, mirror.from) ? [path, mirror.to + path.slice(mirror.from.length)] : [path],
    ),
  );
}
