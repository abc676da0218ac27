// A throwaway home and project made from literals, the compiled binary run in it, and folders as comparable values.
import { afterAll, onTestFinished } from "bun:test";
import {
  chmodSync,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as v from "valibot";
import { binary } from "./binary.ts";

export const isRoot = process.geteuid?.() === 0;
/** A user who owns nothing, for worlds whose permissions are to count even where the tests run as root. */
const NOBODY = 65534;

/** What stands at a path. A plain text is a file of mode 0644. */
export type Item =
  | string
  | Uint8Array
  | { file: string | Uint8Array; mode?: number; mtime?: Date }
  | { link: string }
  | { folder: number };
export type Layout = Readonly<Record<string, Item>>;

export interface Ran {
  exit: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  umask?: string;
}

export interface World {
  /** Holds `home`, `root`, `away`, a place outside both, and where it was asked for `bin`, which comes first on the PATH. */
  readonly base: string;
  readonly home: string;
  readonly root: string;
  readonly away: string;
  /** The snapshots folder, where the default puts it. */
  readonly store: string;
  readonly uid: number;
  /** Puts files, links and folders into place; what stands there goes. Paths are `home/…`, `root/…` or `away/…`. */
  put(layout: Layout): void;
  path(name: string): string;
  /** Runs the binary in the root, with a clean environment. */
  run(...words: string[]): Ran;
  runWith(options: RunOptions, ...words: string[]): Ran;
  /** Runs it with --json, checks that stdout is one value of this shape whose `ok` is "exit 0", and returns that value. */
  json<S extends v.GenericSchema<unknown, { ok: boolean }>>(
    shape: S,
    ...words: string[]
  ): { exit: number | null; value: v.InferOutput<S>; stderr: string };
  /** Takes a snapshot that must be complete, and returns its id. */
  create(description?: string, category?: string): string;
  /** Any other program, as the world's user. */
  start(
    argv: string[],
    options?: RunOptions & { stdin?: "ignore" | "pipe" },
  ): Bun.Subprocess<"ignore" | "pipe", "pipe", "pipe">;
  environment(extra?: Record<string, string | undefined>): Record<string, string>;
  /** Removes the world early, for tests that make many. */
  remove(): void;
}

/**
 * Makes a world that is gone after the test, or, made outside a test, after its file. With `ordinary` it belongs to, and the
 * binary runs as, a user who is not root.
 */
export function world(
  parts: { home?: Layout; root?: Layout; away?: Layout; bin?: Layout } = {},
  { ordinary = false }: { ordinary?: boolean } = {},
): World {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "rollback-")));
  afterwards(() => removeTree(base));
  chmodSync(base, 0o755);
  const give = ordinary && isRoot;
  const uid = give ? NOBODY : (process.geteuid?.() ?? 0);
  const path = (name: string) => (isAbsolute(name) ? name : join(base, name));
  const put = (layout: Layout) => {
    for (const [name, item] of Object.entries(layout)) place(path(name), item, give ? NOBODY : undefined);
  };
  put({ home: { folder: 0o755 }, root: { folder: 0o755 }, away: { folder: 0o755 } });
  for (const [part, layout] of Object.entries(parts))
    put(Object.fromEntries(Object.entries(layout).map(([name, item]) => [`${part}/${name}`, item])));
  const root = join(base, "root");
  const home = join(base, "home");
  const searched = parts.bin === undefined ? "/usr/bin:/bin" : `${join(base, "bin")}:/usr/bin:/bin`;
  const environment: World["environment"] = (extra = {}) => {
    const all = { HOME: home, PATH: searched, TZ: "UTC", ROLLBACK_ROOT: root, ...extra };
    return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
  };
  const user = give ? { uid: NOBODY, gid: NOBODY } : {};
  const runWith: World["runWith"] = ({ env, cwd = root, umask }, ...words) => {
    const argv = umask === undefined ? [binary] : ["/bin/sh", "-c", `umask ${umask}; exec "$0" "$@"`, binary];
    const ended = Bun.spawnSync([...argv, ...words], {
      cwd,
      env: environment(env),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      ...user,
    });
    return { exit: ended.exitCode, stdout: ended.stdout.toString(), stderr: ended.stderr.toString() };
  };
  const run: World["run"] = (...words) => runWith({}, ...words);
  return {
    base,
    home,
    root,
    uid,
    away: join(base, "away"),
    store: join(root, "infrastructure/rollback-snapshots"),
    put,
    path,
    remove: () => removeTree(base),
    run,
    runWith,
    environment,
    json(shape, ...words) {
      const { exit, stdout, stderr } = run(...words, "--json");
      const parsed = v.safeParse(shape, one(stdout, stderr));
      if (!parsed.success) throw new Error(`${v.summarize(parsed.issues)}\nin ${stdout}`);
      const value = parsed.output;
      if (value.ok !== (exit === 0)) throw new Error(`ok is ${value.ok}, but the exit code ${exit}`);
      return { exit, value, stderr };
    },
    create(description = "before the edits", category = "manual") {
      return must(run("create", description, category, "--quiet")).stdout.trim();
    },
    start: (argv, { env, cwd = root, stdin = "ignore" } = {}) =>
      Bun.spawn(argv, { cwd, env: environment(env), stdin, stdout: "pipe", stderr: "pipe", ...user }),
  };
}

