// Signals become an error at the next checkpoint, so that every `finally` and every undo runs.
import { fail } from "../errors.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let received: (typeof SIGNALS)[number] | undefined;

/** From now on these signals are remembered and do not end the program by themselves. A second one changes nothing. */
export function watchSignals(): void {
  for (const signal of SIGNALS)
    process.on(signal, () => {
      received ??= signal;
    });
}

/**
 * Lets a waiting signal arrive, and throws `interrupted` if one did. Called between the files of a long work, only where
 * stopping is safe. `state` ends the sentence: what the interruption left behind.
 */
export async function checkpoint(state: string): Promise<void> {
  await new Promise(setImmediate);
  if (received !== undefined) throw fail.interrupted(received, state);
}
