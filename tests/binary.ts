// The compiled binary under test. `bun test` loads this file before all others: it builds dist/rollback when a source is newer,
// and gives the tests a second name for it, which no later build replaces and which any user may start.
import { afterAll } from "bun:test";
import { chmodSync, copyFileSync, linkSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, isStale } from "../build.ts";

if (isStale()) await build();

/** Holds nothing but the binary, so that it can stand on a PATH and lies below no project root. */
export const binFolder = realpathSync(mkdtempSync(join(tmpdir(), "rollback-binary-")));
export const binary = join(binFolder, "rollback");

chmodSync(binFolder, 0o755);
const built = join(import.meta.dir, "../dist/rollback");
try {
  linkSync(built, binary);
} catch {
  // On another file system.
  copyFileSync(built, binary);
  chmodSync(binary, 0o755);
}

afterAll(() => rmSync(binFolder, { recursive: true, force: true }));
