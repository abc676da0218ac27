// Whether Python files compile: parsed by a python's own `ast`, never run.
import type { AbsPath, Env } from "../model.ts";
import { isFields } from "../shape.ts";
import { mayStart } from "../system/developer-tools.ts";
import { childEnvironment, run, which } from "../system/process.ts";

const TIMEOUT_MS = 10_000;
const QUESTION = [
  "import ast, json, sys",
  "found = {}",
  "for path in sys.argv[1:]:",
  "    try:",
  "        ast.parse(open(path, 'rb').read())",
  "    except SyntaxError as error:",
  "        found[path] = error.lineno or 0",
  "    except (ValueError, OSError, RecursionError):",
  "        found[path] = 0",
  "print(json.dumps(found))",
].join("\n");

export const isPython = (path: string): boolean => path.endsWith(".py");

/** What is wrong with each file that does not compile, with its line; null where there is no python to ask. */
export async function pythonProblems(paths: readonly AbsPath[], env: Env): Promise<Map<string, string> | null> {
  const python = paths.length === 0 ? null : which("python3", env);
  if (python === null || !(await mayStart(python, env))) return paths.length === 0 ? new Map() : null;
  const ran = await run([python, "-I", "-S", "-c", QUESTION, ...paths], {
    env: childEnvironment(env),
    timeoutMs: TIMEOUT_MS,
  });
  if (ran?.exitCode !== 0) return null;
  const lines: unknown = JSON.parse(ran.stdout);
  if (!isFields(lines)) return null;
  return new Map(
    Object.entries(lines).map(([path, line]) => [path, `is not Python${line === 0 ? "" : ` (line ${line})`}`]),
  );
}
