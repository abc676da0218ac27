import { fail } from "../../errors.ts";
import { guard } from "../../tasks/guard.ts";
import { mayRecover } from "../auto-recover.ts";
import { command } from "../command.ts";
import { inMinutes, milliseconds, optionalMs } from "../flags.ts";
import { EVERYTHING, nextRestores, restoreWords, searchFor } from "../restore-words.ts";

export default command({
  name: "guard",
  description: "Snapshot, run a command, check, and roll back when it fails",
  args: {
    description: { type: "positional", required: true, description: "What the command is about to do" },
    category: { type: "positional", required: false, default: "guard", description: "The snapshot's category" },
    check: { type: "string", valueHint: "COMMAND", description: "Must succeed afterwards, run by sh (repeatable)" },
    "check-timeout": { type: "string", valueHint: "60s", description: "How long each check may take" },
    timeout: { type: "string", valueHint: "10min", description: "How long the command may take; it is stopped then" },
    watch: {
      type: "string",
      valueHint: "10min",
      description: "Stay by the agents so long; one that dies is a failure",
    },
    "allow-gone": { type: "string", valueHint: "GLOB", description: "Captured files that may be gone (repeatable)" },
    "auto-recover": { type: "boolean", description: "On failure restore and reload by itself" },
    "allow-incomplete": { type: "boolean", description: "Go on where some files could not be stored" },
  },
  repeatable: ["check", "allow-gone"],
  passthrough: "COMMAND…",
  exits: {
    0: "the command succeeded, and so did every check",
    1: "a check or the roll-back failed, or there was no complete snapshot to begin with",
    6: "another guard is at work on this project",
    3: "and all others: the command's own code, where that is not 0",
  },
  example: 'rollback guard "Phase 4 migration" pre-phase-4 --auto-recover -- ./migrate.sh',
  async run({ description, category, ...args }, session) {
    const { globals, lists, world, notify } = session;
    const [program, ...words] = lists["--"] ?? [];
    if (program === undefined) throw fail.missingWord("guard", "`-- COMMAND…` behind its own words");
    const checks = lists.check ?? [];
    if (checks.some((check) => check.trim() === "")) throw fail.badValue("--check", "", "a command for the shell");
    return guard(
      {
        argv: [program, ...words],
        ...{ description, category, checks },
        timeoutMs: optionalMs("--timeout", args.timeout),
        checkTimeoutMs: milliseconds("--check-timeout", args["check-timeout"] ?? "60s"),
        watchMs: optionalMs("--watch", inMinutes(args.watch)),
        mayGo: lists["allow-gone"] ?? [],
        mayRecover: mayRecover(args["auto-recover"] === true, world, notify),
        allowIncomplete: args["allow-incomplete"] === true,
        stdoutToStderr: globals.json,
        nextWords: (ref, keepGoing) => nextRestores(ref, globals, keepGoing ? ["--keep-going"] : []),
        searchWords: (ref, failed) => searchFor(ref, failed, globals),
        words: restoreWords({ ...EVERYTHING, reload: true }, session),
      },
      session,
    );
  },
});
