// Homes of the sizes that are measured, in a folder that goes with the process.
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { must } from "./timing.ts";

const binary = join(import.meta.dir, "../dist/rollback");
const base = mkdtempSync(join(tmpdir(), "rollback-bench-"));
process.on("exit", () => rmSync(base, { recursive: true, force: true }));

export interface World {
  folder: string;
  home: string;
  root: string;
  store: string;
  env: Record<string, string>;
  /** The live files that are captured. */
  files: string[];
  rollback(...words: string[]): string[];
  /** Takes a snapshot; its id. */
  create(): string;
}

function world(name: string, config: string | null, content: Record<string, string | Uint8Array>): World {
  const folder = join(base, name);
  const [home, root] = [join(folder, "home"), join(folder, "root")];
  for (const [path, bytes] of Object.entries({
    "home/.keep": "",
    "root/.mcp.json": '{"mcpServers": {}}\n',
    ...content,
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  if (config !== null) writeFileSync(join(root, "rollback.yaml"), config);
  const env = {
    HOME: home,
    PATH: "/usr/bin:/bin",
    TZ: "UTC",
    ROLLBACK_ROOT: root,
    RESTIC_PASSWORD: "x",
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
  };
  // A copy of its own: how a binary lies in the page cache makes it up to 18 % faster or slower.
  const copy = join(folder, "rollback");
  copyFileSync(binary, copy);
  const rollback = (...words: string[]) => [copy, ...words];
  return {
    folder,
    home,
    root,
    store: join(root, "infrastructure/rollback-snapshots"),
    env,
    files: Object.keys(content).map((path) => join(folder, path)),
    rollback,
    create: () => must(rollback("create", "bench", "bench", "--quiet"), env).trim(),
  };
}

/** A config that says what the defaults say, as `rollback init` lays it out. */
export const PLAIN_CONFIG = `version: 1
plists:
  - ~/Library/LaunchAgents/*petesbrain*.plist  # 71 agents
configs:
  - .mcp.json
  - shared/secrets.py
  - shared/paths.py
credentials:
  files:
    - infrastructure/mcp-servers/*/credentials.json
  mcp: [.mcp.json]
venvs: []
`;

/** 71 agents, 3 configs, 10 credentials: the machine that rollback was made for. */
export function eightyFour(name: string, config: string | null = null): World {
  const plist = (label: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n\t<key>Label</key>\n\t<string>${label}</string>\n\t<key>ProgramArguments</key>\n\t<array>\n\t\t<string>/bin/sh</string>\n\t\t<string>-c</string>\n\t\t<string>true</string>\n\t</array>\n\t<key>StartInterval</key>\n\t<integer>300</integer>\n\t<key>StandardOutPath</key>\n\t<string>/tmp/${label}.log</string>\n</dict>\n</plist>\n`;
  const content: Record<string, string> = {};
  for (let index = 0; index < 71; index++) {
    const label = `com.petesbrain.agent-${index}`;
    content[`home/Library/LaunchAgents/${label}.plist`] = plist(label);
  }
  for (const path of ["shared/secrets.py", "shared/paths.py"])
    content[`root/${path}`] = `NAME = "${path}"\n`.repeat(40);
  for (let index = 0; index < 10; index++)
    content[`root/infrastructure/mcp-servers/server-${index}/credentials.json`] =
      `{"token": "${"x".repeat(600)}${index}"}\n`;
  const made = world(name, config, { ...content, "root/.mcp.json": '{"mcpServers": {}}\n' });
  return { ...made, files: made.files };
}

/** Files of random bytes, or of text, captured as configs. */
export function many(name: string, count: number, bytes: (index: number) => Uint8Array): World {
  const content: Record<string, Uint8Array> = {};
  for (let index = 0; index < count; index++)
    content[`root/files/${String(index).padStart(5, "0")}.bin`] = bytes(index);
  const config = "version: 1\nplists: []\nconfigs: [files/*.bin]\ncredentials: {files: [], mcp: []}\nvenvs: []\n";
  return world(name, config, content);
}

export const random = (size: number) => (): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65_536)));
  return bytes;
};

/** Text that compresses as logs and configs do. */
export function text(size: number): Uint8Array {
  const lines: string[] = [];
  let length = 0;
  for (let index = 0; length < 1 << 20; index++) {
    const line = `2025-12-11T14:36:${String(index % 60).padStart(2, "0")} agent-${index % 71} run ${(index * 2654435761) % 1_000_003} ended with ${index % 7}\n`;
    lines.push(line);
    length += line.length;
  }
  const block = new TextEncoder().encode(lines.join("")).subarray(0, 1 << 20);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += block.length) bytes.set(block.subarray(0, Math.min(block.length, size - at)), at);
  return bytes;
}

/** Copies the newest snapshot under older ids until there are `count`: the same manifests, but for the time in them. */
export function multiply({ store }: World, count: number): void {
  const id = readdirSync(store).find((name) => /^\d{8}_\d{6}$/.test(name)) ?? "";
  const manifest = readFileSync(join(store, id, "manifest.json"), "utf8");
  for (let index = readdirSync(store).filter((name) => /^\d{8}_\d{6}$/.test(name)).length; index < count; index++) {
    const at = new Date(Date.UTC(2024, 0, 1) + index * 7_200_000).toISOString().slice(0, 19);
    const older = at.replace(/[-:]/g, "").replace("T", "_");
    cpSync(join(store, id), join(store, older), { recursive: true });
    const dated = manifest
      .replace(/("created_at": ")[^"]*/, `$1${at}.000000`)
      .replace(/("created_at_utc": ")[^"]*/, `$1${at}.000000Z`);
    writeFileSync(join(store, older, "manifest.json"), dated);
  }
}
