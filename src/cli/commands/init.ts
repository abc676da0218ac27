import { init } from "../../tasks/init.ts";
import { command } from "../command.ts";

export default command({
  name: "init",
  description: "A rollback.yaml from what is on this machine: agents, configs, credentials, venvs",
  args: { write: { type: "boolean", description: "Write it into the root; without it, print it. Never overwrites" } },
  exits: { 0: "done", 1: "there is a rollback.yaml already, which stays as it is" },
  example: "rollback init --root ~/work --write",
  run: ({ write }, session) => init({ writes: write === true }, session),
});
