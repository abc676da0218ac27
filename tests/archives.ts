// Worlds and tools for tests of archives: a small home with a planted secret, and the programs that others read archives with.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type Layout, lacks, must, plist, type Ran, type RunOptions, type World, world } from "./harness.ts";

/** Planted in every credential; whatever shows it has shown a secret. */
export const SECRET = "hunter2-SHIBBOLETH";

export const LACKS = { unzip: lacks("unzip"), age: lacks("age"), git: lacks("git") };

/** Agents whose program is missing are warned of. */
const PROGRAM = "<key>Program</key><string>/bin/sh</string>";
const at = (time: string) => ({ mtime: new Date(time) });

export const HOME: Layout = {
  "Library/LaunchAgents/com.petesbrain.a.plist": {
    file: plist("com.petesbrain.a", `${PROGRAM}${"<!-- padding -->".repeat(60)}`),
    ...at("2025-03-30T01:30:00Z"),
  },
  "Library/LaunchAgents/com.petesbrain.it's $HOME.plist": {
    file: plist("com.petesbrain.b", PROGRAM),
    mode: 0o600,
    ...at("2024-02-29T23:59:59Z"),
  },
  ".google-ads/google-ads.yaml": { file: `developer_token: ${SECRET}\n`, mode: 0o600, ...at("2025-01-01T00:00:00Z") },
};
export const ROOT: Layout = {
  ".mcp.json": { file: '{"mcpServers": {}}\n', ...at("2025-06-01T12:00:00Z") },
  "shared/secrets.py": { file: `KEY = '${SECRET}'\n`, mode: 0o640, ...at("2025-06-01T12:00:02Z") },
};

export const archiveWorld = (options: { ordinary?: boolean } = {}): World => world({ home: HOME, root: ROOT }, options);

/** Runs a shell script as the world's user, in its root. */
export async function shell(w: World, script: string, options: RunOptions = {}): Promise<Ran> {
  const child = w.start(["/bin/sh", "-c", script], options);
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { exit, stdout, stderr };
}

export const sh = async (w: World, script: string, options: RunOptions = {}): Promise<string> =>
  must(await shell(w, script, options)).stdout;

export const zipOf = (w: World, id: string): string => join(w.store, `${id}.zip`);
export const sealedOf = (w: World, id: string): string => join(w.store, `${id}.zip.age`);
export const identityOf = (w: World): string => join(w.home, ".config/rollback/identity.txt");

/** Makes the default identity; its recipient. */
export const newKey = (w: World, ...more: string[]): string =>
  must(w.run("key", "new", ...more, "--quiet")).stdout.trim();

/** The line AGE-SECRET-KEY-1… of an identity file. */
export function secretKey(path: string): string {
  const key = /^AGE-SECRET-KEY-1[0-9A-Z]+$/m.exec(readFileSync(path, "utf8"))?.[0];
  return v.parse(v.string(), key);
}

/** A clear error of one of these codes: one sentence and one hint on stderr, and no trace of the program's inside. */
export function clearError({ exit, stdout, stderr }: Ran, ...exits: number[]): string | undefined {
  if (exit === null || !exits.includes(exit))
    return `exit ${exit} instead of ${exits.join(" or ")}: ${stderr}${stdout}`;
  const lines = stderr.trimEnd().split("\n");
  if (lines.filter((line) => line.startsWith("❌")).length !== 1) return `not one error: ${stderr}`;
  if (/^\s+at |unexpected:|defect of rollback|\[object/m.test(stderr)) return `not for people: ${stderr}`;
  return undefined;
}