/** The result of a command that has to end well. */
export function must(ran: Ran): Ran {
  if (ran.exit !== 0) throw new Error(`exit ${ran.exit}: ${ran.stderr}${ran.stdout}`);
  return ran;
}

function one(stdout: string, stderr: string): unknown {
  try {
    if (!stdout.endsWith("}\n")) throw new Error("no newline after the value");
    return JSON.parse(stdout);
  } catch (cause) {
    throw new Error(`stdout is not one JSON value and a newline: ${JSON.stringify(stdout)} ${stderr}`, { cause });
  }
}

/** Runs `clean` after this test, or after the file's tests when none is running. */
function afterwards(clean: () => void): void {
  try {
    onTestFinished(clean);
  } catch {
    afterAll(clean);
  }
}

function place(path: string, item: Item, owner: number | undefined): void {
  const own = (made: string) => owner !== undefined && lchownSync(made, owner, owner);
  const folders = (folder: string): void => {
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return;
    folders(dirname(folder));
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    own(folder);
  };
  folders(dirname(path));
  const spec = typeof item === "string" || item instanceof Uint8Array ? { file: item } : item;
  if ("folder" in spec) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, spec.folder);
    own(path);
    return;
  }
  removeTree(path);
  if ("link" in spec) symlinkSync(spec.link, path);
  else {
    writeFileSync(path, spec.file, { flag: "wx" });
    own(path);
    // After chown, which clears the set-id bits.
    chmodSync(path, spec.mode ?? 0o644);
    if (spec.mtime !== undefined) utimesSync(path, spec.mtime, spec.mtime);
  }
  own(path);
}

/** Removes whatever stands at a path, also below folders that can't be written to. */
export function removeTree(path: string): void {
  const open = (at: string) => {
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true) return;
    chmodSync(at, 0o700);
    for (const name of readdirSync(at)) open(join(at, name));
  };
  open(path);
  rmSync(path, { recursive: true, force: true });
}

/** What stands at one path: mode in octal, bytes as Latin-1 so that each is one character, times as ISO text. */
export type Seen =
  | { kind: "file"; mode: string; bytes: string; mtime?: string }
  | { kind: "folder"; mode: string; mtime?: string }
  | { kind: "link"; target: string }
  | { kind: "other"; mode: string };
export type Tree = Record<string, Seen>;

/** A folder and all below it, by path relative to it; `skip` leaves out a path with all below it. */
export function readTree(
  folder: string,
  { mtimes = false, skip = () => false }: { mtimes?: boolean; skip?: (path: string) => boolean } = {},
): Tree {
  const tree: Tree = {};
  const visit = (name: string) => {
    if (skip(name)) return;
    const path = join(folder, name);
    const stats = lstatSync(path);
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, "0");
    const time = mtimes ? { mtime: stats.mtime.toISOString() } : {};
    if (stats.isSymbolicLink()) tree[name] = { kind: "link", target: readlinkSync(path) };
    else if (stats.isFile()) tree[name] = { kind: "file", mode, bytes: readFileSync(path, "latin1"), ...time };
    else if (stats.isDirectory()) {
      tree[name] = { kind: "folder", mode, ...time };
      for (const inner of readdirSync(path).sort()) visit(name === "" ? inner : `${name}/${inner}`);
    } else tree[name] = { kind: "other", mode };
  };
  visit("");
  return tree;
}

/** All of a world but its snapshots folder and the folder that holds it. */
export function liveTree(w: World, options: { mtimes?: boolean } = {}): Tree {
  const tree = readTree(w.base, { ...options, skip: (path) => join(w.base, path) === w.store });
  delete tree["root/infrastructure"];
  return tree;
}

/** The mode of what stands at a path, in octal: `0600`. */
export const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8).padStart(4, "0");

/** A launchd plist with this Label. */
export const plist = (label: string, more = ""): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Label</key><string>${label}</string>${more}</dict></plist>\n`;

/** Reads JSON that a test is to change; the shape says what the test relies on. */
export function readJson<S extends v.GenericSchema>(path: string, shape: S): v.InferOutput<S> {
  return v.parse(shape, JSON.parse(readFileSync(path, "utf8")));
}

export const legacySnapshots = join(import.meta.dir, "fixtures/legacy-snapshots");
export const legacyIds = ["20251211_143600", "20251212_080000", "20251212_091530"] as const;

/** Puts the original tool's snapshots where that tool left them, with its modes. */
export function placeLegacySnapshots(store: string): void {
  mkdirSync(store, { recursive: true });
  for (const id of legacyIds) cpSync(join(legacySnapshots, id), join(store, id), { recursive: true });
  const settle = (path: string) => {
    const isFolder = lstatSync(path).isDirectory();
    chmodSync(path, isFolder ? 0o755 : 0o644);
    if (isFolder) for (const name of readdirSync(path)) settle(join(path, name));
  };
  settle(store);
}

/** A `skipIf` that is off in CI: there, a tool that is missing is a failure. */
export const lacks = (tool: string): boolean => process.env.CI === undefined && Bun.which(tool) === null;
