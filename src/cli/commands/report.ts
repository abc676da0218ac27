import { fail } from "../../errors.ts";
import { absolute } from "../../paths.ts";
import { report } from "../../tasks/report.ts";
import { command } from "../command.ts";

export default command({
  name: "report",
  description: "One page to look at: every snapshot, and which file changed in which",
  args: {
    ref: { type: "positional", required: false, description: "Only these snapshots; all of them when left out" },
    output: {
      type: "string",
      alias: "o",
      valueHint: "FILE",
      description: "The HTML file; - is stdout",
    },
  },
  repeatable: ["ref"],
  exits: { 0: "done", 1: "FILE could not be written", 5: "there is no such snapshot" },
  example: "rollback report -o ~/Desktop/rollback.html && open ~/Desktop/rollback.html",
  async run({ output }, session) {
    const { world, lists } = session;
    if (output === undefined || output === "") throw fail.missingWord("report", "-o FILE");
    return report({ refs: lists.ref ?? [], output: output === "-" ? null : absolute(output, world.cwd) }, session);
  },
});
