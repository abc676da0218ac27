// How well one venv is: its python asked for its version, for what pip needs of the standard library, and for pip itself.
import type { AbsPath, Env } from "../model.ts";
import { below } from "../paths.ts";
import { mayStart } from "../system/developer-tools.ts";
import { exists, ifReadable, readText } from "../system/files.ts";
import { childEnvironment, run } from "../system/process.ts";
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
}

/** Asks one venv; ends within about five seconds. It starts its python isolated from the environment and the user's own packages. */
export async function checkVenv(path: AbsPath, env: Env): Promise<VenvHealth> {
  const { exists: there, python_version: version } = lookAtVenv(path);
  const bad = (problem: string, state: VenvHealth["state"] = "broken"): VenvHealth => ({ state, problem, version });
  if (!there) return bad("is gone");
  if (!looksLikeVenv(path)) return bad("holds neither a pyvenv.cfg nor a python");
  const python = interpreter(path);
  if (python === null) return bad("its python is missing");
  if (!(await mayStart(python, env)))
    return bad("its python needs the developer tools, which are not installed", "unknown");
  const ran = await run([python, "-I", "-c", QUESTIONS], { env: childEnvironment(env), timeoutMs: TIMEOUT_MS });
  if (ran === null) return bad("its python can't be started");
  if (ran.timedOut) return bad("its python did not answer within 5 seconds");
  const [said, imports, pip] = ran.stdout.split("\n");
  const why = ran.stderr.trim().split("\n").at(-1) ?? "";
  const because = (problem: string) => (why === "" ? problem : `${problem}: ${why.slice(0, 200)}`);
  if (said === undefined || !/^Python \d/.test(said)) return bad(because("its python does not run"));
  const degraded = (problem: string): VenvHealth => ({ state: "degraded", problem, version: said });
  if (imports !== "imports") return degraded(because("it can't import ssl and zlib"));
  if (pip !== "pip" && !madeByUv(path)) return degraded("it has no pip");
  return { state: "healthy", problem: null, version: said };
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
