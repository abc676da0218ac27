// Which Python each virtual environment has: asked of its own python, all at once, or read from pyvenv.cfg.
import type { Config } from "../config.ts";
import type { AbsPath, Env, VenvState } from "../model.ts";
import { below, isWithin } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { ifReadable, lookThrough, readText } from "../system/files.ts";
import { childEnvironment, run } from "../system/process.ts";
import { type Anchors, anchored } from "./anchors.ts";
import { expand } from "./patterns.ts";

const TIMEOUT_MS = 1000;

export interface Venv {
  /** The manifest's key: `venv-google`, `mcp/SERVER`, `agent/NAME`, else the path as it is below the root or the home. */
  key: string;
  path: AbsPath;
}

/** The venvs that the config's patterns match now, by key. */
export async function findVenvs(config: Config, anchors: Anchors): Promise<{ venvs: Venv[]; warnings: string[] }> {
  const venvs = new Map<AbsPath, Venv>();
  const warnings: string[] = [];
  for (const pattern of config.venvs) {
    const { paths, failures } = await expand(pattern, anchors, "folders");
    for (const path of paths) venvs.set(path, { key: venvKey(path, anchors), path });
    for (const { path, reason } of failures) warnings.push(`venvs: ${path}: ${reason}`);
  }
  return { venvs: [...venvs.values()], warnings };
}

/** Pure: the original format's key for a venv folder. */
export function venvKey(path: AbsPath, { home, root }: Pick<Anchors, "home" | "root">): string {
  const inside = isWithin(path, root) ? path.slice(root.length + 1) : null;
  const server = inside?.match(/^infrastructure\/mcp-servers\/([^/]+)\/\.venv$/)?.[1];
  if (server !== undefined) return `mcp/${server}`;
  const agent = inside?.match(/^agents\/([^/]+)\/\.venv$/)?.[1];
  if (agent !== undefined) return `agent/${agent}`;
  return inside ?? (isWithin(path, home) ? `~${path.slice(home.length)}` : path);
}

/** Pure: the folder that a key stands for. */
export function venvPath(key: string, { home, root }: Pick<Anchors, "home" | "root">): AbsPath {
  const [, kind, name = ""] = /^(mcp|agent)\/([^/]+)$/.exec(key) ?? [];
  if (kind !== undefined)
    return kind === "mcp"
      ? below(root, "infrastructure/mcp-servers", name, ".venv")
      : below(root, "agents", name, ".venv");
  return anchored(key, { home, root });
}

/** Asks every venv at once; ends within about a second, however many hang. */
export async function askVenvs(
  venvs: Venv[],
  env: Env,
): Promise<{ states: Record<string, VenvState>; warnings: string[] }> {
  const warnings: string[] = [];
  const asked = await Promise.all(
    venvs.map(async ({ key, path }) => {
      const { state, warning } = await ask(path, env);
      if (warning !== null) warnings.push(`venv ${key}: ${warning}`);
      return [key, state] as const;
    }),
  );
  return { states: Object.fromEntries(asked), warnings: warnings.sort() };
}

async function ask(path: AbsPath, env: Env): Promise<{ state: VenvState; warning: string | null }> {
  const written = configuredVersion(path);
  const from = (healthy: boolean | null, warning: string) => ({
    state: {
      exists: true,
      python_version: written,
      version_from: written === null ? null : ("pyvenv.cfg" as const),
      healthy,
    },
    warning: written === null ? warning : `${warning}; its version is from pyvenv.cfg`,
  });
  const python = interpreter(path);
  if (python === null) return from(false, "its python is missing");
  if (!(await mayStart(python, env)))
    return from(null, "its python needs the developer tools, which are not installed");
  const ran = await run([python, "--version"], { env: childEnvironment(env), timeoutMs: TIMEOUT_MS });
  if (ran === null) return from(false, "its python can't be started");
  if (ran.timedOut) return from(null, "its python did not answer within a second");
  const version = ran.stdout.match(/^Python \d[\w.+-]*/)?.[0];
  if (ran.exitCode !== 0 || version === undefined) return from(false, "its python does not run");
  return { state: { exists: true, python_version: version, version_from: "python", healthy: true }, warning: null };
}

/** The state as files alone tell it, for previews, which start nothing: healthy is false where the interpreter is gone, else null. */
export function lookAtVenv(path: AbsPath): VenvState {
  const exists = ifReadable(() => lookThrough(path)?.isDirectory()) ?? false;
  const version = exists ? configuredVersion(path) : null;
  return {
    exists,
    python_version: version,
    version_from: version === null ? null : "pyvenv.cfg",
    healthy: exists && interpreter(path) !== null ? null : false,
  };
}

/** The python in a venv, if what its name leads to is there. */
export function interpreter(path: AbsPath): AbsPath | null {
  const candidates = ["python3", "python"].map((name) => below(path, "bin", name));
  return candidates.find((candidate) => ifReadable(() => lookThrough(candidate)?.isFile()) === true) ?? null;
}

/** `version` or `version_info` of pyvenv.cfg (PEP 405), as python would print it. */
function configuredVersion(path: AbsPath): string | null {
  const text = ifReadable(() => readText(below(path, "pyvenv.cfg"), 65536));
  const version = text?.match(/^\s*version(?:_info)?\s*=\s*(\d+(?:\.\d+){0,2})/m)?.[1];
  return version === undefined ? null : `Python ${version}`;
}
