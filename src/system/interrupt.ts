// Signals become an error at the next checkpoint, so that every `finally` and every undo runs.
import { fail } from "../errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type Signal = (typeof SIGNALS)[number];
let received: Signal | undefined;
let listener: ((signal: Signal) => void) | undefined;

/** One handler a signal, so that it is never there twice. */
const HANDLERS = SIGNALS.map((signal) => {
  const handler = () => {
    if (listener === undefined) received ??= signal;
    else listener(signal);
  };
  return [signal, handler] as const;
});

/** From now on these signals are remembered and do not end the program by themselves. A second one, or a second call, changes nothing. */
export function watchSignals(): void {
  for (const [signal, handler] of HANDLERS)
    if (!process.listeners(signal).includes(handler)) process.on(signal, handler);
}

/**
 * Lets a waiting signal arrive, and throws `interrupted` if one did. Called between the files of a long work, only where
 * stopping is safe. `state` ends the sentence: what the interruption left behind.
 */
export async function checkpoint(state: string): Promise<void> {
  await new Promise(setImmediate);
  if (received !== undefined) throw fail.interrupted(received, state);
}

/** While `work` runs, signals go to `hear` and interrupt nothing: they are a child's. */
export async function onSignal<T>(hear: (signal: Signal) => void, work: () => Promise<T>): Promise<T> {
  listener = hear;
  try {
    return await work();
  } finally {
    listener = undefined;
  }
}
