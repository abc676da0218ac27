// audit.jsonl read back: what each line says, and whether it follows from the one before.

import type { AbsPath, Digest } from "../model.ts";
import { codeOf } from "../rollback-error.ts";
import { isFields, isNumber, isText, isTexts } from "../shape.ts";
import { digestOf, ifReadable, look, NotAFile, readText } from "../system/files.ts";
import { auditPath } from "./audit.ts";

const LIMIT_BYTES = 1 << 30;

/**
 * The last `create` that stored everything, or found nothing changed: when it was noted, in ms since the epoch, UTC, and the snapshot
 * that held everything then. Auto-backups do not count.
 */
export function lastCreate(store: AbsPath): { atMs: number; id: string | undefined } | null {
  const last = lastEvent(
    store,
    ({ command, result, description = "" }) =>
      command === "create" && (result === "ok" || result === "unchanged") && !description.startsWith(BEFORE_RESTORE),
  );
  return last === null ? null : { atMs: last.atMs, id: last.event.id };
}

/** The snapshot that the trail names as the last one, where it does not stand among these. */
export const missingOf = (last: ReturnType<typeof lastCreate>, entries: readonly { id: string }[]): string | null =>
  last?.id === undefined || entries.some(({ id }) => id === last.id) ? null : last.id;

const BEFORE_RESTORE = "Auto-backup before restoring ";

/** The ids of the snapshots that restores took, as noted; for those that can't be asked themselves. */
export function notedAutoBackups(store: AbsPath): Set<string> {
  const text = ifReadable(() => readText(auditPath(store), LIMIT_BYTES, { noFollow: true })) ?? "";
  const ids = text.split("\n").flatMap((line) => {
    const event = line.includes(BEFORE_RESTORE) ? parseLine(line) : null;
    return event?.description?.startsWith(BEFORE_RESTORE) && event.id !== undefined ? [event.id] : [];
  });
  return new Set(ids);
}

/** When all that was to be pushed to a destination was there last: ms since the epoch, UTC. */
export const lastPush = (store: AbsPath, to: string): number | null =>
  lastEvent(store, ({ command, result, description }) => command === "push" && result === "ok" && description === to)
    ?.atMs ?? null;

/** What was noted further ahead of now than any zone lies from another was noted by a wrong clock. */
const AHEAD_MS = 26 * 3_600_000;

/** The last drill of a destination: when (ms since the epoch, UTC), and whether everything came back. Null where there was none. */
export function lastDrill(store: AbsPath, of: string): { atMs: number; passed: boolean } | null {
  const last = lastEvent(store, ({ command, description }) => command === "drill" && description === of);
  return last === null ? null : { atMs: last.atMs, passed: last.event.result === "ok" };
}

function lastEvent(
  store: AbsPath,
  wanted: (event: AuditRecord) => boolean,
): { atMs: number; event: AuditRecord } | null {
  const until = Date.now() + AHEAD_MS;
  const text = ifReadable(() => readText(auditPath(store), LIMIT_BYTES, { noFollow: true })) ?? "";
  for (const line of text.split("\n").reverse()) {
    const event = /"(create|push|drill)"/.test(line) ? parseLine(line) : null;
    if (event === null || !wanted(event)) continue;
    const atMs = Date.parse(String(event.time));
    if (atMs <= until) return { atMs, event };
  }
  return null;
}

/** One line as it stands; what it does not say, or says in another type, is undefined. */
export interface AuditLine {
  /** 1-based. */
  line: number;
  /** Whether it is whole, and holds the hash of the line before. */
  follows: boolean;
  event: AuditRecord | null;
}
/** When the loss of a file was accepted last, by its path: ms since the epoch, UTC. */
export function acceptedLosses(store: AbsPath): Map<string, number> {
  const text = ifReadable(() => readText(auditPath(store), LIMIT_BYTES, { noFollow: true })) ?? "";
  const accepted = new Map<string, number>();
  for (const line of text.split("\n")) {
    const event = line.includes('"accept"') ? parseLine(line) : null;
    const at = Date.parse(String(event?.time));
    if (event?.command === "accept" && !Number.isNaN(at)) for (const path of event.paths) accepted.set(path, at);
  }
  return accepted;
}

