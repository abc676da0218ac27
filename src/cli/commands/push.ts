import { push } from "../../tasks/push.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";
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
    init: { type: "boolean", description: "Make a folder a place for copies, also where it was another one before" },
    "replace-damaged": {
      type: "boolean",
      description: "Put a good copy in the place of one that was read back and is of no use; a sound one stays",
    },
    identity: identityFlag,
    "lock-wait": lockWait,
  },
  exits: {
    0: "every one is there, and was read back",
    1: "failed; what was copied before stays",
    2: "no destination is named, or it can't be one",
    3: "some destinations got all, others not",
    4: "a snapshot or an archive is damaged, or other bytes stand there under its name",
    5: "there is no such snapshot, or no identity that opens its archive",
    6: "another rollback holds the lock",
    7: "refused: not sealed, with nobody to seal it to; or not the folder that copies went to before",
  },
  example: "rollback push latest s3://my-backups/rollback",
  run(args, session) {
    const all = args.all === true;
    const waitMs = lockWaitMs(args["lock-wait"]);
    const { ref = "latest", dest } = refAndPlace(args, all, session.world.cwd);
    const { plain = false, init = false, identity } = args;
    const replaceDamaged = args["replace-damaged"] === true;
    return push({ ref: all ? null : ref, dest, plain, init, replaceDamaged, identity, lockWaitMs: waitMs }, session);
  },
});
