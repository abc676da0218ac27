import { fail } from "../../errors.ts";
import { list } from "../../tasks/list.ts";
import { command, type Session } from "../command.ts";
import { identityFlag } from "../flags.ts";
import { placeWords } from "../restore-words.ts";
import { rowLimit } from "../strict.ts";

export default command({
  name: "list",
  description: "Snapshots, newest first",
  args: {
    limit: { type: "string", valueHint: "N", description: "Show at most N (10)" },
    all: { type: "boolean", description: "Show all" },
    oneline: { type: "boolean", description: "One row each; on a terminal the form of more than three" },
    long: { type: "boolean", description: "Several lines each, also on a terminal" },
    category: { type: "string", valueHint: "C", description: "Only those of this category" },
    from: { type: "string", valueHint: "DEST", description: "The copies there, instead of the snapshots here" },
    host: { type: "string", valueHint: "NAME", description: "With --from: another machine's copies, or all" },
    project: { type: "string", valueHint: "NAME", description: "With --from: another project's copies" },
    identity: identityFlag,
  },
  exits: { 0: "done, also when there is no snapshot yet", 1: "with --from: the place can't be had" },
  example: "rollback list --category auto-daily --all",
  async run(args, session) {
    const limit = rowLimit(args, 10);
    const { from, host, project, identity, category } = args;
    if (from === undefined) {
      for (const [flag, given] of Object.entries({ host, project, identity }))
        if (given !== undefined) throw fail.missingWord("list", `--from beside --${flag}`);
      if (args.oneline === true && args.long === true) throw fail.eitherOr("list", "--oneline", "--long");
      const shown = await list(
        { limit, category, rows: args.oneline === true || usual(args.long === true, session) },
        session,
      );
      const chosen = category === undefined ? [] : ["--category", category];
      return { ...shown, allWords: ["rollback", "list", "--all", ...placeWords(session.globals), ...chosen] };
    }
    if (category !== undefined) throw fail.badValue("--category", category, "no --from beside it: a copy is sealed");
    const { listCopies } = await import("../../tasks/list-copies.ts");
    return listCopies({ from, host, project, identity, limit }, session);
  },
});

/** Rows are for a person's eyes: a script gets what it always got. */
const usual = (isLong: boolean, { globals, world }: Session): false | "many" =>
  !isLong && !globals.json && !globals.quiet && world.isTerminal() ? "many" : false;
