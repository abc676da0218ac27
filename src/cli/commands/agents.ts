import { agents } from "../../tasks/agents.ts";
import { command } from "../command.ts";

export default command({
  name: "agents",
  description: "The launchd agents that are captured, their state, and what is wrong with them",
  args: {},
  exits: { 0: "done, whatever their state" },
  example: "rollback agents --json | jq -r '.agents[] | select(.problems != []).label'",
  run: (_, session) => agents(session),
});
