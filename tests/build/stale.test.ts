import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { isOlderThanSources } from "../../build/stale.ts";
import { scratchFolder, write } from "./scratch.ts";

const scratch = scratchFolder();
const files = ["src/main.ts", "src/cli/deep/create.ts", "build/macho.ts", "build.ts", "package.json", "bun.lock"];
const folders = ["src", "src/cli", "src/cli/deep", "build"];

/** A checkout whose sources are from second 1000 and whose binary is from second 2000. */
function checkout(): { root: string; binary: string } {
  const root = write(mkdtempSync(join(scratch, "checkout")), Object.fromEntries(files.map((path) => [path, ""])));
  write(root, { "dist/rollback": "" });
  for (const path of [...files, ...folders]) utimesSync(join(root, path), 1000, 1000);
  utimesSync(join(root, "dist/rollback"), 2000, 2000);
  return { root, binary: join(root, "dist/rollback") };
}

test("a binary that is newer than all its sources is not stale", () => {
  const { root, binary } = checkout();
  expect(isOlderThanSources(binary, root)).toBe(false);
});

test("a binary that is missing is stale", () => {
  const { root, binary } = checkout();
  rmSync(binary);
  expect(isOlderThanSources(binary, root)).toBe(true);
});

test.each(files)("a newer %s makes it stale", (path) => {
  const { root, binary } = checkout();
  utimesSync(join(root, path), 3000, 3000);
  expect(isOlderThanSources(binary, root)).toBe(true);
});

test("a source that is gone makes it stale", () => {
  const { root, binary } = checkout();
  rmSync(join(root, "src/cli/deep/create.ts"));
  expect(isOlderThanSources(binary, root)).toBe(true);
});

test("a folder without sources is an error, not a fresh binary", () => {
  expect(() => isOlderThanSources(join(scratch, "absent"), scratch)).toThrow("there are no sources in");
});
