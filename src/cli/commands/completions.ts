import { fail } from "../../errors.ts";
import type { CompletionsOutcome } from "../../outcome.ts";
import { nameOf } from "../../paths.ts";
import { installCompletions } from "../../tasks/install-completions.ts";
import { quote } from "../../text.ts";
import { command } from "../command.ts";
import { SHELLS, type Shell } from "../shells.ts";

const isShell = (word: string): word is Shell => Object.hasOwn(SHELLS, word);

export default command({
  name: "completions",
  description: "The completion script of a shell, for this binary where it lies; with --install, put it in place",
  args: {
    shell: {
      type: "positional",
      required: false,
      description: "zsh, bash or fish; with --install yours when left out",
    },
    install: { type: "boolean", description: "Write it where the shell finds it; a second time changes nothing" },
  },
  actions: Object.keys(SHELLS),
  exits: { 0: "done", 1: "a file could not be written" },
  example: "rollback completions --install",
  async run({ shell, install }, session) {
    const { env, execPath } = session.world;
    const wanted = shell ?? (install === true ? nameOf(env.SHELL ?? "") : "");
    if (!isShell(wanted)) throw fail.missingWord("completions", `a shell: ${Object.keys(SHELLS).join(", ")}`);
    const script = SHELLS[wanted](quote(execPath));
    if (install === true) return installCompletions({ shell: wanted, script }, session);
    return { command: "completions", exit: 0, text: script } satisfies CompletionsOutcome;
  },
});
