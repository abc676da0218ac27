import { fail } from "../../errors.ts";
import { repairVenvs } from "../../tasks/repair-venvs.ts";
import { checkVenvs } from "../../tasks/venv.ts";
import { mayRecover } from "../auto-recover.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";
import { EVERYTHING, restoreWords } from "../restore-words.ts";

export default command({
  name: "venv",
  description: "Check the Python venvs; repair makes a new one for each that is broken",
  args: {
    action: { type: "positional", required: true, description: "check, or repair (a preview without --force)" },
    path: { type: "positional", required: false, description: "One venv's folder; all of the config's when left out" },
    force: { type: "boolean", description: "repair: do it; the old venv is kept beside it as NAME.backup_ID" },
    "lock-wait": lockWait,
  },
  actions: ["check", "repair"],
  exits: {
    0: "check: all are healthy; repair: done, and a preview",
    1: "check: one is degraded (no ssl, no pip, moved); repair: it failed, and the old venv is back",
    2: "check: one is broken; repair: a usage error",
    3: "check: one could not be asked, or a usage error; repair: one of several failed, or packages are missing",
    5: "repair: there is no such venv",
    6: "repair: another repair is at work",
  },
  onError(error, words) {
    throw words.includes("check") ? error.asUnknown() : error;
  },
  example: "rollback venv repair --force",
  async run({ action, path, force, ...args }, session) {
    if (action === "check" && force === true) throw fail.badValue("--force", "check", "repair in front of it");
    if (action === "check") return checkVenvs({ path }, session);
    const request = {
      path,
      force: force === true,
      lockWaitMs: lockWaitMs(args["lock-wait"]),
      mayRecover: mayRecover(false, session.world, session.notify),
      words: restoreWords({ ...EVERYTHING, only: ["config"] }, session),
    };
    return { ...(await repairVenvs(request, session)), next: ["rollback", ...session.argv, "--force"] };
  },
});
