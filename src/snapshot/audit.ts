// audit.jsonl: one line an event, each with the hash of the line before. It finds accidents and careless edits; whoever
// rewrites the whole file is not found out.
import { codeOf, fail } from "../errors.ts";
import type { AbsPath, Digest } from "../model.ts";
import { below } from "../paths.ts";
import { now } from "../system/clock.ts";
import { append, shorten } from "../system/durable.ts";
import { digestOf, ifReadable, lastLine, look, readText } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";

const LIMIT_BYTES = 1 << 30;

/** One event; the time (UTC), user and host are added when it is recorded. `id` is a snapshot's. */
export interface AuditEvent {
  command: string;
  description?: string;
  id?: string;
  files?: number;
  /** SHA-256 of the manifest.json that a `create` published. */
  manifest?: Digest;
  result: string;
}

const auditPath = (store: AbsPath) => below(store, "audit.jsonl");

/** Appends an event, flushed. Only the store's one writer may call it. A torn last line is cut off, and that is noted. */
export function recordEvent(store: AbsPath, event: AuditEvent): void {
  const path = auditPath(store);
  try {
    const { line: last, tornBytes } = look(path) === null ? { line: null, tornBytes: 0 } : lastLine(path);
    if (tornBytes > 0) shorten(path, tornBytes);
    const { user, host } = whoAmI();
    const line = {
      time: now().utc,
      user,
      host,
      ...event,
      ...(tornBytes > 0 ? { cut_off_bytes: tornBytes } : {}),
      prev: last === null ? null : digestOf(last),
    };
    append(path, `${JSON.stringify(line)}\n`);
  } catch (cause) {
    throw fail.io("note the event in", path, cause);
  }
}

/** When the last `create` that stored everything, or found nothing changed, was noted: ms since the epoch, UTC. Auto-backups do not count. */
export function lastCreate(store: AbsPath): number | null {
  const text = ifReadable(() => readText(auditPath(store), LIMIT_BYTES, { noFollow: true })) ?? "";
  for (const line of text.split("\n").reverse()) {
    const event = line.includes('"create"') ? parseLine(line) : null;
    if (event?.command !== "create" || (event.result !== "ok" && event.result !== "unchanged")) continue;
    if (String(event.description).startsWith("Auto-backup before restoring ")) continue;
    const at = Date.parse(String(event.time));
    if (!Number.isNaN(at)) return at;
  }
  return null;
}

export interface AuditCheck {
  ok: boolean;
  /** 1-based. */
  firstBadLine?: number;
  /** The manifest digest that each snapshot's `create` noted. */
  digests: Map<string, Digest>;
}

/** Follows the chain from the first line. A file that is not there is a chain of nothing. */
export function checkAudit(store: AbsPath): AuditCheck {
  const digests = new Map<string, Digest>();
  let text: string;
  try {
    text = readText(auditPath(store), LIMIT_BYTES, { noFollow: true });
  } catch (cause) {
    return codeOf(cause) === "ENOENT" ? { ok: true, digests } : { ok: false, firstBadLine: 1, digests };
  }
  const lines = text.split("\n");
  // A last line without its newline was torn by a crash: the next writer mends it.
  lines.pop();
  let prev: Digest | null = null;
  let firstBadLine: number | undefined;
  for (const [index, line] of lines.entries()) {
    const event = parseLine(line);
    if (event === null || event.prev !== prev) firstBadLine ??= index + 1;
    if (typeof event?.id === "string" && typeof event.manifest === "string")
      digests.set(event.id, event.manifest as Digest);
    prev = digestOf(line);
  }
  return { ok: firstBadLine === undefined, ...(firstBadLine === undefined ? {} : { firstBadLine }), digests };
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
