import type { Notify } from "../model.ts";
import type { Outcome } from "../outcome.ts";
import type { NamedPlaces, World } from "../tasks/context.ts";

/** The flags that say where root, config and snapshots are, as words. */
export const placeWords = ({ root, config, snapshots }: NamedPlaces): string[] =>
  Object.entries({ root, config, snapshots }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, value],
  );

/** Runs another command of ours in this process, in the same places. */
export async function callCommand(
  world: World,
  named: NamedPlaces,
  [name = "", ...rest]: string[],
  notify: Notify,
): Promise<Outcome> {
  const { runCommandLine } = await import("./run.ts");
  return runCommandLine([name, ...placeWords(named), ...rest], world, notify);
}
