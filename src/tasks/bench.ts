// Where a search tries states out: the auto-backup that covers them, the trials, and the agents around each of them.

import { fail } from "../errors.ts";
import type { AbsPath, StoredRef, Write } from "../model.ts";
import { backUp, notCovered, overwriting } from "../restore/auto-backup.ts";
import { copyStored } from "../restore/stored-ref.ts";
import type { Captured } from "../snapshot/capture.ts";
import { innerFolder } from "../snapshot/store.ts";
import type { Vault } from "../snapshot/vault.ts";
import type { Attributes } from "../system/durable.ts";
import { agentsAround } from "./agents-around.ts";
import type { Context, Site } from "./context.ts";
import { type Culprit, culpritName, type Side } from "./culprits.ts";
import type { Gathered } from "./gather.ts";
import { noteBackup } from "./restore-write.ts";
import { type Checking, type Tried, trials } from "./trials.ts";

export interface Bench {
  site: Site;
  good: Side;
  /** Tries these writes, which undo `undone` in `state`; null writes can't be made and count as a failure. */
  attempt(state: string | null, undone: readonly Culprit[], writes: Write[] | null): Promise<boolean>;
  /** Asks anew, whatever was answered before. Throws Unsteady where the answer is another one. */
  confirm(writes: Write[]): Promise<void>;
  /** Says how many changes may still be the culprit. */
  narrowed(possible: number): void;
  /** Sees to it that all that a restore of this side overwrites stands in an auto-backup. */
  cover(side: Side): Promise<void>;
  autoBackup(): string | null;
  tried: Tried[];
}

export interface SettingUp {
  site: Site;
  good: Side;
  gathered: Gathered;
  reload: boolean;
  checking: Checking;
}

/** The caller is the store's writer. */
export async function setUp(
  { site, good, gathered, reload, checking }: SettingUp,
  { changes, expected }: { changes: readonly unknown[]; expected: number },
  { world, notify }: Context,
): Promise<Bench> {
  const { store } = site;
  const { found, skipped } = gathered.inventory;
  const { circumstances } = gathered;
  const backups: Captured[] = [];
  const vaults = new Map<AbsPath, Vault>();
  const cover = async ({ plan, opened }: Side) => {
    vaults.set(opened.vault.at, opened.vault);
    if (backups.some((backup) => notCovered(plan, backup).length === 0) || overwriting(plan).length === 0) return;
    const backup = await backUp({ store, found, skipped, circumstances }, plan, () => {});
    noteBackup(store, backup, plan.snapshot, notify);
    const [lacking] = notCovered(plan, backup);
    if (lacking !== undefined) throw fail.liveChanged(lacking.at);
    backups.push(backup);
  };
  await cover(good);
  const autoBackup = () => backups.at(-1)?.id ?? null;
  const transaction = () => ({
    journalFolder: innerFolder(store),
    snapshot: good.opened.located.id,
    autoBackup: autoBackup(),
    copy: (from: StoredRef, to: AbsPath, attributes: Attributes) =>
      copyStored(from, to, attributes, { vault: vaults.get(from.at) ?? good.opened.vault }),
  });
  const around = await agentsAround(reload ? good : null, world);
  const ask = trials(transaction, checking, {
    world,
    around,
    watched: good.plan.changes.flatMap(({ writes }) => writes),
  });
  const tried: Tried[] = [];
  let possible = changes.length;
  const attempt: Bench["attempt"] = async (state, undone, writes) => {
    const now = `${undone.length} of ${changes.length} changes undone, ${possible} still possible`;
    // Both ends are asked before the search begins.
    const total = Math.max(expected + 2, tried.length + 1);
    notify({ type: "progress", what: "Trial", name: now, done: tried.length, total });
    const passed = writes !== null && (await ask(writes));
    tried.push({ state, undone: undone.map(culpritName), passed });
    return passed;
  };
  return {
    site,
    good,
    attempt,
    confirm: async (writes) => void (await ask(writes, true)),
    narrowed: (left) => {
      possible = left;
    },
    cover,
    autoBackup,
    tried,
  };
}
