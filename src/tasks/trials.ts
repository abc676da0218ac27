// Trials: writes are tried, checks are run, and every file is put back. Whatever ends a trial, today's files are what they were.
import { fail } from "../errors.ts";
import type { AbsPath, Write } from "../model.ts";
import { type Transaction, tryWrites } from "../restore/apply.ts";
import { runAttached } from "../system/attached.ts";
import { hashFile, ifReadable, linkTarget, look } from "../system/files.ts";
import { checkpoint } from "../system/interrupt.ts";
import type { World } from "./context.ts";

export interface Checking {
  /** Commands for the shell; the check passes where all of them do. */
  checks: string[];
  /** How long each may take, in ms: longer is a failure. */
  timeoutMs: number;
  /** How often each state is asked. */
  repeat: number;
}

/** One try. `state` is the snapshot that was tried, null for today's files; `undone` the changes that were undone in it. */
export interface Tried {
  state: string | null;
  undone: string[];
  passed: boolean;
}

/** A state that gave two answers. */
export class Unsteady extends Error {}

const AS_BEFORE = "every file is as it was before the search";
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What the caller does around each check, for agents. */
export interface Around {
  /** The new files are in place. */
  before(touched: readonly AbsPath[]): Promise<void>;
  /** Today's are again. */
  after(touched: readonly AbsPath[]): Promise<void>;
}

/**
 * Returns `ask`, which says whether the checks pass while writes stand. Asked again with the same writes it gives its first answer, with
 * `again` it looks anew. Throws `interrupted`, Unsteady, and `failed` where somebody else changed a file meanwhile, one of
 * `watched` or one that was written.
 */
export function trials(
  transaction: () => Omit<Transaction, "writes">,
  checking: Checking,
  { world, around, watched }: { world: World; around: Around; watched: readonly Write[] },
) {
  const answers = new Map<string, boolean>();
  const found = new Map(watched.map((write) => [write.at, standingAt(write)] as const));
  const once = async (writes: Write[]): Promise<boolean> => {
    await checkpoint(AS_BEFORE);
    for (const write of writes) if (!found.has(write.at)) found.set(write.at, standingAt(write));
    const touched = writes.map(({ at }) => at);
    let heard: (typeof ENDING)[number] | undefined;
    const heed = (signal: string) => {
      heard ??= ENDING.find((ending) => ending === signal);
    };
    const look = async () => {
      await around.before(touched);
      return passesAll(checking, world, heed);
    };
    const { seen, kept } = await tryWrites({ ...transaction(), writes }, look, () => {}).finally(() =>
      around.after(touched),
    );
    const [changed] = [...kept, ...[...found].filter(([at, was]) => !isStanding(at, was)).map(([at]) => at)];
    if (changed !== undefined) throw fail.changedInSearch(changed, transaction().autoBackup);
    if (heard !== undefined) throw fail.interrupted(heard, AS_BEFORE);
    return seen;
  };
  const ask = async (writes: Write[], again = false): Promise<boolean> => {
    const id = writes.map(written).sort().join("\n");
    const known = answers.get(id);
    if (known !== undefined && !again) return known;
    const first = await once(writes);
    for (let more = 1; more < checking.repeat; more++) if ((await once(writes)) !== first) throw new Unsteady();
    if (known !== undefined && known !== first) throw new Unsteady();
    answers.set(id, first);
    return first;
  };
  return ask;
}

/** What a write leaves, as one word. */
const written = (write: Write): string =>
  JSON.stringify(write.type === "file" ? [write.at, write.hash, write.mode] : [write.at, write.target]);

async function passesAll({ checks, timeoutMs }: Checking, { env, umask }: World, heard: (signal: string) => void) {
  for (const check of checks) {
    // What thirteen trials print tells nobody anything.
    const argv = ["/bin/sh", "-c", 'exec /bin/sh -c "$1" </dev/null >/dev/null 2>&1', "sh", check] as const;
    const end = await runAttached([...argv], {
      env,
      umask,
      stdoutToStderr: false,
      descriptors: [],
      ownGroup: true,
      timeoutMs,
      heard,
    });
    if (end.timedOut || end.code !== 0) return false;
  }
  return true;
}

/** A live place as a search found it. */
type Standing = { ino: number; mtimeMs: number; size: number; write: Write } | { ino: null; write: Write };

function standingAt(write: Write): Standing {
  const stats = ifReadable(() => look(write.at));
  if (stats === null || !stats.isFile()) return { ino: null, write };
  return { ino: stats.ino, mtimeMs: stats.mtimeMs, size: stats.size, write };
}

/** The same file, or where it had to be copied back the same content. */
function isStanding(at: AbsPath, was: Standing): boolean {
  const stats = ifReadable(() => look(at));
  const before = was.write.was;
  if (before.state === "absent") return stats === null;
  if (before.state === "link") return stats?.isSymbolicLink() === true && linkTarget(at) === before.target;
  if (stats === null || before.state !== "file") return false;
  if (was.ino === stats.ino && was.mtimeMs === stats.mtimeMs && was.size === stats.size) return true;
  return ifReadable(() => hashFile(at, { noFollow: true }).hash) === before.hash;
}
