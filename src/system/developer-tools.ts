// A Mac without the developer tools has shims in /usr/bin that open an install dialog and hang. They are not to be started. They are
// many names of one file, so any of them may be what a link is said to lead to.
import type { AbsPath, Env } from "../model.ts";
import { resolved } from "./files.ts";
import { childEnvironment, run } from "./process.ts";

const XCODE_SELECT = "/usr/bin/xcode-select" as AbsPath;
let installed: Promise<boolean> | undefined;

/** True for /usr/bin/git, /usr/bin/python3 and their like on a Mac: there they are what they seem only once the tools are installed. */
export const isShim = (program: AbsPath, platform: string): boolean =>
  platform === "darwin" && program.startsWith("/usr/bin/");

/** Whether a program may be started: anything that is not a shim, and the shims where `xcode-select -p` succeeds (asked once). */
export async function mayStart(program: AbsPath, env: Env): Promise<boolean> {
  if (!isShim(resolved(program), process.platform) && !isShim(program, process.platform)) return true;
  installed ??= run([XCODE_SELECT, "-p"], { env: childEnvironment(env), timeoutMs: 1000 }).then(
    (ran) => ran?.exitCode === 0,
  );
  return installed;
}
