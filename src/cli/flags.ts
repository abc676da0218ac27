// The flags that several commands share, and their values.
import { before, durationProblem } from "../duration.ts";
import { fail } from "../errors.ts";
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

/** The flag of every command that opens an archive. */
export const identityFlag = {
  type: "string",
  valueHint: "FILE",
  description: "The age identity that opens it (~/.config/rollback/identity.txt)",
} as const;

/** The flags that choose among a snapshot's files, both repeatable. */
export const onlyFlag = {
  type: "string",
  valueHint: "KIND|GLOB",
  description: "Only these: plist, config, credential, or a pattern (repeatable)",
} as const;
export const exceptFlag = {
  type: "string",
  valueHint: "KIND|GLOB",
  description: "All but these (repeatable)",
} as const;

/** The word of every command that reads one snapshot. */
export const refWord = {
  type: "positional",
  required: true,
  description:
    "An ID or its beginning, latest, latest~1 (the one before), latest:CATEGORY, a date (2026-11-20), a folder or an archive",
} as const;

/** A flag's duration in ms. Throws `usage`. */
export function milliseconds(flag: string, text: string): number {
  const problem = durationProblem(text);
  if (problem !== null) throw fail.badValue(flag, text, problem.replace(/^expected /, ""));
  return -before(0, text);
}

/** Null where it was not given. Throws `usage`. */
export const optionalMs = (flag: string, text: string | undefined): number | null =>
  text === undefined ? null : milliseconds(flag, text);

/** Where nobody means months, `10m` is ten minutes. */
export const inMinutes = (text: string | undefined): string | undefined => text?.replace(/^(\d+)m$/, "$1min");
