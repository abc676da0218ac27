import { fail } from "../../errors.ts";
import { health, unknownHealth } from "../../tasks/health.ts";
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
      description: "How old the last snapshot may be (health.max-age of rollback.yaml)",
    },
    from: {
      type: "string",
      valueHint: "DEST",
      description: "Tell instead how old the newest copy of each machine is there",
    },
    host: { type: "string", valueHint: "NAME", description: "With --from: only this machine" },
    project: { type: "string", valueHint: "NAME", description: "With --from: only this project" },
    accept: { type: "boolean", description: "Accept what is lost now; what is lost later is told again" },
    "lock-wait": lockWait,
    notify: { type: "boolean", description: "On a Mac, show a notification when not OK" },
  },
  exits: { 0: "OK", 1: "warning", 2: "critical", 3: "unknown: nothing could be looked at, or a usage error" },
  example: "rollback health --max-age 26h --notify",
  onError: unknownHealth,
  async run(args, session) {
    const maxAge = args["max-age"];
    if (maxAge !== undefined) duration("--max-age", maxAge);
    const { from, host, project } = args;
    if (from !== undefined) {
      for (const flag of ["deep", "accept", "notify"] as const)
        if (args[flag] === true)
          throw fail.badValue(`--${flag}`, from, "no --from beside it: a copy is not opened for this");
      const { healthOfCopies } = await import("../../tasks/health-copies.ts");
      return healthOfCopies({ from, host, project, maxAge }, session);
    }
    for (const [flag, given] of Object.entries({ host, project }))
      if (given !== undefined) throw fail.missingWord("health", `--from beside --${flag}`);
    const waitMs = lockWaitMs(args["lock-wait"]);
    const accept = args.accept === true ? { lockWaitMs: waitMs } : null;
    return health({ deep: args.deep === true, maxAge, notification: args.notify === true, accept }, session);
  },
});
