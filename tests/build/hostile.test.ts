// Runs the compiled binary where others have laid out code for it. Each attack runs on three programs: on a control that
// loads all that a Bun binary can load by itself, which shows what the attack does; on the same control compiled as
// rollback is; and on rollback, which must say what it says without the attack.
import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../build/compile.ts";
import { hostTarget } from "../../build/targets.ts";
import { build, isStale } from "../../build.ts";
import { type Ran, root, run, scratchFolder, write } from "./scratch.ts";

const scratch = scratchFolder();
const rollback = join(root, "dist", "rollback");
const open = join(scratch, "open control");
const hardened = join(scratch, "hardened control");
const marker = join(scratch, "foreign code ran here");
/** Another folder with a hostile bunfig.toml. */
const other = join(scratch, "other");
const evil = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");\n`;

const evilModule = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(marker)}, "");\n`;

/** It loads what its first word names, and says what that and FROM_DOTENV are. */
const control = `
const name = process.argv[2];
const loaded = name && !name.startsWith("-") ? await import(name).catch(() => null) : null;
console.log("FROM_DOTENV is", process.env.FROM_DOTENV, "loaded", loaded?.default);
`;

const COMMANDS = ["--version", "--version --json", "--help", "list --json"];

beforeAll(async () => {
  if (isStale()) await build();
  write(scratch, {
    "control.ts": control,
    "other/bunfig.toml": `preload = ["${other}/evil.js"]\n`,
    "other/evil.js": evil,
  });
  const entry = join(scratch, "control.ts");
  const autoload = { autoloadDotenv: true, autoloadBunfig: true, autoloadTsconfig: true, autoloadPackageJson: true };
  const { success } = await Bun.build({ entrypoints: [entry], compile: { outfile: open, ...autoload } });
  expect(success).toBe(true);
  const info = { version: "0", commit: null, target: hostTarget(), bun: Bun.version, builtAt: null };
  await compile({ root: scratch, entry, outfile: hardened, info });
}, 60_000);

interface Attack {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the controls load. */
  readonly word?: string;
  /** What it does to the open control: runs code, changes its output, or (in this version of Bun) nothing. */
  readonly does: "runs code" | "changes output" | "nothing";
  /** True where only rollback itself refuses, with its own exit code. */
  readonly refusedByUs?: boolean;
  /** True where a binary with rollback's settings refuses to start. */
  readonly refused?: boolean;
}

const shadow = { "index.js": evil, "package.json": '{"main": "index.js"}' };
const shadows = ["citty", "consola", "fast-glob", "fflate", "plist", "valibot", "yaml"].flatMap((name) =>
  Object.entries(shadow).map(([file, text]) => [`node_modules/${name}/${file}`, text] as const),
);

const attacks: Readonly<Record<string, Attack>> = {
  "a .env": {
    files: { ".env": `FROM_DOTENV=yes\nROLLBACK_ROOT=${scratch}\nROLLBACK_SNAPSHOTS=${scratch}\nHOME=${scratch}\n` },
    does: "changes output",
  },
  "a .env.local and .env.production": {
    files: { ".env.local": "FROM_DOTENV=yes\n", ".env.production": "FROM_DOTENV=yes\nBUN_OPTIONS=--smol\n" },
    does: "changes output",
  },
  "a bunfig.toml with a preload": {
    files: { "bunfig.toml": 'preload = ["./evil.js"]\n', "evil.js": evil },
    does: "runs code",
  },
  "a .bunfig.toml in the home": {
    files: { "home/.bunfig.toml": `preload = ["${other}/evil.js"]\n` },
    does: "nothing",
  },
  "a node_modules with our packages' names": { files: Object.fromEntries(shadows), word: "citty", does: "runs code" },
  "a package.json with imports": {
    files: { "package.json": '{"type": "commonjs", "imports": {"#evil": "./evil.js"}}', "evil.js": evil },
    word: "#evil",
    does: "runs code",
  },
  "a tsconfig.json with paths": {
    files: {
      "tsconfig.json": '{"compilerOptions": {"paths": {"citty": ["./evil.js"]}, "jsxImportSource": "./evil.js"}}',
      "evil.js": evil,
    },
    word: "citty",
    does: "runs code",
  },
  "a package.json with imports of data": {
    files: { "package.json": '{"imports": {"#data": "./data.json"}}', "data.json": '"theirs"' },
    word: "#data",
    does: "changes output",
  },
  "a tsconfig.json with paths to data": {
    files: { "tsconfig.json": '{"compilerOptions": {"paths": {"citty": ["./data.json"]}}}', "data.json": '"theirs"' },
    word: "citty",
    does: "changes output",
  },
  NODE_PATH: {
    files: { "modules/citty/index.js": evil },
    env: { NODE_PATH: "modules" },
    word: "citty",
    does: "runs code",
  },
  "BUN_OPTIONS=--preload": {
    files: { "evil.js": evil },
    env: { BUN_OPTIONS: "--preload ./evil.js" },
    does: "runs code",
    refused: true,
  },
  "BUN_OPTIONS=--preload of an ES module": {
    files: { "evil.mjs": evilModule },
    env: { BUN_OPTIONS: "--preload ./evil.mjs" },
    does: "runs code",
    refused: true,
  },
  "BUN_OPTIONS=--preload with the guard taken back": {
    files: { "evil.ts": evilModule },
    env: { BUN_OPTIONS: "--disallow-code-generation-from-strings --preload ./evil.ts" },
    does: "runs code",
    refused: true,
  },
  "BUN_OPTIONS=--import": {
    files: { "evil.js": evil },
    env: { BUN_OPTIONS: "--import=./evil.js" },
    does: "runs code",
    refused: true,
  },
  "BUN_OPTIONS=--config": {
    env: { BUN_OPTIONS: `--config=${other}/bunfig.toml` },
    does: "runs code",
    refused: true,
  },
  "BUN_OPTIONS=--cwd": {
    env: { BUN_OPTIONS: `--cwd=${other}` },
    does: "runs code",
    refusedByUs: true,
  },
  "BUN_OPTIONS=--env-file": {
    files: { "their.env": "FROM_DOTENV=yes\n" },
    env: { BUN_OPTIONS: "--env-file=their.env" },
    does: "changes output",
    refusedByUs: true,
  },
  "NODE_OPTIONS=--require": {
    files: { "evil.js": evil },
    env: { NODE_OPTIONS: "--require ./evil.js --import ./evil.js" },
    does: "nothing",
  },
  BUN_INSPECT: { env: { BUN_INSPECT: "127.0.0.1:0" }, does: "nothing", refused: true },
  BUN_INSPECT_CONNECT_TO: { env: { BUN_INSPECT_CONNECT_TO: "127.0.0.1:1" }, does: "nothing" },
  BUN_INSPECT_PRELOAD: {
    files: { "evil.js": evil },
    env: { BUN_INSPECT_PRELOAD: "./evil.js" },
    does: "nothing",
    refused: true,
  },
  "BUN_CONFIG_*": {
    files: { "evil.js": evil },
    env: {
      BUN_CONFIG_PRELOAD: "./evil.js",
      BUN_CONFIG_REGISTRY: "http://127.0.0.1:1",
      BUN_CONFIG_VERBOSE_FETCH: "curl",
      BUN_RUNTIME_TRANSPILER_CACHE_PATH: "cache",
    },
    does: "nothing",
  },
};

/** What a program did in a fresh folder, before and under the attack. */
function under(attack: Attack, program: string, words: readonly string[]): { clean: Ran; attacked: Ran; ran: boolean } {
  const folder = mkdtempSync(join(scratch, "hostile "));
  mkdirSync(join(folder, "home"));
  const env = { PATH: "/nonexistent", HOME: join(folder, "home") };
  rmSync(marker, { force: true });
  const clean = run([program, ...words], folder, env);
  write(folder, attack.files ?? {});
  const attacked = run([program, ...words], folder, { ...env, ...attack.env });
  return { clean, attacked, ran: existsSync(marker) };
}

describe.each(Object.entries(attacks))("%s", (_name, attack) => {
  const words = attack.word ? [attack.word] : [];

  test(`${attack.does} in an open binary`, () => {
    const { clean, attacked, ran } = under(attack, open, words);
    expect(clean).toMatchObject({ code: 0, stdout: "FROM_DOTENV is undefined loaded undefined\n" });
    const seen = attacked.stdout === clean.stdout ? "nothing" : "changes output";
    expect(ran ? "runs code" : seen).toBe(attack.does);
  });

  test(attack.refused ? "is refused by a hardened binary" : "does nothing in a hardened binary", () => {
    const { clean, attacked, ran } = under(attack, hardened, words);
    expect(ran).toBe(false);
    if (attack.refused) expect([attacked.code, attacked.stdout]).toEqual([1, ""]);
    else expect([attacked.code, attacked.stdout]).toEqual([clean.code, clean.stdout]);
  });

  test.each([...COMMANDS])("does not reach rollback %s", (command) => {
    const { clean, attacked, ran } = under(attack, rollback, command.split(" "));
    expect(ran).toBe(false);
    if (attack.refused) expect([attacked.code, attacked.stdout]).toEqual([1, ""]);
    else if (attack.refusedByUs) {
      expect(attacked.code).toBe(7);
      expect(attacked.stdout).toEqual(command.includes("--json") ? expect.stringContaining('"refused"') : "");
    } else expect([attacked.code, attacked.stdout]).toEqual([clean.code, clean.stdout]);
  });
});

test("no code is made from strings, by which Bun loads a preload", () => {
  expect(readFileSync(rollback).includes("--disallow-code-generation-from-strings=strict")).toBe(true);
});

// It can't be switched off. docs/binaries.md says what follows from it.
test("BUN_BE_BUN turns any Bun binary, this one too, into Bun", () => {
  const env = { PATH: "/nonexistent", HOME: scratch, BUN_BE_BUN: "1" };
  expect(run([rollback, "--version"], scratch, env).stdout).toBe(`${Bun.version}\n`);
});
