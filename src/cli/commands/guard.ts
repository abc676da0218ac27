import { fail } from "../../errors.ts";
import { guard } from "../../tasks/guard.ts";
import { mayRecover } from "../auto-recover.ts";
import { command } from "../command.ts";
import { EVERYTHING, placeWords, restoreWords } from "../restore-words.ts";

export default command({
  name: "guard",
  description: "Snapshot, run a command, check, and roll back when it fails",
  args: {
    description: { type: "positional", required: true, description: "What the command is about to do" },
    category: { type: "positional", required: false, default: "guard", description: "The snapshot's category" },
    check: { type: "string", valueHint: "COMMAND", description: "Must succeed afterwards, run by sh (repeatable)" },
    "auto-recover": { type: "boolean", description: "On failure restore and reload by itself" },
    "allow-incomplete": { type: "boolean", description: "Go on where some files could not be stored" },
  },
  repeatable: ["check"],
  passthrough: "COMMAND…",
  exits: {
    0: "the command succeeded, and so did every check",
    1: "a check or the roll-back failed, or there was no complete snapshot to begin with",
    3: "and all others: the command's own code, where that is not 0",
  },
  example: 'rollback guard "Phase 4 migration" pre-phase-4 --auto-recover -- ./migrate.sh',
  async run({ description, category, ...args }, session) {
    const { globals, lists, world, notify } = session;
    const argv = lists["--"] ?? [];
    if (argv.length === 0) throw fail.missingWord("guard", "`-- COMMAND…` behind its own words");
    const places = placeWords(globals);
    return guard(
      {
        argv,
        description,
        category,
        checks: lists.check ?? [],
        mayRecover: mayRecover(args["auto-recover"] === true, world, notify),
        allowIncomplete: args["allow-incomplete"] === true,
        stdoutToStderr: globals.json,
        nextWords: (ref) =>
          [[], ["--force", "--reload"]].map((more) => ["rollback", "restore", ref, ...places, ...more]),
        words: restoreWords({ ...EVERYTHING, reload: true }, session),
      },
      session,
    );
  },
});
