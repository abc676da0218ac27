// Which files macOS has put in quarantine: launchd refuses such a plist.
import type { AbsPath, Env } from "../model.ts";
import { childEnvironment, run, which } from "../system/process.ts";

const LIMIT_MS = 5000;

/** None where there is no `xattr` to ask. */
export async function quarantined(env: Env, paths: readonly AbsPath[]): Promise<ReadonlySet<string>> {
  const program = paths.length === 0 ? null : which("xattr", env);
  if (program === null) return new Set();
  const words = ["-p", "com.apple.quarantine", ...paths] as const;
  // It fails for each file without the attribute, and prints `PATH: VALUE` for the others; one file alone without its path.
  const ran = await run([program, ...words], { env: childEnvironment(env), timeoutMs: LIMIT_MS });
  const out = ran?.stdout ?? "";
  if (paths.length === 1) return new Set(out.trim() === "" ? [] : paths);
  return new Set(paths.filter((path) => out.split("\n").some((line) => line.startsWith(`${path}: `))));
}
