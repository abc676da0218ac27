import { fail } from "../../errors.ts";
import { parseAgent } from "../../launchd/agent.ts";
import { reloadAgents, runOnce } from "../../launchd/reload.ts";
import type { AbsPath } from "../../model.ts";
import type { Outcome, ScheduledRunOutcome, ScheduleOutcome } from "../../outcome.ts";
import { absolute, below, parentOf } from "../../paths.ts";
import { RollbackError } from "../../rollback-error.ts";
import { lastCreate } from "../../snapshot/audit-read.ts";
import { now } from "../../system/clock.ts";
import { flush, makeFolders, removeFile, rename, writeNew } from "../../system/durable.ts";
import { exists, ifReadable, readBytes } from "../../system/files.ts";
import { findLaunchctl, type Launchctl } from "../../system/launchctl.ts";
import { whoAmI } from "../../system/machine.ts";
import { STATE_TIMEOUT_MS } from "../../tasks/agent-states.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { crontabLine, type Job, jobPlist, nextRun, timeOfDay, whyNotStable } from "../../upkeep/schedule.ts";
import { callCommand, placeWords } from "../call.ts";
import { command, type Globals, type Session } from "../command.ts";

export default command({
  name: "schedule",
  description: "The daily launchd job: a snapshot if anything changed, then prune and health",
  args: {
    action: {
      type: "positional",
      required: true,
      description: "install, remove, status; run is what the job itself does",
    },
    at: { type: "string", valueHint: "08:00", description: "The local time of day, instead of the config's" },
    force: { type: "boolean", description: "Do it; without it install and remove only show what they would do" },
  },
  actions: ["install", "remove", "status", "run"],
  exits: {
    0: "done; a preview too",
    3: "installed, but its first run failed",
    7: "refused: the binary lies where nothing stays",
  },
  example: "rollback schedule install --at 08:00 --force",
  async run(args, session): Promise<ScheduleOutcome | ScheduledRunOutcome> {
    const { argv, world, globals } = session;
    const { action } = args;
    const site = await findSite(world, globals);
    if (action === "run") return runJob(session, site);
    const at = args.at ?? site.config.schedule.at;
    const time = timeOfDay(at);
    if (time === null) throw fail.badValue("--at", at, "a time of day such as 08:00");
    const launchctl = findLaunchctl(world.env, whoAmI().uid, STATE_TIMEOUT_MS);
    const job: Job = {
      label: site.config.schedule.label,
      argv: [world.execPath, "schedule", "run", ...placeWords(wholePlaces(session, site))],
      ...time,
      log: below(site.home, launchctl === null ? "rollback.log" : "Library/Logs/rollback.log"),
    };
    const plist = below(site.home, "Library/LaunchAgents", `${job.label}.plist`);
    const base: ScheduleOutcome = {
      command: "schedule",
      exit: 0,
      action: action === "install" || action === "remove" ? action : "status",
      dryRun: args.force !== true,
      label: job.label,
      plist,
      installed: exists(plist),
      loaded: null,
      lastExit: null,
      lastCreate: iso(lastCreate(site.store)),
      next: null,
      content: null,
      crontab: null,
      commandToRun: ["rollback", ...argv, "--force"],
    };
    if (launchctl === null) return { ...base, crontab: crontabLine(job) };
    if (action === "install") {
      const why = whyNotStable(world.execPath, site.home);
      if (why !== null) throw fail.unstableBinary(world.execPath, why);
      if (args.force !== true) return { ...base, content: await jobPlist(job) };
      return { ...base, ...(await install(job, plist, launchctl)), next: next(job) };
    }
    if (action === "remove") {
      if (args.force === true) await remove(job.label, plist, launchctl);
      return { ...base, installed: exists(plist) };
    }
    const state = await launchctl.print(job.label);
    return {
      ...base,
      dryRun: false,
      loaded: state?.loaded ?? null,
      lastExit: state?.lastExit ?? null,
      next: await nextOf(plist),
    };
  },
});

