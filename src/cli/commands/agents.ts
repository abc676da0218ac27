import { agents } from "../../tasks/agents.ts";
import { command } from "../command.ts";
import { placeWords } from "../restore-words.ts";

export default command({
  name: "agents",
  description: "The launchd agents that are captured, their state, and what is wrong with them",
  args: {
    all: { type: "boolean", description: "On a terminal: name each of those that are well, too" },
  },
  exits: { 0: "done, whatever their state" },
  example: "rollback agents --json | jq -r '.agents[] | select(.problems != []).label'",
  run: async ({ all }, session) => ({
    ...(await agents(session)),
    all: all === true,
    placeWords: placeWords(session.globals),
  }),
});
