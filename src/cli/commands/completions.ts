import type { CompletionsOutcome } from "../../outcome.ts";
import { quote } from "../../text.ts";
import { command } from "../command.ts";
import { SHELLS } from "../shells.ts";

export default command({
  name: "completions",
  description: "The completion script of a shell, for this binary where it lies",
  args: { shell: { type: "positional", required: true, description: "zsh, bash or fish" } },
  actions: Object.keys(SHELLS),
  exits: { 0: "done" },
  example: "rollback completions zsh > ~/.zfunc/_rollback",
  run: async ({ shell }, { world }): Promise<CompletionsOutcome> => ({
    command: "completions",
    exit: 0,
    text: SHELLS[shell]?.(quote(world.execPath)) ?? "",
  }),
});
