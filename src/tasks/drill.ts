// `drill`: the newest copy at a place, restored for a test: into a throw-away folder, under a made-up home, by the very restore that would be
// used. Then every file is compared with the manifest, and all of it is removed.

import { DEFAULTS } from "../config.ts";
import type { Copy } from "../copies/address.ts";
import type { Destination } from "../copies/destination.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Counts, Manifest, StoredFile } from "../model.ts";
import { below } from "../paths.ts";
import { movedPlaces, type PathMap, targetPath } from "../restore/target.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { countFiles } from "../snapshot/manifest.ts";
import { asWriter, innerFolder, listSnapshots, makeStore } from "../snapshot/store.ts";
import { folderVault, type Vault } from "../snapshot/vault.ts";
import { verifySnapshot } from "../snapshot/verify.ts";
import { makeFolder, removeTree } from "../system/durable.ts";
import { hashFile, ifReadable, look } from "../system/files.ts";
import { takeLock } from "../system/lock.ts";
import { whoAmI } from "../system/machine.ts";
import { displayName } from "../text.ts";
import type { Context, Ending, Site } from "./context.ts";
import { type Brought, bring } from "./copy-check.ts";
import { onlyPlace, openPlace } from "./destinations.ts";
import { keysOf } from "./identity.ts";
import { noteEvent } from "./note-event.ts";
import { copiesMeant, ownerToPull } from "./owners.ts";
import { performOpened } from "./restore.ts";
import { type OpenedRestore, wholeRestore } from "./restore-terms.ts";
import { findSite } from "./site.ts";

export interface DrillRequest {
  /** A destination of the config, or an address; undefined is the only one of the config. */
  dest: string | undefined;
  /** Whose copies, as for a pull. */
  host: string | undefined;
  project: string | undefined;
  identity: string | undefined;
  lockWaitMs: number;
}

export interface DrillOutcome extends Ending {
  command: "drill";
  /** The destination's name in the config, or null, and its address. */
  name: string | null;
  from: string;
  id: string;
  host: string;
  project: string;
  /** Null where the copy could not be opened. */
  description: string | null;
  passed: boolean;
  /** How many files the manifest names. */
  files: Counts;
  /** Files that did not come back as the manifest says. */
  problems: { name: string; problem: "missing" | "modified" | "mode" }[];
  /** Why none came back; null where some did. */
  reason: string | null;
  /** Whether a sound one of this id stands here. */
  goodHere: boolean;
  /** How long each part took; 0 for what was not reached. */
  ms: { pull: number; open: number; restore: number };
}

/** Throws where the place can't be had, or no identity opens the copy: then nothing is known. */
export async function drill(request: DrillRequest, context: Context): Promise<DrillOutcome> {
  const { world, named, holder, notify } = context;
  const { dest, identity, lockWaitMs } = request;
  const site = await findSite(world, named, true);
  const { store } = site;
  const { name, destination } = await openPlace(dest ?? onlyPlace(site), site, world);
  const keys = () => keysOf(world, identity);
  const owner = await ownerToPull(destination, store, request, keys);
  const [copy] = await copiesMeant(destination, owner, "latest");
  if (copy === undefined) throw fail.noCopy("copy", destination.shown);
  const start = { command: "drill", name, from: destination.shown } as const;
  const whose = { id: copy.id, host: copy.machine, project: copy.project };
  const result = await tryOut(destination, copy, keys, { site, lockWaitMs }, context);
  const passed = result.reason === null && result.problems.length === 0;
  const goodHere = !passed && (await isSoundHere(store, copy.id, context));
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const event = { command: "drill", id: copy.id, description: name ?? destination.shown, files: result.files.total };
    noteEvent(store, { ...event, result: passed ? "ok" : "failed" }, notify);
  });
  return { ...start, ...whose, ...result, passed, goodHere, exit: passed ? EXIT.done : EXIT.damaged };
}

type Result = Pick<DrillOutcome, "description" | "files" | "problems" | "reason" | "ms">;

