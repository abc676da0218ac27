// What a restore wrote, kept beside the snapshots so that an undo can tell its changes from later ones. Written down before the first file
// is touched; without it only the undo is lost.
import { fail } from "../errors.ts";
import type { AbsPath, Digest, Kind, Plan } from "../model.ts";
import { below } from "../paths.ts";
import { flush, makeFolders, NotWritten, removeFile, writeNew } from "../system/durable.ts";
import { look, namesIn } from "../system/files.ts";

/** One file as the restore left it. */
export interface Wrote {
  path: string;
  name: string;
  kind: Kind;
  /** Nothing stood there before. */
  made: boolean;
  /** Null where only the link was made anew. */
  hash: Digest | null;
  mode: number | null;
  /** What a link that was made leads to; null where none was. */
  link: string | null;
  /** The content in base64, where no snapshot holds it: it was merged, or made for another home. */
  content: string | null;
}

export interface RestoreRecord {
  /** The snapshot that holds what was there before; null where nothing was overwritten. */
  autoBackup: string | null;
  wrote: Wrote[];
}

const folderOf = (inner: AbsPath) => below(inner, "undo");
export const recordAt = (inner: AbsPath, name: string) => below(folderOf(inner), `${name}.json`);

/** Writes down, flushed, what a plan will have written. Returns the name by which it is found. */
export function keepRecord(inner: AbsPath, plan: Plan, autoBackup: string | null): string {
  const name = autoBackup ?? crypto.randomUUID();
  const record: RestoreRecord = { autoBackup, wrote: plan.changes.flatMap(wroteBy) };
  const path = recordAt(inner, name);
  try {
    makeFolders(folderOf(inner), 0o700);
    writeNew(path, `${JSON.stringify(record)}\n`);
    flush([path, folderOf(inner), inner]);
    return name;
  } catch (cause) {
    throw fail.io("write", path, cause instanceof NotWritten ? cause.cause : cause);
  }
}

function wroteBy({ path, name, kind, action, writes }: Plan["changes"][number]): Wrote[] {
  if (writes.length === 0) return [];
  const file = writes.find((write) => write.type === "file");
  const link = writes.find((write) => write.type === "link");
  // What was made anew stays where it is, so nobody will ask for its bytes.
  const content = file?.type === "file" && action !== "create" ? file.from.content : undefined;
  return [
    {
      ...{ path, name, kind, made: action === "create" },
      hash: file?.type === "file" ? file.hash : null,
      mode: file?.type === "file" ? file.mode : null,
      link: link?.type === "link" ? link.target : null,
      content: content === undefined ? null : Buffer.from(content).toString("base64"),
    },
  ];
}

export const hasRecord = (inner: AbsPath, name: string): boolean =>
  isRecordName(name) && look(recordAt(inner, name)) !== null;

/** Removes one record, or with `keep` every one that it does not want. */
export function dropRecord(inner: AbsPath, name: string): void {
  if (isRecordName(name) && look(recordAt(inner, name)) !== null) removeFile(recordAt(inner, name));
}

export function dropRecords(inner: AbsPath, keep: (autoBackup: string) => boolean): void {
  for (const file of namesIn(folderOf(inner)) ?? []) {
    const name = file.replace(/\.json$/, "");
    if (/^\d{8}_\d{6}$/.test(name) && !keep(name)) dropRecord(inner, name);
  }
}

/** Names stand in audit.jsonl, where anyone may have written them. */
export const isRecordName = (name: string): boolean => /^[\w-]{1,64}$/.test(name);
