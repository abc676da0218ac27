// How well one venv is: its python asked for its version, for what pip needs of the standard library, and for pip itself.
import type { AbsPath, Env } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { entriesIn, exists, ifReadable, readEnds, readText, resolved } from "../system/files.ts";
import { childEnvironment, type Ran, run } from "../system/process.ts";
import { minorOf } from "./find-python.ts";
import { interpreter, lookAtVenv } from "./venv.ts";

const TIMEOUT_MS = 5000;

/** ssl and zlib are compiled against libraries that a system upgrade takes away; without them pip can fetch nothing. */
const QUESTIONS = [
  'import sys; print("Python %d.%d.%d" % sys.version_info[:3], flush=True)',
  'import ssl, zlib; print("imports", flush=True)',
  'import importlib.util; print("pip" if importlib.util.find_spec("pip") else "no pip", flush=True)',
].join("\n");

export interface VenvHealth {
  /** `unknown` where its python must not be started: a Mac without the developer tools. */
  state: "healthy" | "degraded" | "broken" | "unknown";
  problem: string | null;
  /** As python prints it, else as pyvenv.cfg says: `Python 3.12.12`. */
  version: string | null;
  /** All that is wrong is that it has no pip: programs run in it. */
  lacksPip: boolean;
}

/**
 * Asks one venv; ends within about five seconds, or ten with `startPip`, which starts its pip, too. Its python is isolated from the
 * environment and the user's own packages.
 */
export async function checkVenv(path: AbsPath, env: Env, { startPip = false } = {}): Promise<VenvHealth> {
  const { exists: there, python_version: version } = lookAtVenv(path);
  const bad = (problem: string, state: VenvHealth["state"] = "broken"): VenvHealth => ({
    state,
    problem,
    version,
    lacksPip: false,
  });
  if (!there) return bad("is gone");
  if (!looksLikeVenv(path)) return bad("holds neither a pyvenv.cfg nor a python");
  const python = interpreter(path);
  if (python === null) return bad("its python is missing");
  if (!(await mayStart(python, env)))
    return bad("its python needs the developer tools, which are not installed", "unknown");
  const how = { env: childEnvironment(env), timeoutMs: TIMEOUT_MS };
  const ran = await run([python, "-I", "-c", QUESTIONS], how);
  if (ran === null) return bad("its python can't be started");
  if (ran.timedOut) return bad("its python did not answer within 5 seconds");
  const [said, imports, pip] = ran.stdout.split("\n");
  if (said === undefined || !/^Python \d/.test(said)) return bad(because("its python does not run", ran));
  const degraded = (problem: string): VenvHealth => ({ state: "degraded", problem, version: said, lacksPip: false });
  const others = otherMinors(path, said);
  if (others !== null)
    return { ...degraded(`its python is ${said.slice(7)}, its packages are of ${others}`), state: "broken" };
  if (imports !== "imports") return degraded(because("it can't import ssl and zlib", ran));
  const elsewhere = movedFrom(path);
  if (elsewhere !== null) return degraded(`it was moved or copied: its scripts name ${elsewhere}`);
  if (pip !== "pip" && !madeByUv(path)) return { ...degraded("it has no pip"), lacksPip: true };
  if (pip === "pip" && startPip) {
    const started = await run([python, "-I", "-m", "pip", "--version"], how);
    if (started?.exitCode !== 0) return degraded(because("its pip does not start", started));
  }
  return { state: "healthy", problem: null, version: said, lacksPip: false };
}

/** The problem, and the last line that the program said of it. */
function because(problem: string, ran: Ran | null): string {
  const why = ran?.stderr.trim().split("\n").at(-1) ?? "";
  return why === "" ? problem : `${problem}: ${why.slice(0, 200)}`;
}

/** The versions whose packages lie in a venv, where none are of its python's: those are not seen by it. Null where all is well. */
function otherMinors(path: AbsPath, version: string): string | null {
  const names = (ifReadable(() => entriesIn(below(path, "lib"))) ?? []).map(({ name }) => name);
  const minors = names.flatMap((name) => /^python(\d+\.\d+)$/.exec(name)?.[1] ?? []);
  return minors.length === 0 || minors.includes(minorOf(version) ?? "") ? null : minors.sort().join(", ");
}

/**
 * The folder that a venv's own scripts take for it, where that is another one: `bin/activate` says it, and the first lines of the
 * programs that pip put there. What it leads to counts, not its spelling. Null where all is well.
 */
function movedFrom(path: AbsPath): string | null {
  const own = ifReadable(() => resolved(path)) ?? path;
  const bin = below(path, "bin");
  const activate = ifReadable(() => readText(below(bin, "activate"), 65536)) ?? "";
  const activated = /^\s*(?:export\s+)?VIRTUAL_ENV=(["']?)(\/[^"'\n]*)\1\s*$/m.exec(activate)?.[2];
  const scripts = (ifReadable(() => entriesIn(bin)) ?? []).filter((entry) => entry.isFile());
  const named = scripts.flatMap(({ name }) => scriptVenv(below(bin, name)) ?? []);
  const isOther = (folder: string) => (ifReadable(() => resolved(absolute(folder, "/"))) ?? folder) !== own;
  return [...(activated === undefined ? [] : [activated]), ...named].find(isOther) ?? null;
}

const HEAD_BYTES = 512;

/** The venv whose python a script's first line names, a long one by `exec` in the second; null where it names a python of no venv. */
function scriptVenv(script: AbsPath): string | null {
  const head = readEnds(script, HEAD_BYTES)?.head ?? "";
  const named = /^(?:#!|'''exec' )"?(\/[^"\n]*\/bin\/python[\d.]*)"?(?:\s|$)/m.exec(head)?.[1];
  if (named === undefined) return null;
  const python = absolute(named, "/");
  const folder = parentOf(parentOf(python));
  const isOfNoVenv = ifReadable(() => exists(python) && !exists(below(folder, "pyvenv.cfg"))) === true;
  return isOfNoVenv ? null : folder;
}

/** Whether a folder is or was a venv: it has a pyvenv.cfg, or a python whose link may lead nowhere. */
export const looksLikeVenv = (path: AbsPath): boolean =>
  ["pyvenv.cfg", "bin/python3", "bin/python"].some((name) => ifReadable(() => exists(below(path, name))) === true);

/** uv's venvs have no pip, and need none. */
const madeByUv = (path: AbsPath): boolean => /^uv\s*=/m.test(configOf(path));

/** Whether the venv sees the system's packages, as PEP 405 says it. */
export const seesSystemPackages = (path: AbsPath): boolean =>
  /^\s*include-system-site-packages\s*=\s*true\s*$/im.test(configOf(path));

const configOf = (path: AbsPath): string => ifReadable(() => readText(below(path, "pyvenv.cfg"), 65536)) ?? "";
