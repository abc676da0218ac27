import { absolute } from "../../paths.ts";
import { type PruneRequest, previewPrune, prune } from "../../tasks/prune.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";
import { duration, wholeNumber } from "../strict.ts";

const count = (what: string) => ({ type: "string", valueHint: "N", description: `Keep the last N ${what}` }) as const;

export default command({
  name: "prune",
  description: "Show which snapshots no rule keeps; with --force, remove them",
  args: {
    force: { type: "boolean", description: "Remove; without it nothing is changed" },
    category: { type: "string", valueHint: "C", description: "Only this category" },
    "keep-last": count("snapshots"),
    "keep-within": {
      type: "string",
      valueHint: "7d",
      description: "Keep what was made so long before the newest: s, min, h, d, w, mo, y",
    },
    "keep-daily": count("days' newest"),
    "keep-weekly": count("weeks' newest"),
    "keep-monthly": count("months' newest"),
    archive: { type: "string", valueHint: "DIR", description: "Pack into DIR what is removed, first" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "done; a preview too",
    1: "failed; each snapshot is whole or gone, and those before it in the list may be gone",
    3: "done, but it could not be noted in the audit trail",
    4: "--archive: a snapshot is damaged, and stays",
    6: "another rollback holds the lock",
  },
  example: "rollback prune --category auto-daily --keep-within 7d --keep-last 7 --force",
  async run(args, session) {
    const request = {
      category: args.category,
      rule: rule(args),
      archive: args.archive === undefined ? undefined : absolute(args.archive, session.world.cwd),
      lockWaitMs: lockWaitMs(args["lock-wait"]),
    };
    if (args.force) return prune(request, session);
    return { ...(await previewPrune(request, session)), next: ["rollback", ...session.argv, "--force"] };
  },
});

type Rule = NonNullable<PruneRequest["rule"]>;
const COUNTED = ["keep-last", "keep-daily", "keep-weekly", "keep-monthly"] as const;

/** The rule that the flags make; null where none is given. */
function rule(args: { [K in keyof Rule]?: string | undefined }): Rule | null {
  const made: Rule = {};
  const within = args["keep-within"];
  if (within !== undefined) made["keep-within"] = duration("--keep-within", within);
  for (const name of COUNTED) {
    const text = args[name];
    if (text !== undefined) made[name] = wholeNumber(`--${name}`, text, 1);
  }
  return Object.keys(made).length === 0 ? null : made;
}
