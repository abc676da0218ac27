// Tests that need strace: skipped where it can't be had, with the reason in the name; under CI they run and fail.
import { test } from "bun:test";
import { straceMissing } from "./strace.ts";

/** No test fails for a slow machine. */
const TIMEOUT_MS = 3 * 3_600_000;

export function tracing(name: string, body: () => void | Promise<void>): void {
  needing(straceMissing(), name, body);
}

/** Like `test`, unless something it needs is `missing`. */
export function needing(missing: string | undefined, name: string, body: () => void | Promise<void>): void {
  if (missing === undefined) test(name, body, TIMEOUT_MS);
  else if ((process.env.CI ?? "") === "") test.skip(`${name} (skipped: ${missing})`, body);
  else {
    test(name, () => {
      throw new Error(`CI is set, so this may not be skipped: ${missing}`);
    });
  }
}