/** Where venv repairs that went well keep the old ones. */
export function keptByRepairs(store: AbsPath): Set<string> {
  const text = ifReadable(() => readText(auditPath(store), LIMIT_BYTES, { noFollow: true })) ?? "";
  const kept = text.split("\n").flatMap((line) => {
    const event = line.includes('"venv repair"') ? parseLine(line) : null;
    return event?.command === "venv repair" && event.result === "ok" ? event.paths : [];
  });
  return new Set(kept);
}

interface AuditRecord {
  time: string | undefined;
  user: string | undefined;
  host: string | undefined;
  command: string | undefined;
  description: string | undefined;
  id: string | undefined;
  files: number | undefined;
  manifest: Digest | undefined;
  archive: Digest | undefined;
  undo: string | undefined;
  after: string | undefined;
  result: string | undefined;
  cut_off_bytes: number | undefined;
  paths: string[];
  prev: string | null;
}

/** Every line from the first; none where there is no file. Throws the system's error where it can't be read. */
export function readAudit(store: AbsPath): AuditLine[] {
  if (look(auditPath(store)) === null) return [];
  const lines = readText(auditPath(store), LIMIT_BYTES, { noFollow: true }).split("\n");
  // A last line without its newline was torn by a crash: the next writer mends it.
  lines.pop();
  let prev: Digest | null = null;
  return lines.map((line, index) => {
    const event = parseLine(line);
    const follows = event !== null && event.prev === prev;
    prev = digestOf(line);
    return { line: index + 1, follows, event };
  });
}

export interface AuditCheck {
  ok: boolean;
  /** 1-based. */
  firstBadLine?: number;
  /** The manifest digest that each snapshot's `create` noted. */
  digests: Map<string, Digest>;
  /** The digests of the archives that were opened when they were made. */
  opened: Set<Digest>;
}

/** Follows the chain from the first line. A file that is not there is a chain of nothing. */
export function checkAudit(store: AbsPath): AuditCheck {
  const digests = new Map<string, Digest>();
  const opened = new Set<Digest>();
  try {
    const lines = readAudit(store);
    for (const { event } of lines) {
      if (event?.archive !== undefined) opened.add(event.archive);
      if (event?.id !== undefined && event.manifest !== undefined) digests.set(event.id, event.manifest);
    }
    const firstBadLine = lines.find(({ follows }) => !follows)?.line;
    return { ok: firstBadLine === undefined, ...(firstBadLine === undefined ? {} : { firstBadLine }), digests, opened };
  } catch (cause) {
    if (codeOf(cause) === undefined && !(cause instanceof RangeError) && !(cause instanceof NotAFile)) throw cause;
    return { ok: false, firstBadLine: 1, digests, opened };
  }
}

function parseLine(line: string): AuditRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isFields(value)) return null;
  const {
    time,
    user,
    host,
    command,
    description,
    id,
    files,
    manifest,
    archive,
    undo,
    after,
    result,
    cut_off_bytes: cutOff,
    prev,
  } = value;
  const text = (field: unknown) => (isText(field) ? field : undefined);
  const digest = (field: unknown) => (isText(field) && /^[0-9a-f]{64}$/.test(field) ? (field as Digest) : undefined);
  const count = (field: unknown) => (isNumber(field) ? field : undefined);
  return {
    time: text(time),
    user: text(user),
    host: text(host),
    command: text(command),
    description: text(description),
    id: text(id),
    files: count(files),
    manifest: digest(manifest),
    archive: digest(archive),
    undo: text(undo),
    after: text(after),
    result: text(result),
    cut_off_bytes: count(cutOff),
    paths: isTexts(value.paths) ? value.paths : [],
    prev: isText(prev) ? prev : null,
  };
}
