import { doctor } from "../../tasks/doctor.ts";
import { command } from "../command.ts";
import { placeWords } from "../restore-words.ts";

export default command({
  name: "doctor",
  description: "Will it work here? Every assumption about this machine, tried without changing anything",
  args: {
    launchd: {
      type: "boolean",
      description: "On a Mac: also load a throw-away agent, reload it, kill it, and keep what launchctl printed",
    },
  },
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
  run({ launchd }, session) {
    const listWords = (place: string) => [
      "list",
      "--from",
      place,
      "--host",
      "all",
      "--quiet",
      ...placeWords(session.globals),
    ];
    return doctor({ launchd: launchd === true, listWords }, session);
  },
});
