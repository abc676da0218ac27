import { previewUndo, undo } from "../../tasks/undo.ts";
import { command } from "../command.ts";
import { wholeNumber } from "../strict.ts";
import { takeBackFlags, takeBackRequest } from "../take-back-words.ts";

export default command({
  name: "undo",
  description: "Show what taking back the last restore or guard run would do, later edits kept; with --force, do it",
  args: {
    number: { type: "positional", required: false, description: "Another one, by the number that audit shows" },
    ...takeBackFlags,
  },
  repeatable: ["only", "except", "allow"],
  exits: {
    0: "done; a preview too, whatever it shows",
    1: "failed, or a conflict is undecided; every file is as it was",
    3: "done but for stored files that are missing or damaged; they are named",
    5: "there is nothing to undo, or the snapshot that it needs was removed",
    6: "another rollback holds the lock",
    7: "refused: a file would be written where it should not",
  },
  example: "rollback undo --force",
  run({ number, ...args }, session) {
    const line = number === undefined ? null : wholeNumber("N", number, 1);
    const request = { ...takeBackRequest(args, session, "undo"), line };
    return args.force === true ? undo(request, session) : previewUndo(request, session);
  },
});
