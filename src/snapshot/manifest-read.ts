// manifest.json: bytes that anyone may have written → a checked Manifest. Pure. docs/format.md describes every key.
import { fail } from "../errors.ts";
import {
  type AbsPath,
  type Digest,
  FOLDER,
  type GitState,
  type Gone,
  KINDS,
  type Kind,
  type LaunchdState,
  LOSSES,
  type Loss,
  type Manifest,
  type Skipped,
  type StoredFile,
  type StoredPath,
  type VenvState,
} from "../model.ts";
import { RollbackError, Said } from "../rollback-error.ts";
import { maskNote } from "../secrets/note-secrets.ts";
import { type Fields, type Is, isFields, isList, isNumber, isText, isTexts, isTruth } from "../shape.ts";
import { FORMAT } from "./manifest.ts";
import { inPieces, type Pieces } from "./manifest-pieces.ts";

/** What is wrong and where, without the value: it may be a secret. */
class Wrong extends Said {}

/** One map of keys, and its place in the manifest for what is wrong in it. */
class Reader {
  constructor(
    private readonly fields: Fields,
    private readonly place: string,
  ) {}
  at(key: string): string {
    return this.place === "" ? key : `${this.place}.${key}`;
  }
  /** A value that has to be there. */
  need<T>(key: string, is: Is<T>): T {
    const value = this.fields[key];
    if (is(value)) return value;
    throw new Wrong(value === undefined ? `${this.at(key)} is missing` : `${this.at(key)} has the wrong type`);
  }
  /** A value that an older or another tool may have left out. */
  maybe<T>(key: string, is: Is<T>): T | undefined {
    return this.fields[key] === undefined ? undefined : this.need(key, is);
  }
  /** The same, and null says that there is none. */
  nullable<T>(key: string, is: Is<T>): T | null | undefined {
    return this.fields[key] === null ? null : this.maybe(key, is);
  }
  /** A text of a certain form. */
  form(key: string, form: RegExp, why: string): string {
    const value = this.need(key, isText);
    if (form.test(value)) return value;
    throw new Wrong(`${this.at(key)}${why}`);
  }
}

const HASH = /^[0-9a-fA-F]{64}$/;
/** How version 0.1 said it, in an auto-backup's description alone. */
const BACKUP_OF = /^Auto-backup before restoring (\S+)$/;
const MODE = /^[0-7]{3,5}$/;
/** RFC 3339, section 5.6. */
const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)$/;

/**
 * Checks a manifest's text; `path` only names it in errors. Throws `damaged` where it is broken or of a format to come, and
 * `refused` where a `backup` does not end in a path inside a snapshot. `original` stays what it is: the planner judges it.
 */
export function parseManifest(text: string, path: string): Manifest {
  return (text.length < LONG ? null : byEntry(text, path)) ?? whole(text, path);
}

/** From so many characters on a manifest is read entry by entry. */
const LONG = 1 << 20;

/** Null where the text has to be read whole: also where anything is wrong with it, which is told the same of long ones and of short. */
export function byEntry(text: string, path: string): Manifest | null {
  const pieces = inPieces(text);
  if (pieces?.value.format !== FORMAT) return null;
  try {
    return read(pieces.value, path, pieces.lists);
  } catch (cause) {
    if (cause instanceof Wrong || cause instanceof SyntaxError || cause instanceof RollbackError) return null;
    throw cause;
  }
}

function whole(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail.manifestBroken(path, text.trim() === "" ? "it is empty" : "it is not JSON, or cut off");
  }
  if (typeof value === "object" && value !== null && "format" in value && typeof value.format === "number")
    if (value.format !== FORMAT) throw fail.formatTooNew(path, value.format);
  try {
    return read(value, path);
  } catch (cause) {
    throw cause instanceof Wrong ? fail.manifestBroken(path, cause.message) : cause;
  }
}

