// Signals while another program has the terminal: they are that program's, and each comes once.
import { afterEach, expect, test } from "bun:test";
import { checkpoint, onSignal, type Signal, watchSignals } from "../../src/system/interrupt.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
afterEach(() => {
  for (const [signal, kept] of before)
    for (const listener of process.listeners(signal))
      if (!kept.includes(listener)) process.removeListener(signal, listener);
});

/** What is heard of one signal, after as many commands in this process as guard runs. */
async function heard(commands: number, signal: Signal): Promise<Signal[]> {
  for (let command = 0; command < commands; command++) await watchSignals();
  const got: Signal[] = [];
  await onSignal(
    (name) => got.push(name),
    async () => process.emit(signal),
  );
  return got;
}

test.each(signals)("%s goes to whoever listens, and interrupts nothing of ours", async (signal) => {
  expect(await heard(1, signal)).toEqual([signal]);
  await checkpoint("nothing was done");
});

test("each comes once, also where one command runs others in this process", async () => {
  expect(await heard(3, "SIGTERM")).toEqual(["SIGTERM"]);
});
