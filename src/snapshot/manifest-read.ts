// manifest.json: bytes that anyone may have written → a checked Manifest. Pure. docs/format.md describes every key.
import * as v from "valibot";
import { fail } from "../errors.ts";
import {
  type AbsPath,
  type Digest,
  FOLDER,
  type GitState,
  KINDS,
  type Kind,
  type Manifest,
  type StoredFile,
  type StoredPath,
  type VenvState,
} from "../model.ts";
import { FORMAT } from "./manifest.ts";

const optional = v.nullish;
const number = v.pipe(v.number(), v.finite());
const FileEntry = v.object({
  original: v.string(),
  backup: v.string(),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/, "a hash is 64 hex digits")),
  name: optional(v.string()),
  size_bytes: optional(number),
  mode: optional(v.pipe(v.string(), v.regex(/^[0-7]{3,5}$/, "a mode is octal"))),
  mtime: optional(v.pipe(v.string(), v.isoTimestamp())),
  uid: optional(number),
  gid: optional(number),
  symlink: optional(v.string()),
  found_by: optional(v.array(v.string())),
  label: optional(v.string()),
  launchd: optional(v.object({ loaded: v.boolean(), disabled: v.boolean() })),
});
const Venv = v.object({
  exists: v.boolean(),
  python_version: optional(v.string()),
  version_from: optional(v.picklist(["python", "pyvenv.cfg"])),
  healthy: optional(v.boolean()),
});
const Schema = v.object({
  format: v.optional(v.number()),
  created_at: v.string(),
  created_at_utc: v.optional(v.string()),
  description: v.string(),
  category: v.string(),
  plist_files: v.array(FileEntry),
  config_files: v.array(FileEntry),
  credential_files: v.optional(v.array(FileEntry)),
  git_state: optional(
    v.object({
      commit: optional(v.string()),
      branch: optional(v.string()),
      timestamp: optional(v.string()),
      dirty: optional(v.boolean()),
    }),
  ),
  venv_metadata: optional(
    v.pipe(
      v.unknown(),
      v.check((value) => !Array.isArray(value), "expected keys, not a list"),
      v.record(v.string(), Venv),
    ),
  ),
  host: optional(v.string()),
  home: optional(v.string()),
  root: optional(v.string()),
  complete: v.optional(v.boolean()),
  skipped: v.optional(v.array(v.object({ path: v.string(), reason: v.string() }))),
});
type Entry = v.InferOutput<typeof FileEntry>;

/**
 * Checks a manifest's text; `path` only names it in errors. Throws `damaged` where it is broken or of a format to come, and
 * `refused` where a `backup` does not end in a path inside a snapshot. `original` stays what it is: the planner judges it.
 */
export function parseManifest(text: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail.manifestBroken(path, text.trim() === "" ? "it is empty" : "it is not JSON, or cut off");
  }
  if (typeof value === "object" && value !== null && "format" in value && typeof value.format === "number")
    if (value.format !== FORMAT) throw fail.formatTooNew(path, value.format);
  const parsed = v.safeParse(Schema, value, { abortEarly: true });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw fail.manifestBroken(path, describe(issue));
  }
  const m = parsed.output;
  const legacy = m.format === undefined;
  const createdAtMs = m.created_at_utc === undefined ? localMs(m.created_at) : Date.parse(m.created_at_utc);
  if (Number.isNaN(createdAtMs))
    throw fail.manifestBroken(path, `${m.created_at_utc === undefined ? "created_at" : "created_at_utc"} is no time`);
  const sections = { plist: m.plist_files, config: m.config_files, credential: m.credential_files ?? [] };
  const files = KINDS.flatMap((kind) => sections[kind].map((entry) => fromEntry(entry, kind, legacy, path)));
  const inferred = legacy ? inferPlaces(files, sections) : { home: null, root: null };
  return {
    format: legacy ? 1 : 2,
    createdAt: m.created_at,
    createdAtMs,
    description: m.description,
    category: m.category,
    complete: m.complete ?? true,
    skipped: (m.skipped ?? []).map(({ path: skipped, reason }) => ({ path: skipped, reason })),
    host: m.host ?? null,
    home: (m.home as AbsPath | null | undefined) ?? inferred.home,
    root: (m.root as AbsPath | null | undefined) ?? inferred.root,
    files,
    git: toGit(m.git_state),
    venvs: toVenvs(m.venv_metadata),
    raw: value,
  };
}

/** What is wrong and where, without the value: it may be a secret. */
function describe(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? "it";
  if (issue.received === "undefined") return `${key} is missing`;
  if (issue.kind === "validation" && issue.type !== "iso_timestamp") return `${key}: ${issue.message}`;
  return issue.type === "iso_timestamp" ? `${key} is no time` : `${key} has the wrong type`;
}

const toGit = (git: v.InferOutput<typeof Schema>["git_state"]): GitState | null =>
  git == null
    ? null
    : { commit: git.commit ?? null, branch: git.branch ?? null, timestamp: git.timestamp ?? null, dirty: git.dirty };

function toVenvs(venvs: v.InferOutput<typeof Schema>["venv_metadata"]): Record<string, VenvState> {
  return Object.fromEntries(
    Object.entries(venvs ?? {}).map(([key, { exists, python_version, version_from, healthy }]) => [
      key,
      { exists, python_version: python_version ?? null, version_from, healthy },
    ]),
  );
}

function fromEntry(entry: Entry, kind: Kind, legacy: boolean, path: string): StoredFile {
  const [folder, name] = entry.backup.split("/").slice(-2);
  if (folder !== FOLDER[kind] || !name || name === "." || name === ".." || /\0/.test(name))
    throw fail.manifestUnsafe(path, entry.backup, `${FOLDER[kind]}/NAME`);
  return {
    kind,
    original: entry.original,
    stored: `${folder}/${name}` as StoredPath,
    hash: entry.hash.toLowerCase() as Digest,
    size: entry.size_bytes ?? undefined,
    mode: entry.mode == null ? undefined : Number.parseInt(entry.mode, 8) & 0o7777,
    mtimeMs: entry.mtime == null ? undefined : Date.parse(entry.mtime),
    uid: entry.uid ?? undefined,
    gid: entry.gid ?? undefined,
    symlink: legacy ? undefined : entry.symlink,
    name: entry.name ?? undefined,
    foundBy: entry.found_by ?? undefined,
    label: entry.label,
    launchd: entry.launchd ?? undefined,
  };
}

/** Python's naive isoformat() in this machine's zone → ms since the epoch; NaN where it is none. */
function localMs(text: string): number {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return Date.parse(text);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const ms = Math.floor(Number(`0.${parts[7] ?? "0"}`) * 1000);
  return new Date(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms).getTime();
}

/** The original tool wrote neither home nor root, but its files lay in known places below them. */
function inferPlaces(
  files: StoredFile[],
  sections: Record<Kind, Entry[]>,
): { home: AbsPath | null; root: AbsPath | null } {
  const before = (text: string | undefined, part: string) => {
    const at = text?.lastIndexOf(part) ?? -1;
    return at > 0 ? ((text ?? "").slice(0, at) as AbsPath) : null;
  };
  const agent = files.find(({ original }) => original.includes("/Library/LaunchAgents/"));
  const stored = Object.values(sections).flat()[0];
  const mcp = files.find(({ kind, original }) => kind === "config" && original.endsWith("/.mcp.json"));
  return {
    home: before(agent?.original, "/Library/LaunchAgents/"),
    root: before(stored?.backup, "/infrastructure/rollback-snapshots/") ?? before(mcp?.original, "/.mcp.json"),
  };
}
