// Worlds that push and pull: small archives, an identity, and runs that leave this process free to be the other side.
import { cpSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { HOME, identityOf, newKey, ROOT } from "../archives.ts";
import { binary } from "../binary.ts";
import type { Ran, World } from "../harness.ts";
import { type Layout, world } from "../harness.ts";

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
