// audit.jsonl: one line an event, each with the hash of the line before. It finds accidents and careless edits; whoever
// rewrites the whole file is not found out.
import { fail } from "../errors.ts";
import type { AbsPath, Digest } from "../model.ts";
import { below } from "../paths.ts";
import { now } from "../system/clock.ts";
import { append, shorten } from "../system/durable.ts";
import { digestOf, lastLine, look } from "../system/files.ts";
import { machineName, whoAmI } from "../system/machine.ts";

/** One event; the time (UTC), user and host are added when it is recorded. `id` is a snapshot's. */
export interface AuditEvent {
  command: string;
  description?: string;
  id?: string;
  files?: number;
  /** SHA-256 of the manifest.json that a `create` published. */
  manifest?: Digest;
  /** SHA-256 of the archive that a `pack` made, and opened again. */
  archive?: Digest;
  /** The record by which a restore can be undone, of restore/record.ts. */
  undo?: string;
  /** The snapshot that a guard took when its command had ended. */
  after?: string;
  /** Files whose loss somebody accepted. */
  paths?: string[];
  result: string;
}

export const auditPath = (store: AbsPath) => below(store, "audit.jsonl");

/** Appends an event, flushed. Only the store's one writer may call it. A torn last line is cut off, and that is noted. */
export function recordEvent(store: AbsPath, event: AuditEvent): void {
  const path = auditPath(store);
  try {
    const { line: last, tornBytes } = look(path) === null ? { line: null, tornBytes: 0 } : lastLine(path);
    if (tornBytes > 0) shorten(path, tornBytes);
    const line = {
      time: now().utc,
      user: whoAmI().user,
      host: machineName(),
      ...event,
      ...(tornBytes > 0 ? { cut_off_bytes: tornBytes } : {}),
      prev: last === null ? null : digestOf(last),
    };
    append(path, `${JSON.stringify(line)}\n`);
  } catch (cause) {
    throw fail.io("note the event in", path, cause);
  }
}
