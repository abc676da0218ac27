import type { Notify } from "../model.ts";
import type { Outcome } from "../outcome.ts";
import type { Globals, World } from "./command.ts";

/** The flags that say where root, config and snapshots are, as words. */
export const placeWords = ({ root, config, snapshots }: Globals): string[] =>
  Object.entries({ root, config, snapshots }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );

/** Runs another command of ours in this process, in the same places. */
export async function callCommand(
  world: World,
  globals: Globals,
  [name = "", ...rest]: string[],
  notify: Notify,
): Promise<Outcome> {
  const { runCommandLine } = await import("./run.ts");
  return runCommandLine({ ...world, argv: [name, ...placeWords(globals), ...rest] }, notify);
}
