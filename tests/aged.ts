// Snapshots of any age: copies of one that a world took, under another id, with the moments and the category asked for.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "./harness.ts";
import { manifestPath } from "./manifests.ts";

export const DAY = 86_400_000;

export interface Aged {
  category?: string;
  complete?: boolean;
}

/** `YYYYMMDD_HHMMSS` of a moment in UTC, which is the zone of the tests' worlds. */
export const idAt = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "_");

/** Copies the snapshot `template` as if it had been taken `agoMs` ago. The manifest keeps its layout. Returns the id. */
export function aged(w: World, template: string, agoMs: number, { category, complete = true }: Aged = {}): string {
  const at = Date.now() - agoMs;
  const id = idAt(at);
  const utc = `${new Date(at).toISOString().slice(0, 19)}.000000`;
  if (existsSync(join(w.store, id))) throw new Error(`${id} is taken`);
  cpSync(join(w.store, template), join(w.store, id), { recursive: true, preserveTimestamps: true });
  const text = readFileSync(manifestPath(w, template), "utf8")
    .replace(/^ {2}"created_at": .*$/m, `  "created_at": "${utc}",`)
    .replace(/^ {2}"created_at_utc": .*$/m, `  "created_at_utc": "${utc}Z",`)
    .replace(/^ {2}"complete": .*$/m, `  "complete": ${complete},`);
  const named = category === undefined ? text : text.replace(/^ {2}"category": .*$/m, `  "category": "${category}",`);
  writeFileSync(manifestPath(w, id), named);
  return id;
}
