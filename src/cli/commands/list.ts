import { fail } from "../../errors.ts";
import type { Listed } from "../../outcome.ts";
import { describeEntry } from "../../snapshot/facts.ts";
import { listSnapshots, pinnedIds } from "../../snapshot/store.ts";
import { openVault } from "../../tasks/open.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { command } from "../command.ts";
import { rowLimit } from "../strict.ts";

export default command({
  name: "list",
  description: "Snapshots, newest first",
  args: {
    limit: { type: "string", valueHint: "N", description: "Show at most N (10)" },
    all: { type: "boolean", description: "Show all" },
    category: { type: "string", valueHint: "C", description: "Only those of this category" },
    from: { type: "string", valueHint: "DEST", description: "The copies there, instead of the snapshots here" },
    host: { type: "string", valueHint: "NAME", description: "With --from: another host's copies, or all" },
  },
  exits: { 0: "done, also when there is no snapshot yet", 1: "with --from: the place can't be had" },
  example: "rollback list --category auto-daily --all",
  async run(args, { world, globals, notify }) {
    const limit = rowLimit(args, 10);
    const { from, host, category } = args;
    if (from !== undefined) {
      if (category !== undefined) throw fail.badValue("--category", category, "no --from beside it: a copy is sealed");
      return (await import("./list-copies.ts")).listCopies(world, globals, { from, host, limit });
    }
    if (host !== undefined) throw fail.missingWord("list", "--from beside --host");
    const store = await findStoreAlone(world, globals);
    const entries = listSnapshots(store);
    const pinned = pinnedIds(store);
    const nowMs = Date.now();
    const snapshots: Listed[] = [];
    let total = args.category === undefined ? entries.length : 0;
    for (const entry of entries) {
      if (args.category === undefined && snapshots.length >= limit) break;
      const row = await describeEntry(entry, () => openVault(entry, () => []), pinned, nowMs);
      if (args.category !== undefined && row.category !== args.category) continue;
      if (args.category !== undefined) total++;
      if (snapshots.length < limit) snapshots.push(row);
    }
    await unfinishedRestore(store, notify);
    return { command: "list", exit: 0, total, snapshots };
  },
});
