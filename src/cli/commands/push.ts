import { push } from "../../tasks/push.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";
import { refAndPlace } from "../ref-and-place.ts";

export default command({
  name: "push",
  description: "Copy sealed snapshots to a folder, a bucket or a git branch; what is there already is not sent again",
  args: {
    ref: { type: "positional", required: false, description: "The snapshot; latest when left out" },
    dest: {
      type: "positional",
      required: false,
      description:
        "A name under copies in rollback.yaml, a folder, s3://BUCKET/PREFIX, git:REMOTE or git:.; all named ones when left out",
    },
    all: { type: "boolean", description: "Every snapshot, instead of one" },
    plain: { type: "boolean", description: "Not sealed; to a folder alone, and to none that is synced or in git" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "every one is there, and was read back",
    1: "failed; what was copied before stays",
    2: "no destination is named, or it can't be one",
    3: "some destinations got all, others not",
    4: "the snapshot is damaged, or other bytes stand there under its name; nothing was replaced",
    5: "there is no such snapshot",
    6: "another rollback holds the lock",
    7: "refused: it is not sealed, and there is nobody to seal it to",
  },
  example: "rollback push latest s3://my-backups/rollback",
  run(args, session) {
    const all = args.all === true;
    const waitMs = lockWaitMs(args["lock-wait"]);
    const { ref = "latest", dest } = refAndPlace(args, all, session.world.cwd);
    return push({ ref: all ? null : ref, dest, plain: args.plain === true, lockWaitMs: waitMs }, session);
  },
});
