// A snapshot's row of a list from the two ends of its manifest: what 5,000 snapshots of 84 files cost is 5,000 small reads.
// Only text that is laid out exactly as formatManifest writes it is read so; anything else is parsed whole.
import type { Counts } from "../model.ts";
import { maskNote } from "../secrets/note-secrets.ts";
import { readEnds } from "../system/files.ts";
import { countFiles, MANIFEST_NAME, namesDigest } from "./manifest.ts";
import { missingFiles, tryManifestOf, type Vault } from "./vault.ts";

export interface Glance {
  description: string;
  category: string;
  createdAt: string;
  /** ms since the epoch, UTC. */
  createdAtMs: number;
  complete: boolean;
  files: Counts;
  /** Bytes of all stored files; null where the manifest does not say. */
  sizeBytes: number | null;
  /** How many files of the snapshot before were lost when it was taken. */
  gone: number;
  /** Whether its folders hold fewer files than it names. */
  missing: boolean;
}

/** The head holds a description, the tail numbers alone. A longer one is read whole. */
const END_BYTES = 4 << 10;
/** A string as JSON writes it (RFC 8259, section 7). */
const TEXT = '"((?:[^"\\\\\\x00-\\x1f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*)"';
const HEAD = new RegExp(`^\\{\\n  "created_at": ${TEXT},\\n  "description": ${TEXT},\\n  "category": ${TEXT},\\n`);
const TAIL =
  /\n {2}"format": 2,\n {2}"created_at_utc": "([^"]+)",\n {2}"complete": (true|false),\n {2}"totals": \{\n {4}"plist": (\d+),\n {4}"config": (\d+),\n {4}"credential": (\d+),\n {4}"size_bytes": (\d+),\n(?: {4}"gone": (\d+),\n)? {4}"names": "([0-9a-f]{16})"\n {2}\}\n\}\n$/;

/** Null where the manifest can't be used at all. */
export async function glance(vault: Vault): Promise<Glance | null> {
  return (vault.archive ? null : fromEnds(vault)) ?? (await fromWhole(vault));
}

function fromEnds(vault: Vault): Glance | null {
  const ends = readEnds(`${vault.at}/${MANIFEST_NAME}`, END_BYTES);
  const head = ends === null ? null : HEAD.exec(ends.head);
  const tail = ends === null ? null : TAIL.exec(ends.tail);
  if (head === null || tail === null) return null;
  const [, createdAt = "", description = "", category = ""] = head;
  const [plist = 0, config = 0, credential = 0, sizeBytes = 0] = tail.slice(3, 7).map(Number);
  const createdAtMs = Date.parse(tail[1] ?? "");
  if (Number.isNaN(createdAtMs)) return null;
  const names = vault.storedNames().filter((name) => !(name.includes("/.") && /\/(\.DS_Store$|\._)/.test(name)));
  // Another set of names: which of them is missing, the whole manifest has to tell.
  if (namesDigest(names) !== tail[8]) return null;
  const total = plist + config + credential;
  return {
    description: maskNote(plain(description)),
    category: maskNote(plain(category)),
    createdAt: plain(createdAt),
    createdAtMs,
    complete: tail[2] === "true",
    files: { plist, config, credential, total },
    sizeBytes,
    gone: Number(tail[7] ?? 0),
    missing: false,
  };
}

/** Always a text of its own: a part of a text would keep all of it in memory, for every row of a list. */
const plain = (text: string): string => String(JSON.parse(`"${text}"`));

async function fromWhole(vault: Vault): Promise<Glance | null> {
  const read = await tryManifestOf(vault);
  if ("broken" in read) return null;
  const { manifest } = read;
  const { description, category, createdAt, createdAtMs, complete, files } = manifest;
  const sizes = files.map(({ size }) => size);
  return {
    description,
    category,
    createdAt,
    createdAtMs,
    complete,
    files: countFiles(files),
    sizeBytes: sizes.includes(undefined) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    gone: manifest.gone.files.length,
    missing: missingFiles(vault, manifest).length > 0,
  };
}
