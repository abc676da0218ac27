import { audit } from "../../tasks/audit.ts";
import { command } from "../command.ts";
import { rowLimit } from "../strict.ts";

export default command({
  name: "audit",
  description: "Who did what to the snapshots, when and why, newest first",
  args: {
    limit: { type: "string", valueHint: "N", description: "Show at most N (20)" },
    all: { type: "boolean", description: "Show all" },
  },
  exits: { 0: "done, also when nothing was done yet", 4: "a line was edited or lost; the others are shown" },
  example: "rollback audit --json | jq -r '.events[] | select(.command == \"restore\").time'",
  run: (args, session) => audit({ limit: rowLimit(args, 20) }, session),
});
