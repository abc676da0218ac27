// Whether a binary is older than what it is made of.
import { statSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";

/** Folders too: a file that is gone or renamed shows in its folder's time alone. */
const SOURCES = ["src", "src/**", "build/**", "build.ts", "package.json", "bun.lock", "tsconfig.json"];

/** True where `outfile` is missing, or any source below `root` is newer. */
export function isOlderThanSources(outfile: string, root: string): boolean {
  const built = statSync(outfile, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  // One glob for each: a brace pattern whose alternatives hold slashes matches nothing in Bun 1.4.5.
  const paths = SOURCES.flatMap((glob) => [...new Glob(glob).scanSync({ cwd: root, onlyFiles: false })]);
  if (paths.length === 0) throw new Error(`there are no sources in ${root}`);
  return paths.some((path) => (statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0) > built);
}