async function tryOut(
  destination: Destination,
  copy: Copy,
  keys: Parameters<typeof bring>[2],
  { site, lockWaitMs }: { site: Site; lockWaitMs: number },
  context: Context,
): Promise<Result> {
  let brought: Brought | null = null;
  const reached = () => ({ pull: brought?.pullMs ?? 0, open: brought?.openMs ?? 0 });
  try {
    brought = await bring(destination, copy, keys);
    const { archive } = brought;
    const { manifest } = archive;
    const begun = performance.now();
    const problems = await inThrowAway(site, context.holder, lockWaitMs, (folder) =>
      restoredInto(folder, copy.id, archive, manifest, context),
    );
    const ms = { ...reached(), restore: performance.now() - begun };
    return { description: manifest.description, files: countFiles(manifest.files), problems, reason: null, ms };
  } catch (cause) {
    if (!(cause instanceof RollbackError) || (cause.code !== "damaged" && cause.code !== "refused")) throw cause;
    const manifest = brought?.archive.manifest;
    const told = { description: manifest?.description ?? null, files: countFiles(manifest?.files ?? []) };
    return { ...told, problems: [], reason: cause.message, ms: { ...reached(), restore: 0 } };
  } finally {
    brought?.[Symbol.dispose]();
  }
}

/** In the store's own folder: secrets that a killed drill left in it are removed by the next one, and nobody else can look. */
async function inThrowAway<T>(
  { store }: Site,
  holder: string,
  lockWaitMs: number,
  work: (folder: AbsPath) => Promise<T>,
): Promise<T> {
  makeStore(store);
  const folder = below(innerFolder(store), "drill");
  const lock = await takeLock(below(innerFolder(store), "drill.lock"), holder, lockWaitMs);
  try {
    if (look(folder) !== null) removeTree(folder);
    makeFolder(folder, 0o700);
    return await work(folder);
  } catch (cause) {
    throw cause instanceof RollbackError ? cause : fail.io("restore for a test into", folder, cause);
  } finally {
    ifReadable(() => removeTree(folder));
    lock.release();
  }
}

/** Restores all of it below `folder`, and gives what is not as the manifest says. */
async function restoredInto(
  folder: AbsPath,
  id: string,
  vault: Vault,
  recorded: Manifest,
  { world, holder }: Context,
): Promise<DrillOutcome["problems"]> {
  const [home, root, elsewhere] = (["home", "root", "elsewhere"] as const).map((name) => below(folder, name));
  if (home === undefined || root === undefined || elsewhere === undefined) return [];
  for (const made of [home, root, elsewhere]) makeFolder(made, 0o700);
  const site: Site = { home, root, store: below(folder, "snapshots"), config: DEFAULTS, configFile: null };
  // A link would lead out of here, and what it leads to is restored all the same.
  const manifest = { ...recorded, files: recorded.files.map((file) => ({ ...file, symlink: null })) };
  const maps: PathMap[] = [...movedPlaces(manifest, site), { from: "", to: elsewhere }];
  const input = wholeRestore(id, { restore: () => [], reload: () => [], undo: () => [] });
  const opened: OpenedRestore = {
    command: "restore",
    note: "drill",
    of: null,
    located: { id, at: vault.at, forms: ["zip.age"] },
    ...{ vault, manifest, site, maps, ref: id, typed: [id] },
    request: (found) => ({
      ...site,
      ...{ id, vault, manifest, only: [], except: [], maps, relocate: false, allow: [elsewhere], found },
      uid: whoAmI().uid,
    }),
    settling: () => ({ settle: undefined, findings: null, demandFound: () => {} }),
  };
  const apart = { world: { ...world, env: { ...world.env, HOME: home }, cwd: root }, holder, notify: () => {} };
  await performOpened(
    opened,
    { ...input, reload: false },
    { ...apart, named: { root: undefined, config: undefined, snapshots: undefined, fixed: site } },
  );
  return manifest.files.flatMap((file) => {
    const problem = problemOf(file, maps);
    return problem === null ? [] : [{ name: displayName(file), problem }];
  });
}

/** A plist that others can write to is restored without that: launchd would refuse it. */
const OTHERS_WRITE = 0o022;

function problemOf(file: StoredFile, maps: PathMap[]): DrillOutcome["problems"][number]["problem"] | null {
  const target = targetPath(file.original, maps);
  if (!("path" in target) || look(target.path) === null) return "missing";
  const { hash, facts } = hashFile(target.path, { noFollow: true });
  if (hash !== file.hash) return "modified";
  const mode = file.mode === undefined || file.kind !== "plist" ? file.mode : file.mode & ~OTHERS_WRITE;
  return mode === undefined || mode === facts.mode ? null : "mode";
}

/** Whether a push could put a good one in its place. */
async function isSoundHere(store: AbsPath, id: string, { notify }: Context): Promise<boolean> {
  const here = listSnapshots(store).find((entry) => entry.id === id && entry.forms.includes("folder"));
  return here !== undefined && (await verifySnapshot(folderVault(id, here.at), undefined, notify)).status !== "damaged";
}
