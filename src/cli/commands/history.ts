import { history } from "../../tasks/history.ts";
import { command } from "../command.ts";

export default command({
  name: "history",
  description: "Every snapshot in which a file appeared, changed or vanished, newest first",
  args: {
    file: {
      type: "positional",
      required: true,
      description: "A path, a file's name, a credential's name, or a pattern for one of them",
    },
    patch: { type: "boolean", description: "Also show what changed inside it" },
  },
  exits: {
    0: "done",
    4: "a stored file that --patch needs is damaged; it is named",
    5: "no snapshot holds such a file",
  },
  example: "rollback history com.petesbrain.email-sync.plist --patch",
  run: ({ file, patch }, session) => history({ file, patch: patch === true }, session),
});
