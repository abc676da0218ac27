// `create`: takes a snapshot of every plist, config and credential.
import { fail } from "../errors.ts";
import {
  type AbsPath,
  type Counts,
  type Gone,
  type Inventory,
  KINDS,
  LOSSES,
  type Notify,
  type Skipped,
} from "../model.ts";
import { below, nameOf } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { maskNote } from "../secrets/note-secrets.ts";
import { type Captured, capture } from "../snapshot/capture.ts";
import { countFiles } from "../snapshot/manifest.ts";
import { setPin } from "../snapshot/pins.ts";
import { asWriter } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { exists } from "../system/files.ts";
import type { Context, Ending } from "./context.ts";
import { warnOfMissed } from "./coverage.ts";
import { gather } from "./gather.ts";
import { warnOfGoneStore } from "./gone-store.ts";
import { noteEvent } from "./note-event.ts";
import { warnBeforeReading, warnOfRefusals } from "./refusal.ts";
import { findSite, type Site } from "./site.ts";
import { unfinishedRestore } from "./unfinished.ts";

export interface CreateRequest {
  /** What the snapshot is for. */
  description: string;
  /** The word it is grouped by. */
  category: string;
  /** Makes none when nothing differs from the newest complete one. */
  ifChanged: boolean;
  /** Never prune it. */
  pin: boolean;
  /** Also write it as an archive, sealed where the config names recipients. */
  pack: boolean;
  /** Also store the project's rollback.yaml, as a config. */
  withConfig?: boolean;
  lockWaitMs: number;
}

export interface CreateOutcome extends Ending {
  command: "create";
  id: string;
  description: string;
  category: string;
  location: AbsPath;
  root: AbsPath;
  files: Counts;
  complete: boolean;
  skipped: Skipped[];
  gone: Gone;
  unchanged: boolean;
  /** Only where one was asked for. */
  archive: AbsPath | undefined;
}

export async function create(
  request: CreateRequest,
  { world, named, holder, notify }: Context,
): Promise<CreateOutcome> {
  const { ifChanged, pin, pack, lockWaitMs } = request;
  if (request.description.trim() === "")
    throw fail.badValue("DESCRIPTION", request.description, "a text that says what the snapshot is for");
  if (request.category.trim() === "") throw fail.badValue("CATEGORY", request.category, "a word");
  const [description, category] = [maskNote(request.description), maskNote(request.category)];
  if (description !== request.description || category !== request.category)
    notify({ type: "warning", message: "the description holds what may be a secret: it is kept without it" });
  const site = await findSite(world, named);
  const { store, root } = site;
  await warnOfGoneStore(site, world, notify);
  const { inventory, circumstances } = await gather(world, site, notify);
  if (request.withConfig === true) addConfig(inventory, site);
  demandSomething(inventory, site);
  const obstacles = await warnBeforeReading(inventory.found, world.env, notify);
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const unfinished = await unfinishedRestore(store, notify);
    const wanted = {
      description,
      category,
      circumstances,
      mayBeEmpty: false,
      ifChanged,
      unfinishedRestore: unfinished,
    };
    const made = await capture({ store, ...inventory, ...wanted }, notify);
    const { id, folder, files, skipped, digest } = made;
    if (pin) setPin(store, id, true);
    tellGone(made.gone, notify);
    await warnOfRefusals(site, inventory.found, world.env, obstacles, notify);
    warnOfMissed(site, inventory.found, notify);
    const noted = noteMade(store, description, made, notify);
    const archive = pack ? await tryPack(site, made, notify) : undefined;
    const whole = skipped.length === 0 && unfinished === undefined;
    return {
      command: "create",
      exit: whole && noted && archive !== null ? EXIT.done : EXIT.partial,
      id,
      description,
      category,
      location: folder,
      root,
      files: countFiles(files),
      complete: skipped.length === 0,
      skipped,
      gone: made.gone,
      unchanged: digest === null,
      archive: archive ?? undefined,
    };
  });
}

function addConfig({ found }: Inventory, { configFile: path }: Site): void {
  if (path === null || found.some((item) => item.path === path)) return;
  found.push({ path, kind: "config", name: nameOf(path), foundBy: ["it says what is captured"] });
}

function demandSomething({ found, skipped }: Inventory, site: Site): void {
  if (found.length > 0) return;
  throw skipped.length > 0 ? fail.nothingReadable(skipped) : fail.nothingFound(lookedIn(site));
}

const NAMES_SHOWN = 3;
const LOST = {
  gone: (count: string, since: string) => `${count} gone since ${since}`,
  empty: (count: string, since: string) => `${count} empty now; what ${since} holds was more`,
  unparsable: (count: string, since: string) => `${count} malformed now; what ${since} holds could be parsed`,
};

/** A warning for each kind and sort of loss, with the first names. */
function tellGone({ files, from }: Gone, notify: Notify): void {
  if (from === null) return;
  for (const kind of KINDS)
    for (const reason of LOSSES) {
      const names = files.filter((loss) => loss.kind === kind && loss.reason === reason).map(({ name }) => name);
      if (names.length === 0) continue;
      const all = from.counts[kind];
      const count = `${names.length} of ${all} ${kind}${all === 1 ? "" : "s"} ${names.length === 1 ? "is" : "are"}`;
      const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
      const shown = `${names.slice(0, NAMES_SHOWN).join(", ")}${more}`;
      notify({ type: "warning", message: `${LOST[reason](count, from.id)}: ${shown}` });
    }
}

function noteMade(store: AbsPath, description: string, made: Captured, notify: Notify): boolean {
  const { id, files, skipped, digest } = made;
  const event = { command: "create", description, id, files: files.length };
  if (digest === null) return noteEvent(store, { ...event, result: "unchanged" }, notify);
  return noteEvent(store, { ...event, result: skipped.length === 0 ? "ok" : "incomplete", manifest: digest }, notify);
}

/** The archive of a snapshot that was just made, or of the unchanged one that stands for it; null, with a warning, where it fails. */
async function tryPack({ store, config }: Site, made: Captured, notify: Notify): Promise<AbsPath | null> {
  const { id, folder, digest } = made;
  const { recipients } = config.seal;
  const target = below(store, `${id}.${recipients.length > 0 ? "zip.age" : "zip"}`);
  if (recipients.length > 0 && exists(target)) return target;
  const { pack } = await import("../archive/pack.ts");
  try {
    const source = { vault: folderVault(id, folder), noted: digest ?? undefined, moving: false, notify };
    await pack(store, source, target, recipients);
    return target;
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
    notify({ type: "warning", message: `${cause.message}; the snapshot stands, without an archive` });
    return null;
  }
}

function lookedIn({ config, root, home }: Site): string[] {
  return [
    ...config.plists,
    ...config.configs.map((path) => `${path} (below ${root})`),
    ...config.credentials.files,
  ].map((path) => (path.startsWith("~/") ? `${home}/${path.slice(2)}` : path));
}
