// While a file is written it has another name, hidden beside it. A file of the user's keeps its own, whatever that is.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, world } from "../harness.ts";

const MINE = "a file of the user's";
const CONFIG = { "rollback.yaml": "configs: [a]\n", a: "a" };

/** Puts such a file beside `path` before `run`, and sees it and `path` afterwards, and nothing else. */
function staysBeside(path: string, run: () => void): void {
  const [folder, name] = [join(path, ".."), path.slice(path.lastIndexOf("/") + 1)];
  writeFileSync(join(folder, `.${name}.new`), MINE);
  run();
  expect(readFileSync(join(folder, `.${name}.new`), "utf8")).toBe(MINE);
  expect(readdirSync(folder).sort()).toEqual([`.${name}.new`, name]);
}

test("beside a report, new or over an older one", () => {
  const w = world({ root: CONFIG, away: { pages: { folder: 0o755 } } });
  w.create();
  const page = w.path("away/pages/page.html");
  for (let round = 0; round < 2; round++) staysBeside(page, () => must(w.run("report", "-o", page)));
});

test.each([[], ["--move"]])("beside an archive that prune writes (packed before: %p)", (...packed: string[]) => {
  const w = world({ root: CONFIG, away: { archives: { folder: 0o700 } } });
  const id = w.create();
  w.create();
  if (packed.length > 0) must(w.run("pack", id, ...packed));
  const folder = w.path("away/archives");
  const prune = () => must(w.run("prune", "--keep-last", "1", "--archive", folder, "--force"));
  staysBeside(join(folder, `${id}.zip`), prune);
});
