import { fail } from "../../errors.ts";
import { perform, preview } from "../../tasks/bisect.ts";
import { bisectWords } from "../bisect-words.ts";
import { command } from "../command.ts";
import { exceptFlag, identityFlag, lockWait, lockWaitMs, milliseconds, onlyFlag, refWord } from "../flags.ts";
import { wholeNumber } from "../strict.ts";

export default command({
  name: "bisect",
  description: "Find the change since a snapshot that makes a check fail; without --force show what that would take",
  args: {
    ref: { ...refWord, description: `${refWord.description}; the check passes with its files` },
    check: { type: "string", valueHint: "COMMAND", description: "What fails now, run by sh (repeatable)" },
    force: { type: "boolean", description: "Search; every file is as it was when it ends" },
    between: { type: "boolean", description: "Find the first snapshot in which the check fails, then search in it" },
    apply: { type: "boolean", description: "Leave what was found undone" },
    timeout: { type: "string", valueHint: "60s", description: "How long each check may take; longer is a failure" },
    repeat: { type: "string", valueHint: "N", description: "Ask each state N times, and find checks that waver (1)" },
    reload: { type: "boolean", description: "Reload the agents whose plist a trial touches" },
    only: onlyFlag,
    except: exceptFlag,
    identity: identityFlag,
    "lock-wait": lockWait,
  },
  repeatable: ["check", "only", "except"],
  exits: {
    0: "found, or shown what a search would take",
    1: "not found, or failed; every file is as it was",
    6: "another rollback holds the lock",
    7: "refused: a file would be written where it should not",
    130: "interrupted; every file is as it was",
  },
  example: "rollback bisect 20251211_143600 --check 'python3 check.py' --force",
  async run(args, session) {
    const { lists } = session;
    const checks = lists.check ?? [];
    if (checks.length === 0) throw fail.missingWord("bisect", "--check 'COMMAND', which fails now and passed then");
    if (checks.some((check) => check.trim() === "")) throw fail.badValue("--check", "", "a command for the shell");
    const input = {
      ref: args.ref,
      checks,
      timeoutMs: milliseconds("--timeout", args.timeout ?? "60s"),
      repeat: wholeNumber("--repeat", args.repeat ?? "1", 1),
      between: args.between === true,
      apply: args.apply === true,
      reload: args.reload === true,
      only: lists.only ?? [],
      except: lists.except ?? [],
      identity: args.identity,
      lockWaitMs: lockWaitMs(args["lock-wait"]),
    };
    const request = { ...input, words: bisectWords(input, session, args) };
    return args.force === true ? perform(request, session) : preview(request, session);
  },
});
