// What the rooms of the catalogue make their entries with.
import { type ErrorCode, RollbackError } from "../rollback-error.ts";

export const error = (code: ErrorCode, message: string, hint: string, cause?: unknown) =>
  new RollbackError(code, message, hint, { cause });

/** The same with commands to copy at its end. */
export const leading = (code: ErrorCode, message: string, advice: string, ...commands: string[]) =>
  new RollbackError(code, message, advice, { commands });

export const nearestHint = (nearest: string | undefined, otherwise: string) =>
  nearest === undefined ? otherwise : `Did you mean \`${nearest}\`? ${otherwise}`;

const SHOWN = 3;
/** The first three, and how many more there are. */
export const few = (things: string[]): string[] => [
  ...things.slice(0, SHOWN),
  ...(things.length > SHOWN ? [`and ${things.length - SHOWN} more`] : []),
];
