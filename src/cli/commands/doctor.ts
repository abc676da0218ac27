import { doctor } from "../../tasks/doctor.ts";
import { command } from "../command.ts";

export default command({
  name: "doctor",
  description: "Will it work here? Every assumption about this machine, tried without changing anything",
  args: {},
  exits: {
    0: "all is as it should be",
    1: "a warning",
    2: "something fails",
    3: "unknown: nothing could be tried, or a usage error",
  },
  onError(error) {
    throw error.asUnknown();
  },
  example: "rollback doctor --json",
  run: (_args, session) => doctor(session),
});
