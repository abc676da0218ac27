// A notification on a Mac. macOS shows it as Script Editor's, and the first one only after the user allowed that.
import { childEnvironment, run, which } from "../system/process.ts";
import type { World } from "./context.ts";

/** Shows a notification; the texts are arguments of a fixed script, never part of it. False where `osascript` is missing or failed. */
export async function showNotification({ env }: World, title: string, text: string): Promise<boolean> {
  const osascript = which("osascript", env);
  if (osascript === null) return false;
  const script = ["on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run"];
  const ran = await run([osascript, ...script.flatMap((line) => ["-e", line]), title, text], {
    env: childEnvironment(env),
    timeoutMs: 5000,
  });
  return ran?.exitCode === 0;
}
