// `revert A B`: what changed from one snapshot to another is taken back from today's files, and what came later stays.
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { standingAt } from "../snapshot/ref.ts";
import type { Context } from "./context.ts";
import { keysOf } from "./identity.ts";
import { type Opened, openSnapshot } from "./open.ts";
import { performOpened, previewOpened } from "./restore.ts";
import type { OpenedRestore, RestoreOutcome } from "./restore-terms.ts";
import { findSite } from "./site.ts";
import { afterIn, asRestore, mapsFor, type TakeBackRequest, takeBack } from "./take-back.ts";

export interface RevertRequest extends TakeBackRequest {
  /** The snapshots before and after the change. */
  from: string;
  to: string;
}

/** What it would change. Writes nothing. */
export const previewRevert = async (input: RevertRequest, context: Context): Promise<RestoreOutcome> =>
  previewOpened(await open(input, context), asRestore(input), context);

/** Takes it back, all or nothing. Throws `failed`, with nothing written, where a conflict is undecided. */
export const revert = async (input: RevertRequest, context: Context): Promise<RestoreOutcome> =>
  performOpened(await open(input, context), asRestore(input), context);

async function open(input: RevertRequest, { world, named }: Context): Promise<OpenedRestore> {
  const site = await findSite(world, named);
  const at = (ref: string) =>
    openSnapshot(
      ref,
      async () => site.store,
      world.cwd,
      () => keysOf(world, input.identity),
    );
  const [before, after] = [await at(input.from), await at(input.to)];
  const [from, to] = [before, after].map(({ located, manifest }) => ({
    id: located.id,
    description: manifest.description,
  }));
  if (from === undefined || to === undefined || before.located.at === after.located.at)
    throw fail.sameSnapshot(input.from);
  const [maps, afterMaps] = [mapsFor(before, site, input), mapsFor(after, site, input)];
  const state = afterIn(after, afterMaps, before.manifest, maps, input.relocate, `new in ${to.id}`);
  const note = `what changed from ${from.id} to ${to.id}`;
  return takeBack(before, state, site, maps, input, {
    command: "revert",
    note,
    of: { type: "between", from, to },
    ref: typedAs(input.from, before, world.cwd),
    typed: [typedAs(input.from, before, world.cwd), typedAs(input.to, after, world.cwd)],
  });
}

/** A place is typed as it was, everything else as the id that it meant. */
const typedAs = (ref: string, { located }: Opened, cwd: AbsPath): string =>
  standingAt(ref, cwd) === null ? located.id : ref;
