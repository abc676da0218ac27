import { previewRevert, revert } from "../../tasks/revert.ts";
import { command } from "../command.ts";
import { identityFlag, refWord } from "../flags.ts";
import { readMap } from "../restore-words.ts";
import { takeBackFlags, takeBackRequest } from "../take-back-words.ts";

export default command({
  name: "revert",
  description: "Show what taking back the changes from A to B would do, later edits kept; with --force, do it",
  args: {
    a: { ...refWord, description: "The snapshot before the change: an id, latest~1, a folder or an archive" },
    b: { ...refWord, description: "The snapshot after it" },
    ...takeBackFlags,
    map: { type: "string", valueHint: "OLD=NEW", description: "What lay below OLD is below NEW now (repeatable)" },
    relocate: { type: "boolean", description: "The snapshots are from another home: move their paths to this one" },
    identity: identityFlag,
  },
  repeatable: ["only", "except", "allow", "map"],
  exits: {
    0: "done; a preview too, whatever it shows",
    1: "failed, or a conflict is undecided; every file is as it was",
    3: "done but for stored files that are missing or damaged; they are named",
    4: "a snapshot's manifest can't be used",
    5: "there is no such snapshot",
    6: "another rollback holds the lock",
    7: "refused: a file would be written where it should not",
  },
  example: "rollback revert latest~1 latest --force",
  run({ a, b, ...args }, session) {
    const maps = (session.lists.map ?? []).map((text) => readMap(text, session.world.cwd));
    const moved = { maps, relocate: args.relocate === true };
    const request = { ...takeBackRequest(args, session, "revert", moved), from: a, to: b };
    return args.force === true ? revert(request, session) : previewRevert(request, session);
  },
});
