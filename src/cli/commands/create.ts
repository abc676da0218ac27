import { create } from "../../tasks/create.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";

export default command({
  name: "create",
  description: "Take a snapshot of every plist, config and credential",
  args: {
    description: { type: "positional", required: true, description: "What is about to happen, in your words" },
    category: { type: "positional", required: false, default: "manual", description: "A word to group snapshots by" },
    "if-changed": { type: "boolean", description: "Make none when nothing differs from the newest complete one" },
    pin: { type: "boolean", description: "Never prune it" },
    pack: { type: "boolean", description: "Also write it as an archive, sealed where the config names recipients" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "the snapshot is complete (or, with --if-changed, nothing has changed)",
    1: "there was nothing to store, or no place to store it",
    3: "the snapshot was made, but some files could not be read; they are named",
    6: "another rollback holds the lock",
  },
  example: 'rollback create "Before Phase 4 migration" pre-phase-4',
  run: ({ description, category, ...args }, session) =>
    create(
      {
        description,
        category,
        ifChanged: args["if-changed"] === true,
        pin: args.pin === true,
        pack: args.pack === true,
        lockWaitMs: lockWaitMs(args["lock-wait"]),
      },
      session,
    ),
});
