// `pin` and `unpin`: a pinned snapshot is never pruned.
import { fail } from "../errors.ts";
import { EXIT } from "../rollback-error.ts";
import { pinnedIds, setPin } from "../snapshot/pins.ts";
import { asWriter, listSnapshots } from "../snapshot/store.ts";
import type { Context, Ending } from "./context.ts";
import { noteEvent } from "./note-event.ts";
import { locate } from "./open.ts";
import { findStoreAlone } from "./site.ts";

export interface PinRequest {
  ref: string;
  lockWaitMs: number;
}

export interface PinOutcome extends Ending {
  command: "pin" | "unpin";
  id: string;
  changed: boolean;
}

/** Keeps a snapshot whatever the rules say. */
export const pin = (request: PinRequest, context: Context): Promise<PinOutcome> => setTo("pin", request, context);

/** Lets the rules decide about a snapshot again. */
export const unpin = (request: PinRequest, context: Context): Promise<PinOutcome> => setTo("unpin", request, context);

async function setTo(name: "pin" | "unpin", { ref, lockWaitMs }: PinRequest, context: Context): Promise<PinOutcome> {
  const { world, named, holder, notify } = context;
  const store = await findStoreAlone(world, named);
  const { id } = await locate(ref, async () => store, world.cwd);
  const entries = listSnapshots(store);
  const entry = entries.find((candidate) => candidate.id === id);
  if (entry === undefined) throw fail.noSuchSnapshot(ref, entries[0] && { id: entries[0].id, age: null });
  return await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const changed = pinnedIds(store).has(entry.id) !== (name === "pin");
    if (changed) setPin(store, entry.id, name === "pin");
    const noted = !changed || noteEvent(store, { command: name, id, result: "ok" }, notify);
    return { command: name, exit: noted ? EXIT.done : EXIT.partial, id, changed };
  });
}
