import { pull } from "../../tasks/pull.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";
import { refAndPlace } from "../ref-and-place.ts";
import { placeWords } from "../restore-words.ts";

export default command({
  name: "pull",
  description: "Get copies back into the snapshots folder; each is opened and checked before it gets its name",
  args: {
    ref: { type: "positional", required: false, description: "An id, the beginning of one, or latest" },
    dest: { type: "positional", required: false, description: "Where from, as for push" },
    all: { type: "boolean", description: "Every copy that is not here, instead of one" },
    host: { type: "string", valueHint: "NAME", description: "Of another host, as list --from names it" },
    project: { type: "string", valueHint: "NAME", description: "Of another project, as list --from names it" },
    identity: identityFlag,
    "lock-wait": lockWait,
  },
  exits: {
    0: "done, also where it was here already",
    1: "the place can't be reached, or there is no room; nothing half-done is left",
    2: "no destination is named, or it can't be one",
    4: "a copy is damaged, or of another snapshot than the one here; it was not taken",
    5: "there is no such copy, or no identity that opens it",
    6: "another rollback holds the lock",
  },
  example: "rollback pull latest /Volumes/USB/rollback --root ~/PetesBrain",
  run({ host, project, identity, ...args }, session) {
    const all = args.all === true;
    const waitMs = lockWaitMs(args["lock-wait"]);
    const { ref = "latest", dest } = refAndPlace(args, all, session.world.cwd);
    const nextWords = (path: string, relocate: boolean) => [
      ...["rollback", "restore", path, ...placeWords(session.globals)],
      ...(identity === undefined ? [] : ["--identity", identity]),
      ...(relocate ? ["--relocate"] : []),
    ];
    return pull({ ref: all ? null : ref, dest, host, project, identity, lockWaitMs: waitMs, nextWords }, session);
  },
});
