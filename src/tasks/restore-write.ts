// The part of a restore that needs the lock: plan, back up what will be overwritten, write all or nothing, note it.
import { fail } from "../errors.ts";
import { isAgentFile } from "../launchd/agent.ts";
import type { AbsPath, Change, Env, Found, Manifest, Notify, Plan, Write } from "../model.ts";
import { backUp, backupDescription, isHeldElsewhere, notCovered, overwriting } from "../restore/auto-backup.ts";
import { type CarriedOut, carryOut } from "../restore/carry-out.ts";
import { journalAt } from "../restore/journal.ts";
import { planFor } from "../restore/look.ts";
import { summarize } from "../restore/plan.ts";
import { dropRecord, keepRecord } from "../restore/record.ts";
import { type PathMap, targetPath } from "../restore/target.ts";
import { codeOf, EXIT } from "../rollback-error.ts";
import type { Captured } from "../snapshot/capture.ts";
import { discard, innerFolder } from "../snapshot/store.ts";
import { folderVault } from "../snapshot/vault.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import type { Context } from "./context.ts";
import { earlierSecrets } from "./earlier-secrets.ts";
import type { Gathered } from "./gather.ts";
import { nextStep } from "./next-step.ts";
import { noteEvent } from "./note-event.ts";
import type { Patch } from "./patch.ts";
import type { OpenedRestore, RestoreOutcome, RestoreRequest } from "./restore-terms.ts";
import type { Findings } from "./settle.ts";
import { demandFinished } from "./unfinished.ts";

/** What was written, and what came of it: all that is known without looking around once more. */
export type Written = Pick<
  RestoreOutcome,
  | "plan"
  | "summary"
  | "exit"
  | "autoBackup"
  | "restored"
  | "failed"
  | "patch"
  | "earlier"
  | "back"
  | "reload"
  | "findings"
>;

/** The part that needs the lock. The caller is the store's writer. */
export async function write(
  opened: OpenedRestore,
  { inventory, circumstances }: Gathered,
  input: RestoreRequest,
  context: Pick<Context, "world" | "notify">,
): Promise<Written> {
  const { notify } = context;
  const { vault, located, site } = opened;
  const { id } = located;
  await demandFinished(site.store);
  const { plan, findings, backup, noted } = await backedUpPlan(opened, { inventory, circumstances }, input, context);
  const autoBackup = backup?.id ?? null;
  const { keepGoing } = input;
  const inner = innerFolder(site.store);
  const undo = plan.changes.some(({ writes }) => writes.length > 0) ? keepRecord(inner, plan, autoBackup) : undefined;
  const done = await carryOut(plan, { journalFolder: inner, vault, autoBackup, keepGoing }, notify).catch(
    async (cause) => {
      // What was cut off may yet be finished, and is then to be undone.
      if (journalAt(inner) !== null) throw cause;
      if (undo !== undefined) dropRecord(inner, undo);
      if (backup !== null) await dropNeedless(backup, site.store, notify);
      throw cause;
    },
  );
  const summary = summarize(plan);
  const failed = [...passedOver(plan), ...done.failed];
  const isPartly = summary.skipped > 0 || failed.length > 0;
  const event = { command: opened.command, description: opened.note, id, files: done.restored.length };
  const traced = undo === undefined ? event : { ...event, undo };
  const isNoted = noteEvent(site.store, { ...traced, result: isPartly ? "partly" : "ok" }, notify) && noted;
  const patch = await patchOf({ ...plan, changes: done.restored }, opened, backup);
  return {
    exit: isPartly || !isNoted ? EXIT.partial : EXIT.done,
    plan,
    summary,
    autoBackup,
    restored: done.restored.map(({ path, name, kind }) => ({ path, name, kind })),
    failed,
    patch: input.patch || findings !== null ? patch : null,
    earlier: earlierSecrets(patch),
    back: undo === undefined ? null : input.words.undo(),
    reload: reloadAdvice(done, opened, input),
    findings,
  };
}

const REPLANS = 3;

interface Planned {
  plan: Plan;
  findings: Findings | null;
}

interface BackedUp extends Planned {
  /** Null where nothing is overwritten. */
  backup: Captured | null;
  /** False where the auto-backup stands and could not be noted in the trail. */
  noted: boolean;
}

/** A plan of which nothing is refused, and the auto-backup that holds every byte it overwrites. */
async function backedUpPlan(
  opened: OpenedRestore,
  { inventory, circumstances }: Gathered,
  input: RestoreRequest,
  { world, notify }: Pick<Context, "world" | "notify">,
): Promise<BackedUp> {
  const { store } = opened.site;
  const { found, skipped } = inventory;
  const first = await planned(opened, found, input, world.env);
  const { plan } = first;
  if (overwriting(plan).length === 0) return { ...first, backup: null, noted: true };
  // What is wrong with the agents of now is no matter: it is about to be overwritten.
  const told: Notify = (notice) => notice.type !== "dangling" && notify(notice);
  const backup = await backUp({ store, found, skipped, circumstances }, plan, told);
  const noted = noteBackup(store, backup, plan.snapshot, notify);
  // A file may change between our look and the backup, which then holds what it is: it is planned again from there.
  let covered = first;
  for (let replans = 0; ; replans++) {
    const [lacking, ...others] = notCovered(covered.plan, backup);
    if (lacking === undefined) return { ...covered, backup, noted };
    const unread = backup.skipped.filter(({ path }) => [lacking, ...others].some(({ at }) => at === path));
    if (unread.length > 0 && !input.keepGoing)
      throw fail.autoBackupPartial(unread.map(({ path, reason }) => `${path}: ${reason}`));
    if (replans >= REPLANS) throw fail.liveChanged(lacking.at);
    covered =
      unread.length > 0 ? withoutUnread(covered, [lacking, ...others]) : await planned(opened, found, input, world.env);
  }
}

