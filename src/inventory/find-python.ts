// An interpreter for a new venv: of the wanted minor version where there is one, else the python3 that the user has.
import type { AbsPath, Env } from "../model.ts";
import { absolute, below, isWithin } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { entriesIn, ifReadable, lookThrough } from "../system/files.ts";
import { childEnvironment, run } from "../system/process.ts";

const TIMEOUT_MS = 5000;

export interface Interpreter {
  path: AbsPath;
  /** As python prints it: `Python 3.12.12`. */
  version: string;
}

/** `3.12` of `Python 3.12.12`; null where it is not such a text. */
export const minorOf = (version: string | null): string | null => /^Python (\d+\.\d+)/.exec(version ?? "")?.[1] ?? null;

/**
 * The first interpreter that runs and is of minor version `minor`, else the first python3 of any version; null where there is none.
 * Looks on the PATH, then where Homebrew, python.org, pyenv and uv put them; nothing inside `venv` is taken.
 */
export async function findPython(
  minor: string | null,
  home: AbsPath,
  env: Env,
  venv: AbsPath,
): Promise<Interpreter | null> {
  for (const [name, wanted] of minor === null
    ? [["python3", null] as const]
    : ([
        [`python${minor}`, minor],
        ["python3", null],
      ] as const))
    for (const folder of foldersOf(wanted, home, env)) {
      const path = below(folder, name);
      if (isWithin(path, venv)) continue;
      const version = await versionOf(path, env);
      if (version !== null && (wanted === null || minorOf(version) === wanted)) return { path, version };
    }
  return null;
}

function foldersOf(minor: string | null, home: AbsPath, env: Env): AbsPath[] {
  const path = (env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const usual = ["/opt/homebrew/bin", "/usr/local/bin", below(home, ".local/bin"), "/usr/bin"];
  if (minor !== null) usual.push(`/Library/Frameworks/Python.framework/Versions/${minor}/bin`);
  const managed =
    minor === null
      ? []
      : [
          ...versionsIn(below(home, ".pyenv/versions"), `${minor}.`),
          ...versionsIn(below(home, ".local/share/uv/python"), `cpython-${minor}.`),
        ];
  return [...new Set([...path, ...usual, ...managed].map((folder) => absolute(folder, "/")))];
}

const versionsIn = (folder: AbsPath, beginning: string): AbsPath[] =>
  (ifReadable(() => entriesIn(folder)) ?? [])
    .filter(({ name }) => name.startsWith(beginning))
    .map(({ name }) => ({ name, version: /\d+(?:\.\d+)*/.exec(name)?.[0] ?? "" }))
    .sort((one, other) => compareVersions(other.version, one.version))
    .map(({ name }) => below(folder, name, "bin"));

/** Orders versions by their numbers: 3.12.10 comes after 3.12.9. */
export function compareVersions(one: string, other: string): number {
  const left = one.split(".").map(Number);
  const right = other.split(".").map(Number);
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

async function versionOf(path: AbsPath, env: Env): Promise<string | null> {
  if (ifReadable(() => lookThrough(path)?.isFile()) !== true || !(await mayStart(path, env))) return null;
  const ran = await run([path, "--version"], { env: childEnvironment(env), timeoutMs: TIMEOUT_MS });
  return ran?.exitCode === 0 ? (/^Python \d[\w.+-]*/.exec(ran.stdout)?.[0] ?? null) : null;
}
