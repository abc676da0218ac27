// Starting programs: by absolute path, without a shell, with a time limit, and with an environment that we chose.
import type { AbsPath, Env } from "../model.ts";

export interface Ran {
  /** null where it did not end by itself. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** What children get of our environment: nothing that could change which code they run (BUN_*, GIT_*, PYTHON*, DYLD_*). */
export function childEnvironment(env: Env): Record<string, string> {
  const kept: Record<string, string> = { LC_ALL: "C" };
  for (const name of ["PATH", "HOME", "TMPDIR", "USER", "LOGNAME"]) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

let patience = 1;
/** For a job that nobody waits for: every limit is so many times as long from now on. */
export const bePatient = (times: number): void => {
  patience = times;
};
/** A limit in ms as it holds now. */
export const allowed = (ms: number): number => ms * patience;

/** Runs a program in a process group of its own, which is killed whole when `timeoutMs` is over or `stop` says so. Null where it can't be started. */
export async function run(
  argv: [AbsPath, ...string[]],
  options: {
    env: Record<string, string>;
    timeoutMs: number;
    cwd?: AbsPath;
    stop?: AbortSignal;
    /** A descriptor that takes what it prints, byte for byte; `stdout` is empty then. */
    stdout?: number;
  },
): Promise<Ran | null> {
  let child: Bun.Subprocess<"ignore", "pipe" | number, "pipe">;
  try {
    child = Bun.spawn(argv, {
      stdin: "ignore",
      stdout: options.stdout ?? "pipe",
      stderr: "pipe",
      detached: true,
      env: options.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } catch {
    return null;
  }
  const limit = Promise.withResolvers<"late">();
  const timer = setTimeout(() => limit.resolve("late"), allowed(options.timeoutMs));
  options.stop?.addEventListener("abort", () => limit.resolve("late"), { once: true });
  if (options.stop?.aborted) limit.resolve("late");
  // A grandchild may hold the pipe open after the child has ended, so both are waited for, and neither for longer than the limit.
  const out = child.stdout instanceof ReadableStream ? child.stdout : null;
  const texts = [new Response(out).text(), new Response(child.stderr).text()] as const;
  const ended = Promise.all([child.exited, ...texts]);
  try {
    const outcome = await Promise.race([ended, limit.promise]);
    if (outcome === "late") return { exitCode: null, stdout: "", stderr: "", timedOut: true };
    const [exitCode, stdout, stderr] = outcome;
    return { exitCode: child.signalCode === null ? exitCode : null, stdout, stderr, timedOut: false };
  } finally {
    clearTimeout(timer);
    killGroup(child.pid);
    child.unref();
  }
}

/**
 * Runs a program that reads `input`, and hands over what it prints, chunk by chunk as it comes. False where it can't be started, fails, or
 * says nothing for `idleMs`. What `take` throws ends it, and is thrown.
 */
export async function pour(
  argv: [AbsPath, ...string[]],
  options: { env: Record<string, string>; cwd: AbsPath; input: string; idleMs: number },
  take: (chunk: Uint8Array) => void,
): Promise<boolean> {
  const { env, cwd, input, idleMs } = options;
  let child: Bun.Subprocess<Blob, "pipe", "ignore">;
  try {
    child = Bun.spawn(argv, { stdin: new Blob([input]), stdout: "pipe", stderr: "ignore", detached: true, env, cwd });
  } catch {
    return false;
  }
  let isLate = false;
  const late = () => {
    isLate = true;
    killGroup(child.pid);
  };
  let timer = setTimeout(late, idleMs);
  try {
    for await (const chunk of child.stdout) {
      clearTimeout(timer);
      take(chunk);
      timer = setTimeout(late, idleMs);
    }
    return (await child.exited) === 0 && !isLate;
  } finally {
    clearTimeout(timer);
    killGroup(child.pid);
    child.unref();
  }
}

/** Starts a program that may stay after us, as one that shows a window does. False where it can't be started, or fails within `timeoutMs`. */
export async function launch(
  argv: [AbsPath, ...string[]],
  { env, timeoutMs }: { env: Record<string, string>; timeoutMs: number },
): Promise<boolean> {
  const limit = Promise.withResolvers<null>();
  const timer = setTimeout(() => limit.resolve(null), allowed(timeoutMs));
  try {
    const child = Bun.spawn(argv, { stdin: "ignore", stdout: "ignore", stderr: "ignore", detached: true, env });
    const ended = await Promise.race([child.exited, limit.promise]);
    child.unref();
    return ended === null || ended === 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody of the group is left.
  }
}

/** A program on the PATH, as an absolute path; null where there is none. */
export function which(name: string, env: Env): AbsPath | null {
  const found = Bun.which(name, { PATH: env.PATH ?? "" });
  return found?.startsWith("/") ? (found as AbsPath) : null;
}
