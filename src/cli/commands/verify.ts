import { fail } from "../../errors.ts";
import { verify } from "../../tasks/verify.ts";
import { command } from "../command.ts";
import { identityFlag, lockWait, lockWaitMs } from "../flags.ts";

export default command({
  name: "verify",
  description: "Re-hash every stored file against its manifest",
  args: {
    ref: { type: "positional", required: false, description: "One snapshot; all of them when left out" },
    all: { type: "boolean", description: "All of them, as without a REF" },
    from: { type: "string", valueHint: "DEST", description: "The copies there: each is brought, opened, and not kept" },
    host: { type: "string", valueHint: "NAME", description: "With --from: another machine's copies" },
    project: { type: "string", valueHint: "NAME", description: "With --from: another project's copies" },
    identity: identityFlag,
    heal: { type: "boolean", description: "Mend what another snapshot holds a healthy copy of" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "every byte is as it was stored (also where a snapshot is incomplete but sound)",
    1: "with --from: the place can't be had",
    3: "with --from: no identity here opens some of them",
    4: "something is missing, modified, unreadable or does not belong there",
    5: "there is no such snapshot, or no identity that opens it",
    6: "another rollback holds the lock (only with --heal)",
  },
  example: "rollback verify --json | jq -r '.snapshots[] | select(.status == \"damaged\").id'",
  async run({ ref, all, from, host, project, identity, heal, ...args }, session) {
    if (all === true && ref !== undefined) throw fail.badValue("--all", ref, "no REF beside it");
    if (from === undefined) {
      for (const [flag, given] of Object.entries({ host, project }))
        if (given !== undefined) throw fail.missingWord("verify", `--from beside --${flag}`);
      return verify({ ref, identity, heals: heal === true, lockWaitMs: lockWaitMs(args["lock-wait"]) }, session);
    }
    if (heal === true) throw fail.badValue("--heal", from, "no --from beside it: push --replace-damaged mends copies");
    const { verifyCopies } = await import("../../tasks/verify-copies.ts");
    return verifyCopies({ from, ref: ref ?? null, host, project, identity }, session);
  },
});
