// `pull`: gets copies back into the snapshots folder; each is opened and checked before it gets its name.
import type { ArchiveVault } from "../archive/vault.ts";
import { type Copy, keyOf } from "../copies/address.ts";
import { type Destination, inOneLook } from "../copies/destination.ts";
import { fail } from "../errors.ts";
import type { AbsPath, Manifest } from "../model.ts";
import { below } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import type { Located } from "../snapshot/ref.ts";
import { asWriter, inStaging, listSnapshots } from "../snapshot/store.ts";
import { manifestOf, tryManifestOf } from "../snapshot/vault.ts";
import { flush, NotWritten, openSink, rename } from "../system/durable.ts";
import { look } from "../system/files.ts";
import { eachChunk } from "../system/streams.ts";
import type { Context, Ending } from "./context.ts";
import { bring } from "./copy-check.ts";
import { onlyPlace, openPlace } from "./destinations.ts";
import { keysOf } from "./identity.ts";
import { elsewhere, type NextStep } from "./next-step.ts";
import { noteEvent } from "./note-event.ts";
import { type Keys, openVault } from "./open.ts";
import { copiesMeant, ownerToPull } from "./owners.ts";
import { findSite, type Site } from "./site.ts";

export interface PullRequest {
  /** An id, the beginning of one, or latest; null is every copy that is not here. */
  ref: string | null;
  /** A destination of the config, or an address; undefined is the only one of the config. */
  dest: string | undefined;
  /** Of another host; undefined is this one, or the only one that has copies there. */
  host: string | undefined;
  /** Of another project, as list --from names it. */
  project: string | undefined;
  identity: string | undefined;
  lockWaitMs: number;
  /** The preview of an archive's restore, as it is typed; with `relocate` it also moves the snapshot to this home. */
  nextWords(path: AbsPath, relocate: boolean): string[];
}

export interface PullOutcome extends Ending {
  command: "pull";
  from: string;
  /** `pulled` is false where that archive was here already, or `failed` says why it was not taken: then there is no `path`. */
  archives: {
    id: string;
    host: string;
    project: string;
    path: AbsPath | null;
    pulled: boolean;
    failed: string | null;
  }[];
  /** The preview of its restore, where one was asked for; and where it is from, where that is not here. */
  next: NextStep | null;
}

export async function pull(request: PullRequest, context: Context): Promise<PullOutcome> {
  const { world, named } = context;
  const site = await findSite(world, named, true);
  const { destination } = await openPlace(request.dest ?? onlyPlace(site), site, world);
  return inOneLook(destination, () => pullFrom(destination, site, request, context));
}

async function pullFrom(
  destination: Destination,
  site: Site,
  request: PullRequest,
  { world, holder, notify }: Context,
): Promise<PullOutcome> {
  const { ref, identity, lockWaitMs } = request;
  const { store } = site;
  const keys = () => keysOf(world, identity);
  const owner = await ownerToPull(destination, store, request, keys);
  const wanted = await copiesMeant(destination, owner, ref);
  return asWriter(store, { command: holder, lockWaitMs }, async () => {
    const archives: PullOutcome["archives"] = [];
    for (const [index, copy] of wanted.entries()) {
      notify({ type: "progress", what: `Pulling from ${destination.shown}`, done: index, total: wanted.length });
      const path = below(store, `${copy.id}.${copy.form}`);
      const there = look(path);
      let failed: string | null = null;
      try {
        if (there === null) await take(destination, copy, store, keys);
        else if (copy.bytes !== null && there.size !== copy.bytes)
          throw fail.copyDiffers(keyOf(copy), destination.shown);
      } catch (cause) {
        // One that is damaged is not a reason to do without the others.
        if (ref !== null || !(cause instanceof RollbackError) || cause.code !== "damaged") throw cause;
        failed = cause.message;
      }
      const pulled = there === null && failed === null;
      if (pulled)
        noteEvent(store, { command: "pull", id: copy.id, description: destination.shown, result: "ok" }, notify);
      const { id, machine: host, project } = copy;
      archives.push({ id, host, project, path: failed === null ? path : null, pulled, failed });
    }
    const exit = archives.some(({ failed }) => failed !== null) ? EXIT.damaged : EXIT.done;
    const next = await nextOf(archives, request, { site, keys: () => keysOf(world, identity) });
    return { command: "pull", exit, from: destination.shown, archives, next };
  });
}

/** What to do with the only one. Its home is in its manifest, which an identity opens. */
async function nextOf(
  archives: PullOutcome["archives"],
  { nextWords }: PullRequest,
  { site, keys }: { site: Site; keys: Keys },
): Promise<NextStep | null> {
  const [only, ...others] = archives;
  if (only === undefined || others.length > 0 || only.path === null) return null;
  const form = only.path.endsWith(".age") ? "zip.age" : "zip";
  const opened = await tryOpenWith({ id: only.id, at: only.path, forms: [form] }, keys);
  const from = opened === null ? null : elsewhere(opened, site);
  return { command: nextWords(only.path, from !== null), elsewhere: from };
}

/** The manifest, or null where it can't be read. */
async function tryOpenWith(located: Located, keys: Keys): Promise<Manifest | null> {
  try {
    using vault = await openVault(located, keys);
    return (await manifestOf(vault)).manifest;
  } catch (cause) {
    if (cause instanceof RollbackError) return null;
    throw cause;
  }
}

/** Opened, and every file in it checked; then written under another name, and last under its own. */
async function take(destination: Destination, copy: Copy, store: AbsPath, keys: Keys): Promise<void> {
  const name = `${copy.id}.${copy.form}`;
  using brought = await bring(destination, copy, keys);
  const { archive, bytes } = brought;
  await demandSame(store, archive, copy);
  await inStaging(store, async (staging) => {
    const fresh = below(staging, name);
    try {
      const sink = openSink(fresh);
      eachChunk(bytes, sink.take);
      sink.end();
      flush([fresh]);
      rename(fresh, below(store, name));
      flush([store]);
    } catch (cause) {
      throw fail.io("write", below(store, name), cause instanceof NotWritten ? cause.cause : cause);
    }
  });
}

/** Two Macs may take a snapshot in the same second: one of them must not stand beside the other's folder. */
async function demandSame(store: AbsPath, archive: ArchiveVault, { id, machine }: Copy): Promise<void> {
  const here = listSnapshots(store).find((entry) => entry.id === id);
  if (here === undefined || here.forms[0] === "zip.age") return;
  using vault = await openVault(here, () => []);
  const read = await tryManifestOf(vault);
  if (!("broken" in read) && read.text !== archive.text) throw fail.otherSnapshot(id, machine);
}
