import { wholeNumber } from "./strict.ts";

/** The flag of every command that writes. */
export const lockWait = {
  type: "string",
  valueHint: "SECONDS",
  description: "How long to wait for another rollback to end (10)",
} as const;

/** Its value in ms. */
export const lockWaitMs = (given: string | undefined): number =>
  given === undefined ? 10_000 : wholeNumber("--lock-wait", given, 0) * 1000;
