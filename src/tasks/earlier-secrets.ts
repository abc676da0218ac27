// Secrets that differ between a snapshot and today: a restore brings the earlier ones back. Never a value, only where they are.
import { type ContentDiff, type KeyChange, keyText } from "../comparison.ts";
import type { Kind } from "../model.ts";
import { HIDDEN } from "../secrets/secret.ts";
import type { Patch } from "./patch.ts";

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

export const hiddenIn = (diff: ContentDiff): KeyChange[] =>
  diff.type === "keys" ? diff.changes.filter(({ hidden }) => hidden) : [];

/** A variable by its own name, anything else by its key. */
export function secretName(path: KeyChange["path"]): string {
  const last = path.at(-1);
  return typeof last === "string" ? last : keyText(path);
}
