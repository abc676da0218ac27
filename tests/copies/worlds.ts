// Worlds that push and pull: small archives, an identity, and runs that leave this process free to be the other side.
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { HOME, identityOf, newKey, ROOT } from "../archives.ts";
import { binary } from "../binary.ts";
import type { Ran, World } from "../harness.ts";
import { type Layout, must, readJson, world } from "../harness.ts";

/** A world with an identity; its snapshots can be sealed. */
export function sealing(more: { root?: Layout; home?: Layout } = {}, options: { ordinary?: boolean } = {}): World {
  const w = world({ home: { ...HOME, ...more.home }, root: { ...ROOT, ...more.root } }, options);
  newKey(w);
  return w;
}

/** Another machine: nothing but the identity of the first one. */
export function freshMac(of: World): World {
  const w = world();
  mkdirSync(dirname(identityOf(w)), { recursive: true });
  cpSync(identityOf(of), identityOf(w));
  return w;
}

/** Runs the binary without standing in the way of servers in this process. */
export async function away(w: World, env: Record<string, string>, ...words: string[]): Promise<Ran> {
  const child = w.start([binary, ...words], { env });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { exit, stdout, stderr };
}

/** The same bytes, as Latin-1, but for the last one. */
export const changed = (bytes: string): string => bytes.slice(0, -1) + (bytes.endsWith("?") ? "!" : "?");

/** `MACHINE/PROJECT-STORE`: where a world's copies stand at any place. One that never pushed does so, to a place that no test looks at. */
export function own(w: World): string {
  const file = join(w.store, ".rollback/store.json");
  if (!existsSync(file)) {
    const elsewhere = join(dirname(w.away), "elsewhere");
    mkdirSync(elsewhere, { recursive: true });
    must(w.run("push", elsewhere));
  }
  const shape = v.object({ id: v.string(), machine: v.string(), project: v.string() });
  const { id, machine, project } = readJson(file, shape);
  return `${machine}/${project}-${id.slice(0, 8)}`;
}
