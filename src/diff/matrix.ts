// Which file was added, changed or removed in which snapshot: from manifests alone. Pure.
import { type Digest, KINDS, type Kind } from "../model.ts";
import { isWithin } from "../paths.ts";

/** What a snapshot holds of one file. */
export interface Held {
  name: string;
  kind: Kind;
  hash: Digest;
  mode: number | undefined;
  link: string | null | undefined;
}

/** One column: a snapshot's files by path, and the files and folders that it could not read. Null files: nobody can tell what it holds. */
export interface Column {
  files: ReadonlyMap<string, Held> | null;
  unread: string[];
}

export type Cell = "absent" | "same" | "added" | "changed" | "removed" | "unknown";

export interface Row {
  path: string;
  name: string;
  kind: Kind;
  /** One for each column, in their order. */
  cells: Cell[];
}

/** Rows in the order of kinds, then of names; `columns` are oldest first. A file that could not be read is neither there nor gone. */
export function matrix(columns: Column[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { files } of columns)
    for (const [path, { name, kind }] of files ?? [])
      if (!rows.has(path)) rows.set(path, { path, name, kind, cells: [] });
  for (const row of rows.values()) {
    let before: Held | undefined;
    let first = true;
    for (const { files, unread } of columns) {
      const held = files?.get(row.path);
      if (files === null || (held === undefined && unread.some((place) => isWithin(row.path, place)))) {
        row.cells.push("unknown");
        continue;
      }
      // What the first one holds was not added by it.
      row.cells.push(first && held !== undefined ? "same" : cellOf(before, held));
      first = false;
      before = held;
    }
  }
  const rank = ({ kind, name, path }: Row) => `${KINDS.indexOf(kind)}${name}\0${path}`;
  return [...rows.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** What became of a file from one snapshot to the next. */
export function cellOf(before: Held | undefined, held: Held | undefined): Cell {
  if (held === undefined) return before === undefined ? "absent" : "removed";
  if (before === undefined) return "added";
  const differs = before.hash !== held.hash || isOther(before.mode, held.mode) || isOther(before.link, held.link);
  return differs ? "changed" : "same";
}

/** What one of the two does not record can't differ. */
const isOther = <T>(before: T | undefined, after: T | undefined): boolean =>
  before !== undefined && after !== undefined && before !== after;
