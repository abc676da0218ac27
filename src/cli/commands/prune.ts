import type { Retention } from "../../config.ts";
import { fail } from "../../errors.ts";
import type { AbsPath } from "../../model.ts";
import type { PruneOutcome } from "../../outcome.ts";
import { absolute, below, isWithin, nameOf, parentOf } from "../../paths.ts";
import { pendingJournal } from "../../restore/journal-read.ts";
import { checkAudit } from "../../snapshot/audit-read.ts";
import { asWriter, discard, innerFolder, listSnapshots, pinnedIds } from "../../snapshot/store.ts";
import { folderVault } from "../../snapshot/vault.ts";
import { verifySnapshot } from "../../snapshot/verify.ts";
import { copyNew, flush, makeFolders, NotWritten, removeFile, rename } from "../../system/durable.ts";
import { exists, hashFile, resolved } from "../../system/files.ts";
import { keysOf } from "../../tasks/identity.ts";
import { noteEvent } from "../../tasks/note-event.ts";
import { formOf, glanceAt, openVault } from "../../tasks/open.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { unfinishedRestore } from "../../tasks/unfinished.ts";
import { planPrune, type Verdict } from "../../upkeep/prune-plan.ts";
import { command } from "../command.ts";
import { lockWait, lockWaitMs } from "../lock-wait.ts";
import { wholeNumber } from "../strict.ts";

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
      description: "Keep what was made so long before the newest: h, d, w, m, y",
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
  async run(args, { argv, world, globals, notify, holder }): Promise<PruneOutcome> {
    const waitMs = lockWaitMs(args["lock-wait"]);
    const given = rule(args);
    const site = await findSite(world, globals);
    const { store, config } = site;
    const ruleOf = (category: string): Retention | undefined => {
      if (args.category !== undefined && category !== args.category) return undefined;
      return given ?? (Object.hasOwn(config.retention, category) ? config.retention[category] : undefined);
    };
    const plan = async () => planPrune(await candidates(store), { of: ruleOf, nowMs: Date.now() });
    if (!args.force) {
      await unfinishedRestore(store, notify);
      return { command: "prune", exit: 0, dryRun: true, verdicts: await plan(), next: next(argv) };
    }
    return await asWriter(store, { command: holder, lockWaitMs: waitMs }, async () => {
      const pending = pendingJournal(innerFolder(store));
      if (pending !== null) throw fail.unfinished(pending.journal?.snapshot ?? "a snapshot");
      const verdicts = await plan();
      let noted = true;
      for (const { id, category } of verdicts.filter(({ keep }) => !keep)) {
        if (args.archive !== undefined)
          await archiveFirst(site, id, absolute(args.archive, world.cwd), () => keysOf(world, undefined));
        discard(store, id);
        const event = { command: "prune", id, description: `category ${category}`, result: "removed" };
        noted = noteEvent(store, event, notify) && noted;
      }
      return { command: "prune", exit: noted ? 0 : 3, dryRun: false, verdicts, next: [] };
    });
  },
});

type Given = {
  [K in "keep-last" | "keep-within" | "keep-daily" | "keep-weekly" | "keep-monthly"]?: string | undefined;
};

/** The rule that the flags make; null where none is given. */
function rule(args: Given): Retention | null {
  const within = args["keep-within"];
  if (within !== undefined && (!/^(\d+[hdwmy])+$/.test(within) || !/[1-9]/.test(within)))
    throw fail.badValue("--keep-within", within, "a duration such as 26h, 7d, 4w, 6m or 1y");
  const number = (name: keyof Given) =>
    args[name] === undefined ? undefined : wholeNumber(`--${name}`, args[name], 1);
  const made: Retention = {
    "keep-last": number("keep-last"),
    "keep-within": within,
    "keep-daily": number("keep-daily"),
    "keep-weekly": number("keep-weekly"),
    "keep-monthly": number("keep-monthly"),
  };
  return Object.values(made).every((value) => value === undefined) ? null : made;
}

const next = (argv: string[]): string[] => ["rollback", ...argv, "--force"];

async function candidates(store: Site["store"]) {
  const pinned = pinnedIds(store);
  const all = [];
  for (const entry of listSnapshots(store)) {
    const seen = formOf(entry) === "zip.age" ? null : await glanceAt(entry);
    all.push({
      id: entry.id,
      category: seen?.category ?? null,
      createdAtMs: seen?.createdAtMs ?? 0,
      complete: seen?.complete === true && !seen.missing,
      pinned: pinned.has(entry.id),
    });
  }
  return all;
}

/** Packs a snapshot into another folder, sealed where the config names recipients. What stands there already is checked first. */
async function archiveFirst(site: Site, id: Verdict["id"], folder: AbsPath, keys: () => string[]): Promise<void> {
  const { store, config } = site;
  const { recipients } = config.seal;
  const made = makeFolders(folder, 0o700);
  if (made.length > 0) flush([...made, ...made.map(parentOf)]);
  if (isWithin(resolved(folder), resolved(store))) throw fail.archiveInStore(folder);
  const entry = listSnapshots(store).find((candidate) => candidate.id === id);
  if (entry === undefined) throw fail.noSuchSnapshot(id, undefined);
  const target = below(folder, `${id}.${recipients.length > 0 ? "zip.age" : "zip"}`);
  if (exists(target) && recipients.length > 0) {
    const { problems } = await verifySnapshot(await openVault({ id, at: target, forms: ["zip.age"] }, keys), undefined);
    if (problems.length === 0) return;
    throw fail.archiveBroken(target, "it does not hold what its manifest says");
  }
  const noted = checkAudit(store).digests.get(id);
  if (formOf(entry) !== "folder") return copyArchive(entry.at, below(folder, nameOf(entry.at)));
  const { pack } = await import("../../archive/pack.ts");
  await pack(store, { vault: folderVault(id, entry.at), noted, moving: true }, target, recipients);
}

/** A snapshot that is an archive already goes along as it is. */
function copyArchive(from: AbsPath, to: AbsPath): void {
  if (exists(to)) {
    if (hashFile(to).hash !== hashFile(from).hash) throw fail.alreadyThere(to, "it is another archive");
    return;
  }
  const fresh = below(parentOf(to), `.${nameOf(to)}.new`);
  try {
    removeFile(fresh);
    copyNew(from, fresh, { noFollow: true });
    flush([fresh]);
    rename(fresh, to);
    flush([parentOf(to)]);
  } catch (cause) {
    throw fail.io("write", to, cause instanceof NotWritten ? cause.cause : cause);
  }
}
