// A Mac without the developer tools has shims in /usr/bin that open an install dialog and hang. They are not to be started.
import type { AbsPath, Env } from "../model.ts";
import { resolved } from "./files.ts";
import { childEnvironment, run } from "./process.ts";

const XCODE_SELECT = "/usr/bin/xcode-select" as AbsPath;
let installed: Promise<boolean> | undefined;

/** True for /usr/bin/git, /usr/bin/python3 and their like on a Mac: there they are what they seem only once the tools are installed. */
export function isShim(program: AbsPath, platform: string): boolean {
  return platform === "darwin" && /^\/usr\/bin\/(git|python3?(\.\d+)?|pip3?)$/.test(program);
}

/** Whether a program may be started: anything that is not a shim, and the shims where `xcode-select -p` succeeds (asked once). */
export async function mayStart(program: AbsPath, env: Env): Promise<boolean> {
  if (!isShim(resolved(program), process.platform) && !isShim(program, process.platform)) return true;
  installed ??= run([XCODE_SELECT, "-p"], { env: childEnvironment(env), timeoutMs: 1000 }).then(
    (ran) => ran?.exitCode === 0,
  );
  return installed;
}
