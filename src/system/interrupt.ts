// Signals become an error at the next checkpoint, so that every `finally` and every undo runs; or they are a child's.
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fail } from "../errors.ts";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** What a child may want to hear of, and what does nothing to us alone. */
const PASSED_ON = ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTSTP", "SIGCONT"] as const;
export type Ending = (typeof ENDING)[number];
export type Signal = Ending | (typeof PASSED_ON)[number];
/** A key pressed twice, or one event that sends two signals, is one wish. */
const SECOND_WISH_MS = 1000;

let received: Ending | undefined;
let listener: ((signal: Signal) => void) | undefined;

/** One handler a signal, so that it is never there twice. */
const HANDLERS = ENDING.map((signal) => {
  const handler = () => {
    if (listener === undefined) received ??= signal;
    else listener(signal);
  };
  return [signal, handler] as const;
});

let isIgnored: (signal: Signal) => boolean = () => false;

/**
 * From now on these signals are remembered and do not end the program by themselves; those that the caller ignores (`nohup`) stay
 * ignored. A second one, or a second call, changes nothing.
 */
export async function watchSignals(): Promise<void> {
  isIgnored = ignoredByProc() ?? (await import("./spawn.ts")).isIgnored;
  for (const [signal, handler] of HANDLERS)
    if (!isIgnored(signal) && !process.listeners(signal).includes(handler)) process.on(signal, handler);
}

function readStatus(): string | null {
  try {
    return readFileSync("/proc/self/status", "latin1");
  } catch {
    return null;
  }
}

/**
 * The kernel's own word, asked before the first handler is there: a mask of 64 bits, signal 1 the lowest (proc(5), SigIgn). Null where
 * there is no /proc.
 */
function ignoredByProc(): typeof isIgnored | null {
  const text = readStatus();
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(text ?? "")?.[1] ?? "0"}`);
  if (text === null) return null;
  return (signal) => (mask & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
}

/**
 * Lets a waiting signal arrive, and throws `interrupted` if one did. Called between the files of a long work, only where
 * stopping is safe. `state` ends the sentence: what the interruption left behind.
 */
export async function checkpoint(state: string): Promise<void> {
  await new Promise(setImmediate);
  if (received !== undefined) throw fail.interrupted(received, state);
}

/**
 * From now on signals go to `listen` and interrupt nothing: they are a child's, and those that would do nothing to us come along. Ends
 * when the returned function is called; what arrives then is ours again.
 */
export function hear(listen: (signal: Signal) => void): () => void {
  const outer = listener;
  listener = listen;
  const more = PASSED_ON.filter((signal) => !isIgnored(signal)).map(
    (signal) => [signal, () => listen(signal)] as const,
  );
  for (const [signal, handler] of more) process.on(signal, handler);
  return () => {
    listener = outer;
    for (const [signal, handler] of more) process.off(signal, handler);
  };
}

/** While `work` runs, what would end us goes to `listen` and interrupts nothing. */
export async function onSignal<T>(listen: (signal: Ending) => void, work: () => Promise<T>): Promise<T> {
  const deaf = hear((signal) => {
    const ending = ENDING.find((one) => one === signal);
    if (ending !== undefined) listen(ending);
  });
  try {
    return await work();
  } finally {
    deaf();
  }
}

/** While `work` runs, one signal changes nothing; a second one, more than a second after the first, interrupts it. */
export function holdingOut<T>(work: () => Promise<T>): Promise<T> {
  let first: number | undefined;
  return onSignal((signal) => {
    first ??= performance.now();
    if (performance.now() - first > SECOND_WISH_MS) received ??= signal;
  }, work);
}
