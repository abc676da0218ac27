// Flow is one way: this reads every import of src/ and holds the table of docs/architecture.md.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const src = join(import.meta.dir, "..", "src");
const sources = [...new Bun.Glob("**/*.ts").scanSync(src)].sort();

/** Each room may import from itself and from these. */
const MAY_IMPORT: Record<string, string[]> = {
  "model.ts": [],
  "rollback-error.ts": [],
  "errors.ts": ["rollback-error.ts"],
  "paths.ts": ["model.ts"],
  "text.ts": ["model.ts"],
  "comparison.ts": ["model.ts"],
  "outcome.ts": ["model.ts", "tasks"],
  "config.ts": ["errors.ts", "rollback-error.ts", "config-shape.ts"],
  "config-shape.ts": ["duration.ts"],
  "duration.ts": [],
  "shape.ts": [],
  "version.ts": [],
  system: ["paths.ts", "model.ts", "errors.ts", "rollback-error.ts"],
  inventory: ["shape.ts", "paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "config.ts", "system"],
  launchd: ["shape.ts", "paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "system"],
  secrets: ["model.ts", "text.ts", "launchd"],
  diff: ["secrets", "comparison.ts", "paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "text.ts", "launchd"],
  merge: [],
  snapshot: ["shape.ts", "launchd", "paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "system"],
  restore: [
    "paths.ts",
    "model.ts",
    "errors.ts",
    "rollback-error.ts",
    "text.ts",
    "system",
    "snapshot",
    "diff",
    "secrets",
  ],
  render: ["model.ts", "errors.ts", "rollback-error.ts", "text.ts", "outcome.ts", "comparison.ts", "tasks"],
  archive: ["paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "text.ts", "system", "snapshot"],
  upkeep: [
    "duration.ts",
    "config.ts",
    "text.ts",
    "archive",
    "paths.ts",
    "model.ts",
    "errors.ts",
    "rollback-error.ts",
    "inventory",
    "snapshot",
    "system",
  ],
  copies: ["paths.ts", "model.ts", "errors.ts", "rollback-error.ts", "system", "inventory"],
  page: ["model.ts", "comparison.ts", "text.ts", "diff"],
  tasks: [
    "merge",
    "version.ts",
    "secrets",
    "page",
    "copies",
    "paths.ts",
    "model.ts",
    "errors.ts",
    "rollback-error.ts",
    "text.ts",
    "comparison.ts",
    "config.ts",
    "config-shape.ts",
    "shape.ts",
    "diff",
    "system",
    "inventory",
    "snapshot",
    "launchd",
    "archive",
    "restore",
    "upkeep",
  ],
  cli: [
    "version.ts",
    "paths.ts",
    "model.ts",
    "errors.ts",
    "rollback-error.ts",
    "text.ts",
    "duration.ts",
    "outcome.ts",
    "tasks",
    "snapshot",
    "system",
  ],
  "main.ts": ["version.ts", "errors.ts", "rollback-error.ts", "outcome.ts", "cli", "tasks", "render"],
};

/** Files that touch neither disk nor clock nor process. */
const PURE = [
  "model.ts",
  "errors.ts",
  "rollback-error.ts",
  "paths.ts",
  "text.ts",
  "comparison.ts",
  "outcome.ts",
  "config.ts",
  "duration.ts",
  "inventory/draft.ts",
  "launchd/agent.ts",
  "launchd/plain-plist.ts",
  "snapshot/id.ts",
  "snapshot/manifest.ts",
  "snapshot/manifest-read.ts",
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
  ...sources.filter((path) => /^(diff|merge|secrets|page|render)\//.test(path)),
];

function importsOf(path: string): string[] {
  const text = readFileSync(join(src, path), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}
const roomOf = (path: string): string => path.split("/")[0] ?? path;
const inside = (path: string, spec: string): string => relative(src, join(src, dirname(path), spec));

test("the scan sees the sources and their imports", () => {
  expect(sources.length).toBeGreaterThan(40);
  expect(importsOf("main.ts")).toContain("./cli/run.ts");
});

test.each(sources)("%s imports only from the rooms below it", (path) => {
  const room = roomOf(path);
  const allowed = MAY_IMPORT[room];
  expect(allowed).toBeDefined();
  const foreign = importsOf(path)
    .filter((spec) => spec.startsWith("."))
    .map((spec) => roomOf(inside(path, spec)))
    .filter((target) => target !== room && target !== ".." && !allowed?.includes(target));
  expect(foreign).toEqual([]);
});

test.each(sources.filter((path) => !path.startsWith("system/")))("%s leaves disk and processes to system/", (path) => {
  const touching = importsOf(path).filter((spec) => /^(node:)?(fs|child_process|os|worker_threads)/.test(spec));
  // main writes its answer to the two open descriptors, and nothing else.
  expect(touching).toEqual(path === "main.ts" ? ["node:fs"] : []);
  const text = readFileSync(join(src, path), "utf8");
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

const COMMANDS = sources.filter((path) => path.startsWith("cli/commands/"));
/** Values and texts that a command line is read into. */
const PLAIN = ["model.ts", "errors.ts", "rollback-error.ts", "text.ts", "paths.ts", "version.ts", "outcome.ts"];

test.each(COMMANDS)("%s is words alone: flags to a request to its task", (path) => {
  const taken = importsOf(path).map((spec) => inside(path, spec));
  const allowed = (target: string) => /^(cli|tasks)\//.test(target) || PLAIN.includes(target);
  expect(taken.filter((target) => !allowed(target))).toEqual([]);
  expect(readFileSync(join(src, path), "utf8").split("\n").length).toBeLessThanOrEqual(61);
});

test("nothing but main takes from cli/, and no task knows citty", () => {
  const taking = sources.filter((path) => importsOf(path).some((spec) => inside(path, spec).startsWith("cli/")));
  expect(taking.filter((path) => !path.startsWith("cli/"))).toEqual(["main.ts"]);
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
  expect(knowing).toEqual(["main.ts"]);
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

test("heavy modules are loaded only where they are used", () => {
  const heavy = ["yaml", "plist", "@xmldom/xmldom", "fast-glob", "leven", "fflate", "age-encryption", "jsonc-parser"];
  const eager = sources.filter((path) =>
    heavy.some((name) =>
      new RegExp(`^import (?!type)[^;]*from "${name}"`, "m").test(readFileSync(join(src, path), "utf8")),
    ),
  );
  expect(eager).toEqual([]);
});
