import { absolute } from "../../paths.ts";
import { perform, preview } from "../../tasks/restore.ts";
import { command } from "../command.ts";
import { exceptFlag, identityFlag, lockWait, lockWaitMs, onlyFlag, refWord } from "../flags.ts";
import { PART_LISTS, partFlags, partOf, placeFlags, SECTIONS } from "../restore-flags.ts";
import { readMap, restoreWords } from "../restore-words.ts";

export default command({
  name: "restore",
  description: "Show what restoring a snapshot would do; with --force, do it",
  args: {
    ref: refWord,
    force: { type: "boolean", description: "Restore; without it nothing is changed" },
    only: onlyFlag,
    except: exceptFlag,
    ...placeFlags,
    identity: identityFlag,
    ...partFlags,
    reload: { type: "boolean", description: "Then reload the agents whose plist changed" },
    all: { type: "boolean", description: "Name each file and each key, also what is unchanged" },
    verbose: { type: "boolean", description: "Also print the launchctl lines that reload does for you" },
    patch: { type: "boolean", description: "Also show what differs inside each file that changes" },
    "keep-going": { type: "boolean", description: "Restore each file on its own instead of all or none" },
    "lock-wait": lockWait,
  },
  sections: SECTIONS,
  repeatable: ["only", "except", "map", "allow", ...PART_LISTS],
  exits: {
    0: "done; a preview too, whatever it shows",
    1: "failed, and every file is as it was",
    3: "restored but for stored files that are missing or damaged; they are named",
    4: "the snapshot's manifest can't be used",
    5: "there is no such snapshot or key, or none of its files is chosen",
    6: "another rollback holds the lock",
    7: "refused: a file would be written where it should not",
  },
  example: "rollback restore 20251211_143600 --only plist --force",
  async run(args, session) {
    const { world, lists } = session;
    const input = {
      ref: args.ref,
      only: lists.only ?? [],
      except: lists.except ?? [],
      maps: (lists.map ?? []).map((text) => readMap(text, world.cwd)),
      relocate: args.relocate === true,
      allow: (lists.allow ?? []).map((text) => absolute(text, world.cwd)),
      identity: args.identity,
      reload: args.reload === true,
      part: partOf(lists, args["keep-secrets"] === true),
      patch: args.patch === true,
      all: args.all === true,
      verbose: args.verbose === true,
      keepGoing: args["keep-going"] === true,
      lockWaitMs: lockWaitMs(args["lock-wait"]),
    };
    const request = { ...input, words: restoreWords(input, session) };
    return args.force === true ? perform(request, session) : preview(request, session);
  },
});
