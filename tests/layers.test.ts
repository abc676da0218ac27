// Flow is one way: this reads every import of src/ and holds the table of docs/architecture.md.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const src = join(import.meta.dir, "..", "src");
const sources = [...new Bun.Glob("**/*.ts").scanSync(src)].sort();

/** Each room may import from itself and from these: the table of docs/architecture.md, which is edited there. */
const MAY_IMPORT = readTable(readFileSync(join(import.meta.dir, "..", "docs", "architecture.md"), "utf8"));

function readTable(page: string): Map<string, string[]> {
  const table = new Map<string, string[]>();
  const names = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
  const [, rows = ""] = page.split("| from | may import |\n| --- | --- |\n");
  for (const row of rows.slice(0, rows.indexOf("\n\n")).split("\n")) {
    const [, from, to = ""] = row.split("|");
    const allowed = to.includes("all of the above") ? [...table.keys()] : names(to);
    for (const room of names(from)) table.set(room, allowed);
  }
  return table;
}

/** Files that touch neither disk nor clock nor process. */
const PURE = [
  "model.ts",
  "errors.ts",
  "rollback-error.ts",
  "paths.ts",
  "privacy.ts",
  "text.ts",
  "comparison.ts",
  "outcome.ts",
  "config.ts",
  "config-plain.ts",
  "duration.ts",
  "inventory/add-rules.ts",
  "inventory/coverage.ts",
  "inventory/draft.ts",
  "launchd/named-files.ts",
  "launchd/agent.ts",
  "launchd/judge.ts",
  "launchd/plain-plist.ts",
  "launchd/service.ts",
  "snapshot/id.ts",
  "snapshot/manifest.ts",
  "snapshot/manifest-read.ts",
  "snapshot/manifest-pieces.ts",
  "snapshot/stored-name.ts",
  "snapshot/credential-manifest.ts",
  "restore/plan.ts",
  "restore/relocate.ts",
  "restore/binary-strings.ts",
  "upkeep/prune-plan.ts",
  "upkeep/health.ts",
  "upkeep/schedule.ts",
  "upkeep/venv-plan.ts",
  "restore/target.ts",
  ...sources.filter((path) => /^(errors|diff|merge|secrets|page|render)\//.test(path)),
];

function importsOf(path: string): string[] {
  const text = readFileSync(join(src, path), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}
/** A file's room: its folder, or for one at the top itself. Two files at the top belong to another one. */
function roomOf(path: string): string {
  const [room = ""] = path.split("/");
  const name = room.replace(/\.ts$/, "");
  return (
    { "rollback-error": "errors", "config-shape": "config", "config-plain": "config", program: "main" }[name] ?? name
  );
}
const inside = (path: string, spec: string): string => relative(src, join(src, dirname(path), spec));

test("the scan sees the sources, their imports and the table", () => {
  expect(MAY_IMPORT.size).toBeGreaterThan(20);
  expect(MAY_IMPORT.get("model")).toEqual([]);
  expect(MAY_IMPORT.get("tasks")).toContain("restore");
  expect(sources.length).toBeGreaterThan(40);
  expect(importsOf("program.ts")).toContain("./cli/run.ts");
});

test.each(sources)("%s imports only from the rooms below it", (path) => {
  const room = path.startsWith("cli/commands/") ? "cli/commands" : roomOf(path);
  const allowed = MAY_IMPORT.get(room);
  expect(allowed).toBeDefined();
  const foreign = importsOf(path)
    .filter((spec) => spec.startsWith("."))
    .map((spec) => roomOf(inside(path, spec)))
    .filter((target) => target !== room && target !== ".." && !allowed?.includes(target));
  expect(foreign).toEqual([]);
});

test.each(sources.filter((path) => !path.startsWith("system/")))("%s leaves disk and processes to system/", (path) => {
  const touching = importsOf(path).filter((spec) => /^(node:)?(fs|child_process|os|worker_threads)/.test(spec));
  // program writes its answer to the two open descriptors, main the version to one of them, and nothing else.
  expect(touching).toEqual(path === "program.ts" ? ["node:fs"] : []);
  const text = readFileSync(join(src, path), "utf8").replace(path === "main.ts" ? "Bun.write(Bun.stdout" : "", "");
  expect(text).not.toMatch(/Bun\.(file|write|spawn|spawnSync|\$)\b/);
});

test.each(sources.filter((path) => path === "outcome.ts" || path.startsWith("render/")))(
  "%s takes from tasks nothing but types",
  (path) => {
    const text = readFileSync(join(src, path), "utf8");
    expect(text).not.toMatch(/^import (?!type)[^;]*"\.\.?\/tasks\/|import\("[^"]*\/tasks\//m);
  },
);

test.each(PURE)("%s is pure", (path) => {
  const system = importsOf(path).filter((spec) => spec.includes("system/") || spec === "bun:ffi");
  expect(system).toEqual([]);
  expect(readFileSync(join(src, path), "utf8")).not.toMatch(/Date\.now\(|new Date\(\)|process\.\w|Math\.random/);
});

test.each(sources.filter((path) => path.startsWith("tasks/")))("%s names its exit codes", (path) => {
  expect(readFileSync(join(src, path), "utf8")).not.toMatch(/\bexit(: |[^\n]*\? )\d/);
});

test.each(sources.filter((path) => path.startsWith("cli/commands/")))("%s has at most 60 lines", (path) => {
  expect(readFileSync(join(src, path), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

test("nothing but main takes from cli/, and no task knows citty", () => {
  const taking = sources.filter((path) => importsOf(path).some((spec) => inside(path, spec).startsWith("cli/")));
  expect(taking.filter((path) => !path.startsWith("cli/"))).toEqual(["program.ts"]);
  const knowing = sources.filter((path) => importsOf(path).includes("citty"));
  expect(knowing.filter((path) => !path.startsWith("cli/"))).toEqual([]);
});

test("no import leads in a circle, dynamic ones and those of types counted", () => {
  const imports = new Map(
    sources.map((path) => [
      path,
      importsOf(path).flatMap((spec) => (spec.startsWith(".") ? [inside(path, spec)] : [])),
    ]),
  );
  const done = new Set<string>();
  const walk = (path: string, way: string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return null;
    const circle = (imports.get(path) ?? []).map((next) => walk(next, [...way, path])).find((found) => found !== null);
    done.add(path);
    return circle ?? null;
  };
  expect(sources.map((path) => walk(path, [])).filter((circle) => circle !== null)).toEqual([]);
});

test("only main knows argv, the environment and the exit code", () => {
  const knowing = sources.filter((path) =>
    /process\.(argv|env|exitCode|exit\()/.test(readFileSync(join(src, path), "utf8")),
  );
  expect(knowing).toEqual(["main.ts", "program.ts"]);
});

test("consola is used in render/ alone, and nothing else prints", () => {
  const using = sources.filter((path) => importsOf(path).some((spec) => spec.startsWith("consola")));
  expect(using).toEqual(["render/console.ts"]);
  const printing = sources.filter((path) =>
    /console\.(log|info|debug)\(|process\.std(out|err)\.write/.test(readFileSync(join(src, path), "utf8")),
  );
  expect(printing).toEqual([]);
});

test("secrets/ alone judges what is a secret", () => {
  const judging = sources.filter((path) =>
    /export (async )?(function|const) (is|has|holds|looksLike|may\w+)\w*(Secret|Token|Password)/.test(
      readFileSync(join(src, path), "utf8"),
    ),
  );
  expect(judging.length).toBeGreaterThan(0);
  expect(judging.filter((path) => !path.startsWith("secrets/"))).toEqual([]);
});

test("no library is named without its folder: macOS looks for such a name in the current folder first", () => {
  const opened = sources.flatMap((path) =>
    [...readFileSync(join(src, path), "utf8").matchAll(/dlopen\(\s*("?[^,]*),/g)].map(([, name]) => name),
  );
  expect(new Set(opened)).toEqual(new Set(["systemLibrary()"]));
  const native = readFileSync(join(src, "system/native.ts"), "utf8");
  expect(native).toContain('systemLibrary = (): string => (mac ? "/usr/lib/libSystem.B.dylib" : loadedLibc())');
});

test("heavy modules are loaded only where they are used", () => {
  const heavy = ["yaml", "plist", "fast-glob", "leven", "fflate", "age-encryption", "jsonc-parser", "@secretlint/core"];
  const eager = sources.filter((path) =>
    heavy.some((name) =>
      new RegExp(`^import (?!type)[^;]*from "${name}"`, "m").test(readFileSync(join(src, path), "utf8")),
    ),
  );
  expect(eager).toEqual([]);
});
