import { fail } from "../../errors.ts";
import type { PinOutcome } from "../../outcome.ts";
import { asWriter, listSnapshots, pinnedIds, setPin } from "../../snapshot/store.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { locate } from "../../tasks/open.ts";
import { findStoreAlone } from "../../tasks/site.ts";
import { type Command, command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";

const exits = {
  0: "done, also where it was so already",
  3: "done, but it could not be noted in the audit trail",
  5: "there is no such snapshot",
  6: "another rollback holds the lock",
};

const make = (name: "pin" | "unpin", description: string): Command =>
  command({
    name,
    description,
    args: {
      ref: { type: "positional", required: true, description: "The snapshot" },
      "lock-wait": lockWait,
    },
    exits,
    example: `rollback ${name} 20251211_143600`,
    async run(args, { world, globals, notify, holder }): Promise<PinOutcome> {
      const store = await findStoreAlone(world, globals);
      const { id } = await locate(args.ref, async () => store, world.cwd);
      const entry = listSnapshots(store).find((candidate) => candidate.id === id);
      if (entry === undefined) throw fail.noSuchSnapshot(args.ref, listSnapshots(store)[0]?.id);
      return await asWriter(store, { command: holder, lockWaitMs: lockWaitMs(args["lock-wait"]) }, async () => {
        const changed = pinnedIds(store).has(entry.id) !== (name === "pin");
        if (changed) setPin(store, entry.id, name === "pin");
        const noted = !changed || noteEvent(store, { command: name, id, result: "ok" }, notify);
        return { command: name, exit: noted ? 0 : 3, id, changed };
      });
    },
  });

export const pin = make("pin", "Keep a snapshot whatever the rules say");
export const unpin = make("unpin", "Let the rules decide about a snapshot again");
