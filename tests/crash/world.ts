// A throwaway home and project with one snapshot and edits since, and what must hold in it however a command ended.
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Scene } from "./disk-calls.ts";
import { type Command, type Finished, run } from "./strace.ts";
import { describeNode, differences, part, readTree, removeTree, sameNode, type Tree, writeTree } from "./tree.ts";

const HOME = "home";
const ROOT = "project";
const STORE = `${ROOT}/infrastructure/rollback-snapshots`;
const AGENTS = `${HOME}/Library/LaunchAgents`;
const SERVERS = `${ROOT}/infrastructure/mcp-servers`;

export interface World {
  readonly folder: string;
  readonly scene: Scene;
  /** All that is in the folder at the start, the snapshot included. */
  readonly start: Tree;
  /** The live files (all outside the snapshots folder) as they are at the start: edited since the snapshot. */
  readonly edited: Tree;
  /** The live files as a restore makes them. */
  readonly restored: Tree;
  readonly snapshot: string;
  command(...args: string[]): Command;
  reset(): void;
  remove(): void;
}

/** Builds the world in a new folder below `parent`; the `binary` under test takes the snapshot. */
export function buildWorld(binary: string, parent = tmpdir()): World {
  const folder = realpathSync(mkdtempSync(join(parent, "rollback-world-")));
  const command = (...args: string[]): Command => ({
    argv: [binary, ...args],
    cwd: folder,
    env: {
      HOME: join(folder, HOME),
      ROLLBACK_ROOT: join(folder, ROOT),
      PATH: "/usr/bin:/bin",
      TZ: "UTC",
      NO_COLOR: "1",
    },
  });
  const put = (path: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), mode);
  };
  put(`${AGENTS}/com.petesbrain.mail.plist`, plist("mail"));
  put(`${AGENTS}/com.petesbrain.notes.plist`, plist("notes"));
  put(`${AGENTS}/com.petesbrain.tasks.plist`, plist("tasks"));
  put(`${ROOT}/.mcp.json`, `{"mcpServers": {}}\n`);
  put(`${ROOT}/private/secrets.py`, `KEY = "first"\n`, 0o600);
  mkdirSync(join(folder, ROOT, "shared"));
  symlinkSync("../private/secrets.py", join(folder, ROOT, "shared/secrets.py"));
  chmodSync(join(folder, ROOT, "private"), 0o555);
  put(`${ROOT}/shared/paths.py`, "unchanged = True\n");
  put(`${SERVERS}/mail/credentials.json`, `{"token": "first"}\n`, 0o600);
  put(`${SERVERS}/ads/credentials.json`, `{"token": "only"}\n`, 0o600);
  chmodSync(join(folder, SERVERS, "ads"), 0o700); // as a restore makes a folder for a credential

  const snapshot = must(run(command("create", "before the edits", "--quiet"))).stdout.trim();
  const restored = live(readTree(folder));

  put(`${AGENTS}/com.petesbrain.mail.plist`, plist("mail, edited"));
  rmSync(join(folder, AGENTS, "com.petesbrain.notes.plist"));
  chmodSync(join(folder, AGENTS, "com.petesbrain.tasks.plist"), 0o600);
  put(`${ROOT}/.mcp.json`, `{"mcpServers": {"edited": {}}}\n`);
  put(`${ROOT}/private/secrets.py`, `KEY = "second"\n`, 0o600);
  put(`${SERVERS}/mail/credentials.json`, `{"token": "second"}\n`, 0o600);
  rmSync(join(folder, SERVERS, "ads"), { recursive: true });

  const start = readTree(folder);
  const edited = live(start);
  return {
    folder,
    scene: { folder, cwd: folder },
    start,
    edited,
    restored,
    snapshot,
    command,
    reset: () => writeTree(folder, start),
    remove: () => removeTree(folder),
  };
}

/** The world after its restore and another edit; `restored` is what an undo makes of that. */
export function toUndo(of: World): World {
  const { folder, command } = of;
  const ended = (...words: string[]) => {
    const { exitCode, stderr } = run(command(...words));
    if (exitCode !== 0) throw new Error(`${words[0]}: exit ${exitCode}: ${stderr}`);
    return readTree(folder);
  };
  of.reset();
  ended("restore", of.snapshot, "--force");
  writeFileSync(join(folder, "project/.mcp.json"), `{"mcpServers": {}, "later": 1}\n`);
  const start = readTree(folder);
  const edited = live(start);
  const restored = live(ended("undo", "--force"));
  const merged = restored.get("project/.mcp.json");
  const text = merged?.kind === "file" ? Buffer.from(merged.bytes).toString() : "";
  if (text !== `{"mcpServers": {"edited": {}}, "later": 1}\n`) throw new Error(`not merged: ${text}`);
  return { ...of, start, edited, restored, reset: () => writeTree(folder, start) };
}

