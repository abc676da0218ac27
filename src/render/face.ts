// How an outcome looks: to a script that wants the essential datum, to a person, to a program.
import type { Ending } from "../tasks/context.ts";
import type { Paint } from "./colour.ts";

export interface Face<O> {
  /** The essential datum alone, in lines. */
  quiet(outcome: O): string[];
  /** Lines for a person, after the original manual's samples. */
  text(outcome: O, paint: Paint): string[];
  /** The JSON but for `ok` and `command`, which it may set itself. Shapes: docs/json.md. */
  json(outcome: O): Record<string, unknown>;
}

/** The whole JSON of an outcome. */
export const asJson = <O extends Ending & { command: string }>(face: Face<O>, outcome: O): Record<string, unknown> => ({
  ok: outcome.exit === 0,
  command: outcome.command,
  ...face.json(outcome),
});
