// A program that stands in for ours: it has our terminal, descriptors, limits and environment, and gets our signals, each once.
import { constants } from "node:os";
import type { Env } from "../model.ts";
import { type Processes, stillThere, withDescendants } from "./descendants.ts";
import { hear, type Signal } from "./interrupt.ts";
import { which } from "./process.ts";
import { endOf, hasStopped, spawnAlike } from "./spawn.ts";

export interface Attached {
  env: Env;
  umask: number;
  /** Our stdout is for an answer of ours: the program's goes to stderr. */
  stdoutToStderr: boolean;
  /** The caller's descriptors above 2. */
  descriptors: readonly number[];
  /** It and what it started are told to end after so many ms (SIGTERM), and killed ten seconds later; null waits for ever. */
  timeoutMs: number | null;
  /**
   * In a process group of its own: it gets each signal from us. Else it shares ours, as the foreground job of a shell does.
   */
  ownGroup: boolean;
  /** Is told of every signal that came. */
  heard?: (signal: Signal) => void;
}

/** How it ended: its code as a shell counts it (128 + signal), 127 and 126 with a reason where it could not be started. */
export interface AttachedEnd {
  code: number;
  notStarted?: string;
  timedOut: boolean;
}

const LOOK_EVERY_MS = 20;
const KILL_AFTER_MS = 10_000;
const GRACE_MS = 1000;
const { ENOENT, ENOEXEC, EACCES } = constants.errno;

/** Runs it to its end. The first word is a path, or is looked up in PATH. */
export async function runAttached(argv: readonly [string, ...string[]], options: Attached): Promise<AttachedEnd> {
  const started = start(argv, options);
  if ("reason" in started) return { code: started.code, notStarted: started.reason, timedOut: false };
  const { pid } = started;
  const target = options.ownGroup ? -pid : pid;
  const canary = options.ownGroup ? null : new Canary();
  let timedOut = false;
  const limits = [
    ...(options.timeoutMs === null
      ? []
      : [later(options.timeoutMs, "SIGTERM"), later(options.timeoutMs + KILL_AFTER_MS, "SIGKILL")]),
  ];
  let late: Processes = new Map();
  function later(ms: number, signal: NodeJS.Signals) {
    return setTimeout(() => {
      timedOut = true;
      // Parents first: a shell whose command ends by a signal would go on with the next one.
      late = new Map([...late, ...withDescendants(pid)]);
      send(target, signal);
      for (const one of stillThere(late)) if (one !== pid) send(one, signal);
    }, ms);
  }
  let wake = Promise.withResolvers<void>();
  const onChild = () => wake.resolve();
  process.on("SIGCHLD", onChild);
  const relay = { target, canary, owesContinue: false };
  const deaf = hear((signal) => {
    options.heard?.(signal);
    void passOn(signal, relay);
  });
  try {
    for (;;) {
      const end = endOf(pid);
      if (end !== null) {
        await ended(late);
        return { code: "code" in end ? end.code : 128 + end.signal, timedOut };
      }
      // The runtime reports a child's end at once; the look now and then is for a report that went missing.
      await Promise.race([wake.promise, Bun.sleep(LOOK_EVERY_MS)]);
      wake = Promise.withResolvers<void>();
    }
  } finally {
    deaf();
    process.off("SIGCHLD", onChild);
    for (const timer of limits) clearTimeout(timer);
    canary?.release();
    if (timedOut && options.ownGroup) send(target, "SIGKILL");
    for (const one of stillThere(late)) send(one, "SIGKILL");
  }
}

/** Waits until these have ended, for a second at most. */
async function ended(processes: Processes): Promise<void> {
  const deadline = performance.now() + GRACE_MS;
  while (performance.now() < deadline && stillThere(processes).length > 0) await Bun.sleep(LOOK_EVERY_MS);
}

function start(
  argv: readonly [string, ...string[]],
  options: Attached,
): { pid: number } | { code: number; reason: string } {
  const env = Object.fromEntries(
    Object.entries(options.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("BUN_") ? [] : [[name, value] as const],
    ),
  );
  const path = argv[0].includes("/") ? argv[0] : which(argv[0], options.env);
  if (path === null) return { code: 127, reason: "there is no such program in PATH" };
  // The caller's, not ours, which keeps snapshots private.
  const ours = process.umask(options.umask);
  try {
    let started = spawnAlike(path, argv, env, options);
    // A script without a first line that names its shell, as a shell would run it.
    if ("errno" in started && started.errno === ENOEXEC)
      started = spawnAlike("/bin/sh", ["sh", path, ...argv.slice(1)], env, options);
    return "pid" in started
      ? started
      : { code: started.errno === ENOENT ? 127 : 126, reason: whyNotStarted(started.errno) };
  } finally {
    process.umask(ours);
  }
}

function whyNotStarted(errno: number): string {
  if (errno === ENOENT) return "there is no such program";
  if (errno === EACCES) return "it can't be executed: permission denied";
  const name = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
  return `it can't be executed (${name ?? errno})`;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

interface Relay {
  /** A process, or as a negative number a process group. */
  target: number;
  /** Null where the target can't have got a signal that we got. */
  canary: Canary | null;
  /** It was stopped by us, and is to go on when we do. */
  owesContinue: boolean;
}

/** What was sent to us alone is passed on; what the whole group got, the child has. */
async function passOn(signal: Signal, relay: Relay): Promise<void> {
  const { target, canary } = relay;
  if (signal === "SIGCONT") {
    if (relay.owesContinue) send(target, signal);
    relay.owesContinue = false;
    return;
  }
  const alone = canary === null || !(await canary.got(signal));
  if (alone) send(target, signal);
  if (signal !== "SIGTSTP") return;
  relay.owesContinue = alone;
  process.kill(process.pid, "SIGSTOP");
}

/**
 * A process of our group that does nothing but answer. A signal for the group reaches it as it reaches us, before any later answer of
 * its own: so if it still answers, the signal was for us alone. The system does not tell (siginfo) to a program like ours.
 */
class Canary {
  private bird = hatch();
  private last: Promise<unknown> = Promise.resolve();

  /** Whether the group got the signal, too. Several are judged one after the other. */
  got(signal: Signal): Promise<boolean> {
    const judged = this.last.then(() => this.judge(signal));
    this.last = judged;
    return judged;
  }

  private async judge(signal: Signal): Promise<boolean> {
    const { bird } = this;
    if (bird === null) return false;
    if (signal === "SIGTSTP") return answersOrStops(bird);
    const answered = await answer(bird);
    if (!answered) this.bird = hatch();
    return !answered;
  }

  release(): void {
    this.bird?.child.kill("SIGKILL");
  }
}

function hatch() {
  try {
    const child = Bun.spawn(["/bin/cat"], { stdin: "pipe", stdout: "pipe", stderr: "ignore", env: {} });
    child.unref();
    return { child, reader: child.stdout.getReader() };
  } catch {
    return null;
  }
}
type Bird = NonNullable<ReturnType<typeof hatch>>;

/** True where it answers, false where it has died. */
async function answer({ child, reader }: Bird): Promise<boolean> {
  try {
    child.stdin.write(".");
    await child.stdin.flush();
    return !(await reader.read()).done;
  } catch {
    return false;
  }
}

/** True where the bird was stopped, too. */
async function answersOrStops(bird: Bird): Promise<boolean> {
  let answered = false;
  const asked = answer(bird).then(() => {
    answered = true;
  });
  while (!answered && !hasStopped(bird.child.pid)) await Promise.race([asked, Bun.sleep(1)]);
  return !answered;
}
