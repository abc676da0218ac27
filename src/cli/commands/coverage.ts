import { coverage } from "../../tasks/coverage.ts";
import { command } from "../command.ts";

export default command({
  name: "coverage",
  description: "What is captured, by which rule, and what looks as if it should be and is not",
  args: {
    all: { type: "boolean", description: "Name every captured file, with the rules that reach it" },
    write: { type: "boolean", description: "Write the missing rules into rollback.yaml; comments and order stay" },
  },
  exits: { 0: "done, whatever is missed" },
  example: "rollback coverage --write",
  run: ({ all, write }, session) => coverage({ all: all === true, writes: write === true }, session),
});
