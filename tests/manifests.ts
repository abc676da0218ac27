// A snapshot's manifest as the tests read and change it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type Manifest, manifest } from "./contract.ts";
import type { World } from "./harness.ts";

export const manifestPath = (w: World, id: string): string => join(w.store, id, "manifest.json");

/** The manifest of a snapshot that rollback made: every key is there, and no other. */
export function manifestOf(w: World, id: string): Manifest {
  return v.parse(manifest, JSON.parse(readFileSync(manifestPath(w, id), "utf8")));
}

const loose = v.looseObject({
  plist_files: v.array(v.looseObject({ original: v.string(), backup: v.string(), hash: v.string() })),
  config_files: v.array(v.looseObject({ original: v.string(), backup: v.string(), hash: v.string() })),
  credential_files: v.optional(v.array(v.looseObject({ original: v.string(), backup: v.string(), hash: v.string() }))),
});
export type LooseManifest = v.InferOutput<typeof loose>;

/** Lets `edit` change a manifest as a stranger might. */
export function editManifest(w: World, id: string, edit: (manifest: LooseManifest) => void): void {
  const value = v.parse(loose, JSON.parse(readFileSync(manifestPath(w, id), "utf8")));
  edit(value);
  writeFileSync(manifestPath(w, id), JSON.stringify(value));
}

/** The only file of a section, for snapshots that hold one. */
export function only<T>(items: readonly T[]): T {
  const [item, ...more] = items;
  if (item === undefined || more.length > 0) throw new Error(`${items.length} items, not one`);
  return item;
}
