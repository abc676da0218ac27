// How an outcome looks: to a script that wants the essential datum, to a person, to a program.
import type { Ending } from "../tasks/context.ts";
import type { Paint } from "./colour.ts";

/** Where text goes. Both are asked only where the answer matters: to ask a terminal costs as much as to make a list. */
export interface View {
  /** Whether a person reads it; a pipe gets the manual's form. */
  isTerminal(): boolean;
  /** How many columns a line may take. */
  columns(): number;
}

/** A pipe, for which text is wrapped as for the smallest usual window. */
export const PIPE: View = { isTerminal: () => false, columns: () => 80 };

export interface Face<O> {
  /** The essential datum alone, in lines. */
  quiet(outcome: O): string[];
  /** Lines for a person, after the original manual's samples. */
  text(outcome: O, paint: Paint, view: View): string[];
  /** The JSON but for `ok` and `command`, which it may set itself. Shapes: docs/json.md. */
  json(outcome: O): Record<string, unknown>;
}

/** The whole JSON of an outcome. */
export const asJson = <O extends Ending & { command: string }>(face: Face<O>, outcome: O): Record<string, unknown> => ({
  ok: outcome.exit === 0,
  command: outcome.command,
  ...face.json(outcome),
});
