// `undo [N]`: what a restore or a guard run changed is taken back, and what came later stays.
import { fail } from "../errors.ts";
import type { AbsPath, Manifest, StoredFile } from "../model.ts";
import type { Wrote } from "../restore/record.ts";
import { healthySpares } from "../snapshot/spares.ts";
import { innerFolder } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import type { Context } from "./context.ts";
import { keysOf } from "./identity.ts";
import { type Opened, openSnapshot } from "./open.ts";
import { performOpened, previewOpened } from "./restore.ts";
import type { OpenedRestore, RestoreOutcome, TakenBack } from "./restore-terms.ts";
import type { Base } from "./settle.ts";
import { findSite, type Site } from "./site.ts";
import { type After, afterIn, asRestore, type TakeBackRequest, takeBack } from "./take-back.ts";
import { type Run, runsOf } from "./undoable.ts";

export interface UndoRequest extends TakeBackRequest {
  /** The event's line in the trail; null is the last one. */
  line: number | null;
}

/** What it would change. Writes nothing. */
export const previewUndo = async (input: UndoRequest, context: Context): Promise<RestoreOutcome> =>
  previewOpened(await open(input, context), asRestore(input), context);

/** Takes it back, all or nothing. Throws `failed`, with nothing written, where a conflict is undecided. */
export const undo = async (input: UndoRequest, context: Context): Promise<RestoreOutcome> =>
  performOpened(await open(input, context), asRestore(input), context);

async function open(input: UndoRequest, context: Context): Promise<OpenedRestore> {
  const { world, named } = context;
  const site = await findSite(world, named);
  const run = choose(site.store, input.line);
  const at = (ref: string) =>
    openSnapshot(
      ref,
      async () => site.store,
      world.cwd,
      () => keysOf(world, input.identity),
    );
  const { line, command, id, description, time } = run;
  const ageSeconds = time === null ? null : Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000));
  const of: TakenBack = { type: "event", line, command, id, description, time, ageSeconds };
  const words = { command: "undo" as const, note: `${command} of ${id}, event ${line}`, of, typed: [String(line)] };
  if (run.record === null) {
    const [before, after] = [await at(run.id), await at(run.after ?? "")];
    const state = afterIn(after, input.maps, before.manifest, input.maps, false, "the guarded command made it");
    return takeBack(before, state, site, input.maps, input, { ...words, ref: run.id });
  }
  const { readRecord } = await import("../restore/record-read.ts");
  const record = readRecord(innerFolder(site.store), run.record);
  if (record === null) throw fail.notUndoable(`event ${line}`, "its record can't be read", undoableLines(site.store));
  const before = record.autoBackup === null ? nothingBefore(site) : await at(record.autoBackup);
  const wrote = new Map(record.wrote.map((file) => [file.path, file]));
  const findSpare = healthySpares(site.store);
  const after: After = {
    at: (file, path) => {
      const then = wrote.get(path);
      return then === undefined || then.made ? undefined : baseOf(then, file, findSpare);
    },
    made: record.wrote
      .filter(({ made }) => made)
      .map(({ path, name, kind }) => ({ path, name, kind, why: `the ${command} made it` })),
  };
  return takeBack(before, after, site, input.maps, input, { ...words, ref: before.located.id });
}

const undoableLines = (store: AbsPath): number[] =>
  runsOf(store)
    .filter(({ can }) => can)
    .map(({ line }) => line)
    .slice(0, 5);

function choose(store: AbsPath, line: number | null): Run {
  let runs: Run[];
  try {
    runs = runsOf(store);
  } catch (cause) {
    throw fail.io("read", `${store}/audit.jsonl`, cause);
  }
  const run = line === null ? runs[0] : runs.find((candidate) => candidate.line === line);
  if (run === undefined && line === null) throw fail.nothingToUndo();
  if (run === undefined)
    throw fail.notUndoable(`event ${line}`, "it is no restore, undo, revert or guard run", undoableLines(store));
  if (run.can) return run;
  const needs = run.record === null ? "a snapshot of that guard run" : "the auto-backup that it needs";
  throw fail.notUndoable(
    `event ${run.line}, the ${run.command} of ${run.id},`,
    `${needs} was removed`,
    undoableLines(store),
  );
}

/** As the restore left a file. Its bytes are in the record, or in a snapshot that still holds them. */
function baseOf(then: Wrote, file: StoredFile, findSpare: ReturnType<typeof healthySpares>): Base {
  const hash = then.hash ?? file.hash;
  return {
    hash,
    mode: then.mode ?? undefined,
    link: then.link ?? undefined,
    moved: false,
    async read(limit) {
      if (then.content !== null) return Buffer.from(then.content, "base64");
      const spare = await findSpare(hash, "/" as AbsPath);
      return spare === null ? null : spare.vault.read(spare.stored, limit);
    },
  };
}

/** Where nothing was overwritten, there is no auto-backup, and nothing to go back to. */
function nothingBefore({ store, home, root }: Site): Opened {
  const manifest: Manifest = {
    ...{ format: 2, createdAt: "", createdAtMs: 0, description: "", category: "auto-backup", complete: true },
    ...{
      skipped: [],
      host: null,
      home,
      root,
      gone: { files: [], from: null },
      beforeRestoreOf: null,
      files: [],
      git: null,
      venvs: {},
      raw: null,
    },
  };
  return { located: { id: "none", at: store, forms: ["folder"] }, vault: folderVault("none", store), manifest };
}