function plist(label: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>Label</key><string>${label}</string></dict></plist>
`;
}

function must(ended: Finished): Finished {
  if (ended.exitCode !== 0) throw new Error(`exit ${ended.exitCode}: ${ended.stderr}${ended.stdout}`);
  return ended;
}

/** All but the snapshots folder. */
export function live(tree: Tree): Tree {
  return part(tree, (path) => path !== STORE && !path.startsWith(`${STORE}/`));
}

/** What a restore puts beside its targets while it runs. */
const TEMPORARY = /^\.rollback-[^/]+\.(new|old)$/;

/** At any moment each live file is whole: as it was or as it is to be. Only a restore's temporaries may stand beside. */
export function expectWhole(world: World): void {
  const now = live(readTree(world.folder));
  const paths = new Set([...now.keys(), ...world.edited.keys(), ...world.restored.keys()]);
  const wrong = [...paths].filter((path) => {
    if (TEMPORARY.test(basename(path))) return false;
    const node = now.get(path);
    // A folder that is read-only has to be opened for a while.
    if (node?.kind === "folder") return (world.edited.get(path) ?? world.restored.get(path))?.kind !== "folder";
    return !sameNode(node, world.edited.get(path)) && !sameNode(node, world.restored.get(path));
  });
  if (wrong.length > 0) throw new Error(`neither old nor new: ${describe(wrong, now)}`);
}

/** The live files are all as they were or all as restored, and nothing stands beside them. Returns which. */
export function expectSettled(world: World): "edited" | "restored" {
  const now = live(readTree(world.folder));
  const fromEdited = differences(now, world.edited);
  if (fromEdited.length === 0) return "edited";
  const fromRestored = differences(now, world.restored);
  if (fromRestored.length === 0) return "restored";
  const nearer = fromEdited.length < fromRestored.length ? fromEdited : fromRestored;
  throw new Error(`neither all old nor all new: ${describe(nearer, now)}`);
}

/** Nothing of an unfinished command is left in the snapshots folder. */
export function expectNoStrays(world: World): void {
  const known = [
    /^\d{8}_\d{6}(\/.*)?$/,
    /^(\.gitignore|\.metadata_never_index|audit\.jsonl)$/,
    /^\.rollback(\/(lock|pins?(\.json)?|pins\/.*|undo(\/\d{8}_\d{6}\.json)?))?$/, // no journal, nothing being built
  ];
  const inside = [...readTree(world.folder).keys()].filter((path) => path.startsWith(`${STORE}/`));
  const strays = inside
    .map((path) => path.slice(STORE.length + 1))
    .filter((path) => !known.some((shape) => shape.test(path)) && path !== ".rollback/staging");
  if (strays.length > 0) throw new Error(`left behind in the snapshots folder: ${strays.join(", ")}`);
}

/** True for what lies in a snapshot, finished or being built. */
export function inSnapshot(path: string): boolean {
  return path.startsWith(`${STORE}/`) && /\/(\d{8}_\d{6}|staging)\//.test(path);
}

/** True where a restore was cut off and waits for `recover`. */
export function journalLeft(world: World): boolean {
  return [...readTree(world.folder).keys()].some((path) => path.startsWith(`${STORE}/.rollback/journal`));
}

/** `recover` ends well, and so does `verify` after it. Each may warn, none may trace. */
export function recoverAndVerify(world: World): void {
  for (const command of [["recover"], ["verify"]]) {
    const ended = run(world.command(...command));
    if (ended.exitCode !== 0) {
      throw new Error(`${command.join(" ")}: exit ${ended.exitCode}: ${ended.stderr.trim()} ${ended.stdout.trim()}`);
    }
    expectClear(ended);
  }
}

/** A failed command says so in words, on stderr: no stack trace, nothing of the program's inside. */
export function expectClear({ exitCode, stderr }: Finished): void {
  if (/^\s+at /m.test(stderr) || /\bundefined\b|\[object |\$bunfs/.test(stderr)) throw new Error(`unclear: ${stderr}`);
  if (exitCode !== 0 && stderr.trim() === "") throw new Error(`exit ${exitCode} without a word`);
}

/** The world's own snapshot is still there and is still the one it was, byte for byte. */
export function expectSnapshotKept(world: World): void {
  const own = (tree: Tree) => part(tree, (path) => path.startsWith(`${STORE}/${world.snapshot}`));
  const now = own(readTree(world.folder));
  const wrong = differences(now, own(world.start));
  if (wrong.length > 0) throw new Error(`the snapshot changed: ${describe(wrong, now)}`);
}

/** Paths of the files stored in the world's snapshot, below the world's folder. */
export function storedFiles(world: World): string[] {
  const shape = new RegExp(`^${STORE}/${world.snapshot}/(plist|config|credentials)/`);
  return [...world.start.keys()].filter((path) => shape.test(path));
}

function describe(paths: readonly string[], tree: Tree): string {
  return paths.map((path) => `${path} (${describeNode(tree.get(path))})`).join("; ");
}
