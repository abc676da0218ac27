import { diff } from "../../tasks/diff.ts";
import { command } from "../command.ts";
import { identityFlag, refWord } from "../flags.ts";

export default command({
  name: "diff",
  description: "What changed from a snapshot to another one, or to the files as they are now",
  args: {
    ref: refWord,
    ref2: { type: "positional", required: false, description: "Another REF; now when left out" },
    stat: { type: "boolean", description: "One line for each file" },
    hunks: { type: "boolean", description: "Number the parts of text files, for restore --hunk" },
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
  run: ({ ref, ref2, identity, stat, ...args }, session) =>
    diff(
      {
        from: ref,
        to: ref2 === "now" ? undefined : ref2,
        identity,
        stat: stat === true,
        hunks: args.hunks === true,
        answersByExit: args["exit-code"] === true,
      },
      session,
    ),
});