/** `lists` are those that stand apart from the value. */
function read(value: unknown, path: string, lists?: Pieces["lists"]): Manifest {
  if (!isFields(value)) throw new Wrong("it has the wrong type");
  const m = new Reader(value, "");
  const legacy = m.maybe("format", isNumber) === undefined;
  const createdAt = m.need("created_at", isText);
  const utc = m.maybe("created_at_utc", isText);
  const files: StoredFile[] = [];
  const addEntries = (key: string, kind: Kind, list: unknown[]) => {
    let index = 0;
    for (const entry of lists?.get(key) ?? list) {
      if (!isFields(entry)) throw new Wrong(`${key}.${index} has the wrong type`);
      files.push(fromEntry(new Reader(entry, `${key}.${index++}`), kind, legacy, path));
    }
  };
  const description = maskNote(m.need("description", isText));
  const category = maskNote(m.need("category", isText));
  addEntries("plist_files", "plist", m.need("plist_files", isList));
  addEntries("config_files", "config", m.need("config_files", isList));
  addEntries("credential_files", "credential", m.maybe("credential_files", isList) ?? []);
  const createdAtMs = utc === undefined ? localMs(createdAt) : Date.parse(utc);
  if (Number.isNaN(createdAtMs))
    throw new Wrong(`${utc === undefined ? "created_at" : "created_at_utc"} is not a time`);
  const inferred = legacy ? inferPlaces(files, value) : { home: null, root: null };
  return {
    format: legacy ? 1 : 2,
    createdAt,
    createdAtMs,
    description,
    category,
    complete: m.maybe("complete", isTruth) ?? true,
    beforeRestoreOf: m.maybe("before_restore_of", isText) ?? BACKUP_OF.exec(description)?.[1] ?? null,
    skipped: readSkipped(m.maybe("skipped", isList) ?? []),
    gone: readGone(m.maybe("gone", isList) ?? [], m.maybe("gone_from", isFields)),
    host: m.nullable("host", isText) ?? null,
    home: (m.nullable("home", isText) as AbsPath | null | undefined) ?? inferred.home,
    root: (m.nullable("root", isText) as AbsPath | null | undefined) ?? inferred.root,
    files,
    git: readGit(m.nullable("git_state", isFields)),
    venvs: readVenvs(m.nullable("venv_metadata", isFields)),
  };
}

const readSkipped = (list: unknown[]): Skipped[] =>
  list.map((item, index) => {
    if (!isFields(item)) throw new Wrong(`skipped.${index} has the wrong type`);
    const reader = new Reader(item, `skipped.${index}`);
    return { path: reader.need("path", isText), reason: reader.need("reason", isText) };
  });

function readGone(list: unknown[], from: Fields | undefined): Gone {
  const files = list.map((item, index): Loss => {
    if (!isFields(item)) throw new Wrong(`gone.${index} has the wrong type`);
    const reader = new Reader(item, `gone.${index}`);
    const path = reader.need("path", isText);
    return {
      path,
      kind: reader.need("kind", isKind),
      name: reader.need("name", isText),
      reason: reader.need("reason", isLoss),
    };
  });
  if (from === undefined) return { files, from: null };
  const held = new Reader(from, "gone_from");
  const [plist, config, credential] = KINDS.map((kind) => held.need(kind, isNumber));
  const counts = {
    plist: plist ?? 0,
    config: config ?? 0,
    credential: credential ?? 0,
    total: held.need("total", isNumber),
  };
  return { files, from: { id: held.need("id", isText), counts } };
}
const isKind = (value: unknown): value is Kind => KINDS.some((kind) => kind === value);
const isLoss = (value: unknown): value is Loss["reason"] => LOSSES.some((reason) => reason === value);

function readGit(fields: Fields | null | undefined): GitState | null {
  if (fields == null) return null;
  const git = new Reader(fields, "git_state");
  const text = (key: string) => git.nullable(key, isText) ?? null;
  return {
    commit: text("commit"),
    branch: text("branch"),
    timestamp: text("timestamp"),
    dirty: git.nullable("dirty", isTruth),
  };
}