/** The job runs in `/` and without our environment: what was named by a relative path or a variable, it gets as a whole path. */
function wholePlaces({ world, globals }: Session, site: Site): Globals {
  const named = globals.snapshots !== undefined || Boolean(world.env.ROLLBACK_SNAPSHOTS);
  return {
    ...globals,
    root: site.root,
    config: globals.config === undefined ? undefined : absolute(globals.config, world.cwd),
    snapshots: named ? site.store : undefined,
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const next = ({ hour, minute }: Pick<Job, "hour" | "minute">): string =>
  nextRun(hour, minute, new Date()).toISOString();

async function nextOf(plist: AbsPath): Promise<string | null> {
  const bytes = ifReadable(() => readBytes(plist, 1 << 20));
  const [interval] = (bytes === null ? null : await parseAgent(bytes))?.calendar ?? [];
  const { Hour: hour, Minute: minute } = interval ?? {};
  return hour === undefined || minute === undefined ? null : next({ hour, minute });
}

/** A fresh file under launchd's eyes, 0644, and one run at once: under launchd the privacy grants are missing first. */
async function install(job: Job, plist: AbsPath, launchctl: Launchctl): Promise<Partial<ScheduleOutcome>> {
  const content = await jobPlist(job);
  const fresh = below(parentOf(plist), `.${job.label}.new`);
  try {
    makeFolders(parentOf(job.log), 0o700);
    makeFolders(parentOf(plist), 0o755);
    removeFile(fresh);
    writeNew(fresh, content, { mode: 0o644, mtimeMs: null, owner: null });
    flush([fresh]);
    rename(fresh, plist);
    flush([parentOf(plist)]);
  } catch (cause) {
    throw fail.io("write", plist, cause);
  }
  const agent = await parseAgent(new TextEncoder().encode(content));
  const disabled = (await launchctl.disabled()) ?? new Set<string>();
  const request = { label: job.label, plist, agent, recorded: { loaded: true, disabled: false } };
  const [loaded] = await reloadAgents([request], launchctl, disabled, () => {});
  if (loaded?.result === "failed") throw fail.jobNotLoaded(job.label, loaded.reason ?? "");
  const lastExit = await runOnce(job.label, launchctl);
  return { installed: true, loaded: true, lastExit, exit: lastExit === 0 ? 0 : 3 };
}

async function remove(label: string, plist: AbsPath, launchctl: Launchctl): Promise<void> {
  const request = { label, plist, agent: null, recorded: { loaded: false, disabled: false } };
  const [gone] = await reloadAgents([request], launchctl, new Set(), () => {});
  if (gone?.result === "failed") throw fail.jobNotGone(label, gone.reason ?? "");
  try {
    removeFile(plist);
  } catch (cause) {
    throw fail.io("remove", plist, cause);
  }
}

/** What the job does. Health comes last and notifies, also where the snapshot failed: nobody reads a log for 62 days. */
async function runJob({ world, globals, notify }: Session, { config }: Site): Promise<ScheduledRunOutcome> {
  const steps: ScheduledRunOutcome["steps"] = [];
  const day = now().local.slice(0, 10);
  const pushes = Object.entries(config.copies).flatMap(([name, { auto }]) => (auto ? [["push", name, "--all"]] : []));
  for (const words of [
    ["create", `Auto-snapshot ${day}`, "auto-daily", "--if-changed"],
    // What is pruned was copied before.
    ...pushes,
    ["prune", "--force"],
    ["health", "--notify"],
  ]) {
    const [name = ""] = words;
    try {
      const outcome = await callCommand(world, globals, words, notify);
      steps.push({ command: name, exit: outcome.exit, message: told(outcome) });
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      steps.push({ command: name, exit: cause.exit, message: cause.message });
    }
  }
  return { command: "scheduled-run", exit: steps.find(({ exit }) => exit !== 0)?.exit ?? 0, steps };
}

function told(outcome: Outcome): string | null {
  if (outcome.command === "create") return outcome.unchanged ? `nothing changed since ${outcome.id}` : outcome.id;
  if (outcome.command === "push")
    return outcome.places
      .map(({ name, archives }) => `${name}: ${archives.filter(({ sent }) => sent).length} sent`)
      .join();
  if (outcome.command === "prune") return `${outcome.verdicts.filter(({ keep }) => !keep).length} removed`;
  return outcome.command === "health" ? outcome.level : null;
}
