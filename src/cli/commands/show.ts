import { latest, show } from "../../tasks/show.ts";
import { type Command, command } from "../command.ts";
import { identityFlag, refWord } from "../flags.ts";

const exits = { 0: "done", 4: "its manifest can't be used", 5: "there is no such snapshot" };

const showCommand: Command = command({
  name: "show",
  description: "One snapshot: its facts, files, git and venv state",
  args: {
    ref: refWord,
    identity: identityFlag,
  },
  exits,
  example: "rollback show latest~1",
  run: ({ ref, identity }, session) => show({ ref, identity, compares: !session.globals.quiet }, session),
});

const latestCommand: Command = command({
  name: "latest",
  description: "The newest snapshot, as show tells it",
  args: { identity: identityFlag },
  exits,
  example: "rollback latest --quiet",
  run: ({ identity }, session) => latest({ identity, compares: !session.globals.quiet }, session),
});

export { latestCommand as latest, showCommand as show };
