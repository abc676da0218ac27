import { fail } from "../errors.ts";
import type { Notify } from "../model.ts";
import type { World } from "../tasks/context.ts";

/** Whether rollback may restore by itself: as the flag says, or ENABLE_ROLLBACK_AUTO_RECOVER, whose 0 forbids it whatever the flag says. */
export function mayRecover(flag: boolean, { env }: World, notify: Notify): boolean {
  const text = env.ENABLE_ROLLBACK_AUTO_RECOVER;
  if (text === undefined || text === "") return flag;
  if (/^(1|true|yes)$/i.test(text)) return true;
  if (!/^(0|false|no)$/i.test(text))
    throw fail.badValue("ENABLE_ROLLBACK_AUTO_RECOVER", text, "1, true, yes, 0, false or no");
  if (flag) notify({ type: "warning", message: "ENABLE_ROLLBACK_AUTO_RECOVER=0 forbids --auto-recover" });
  return false;
}
