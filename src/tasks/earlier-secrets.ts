// Secrets that differ between a snapshot and today: a restore brings the earlier ones back. Never a value, only where they are.
import { type ContentDiff, type FileDiff, type KeyChange, keyText } from "../comparison.ts";
import { compareVersions, hideKnown } from "../diff/compare.ts";
import type { AbsPath, Kind } from "../model.ts";
import { below } from "../paths.ts";
import { observe } from "../restore/observe.ts";
import { readRecord } from "../restore/record-read.ts";
import { knownSecrets } from "../secrets/known.ts";
import { HIDDEN } from "../secrets/secret.ts";
import { isSnapshotId } from "../snapshot/id.ts";
import { innerFolder } from "../snapshot/store.ts";
import { tryOpen } from "./open.ts";
import type { Patch } from "./patch.ts";
import { liveVersion, storedVersion } from "./states.ts";

export interface EarlierSecret {
  path: string;
  name: string;
  kind: Kind;
  /** Null in a text, where it is a line. */
  key: string | null;
}

/** What a restore would bring back, from what it changes. */
export function earlierSecrets({ files }: Patch): EarlierSecret[] {
  return files.flatMap(({ path, name, kind, content }): EarlierSecret[] => {
    const place = { path, name, kind };
    if (content?.type === "keys") {
      const brought = hiddenIn(content).filter(({ change }) => change !== "removed");
      return brought.map((change) => ({ ...place, key: secretName(change.path) }));
    }
    if (content?.type === "sizes") return content.why === "secret" ? [{ ...place, key: null }] : [];
    const lines = content?.hunks.flatMap((hunk) => hunk.lines) ?? [];
    return lines.some((line) => line.startsWith("+") && line.includes(HIDDEN)) ? [{ ...place, key: null }] : [];
  });
}

/** What a finished restore brought back, from its record: the difference between its auto-backup and now. */
export async function broughtBack(name: string, store: AbsPath): Promise<EarlierSecret[]> {
  const record = readRecord(innerFolder(store), name);
  const id = record?.autoBackup ?? null;
  if (record === null || id === null || !isSnapshotId(id)) return [];
  const backup = await tryOpen({ id, at: below(store, id), forms: ["folder"] });
  const stored = new Map(backup?.manifest.files.map((file) => [file.original, file]));
  const known = knownSecrets();
  const files: FileDiff[] = [];
  for (const { path, name, kind } of record.wrote) {
    const was = stored.get(path);
    const now = liveVersion(observe(path as AbsPath, null), name, kind);
    if (backup === null || was === undefined || !("version" in now) || now.version === null) continue;
    const { diff } = await compareVersions(storedVersion(backup.vault, was, path), now.version, known);
    if (diff !== null) files.push(diff);
  }
  return earlierSecrets({ files: hideKnown(files, known), problems: [] });
}

export const hiddenIn = (diff: ContentDiff): KeyChange[] =>
  diff.type === "keys" ? diff.changes.filter(({ hidden }) => hidden) : [];

/** A variable by its own name, anything else by its key. */
export function secretName(path: KeyChange["path"]): string {
  const last = path.at(-1);
  return typeof last === "string" ? last : keyText(path);
}
