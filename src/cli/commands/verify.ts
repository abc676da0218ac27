import type { Digest, Notify } from "../../model.ts";
import type { VerifyOutcome } from "../../outcome.ts";
import { below, parentOf } from "../../paths.ts";
import { RollbackError } from "../../rollback-error.ts";
import { recordEvent } from "../../snapshot/audit.ts";
import { checkAudit } from "../../snapshot/audit-read.ts";
import { healthyCopies } from "../../snapshot/copies.ts";
import { healSnapshot } from "../../snapshot/heal.ts";
import { type Located, standingAt } from "../../snapshot/ref.ts";
import { asWriter, listSnapshots } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { type Verified, verifySnapshot } from "../../snapshot/verify.ts";
import { exists } from "../../system/files.ts";
import { identityFlag, keysOf } from "../../tasks/identity.ts";
import { type Keys, locate, openVault } from "../../tasks/open.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

export default command({
  name: "verify",
  description: "Re-hash every stored file against its manifest",
  args: {
    ref: { type: "positional", required: false, description: "One snapshot; all of them when left out" },
    identity: identityFlag,
    heal: { type: "boolean", description: "Mend what another snapshot holds a healthy copy of" },
    "lock-wait": lockWait,
  },
  exits: {
    0: "every byte is as it was stored (also where a snapshot is incomplete but sound)",
    4: "something is missing, modified, unreadable or does not belong there",
    5: "there is no such snapshot",
    6: "another rollback holds the lock (only with --heal)",
  },
  example: "rollback verify --json | jq -r '.snapshots[] | select(.status == \"damaged\").id'",
  async run(args, { world, globals, notify, holder }) {
    const waitMs = lockWaitMs(args["lock-wait"]);
    const elsewhere = args.ref === undefined ? null : standingAt(args.ref, world.cwd);
    // A snapshot outside any store is judged by itself.
    const store = elsewhere === null ? await findStoreAlone(world, globals) : parentOf(elsewhere.at);
    const chosen =
      elsewhere !== null
        ? [elsewhere]
        : args.ref === undefined
          ? listSnapshots(store)
          : [await locate(args.ref, async () => store, world.cwd)];
    const healed = new Map<string, string[]>();
    if (args.heal && elsewhere === null && exists(store)) {
      const copies = healthyCopies(store);
      await asWriter(store, { command: holder, lockWaitMs: waitMs }, async () => {
        const { digests } = checkAudit(store);
        for (const { id, at, forms } of chosen) {
          if (!forms.includes("folder")) continue;
          const mended = await healSnapshot(store, folderVault(id, at), digests.get(id), copies);
          healed.set(id, mended);
          if (mended.length > 0) recordEvent(store, { command: "heal", id, files: mended.length, result: "ok" });
        }
      });
    }
    const audit = checkAudit(store);
    const snapshots: VerifyOutcome["snapshots"] = [];
    for (const [index, located] of chosen.entries()) {
      notify({ type: "progress", what: "Verifying", done: index, total: chosen.length });
      const { id } = located;
      const verified = await verifyForms(
        located,
        audit.digests.get(id),
        () => keysOf(world, args.identity),
        args.ref !== undefined,
        notify,
      );
      if (verified !== null) snapshots.push({ ...verified, healed: healed.get(id) ?? [] });
    }
    await unfinishedRestore(store, notify);
    const sound = audit.ok && snapshots.every(({ status }) => status !== "damaged");
    return {
      command: "verify",
      exit: sound ? 0 : 4,
      snapshots,
      unverified: chosen.length - snapshots.length,
      audit: { ok: audit.ok, ...(audit.firstBadLine === undefined ? {} : { firstBadLine: audit.firstBadLine }) },
    };
  },
});

/** All forms of a snapshot as one result. Null where there is only a sealed one that nothing at hand opens, and nobody asked for it. */
async function verifyForms(
  { id, at, forms }: Located,
  noted: Digest | undefined,
  keys: Keys,
  asked: boolean,
  notify: Notify,
): Promise<Verified | null> {
  const results: Verified[] = [];
  for (const form of forms) {
    // What `at` names is one of the forms; the others stand beside it.
    const path = form === "folder" || at.endsWith(`.${form}`) ? at : below(parentOf(at), `${id}.${form}`);
    try {
      const vault = await openVault({ id, at: path, forms: [form] }, keys);
      const { problems, ...rest } = await verifySnapshot(vault, noted);
      const named = problems.map((problem) =>
        form === "folder" ? problem : { ...problem, path: `${id}.${form}: ${problem.path}` },
      );
      results.push({ ...rest, problems: named });
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      if (form === "zip.age" && (cause.code === "not-found" || cause.code === "usage")) {
        if (asked && forms.length === 1) throw cause;
        notify({ type: "warning", message: `${id}.${form} was not verified: ${cause.message}` });
        continue;
      }
      const problem = { path: `${id}.${form}`, problem: "modified" as const, reason: cause.message };
      results.push({ id, status: "damaged", filesChecked: 0, bytesChecked: 0, problems: [problem] });
    }
  }
  const [first] = results;
  if (first === undefined) return null;
  const problems = results.flatMap((result) => result.problems);
  return { ...first, status: problems.length > 0 ? "damaged" : first.status, problems };
}
