import { counts } from "../../comparison.ts";
import { compareStates, type State } from "../../diff/compare.ts";
import type { DiffOutcome } from "../../outcome.ts";
import { movedPlaces } from "../../restore/target.ts";
import { identityFlag, keysOf } from "../../tasks/identity.ts";
import { openSnapshot } from "../../tasks/open.ts";
import { findSite, findStoreAlone } from "../../tasks/site.ts";
import { liveState, storedState } from "../../tasks/states.ts";
import { command } from "../command.ts";

const NOW = "now";

export default command({
  name: "diff",
  description: "What changed from a snapshot to another one, or to the files as they are now",
  args: {
    ref: {
      type: "positional",
      required: true,
      description: "An id, the beginning of one, latest, latest~N, latest:CATEGORY, a folder, or an archive",
    },
    ref2: { type: "positional", required: false, description: "Another REF; now when left out" },
    stat: { type: "boolean", description: "One line for each file" },
    "exit-code": { type: "boolean", description: "Exit code 1 where something differs" },
    identity: identityFlag,
  },
  exits: {
    0: "done, whatever differs",
    1: "something differs, with --exit-code",
    3: "some files could not be read; they are named, and the others compared",
    4: "some stored files, or a manifest, are damaged",
    5: "there is no such snapshot",
  },
  example: "rollback diff latest~1 latest --stat",
  async run(args, { world, globals }): Promise<DiffOutcome> {
    const findStore = () => findStoreAlone(world, globals);
    const open = (ref: string) => openSnapshot(ref, findStore, world.cwd, () => keysOf(world, args.identity));
    const first = await open(args.ref);
    let ends: [State, State];
    if (args.ref2 === undefined || args.ref2 === NOW) {
      const site = await findSite(world, globals);
      const before = storedState(first, movedPlaces(first.manifest, site));
      ends = [before, await liveState(site, before)];
    } else {
      const second = await open(args.ref2);
      ends = [storedState(first, movedPlaces(first.manifest, second.manifest)), storedState(second, [])];
    }
    const comparison = await compareStates(...ends);
    const differs = comparison.files.some(counts);
    return {
      command: "diff",
      exit: exitOf(comparison.problems) ?? (differs && args["exit-code"] === true ? 1 : 0),
      comparison,
      stat: args.stat === true,
    };
  },
});

/** What is damaged weighs more than what can't be read; null where all could be compared. */
export function exitOf(problems: { problem: "damaged" | "unreadable" }[]): 3 | 4 | null {
  if (problems.length === 0) return null;
  return problems.some(({ problem }) => problem === "damaged") ? 4 : 3;
}
