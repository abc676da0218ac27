// `history`: every snapshot in which a file appeared, changed or vanished.

import type { FileDiff, Problem } from "../comparison.ts";
import { compareVersions, hideKnown, type Version } from "../diff/compare.ts";
import { type Cell, type Column, matrix, type Row } from "../diff/matrix.ts";
import { fail } from "../errors.ts";
import type { Kind, StoredFile } from "../model.ts";
import { selection } from "../restore/selection.ts";
import { EXIT } from "../rollback-error.ts";
import { type Known, knownSecrets } from "../secrets/known.ts";
import type { Located } from "../snapshot/ref.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { displayName } from "../text.ts";
import type { Context, Ending } from "./context.ts";
import { exitOf } from "./diff.ts";
import { wordsFor } from "./file-words.ts";
import { openVault, tryOpen } from "./open.ts";
import { findStoreAlone } from "./site.ts";
import { columnOf, storedVersion, UNKNOWN } from "./states.ts";

export interface HistoryRequest {
  /** A path, a file's name, a credential's name, or a pattern for one of them. */
  file: string;
  /** Also tell what changed inside it. */
  patch: boolean;
}

/** What a snapshot did to one file. `first`: the oldest one that holds it has nothing to compare with. */
export interface HistoryEvent {
  id: string;
  description: string;
  category: string;
  /** Local time, as the manifest has it. */
  createdAt: string;
  createdAtMs: number;
  event: "first" | "added" | "changed" | "removed" | "unreadable";
  size: number | null;
  /** Only where it was asked for, and there is something to compare. */
  patch: FileDiff | null;
}

export interface HistoryOutcome extends Ending {
  command: "history";
  /** Newest event first. */
  files: { path: string; name: string; kind: Kind; events: HistoryEvent[] }[];
  problems: Problem[];
}

export async function history(
  { file, patch }: HistoryRequest,
  { world, named, notify }: Context,
): Promise<HistoryOutcome> {
  const store = await findStoreAlone(world, named);
  const wanted = selection(wordsFor(file, world), []);
  const seen: Seen[] = [];
  for (const entry of listSnapshots(store).toReversed()) seen.push(await look(entry, wanted));
  const unread = seen.filter(({ facts }) => facts === null).map(({ entry }) => entry.id);
  if (unread.length > 0)
    notify({ type: "warning", message: `not looked into, being sealed or damaged: ${unread.join(", ")}` });
  const rows = matrix(seen.map(({ column }) => column));
  if (rows.length === 0) throw fail.neverHeld(file);
  const problems: Problem[] = [];
  const files: HistoryOutcome["files"] = [];
  const known = knownSecrets();
  for (const row of rows) {
    const { path, name, kind } = row;
    files.push({ path, name, kind, events: (await eventsOf(row, seen, patch ? known : null, problems)).toReversed() });
  }
  return { command: "history", exit: exitOf(problems) ?? EXIT.done, files: hideIn(files, known), problems };
}

const hideIn = (files: HistoryOutcome["files"], known: Known): HistoryOutcome["files"] =>
  files.map((file) => ({
    ...file,
    events: file.events.map((event) => ({
      ...event,
      patch: event.patch && (hideKnown([event.patch], known)[0] ?? null),
    })),
  }));

/** One file's events, oldest first, with patches where the secrets met are noted. What a patch could not read is added to `problems`. */
async function eventsOf(row: Row, seen: Seen[], known: Known | null, problems: Problem[]): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (const [index, { entry, facts, files }] of seen.entries()) {
    const event = eventOf(row.cells, index);
    if (event === null || facts === null) continue;
    const compared =
      known !== null && event === "changed" ? await patchAt(seen, row, index, known) : { diff: null, problems: [] };
    problems.push(...compared.problems);
    const size = files.get(row.path)?.size ?? null;
    events.push({ id: entry.id, ...facts, event, size, patch: compared.diff });
  }
  return events;
}

/** What one snapshot says of the files: all that is kept of its manifest. */
interface Seen {
  entry: Located;
  column: Column;
  facts: Pick<HistoryEvent, "description" | "category" | "createdAt" | "createdAtMs"> | null;
  files: ReadonlyMap<string, StoredFile>;
}

async function look(entry: Located, wanted: ReturnType<typeof selection>): Promise<Seen> {
  const opened = await tryOpen(entry);
  if (opened === null) return { entry, column: UNKNOWN, facts: null, files: new Map() };
  const { description, category, createdAt, createdAtMs, skipped, files } = opened.manifest;
  const chosen = files.filter((file) => wanted({ kind: file.kind, path: file.original, name: displayName(file) }));
  return {
    entry,
    column: columnOf(chosen, skipped),
    facts: { description, category, createdAt, createdAtMs },
    files: new Map(chosen.map((file) => [file.original, file])),
  };
}

function eventOf(cells: Cell[], index: number): HistoryEvent["event"] | null {
  const cell = cells[index];
  if (cell === "added" || cell === "changed" || cell === "removed") return cell;
  if (cell === "unknown") return "unreadable";
  const isFirst = cells.slice(0, index).every((before) => before === "unknown");
  return cell === "same" && isFirst ? "first" : null;
}

async function patchAt(seen: Seen[], { path, cells }: Row, index: number, known: Known) {
  const previous = cells.findLastIndex((cell, at) => at < index && cell !== "unknown");
  const version = async (one: Seen | undefined): Promise<Version | null> => {
    const file = one?.files.get(path);
    return one === undefined || file === undefined
      ? null
      : storedVersion(await openVault(one.entry, () => []), file, path);
  };
  return compareVersions(await version(seen[previous]), await version(seen[index]), known);
}
