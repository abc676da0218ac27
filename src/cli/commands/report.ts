import { fail } from "../../errors.ts";
import { absolute } from "../../paths.ts";
import { report } from "../../tasks/report.ts";
import { command } from "../command.ts";
import { placeWords } from "../restore-words.ts";

export default command({
  name: "report",
  description: "One page to look at: is all well, what changed lately, and when",
  args: {
    ref: { type: "positional", required: false, description: "Only these snapshots; all of them when left out" },
    output: {
      type: "string",
      alias: "o",
      valueHint: "FILE",
      description: "The HTML file; - is stdout",
    },
    open: { type: "boolean", description: "Also show the page" },
  },
  repeatable: ["ref"],
  exits: { 0: "done", 1: "FILE could not be written", 5: "there is no such snapshot" },
  example: "rollback report -o ~/Desktop/rollback.html --open",
  async run({ output, open }, session) {
    const { world, lists, globals } = session;
    if (output === undefined || output === "") throw fail.missingWord("report", "-o FILE");
    const path = output === "-" ? null : absolute(output, world.cwd);
    if (open === true && path === null) throw fail.eitherOr("report", "--open", "-o -");
    // The page is read elsewhere, from any folder.
    const places = placeWords(globals).map((word) => (word.startsWith("--") ? word : absolute(word, world.cwd)));
    return report({ refs: lists.ref ?? [], output: path, open: open === true, places }, session);
  },
});