function readVenvs(fields: Fields | null | undefined): Record<string, VenvState> {
  const states = Object.entries(fields ?? {}).map(([key, value]): [string, VenvState] => {
    if (!isFields(value)) throw new Wrong(`venv_metadata.${key} has the wrong type`);
    const venv = new Reader(value, `venv_metadata.${key}`);
    return [
      key,
      {
        exists: venv.need("exists", isTruth),
        python_version: venv.nullable("python_version", isText) ?? null,
        version_from: venv.nullable("version_from", isSource),
        healthy: venv.nullable("healthy", isTruth),
      },
    ];
  });
  return Object.fromEntries(states);
}
const isSource = (value: unknown): value is "python" | "pyvenv.cfg" => value === "python" || value === "pyvenv.cfg";

function fromEntry(entry: Reader, kind: Kind, legacy: boolean, path: string): StoredFile {
  const original = entry.need("original", isText);
  const backup = entry.need("backup", isText);
  const hash = entry.form("hash", HASH, ": a hash is 64 hex digits").toLowerCase() as Digest;
  const mode = entry.nullable("mode", isText) == null ? null : entry.form("mode", MODE, ": a mode is octal");
  const mtime = entry.nullable("mtime", isText) == null ? null : entry.form("mtime", TIME, " is not a time");
  const launchd = entry.nullable("launchd", isFields);
  const symlink = entry.nullable("symlink", isText);
  const [folder, name] = backup.split("/").slice(-2);
  if (folder !== FOLDER[kind] || !name || name === "." || name === ".." || name.includes("\0"))
    throw fail.manifestUnsafe(path, backup, `${FOLDER[kind]}/NAME`);
  return {
    kind,
    original,
    stored: `${folder}/${name}` as StoredPath,
    hash,
    size: entry.nullable("size_bytes", isNumber) ?? undefined,
    mode: mode === null ? undefined : Number.parseInt(mode, 8) & 0o7777,
    mtimeMs: mtime === null ? undefined : Date.parse(mtime),
    uid: entry.nullable("uid", isNumber) ?? undefined,
    gid: entry.nullable("gid", isNumber) ?? undefined,
    symlink: legacy ? undefined : symlink,
    name: entry.nullable("name", isText) ?? undefined,
    foundBy: entry.nullable("found_by", isTexts) ?? undefined,
    label: entry.nullable("label", isText),
    launchd: launchd == null ? undefined : launchdOf(new Reader(launchd, entry.at("launchd"))),
  };
}

const launchdOf = (state: Reader): LaunchdState => ({
  loaded: state.need("loaded", isTruth),
  disabled: state.need("disabled", isTruth),
});

/** Python's naive isoformat() in this machine's zone → ms since the epoch; NaN where it is none. */
function localMs(text: string): number {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return Date.parse(text);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const ms = Math.floor(Number(`0.${parts[7] ?? "0"}`) * 1000);
  return new Date(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms).getTime();
}

/** The original tool wrote neither home nor root, but its files lay in known places below them. */
function inferPlaces(files: StoredFile[], manifest: Fields): { home: AbsPath | null; root: AbsPath | null } {
  const before = (text: string | undefined, part: string) => {
    const at = text?.lastIndexOf(part) ?? -1;
    return at > 0 ? ((text ?? "").slice(0, at) as AbsPath) : null;
  };
  const agent = files.find(({ original }) => original.includes("/Library/LaunchAgents/"));
  const [stored] = ["plist_files", "config_files", "credential_files"].flatMap((key) => manifest[key] ?? []);
  const backup = isFields(stored) && isText(stored.backup) ? stored.backup : undefined;
  const mcp = files.find(({ kind, original }) => kind === "config" && original.endsWith("/.mcp.json"));
  return {
    home: before(agent?.original, "/Library/LaunchAgents/"),
    root: before(backup, "/infrastructure/rollback-snapshots/") ?? before(mcp?.original, "/.mcp.json"),
  };
}
