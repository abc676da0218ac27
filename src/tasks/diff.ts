// `diff`: what changed from a snapshot to another one, or to the files as they are now.
import { type Comparison, counts } from "../comparison.ts";
import { compareStates, type State } from "../diff/compare.ts";
import { movedPlaces } from "../restore/target.ts";
import { EXIT } from "../rollback-error.ts";
import type { Context, Ending } from "./context.ts";
import { keysOf } from "./identity.ts";
import { openSnapshot } from "./open.ts";
import { findSite, findStoreAlone } from "./site.ts";
import { liveState, storedState } from "./states.ts";

export interface DiffRequest {
  /** The snapshot on the old side. */
  from: string;
  /** The one on the new side; undefined is the files as they are now. */
  to: string | undefined;
  identity: string | undefined;
  /** One line for each file. */
  stat: boolean;
  /** Number the hunks of text files. */
  hunks: boolean;
  /** The exit code tells whether something differs. */
  answersByExit: boolean;
}

export interface DiffOutcome extends Ending {
  command: "diff";
  comparison: Comparison;
  /** One line for each file. */
  stat: boolean;
  /** The hunks of text files are numbered. */
  hunks: boolean;
}

/** As git's. */
const DIFFERS = 1;

export async function diff(request: DiffRequest, { world, named }: Context): Promise<DiffOutcome> {
  const { from, to, identity, stat, hunks, answersByExit } = request;
  const findStore = () => findStoreAlone(world, named);
  const open = (ref: string) => openSnapshot(ref, findStore, world.cwd, () => keysOf(world, identity));
  const first = await open(from);
  let ends: [State, State];
  if (to === undefined) {
    const site = await findSite(world, named);
    const before = storedState(first, movedPlaces(first.manifest, site));
    ends = [before, await liveState(site, before)];
  } else {
    const second = await open(to);
    ends = [storedState(first, movedPlaces(first.manifest, second.manifest)), storedState(second, [])];
  }
  const comparison = await compareStates(...ends);
  const differs = comparison.files.some(counts);
  const exit = exitOf(comparison.problems) ?? (differs && answersByExit ? DIFFERS : EXIT.done);
  return { command: "diff", exit, comparison, stat, hunks };
}

/** What is damaged weighs more than what can't be read; null where all could be compared. */
export function exitOf(problems: { problem: "damaged" | "unreadable" }[]): number | null {
  if (problems.length === 0) return null;
  return problems.some(({ problem }) => problem === "damaged") ? EXIT.damaged : EXIT.partial;
}