/** The same plan, that writes nothing over what no backup holds. */
function withoutUnread({ plan, findings }: Planned, lacking: Write[]): Planned {
  const isUnread = ({ writes }: Change) => writes.some(({ at }) => lacking.some((write) => write.at === at));
  const changes = plan.changes.map((change): Change => {
    if (!isUnread(change)) return change;
    const reason = `no auto-backup can hold it${change.reason === undefined ? "" : `: it ${change.reason}`}`;
    return { ...change, action: "refused", reason, writes: [] };
  });
  return { plan: { ...plan, changes }, findings };
}

/** What --keep-going does not restore because it is refused. */
const passedOver = ({ changes }: Plan): { path: string; error: string }[] =>
  changes.flatMap(({ action, path, reason }) =>
    action === "refused" ? [{ path, error: `refused: it ${reason}` }] : [],
  );

/** The plan. Throws `refused` where a target is and the others are not to be restored alone, and `failed` where a conflict is undecided. */
async function planned(opened: OpenedRestore, found: Found[], input: RestoreRequest, env: Env): Promise<Planned> {
  const { settle, findings, demandFound } = opened.settling();
  const plan = await planFor({ ...opened.request(found), settle, env });
  demandFound();
  const undecided = findings?.conflicts.map(({ path }) => path) ?? [];
  if (undecided.length > 0) throw fail.undecided(undecided);
  const refused = plan.changes.filter(({ action }) => action === "refused");
  if (refused.length === 0 || input.keepGoing) return { plan, findings };
  const refusals = refused.map(({ path, reason = "can't be written" }) => ({ path, reason }));
  const total = plan.changes.filter(({ action }) => action !== "extra").length;
  if (refused.every(({ obstructed }) => obstructed === true)) throw fail.restoreObstructed(refusals, total);
  const { command, elsewhere } = nextStep({ opened, input }, plan);
  const isInTheWay = elsewhere === null && refused.some(({ allow }) => allow === undefined);
  throw fail.restoreRefused(refusals, total, isInTheWay ? undefined : command.map(quote).join(" "), elsewhere);
}

/** Removes the auto-backup of a restore that failed, every file being as it was, where another snapshot holds the same. */
async function dropNeedless(backup: Captured, store: AbsPath, notify: Notify): Promise<void> {
  if (!(await isHeldElsewhere(backup, store))) return;
  try {
    discard(store, backup.id);
  } catch (cause) {
    // The restore's own failure is what is told.
    if (codeOf(cause) === undefined) throw cause;
    return;
  }
  const description = "the restore failed, and another snapshot holds the same";
  noteEvent(store, { command: "prune", id: backup.id, description, result: "removed" }, notify);
}

/** It stands whatever comes of the restore, and is noted before that begins. */
export function noteBackup(
  store: AbsPath,
  { id, files, digest, skipped }: Captured,
  of: string,
  notify: Notify,
): boolean {
  const result = skipped.length === 0 ? "ok" : "incomplete";
  const event = { command: "create", description: backupDescription(of), id, files: files.length, result };
  return noteEvent(store, digest === null ? event : { ...event, manifest: digest }, notify);
}

async function patchOf(plan: Plan, { vault }: OpenedRestore, backup: Captured | null): Promise<Patch> {
  const { patchDone } = await import("./patch.ts");
  const before = backup === null ? null : folderVault(backup.id, backup.folder);
  return patchDone(plan, vault, before, backup?.files ?? []);
}

/** What makes launchd read the replaced plists: our own command, and bootout and bootstrap by label. */
function reloadAdvice(
  { restored }: CarriedOut,
  opened: OpenedRestore,
  { words }: RestoreRequest,
): RestoreOutcome["reload"] {
  const { manifest, maps, vault, ref, located, of } = opened;
  const { uid } = whoAmI();
  const labels = labelsAt(manifest, maps);
  const lines = restored.filter(isAgentFile).map(({ path, name }: Change) => {
    const label = labels.get(path) ?? name.replace(/\.plist$/, "");
    return `launchctl bootout ${quote(`gui/${uid}/${label}`)}; launchctl bootstrap gui/${uid} ${quote(path)}`;
  });
  // To be typed from anywhere, so with a whole path where it is not an id.
  const command = words.reload(of?.type === "event" || ref === located.id ? located.id : vault.at);
  return lines.length === 0 ? null : { command, launchctl: lines };
}

/** The labels that the snapshot has for its plists, by the path that each goes to. */
function labelsAt({ files }: Manifest, maps: PathMap[]): Map<string, string | null | undefined> {
  const labels = new Map<string, string | null | undefined>();
  for (const { original, label } of files) {
    const target = targetPath(original, maps);
    if ("path" in target) labels.set(target.path, label);
  }
  return labels;
}
