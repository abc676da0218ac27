import { health } from "../../tasks/health.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";
import { duration } from "../strict.ts";

export default command({
  name: "health",
  description: "One look for monitoring: would a restore work tonight?",
  args: {
    deep: { type: "boolean", description: "Re-hash every stored file, as verify does" },
    "max-age": {
      type: "string",
      valueHint: "26h",
      description: "How old the last snapshot may be, instead of the config's",
    },
    accept: { type: "boolean", description: "What is lost now is meant to be so; nothing that is lost later" },
    "lock-wait": lockWait,
    notify: { type: "boolean", description: "On a Mac, show a notification when not OK" },
  },
  exits: { 0: "OK", 1: "warning", 2: "critical (and usage errors, as everywhere)", 3: "unknown" },
  example: "rollback health --max-age 26h --notify",
  run(args, session) {
    const maxAge = args["max-age"];
    if (maxAge !== undefined) duration("--max-age", maxAge);
    const accept = args.accept === true ? { lockWaitMs: lockWaitMs(args["lock-wait"]) } : null;
    return health({ deep: args.deep === true, maxAge, notification: args.notify === true, accept }, session);
  },
});
