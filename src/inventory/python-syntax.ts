// Whether Python files compile: parsed by a python's own `ast`, never run.
import * as v from "valibot";
import type { AbsPath, Env } from "../model.ts";
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

/** The line of each file that does not compile; 0 where it is not known. */
const Answer = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.number()));

export const isPython = (path: string): boolean => path.endsWith(".py");

/** What is wrong with each file that does not compile, with its line; null where there is no python that answers. */
export async function pythonProblems(paths: readonly AbsPath[], env: Env): Promise<Map<string, string> | null> {
  const python = paths.length === 0 ? null : which("python3", env);
  if (python === null || !(await mayStart(python, env))) return paths.length === 0 ? new Map() : null;
  const ran = await run([python, "-I", "-S", "-c", QUESTION, ...paths], {
    env: childEnvironment(env),
    timeoutMs: TIMEOUT_MS,
  });
  // What is called python3 may be anything.
  const lines = v.safeParse(Answer, ran?.stdout);
  if (ran?.exitCode !== 0 || !lines.success) return null;
  return new Map(
    Object.entries(lines.output).map(([path, line]) => [path, `is not Python${line === 0 ? "" : ` (line ${line})`}`]),
  );
}
