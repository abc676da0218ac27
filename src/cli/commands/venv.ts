import { fail } from "../../errors.ts";
import { checkVenvs, repairVenvs } from "../../tasks/venv.ts";
import { mayRecover } from "../auto-recover.ts";
import { command } from "../command.ts";
import { EVERYTHING, restoreWords } from "../restore-words.ts";

export default command({
  name: "venv",
  description: "Python venvs: which are broken, and a new one in the place of each that is",
  args: {
    action: { type: "positional", required: true, description: "check, or repair (a preview without --force)" },
    path: { type: "positional", required: false, description: "One venv's folder; all of the config's when left out" },
    force: { type: "boolean", description: "repair: do it; the old venv is kept beside it as NAME.backup_ID" },
  },
  actions: ["check", "repair"],
  exits: {
    0: "check: all are healthy; repair: done, and a preview",
    1: "check: one is degraded (no ssl, or no pip); repair: one failed, and the old venv is back",
    2: "check: one is broken; repair: a usage error",
    3: "check: one could not be asked, or a usage error",
    5: "repair: there is no such venv",
  },
  onError(error, words) {
    throw words.includes("check") ? error.asUnknown() : error;
  },
  example: "rollback venv repair --force",
  async run({ action, path, force }, session) {
    if (action === "check" && force === true) throw fail.badValue("--force", "check", "repair in front of it");
    if (action === "check") return checkVenvs({ path }, session);
    const request = {
      path,
      force: force === true,
      mayRecover: mayRecover(false, session.world, session.notify),
      words: restoreWords({ ...EVERYTHING, only: ["config"] }, session),
    };
    return { ...(await repairVenvs(request, session)), next: ["rollback", ...session.argv, "--force"] };
  },
});
