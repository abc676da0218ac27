import { recover } from "../../tasks/recover.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";
import { EVERYTHING, nextRestores, restoreWords } from "../restore-words.ts";

export default command({
  name: "recover",
  description: "Finish or undo a restore that was cut off; name a guard that was killed",
  args: { "lock-wait": lockWait },
  exits: {
    0: "every file is new, or every file is as it was; or there was nothing to do",
    1: "failed; run it again when the cause is mended",
    3: "undone but for files that somebody changed meanwhile, or that can't be put back; they are named",
    4: "the journal can't be read",
    6: "another rollback holds the lock",
  },
  example: "rollback recover",
  run: (args, session) =>
    recover(
      {
        lockWaitMs: lockWaitMs(args["lock-wait"]),
        nextWords: (ref) => nextRestores(ref, session.globals),
        words: restoreWords({ ...EVERYTHING, reload: true }, session),
      },
      session,
    ),
});
