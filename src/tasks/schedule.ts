// `schedule`: the daily launchd job, and what it does.
import { fail } from "../errors.ts";
import { type Agent, parseAgent } from "../launchd/agent.ts";
import { findLaunchctl, type Launchctl } from "../launchd/launchctl.ts";
import { endOfLog } from "../launchd/log-end.ts";
import { reloadAgents, runOnce } from "../launchd/reload.ts";
import { troubleOf } from "../launchd/service.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below, parentOf } from "../paths.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { lastCreate, lastDrill } from "../snapshot/audit-read.ts";
import { now } from "../system/clock.ts";
import { makeFolders, removeFile } from "../system/durable.ts";
import { exists, ifReadable, look, readBytes } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { bePatient, childEnvironment, run, which } from "../system/process.ts";
import { replaceFile } from "../system/replace.ts";
import { quote } from "../text.ts";
import { crontabLine, type Job, jobPlist, nextRun, timeOfDay, whyNotStable } from "../upkeep/schedule.ts";
import { STATE_TIMEOUT_MS } from "./agent-states.ts";
import type { Context, Ending, NamedPlaces, World } from "./context.ts";
import { create } from "./create.ts";
import { drill } from "./drill.ts";
import { health } from "./health.ts";
import { hasIdentity } from "./identity.ts";
import { ownJob } from "./job-label.ts";
import { prune } from "./prune.ts";
import { push } from "./push.ts";
import { findSite, type Site } from "./site.ts";

export interface ScheduleRequest {
  action: "install" | "remove" | "status";
  /** The local time of day, such as 08:00; undefined is the config's. */
  at: string | undefined;
  /** Without it install and remove only tell what they would do. */
  force: boolean;
  /** The words by which this program does the job in these places. */
  jobWords(places: NamedPlaces): string[];
}

export interface ScheduleOutcome extends Ending {
  command: "schedule";
  action: "install" | "remove" | "status";
  dryRun: boolean;
  label: string;
  plist: AbsPath;
  installed: boolean;
  loaded: boolean | null;
  /** The exit code of its last run under launchd; null where it is not known. */
  lastExit: number | null;
  /** What is wrong with it, as launchd tells it, with the end of its log; null where nothing is. */
  trouble: string | null;
  /** When the last snapshot was taken or found unneeded, and when the job comes next: ISO, UTC. */
  lastCreate: string | null;
  next: string | null;
  /** The job's plist, for a preview; the crontab line that does the same where there is no launchd. */
  content: string | null;
  crontab: string | null;
  /** The very job was loaded already: it was neither written nor loaded anew. */
  wasSame: boolean;
  /** It was run once: it is new, or its last run did not go well. */
  ran: boolean;
  /** The command that does what a preview shows. */
  commandToRun: string[];
}

/** What the daily job did: each of its commands with its exit code. */
export interface ScheduledRunOutcome extends Ending {
  command: "scheduled-run";
  steps: { command: string; exit: number; message: string | null }[];
}

/** Installs, removes or tells of the job. */
export async function schedule(request: ScheduleRequest, context: Context): Promise<ScheduleOutcome> {
  const { action, force } = request;
  const { world, named } = context;
  const site = await findSite(world, named);
  const launchctl = findLaunchctl(world.env, whoAmI().uid, STATE_TIMEOUT_MS);
  const { label, plist, isOurs } = await ownJob(site, world);
  const job = jobOf(request, site, label, launchctl !== null, context);
  const base: ScheduleOutcome = {
    command: "schedule",
    exit: EXIT.done,
    action,
    dryRun: !force,
    label: job.label,
    plist,
    installed: isOurs,
    loaded: null,
    lastExit: null,
    trouble: null,
    lastCreate: iso(lastCreate(site.store)?.atMs ?? null),
    next: null,
    content: null,
    crontab: null,
    wasSame: false,
    ran: false,
    commandToRun: [],
  };
  if (launchctl === null) return byCron(base, job, world);
  if (action === "install") {
    const why = whyNotStable(world.execPath, site.home);
    if (why !== null) throw fail.unstableBinary(world.execPath, why);
    if (!force) return { ...base, content: await jobPlist(job) };
    return { ...base, ...(await install(job, plist, launchctl)), next: next(job) };
  }
  if (action === "remove") {
    if (force && isOurs) await remove(label, plist, launchctl);
    return { ...base, installed: exists(plist) && isOurs };
  }
  const state = await launchctl.print(label);
  const { loaded = null, lastExit = null } = state ?? {};
  const words = state === null ? null : (troubleOf(state)?.words ?? null);
  const trouble = words === null ? null : `${words}${endOfLog(await agentAt(plist))}`;
  return { ...base, dryRun: false, loaded, lastExit, trouble, next: await nextOf(plist) };
}

/** Without launchd: the crontab is the user's, so it is read and never written. */
async function byCron(base: ScheduleOutcome, job: Job, { env }: World): Promise<ScheduleOutcome> {
  const crontab = crontabLine(job);
  const exit = base.action === "status" ? EXIT.done : EXIT.partial;
  return { ...base, exit, dryRun: false, crontab, installed: await isInCrontab(job, env) };
}

const CRONTAB_TIMEOUT_MS = 1500;

/** Whether a line of the crontab runs this root's job, whenever and with whatever binary. */
async function isInCrontab({ argv }: Job, env: World["env"]): Promise<boolean> {
  const program = which("crontab", env);
  if (program === null) return false;
  const ran = await run([program, "-l"], { env: childEnvironment(env), timeoutMs: CRONTAB_TIMEOUT_MS });
  if (ran?.exitCode !== 0) return false;
  const words = argv.slice(1).map(quote).join(" ").replaceAll("%", "\\%");
  return ran.stdout.split("\n").some((line) => !line.trimStart().startsWith("#") && `${line} `.includes(` ${words} `));
}

/** The job in full. It runs in `/` and without our environment: what was named by a relative path or a variable, it gets as a whole path. */
function jobOf(
  { at, jobWords }: ScheduleRequest,
  site: Site,
  label: string,
  hasLaunchd: boolean,
  { world, named }: Context,
): Job {
  const wanted = at ?? site.config.schedule.at;
  const time = timeOfDay(wanted);
  if (time === null) throw fail.badValue("--at", wanted, "a time of day such as 08:00");
  const isNamed = named.snapshots !== undefined || Boolean(world.env.ROLLBACK_SNAPSHOTS);
  const places = {
    root: site.root,
    config: named.config === undefined ? undefined : absolute(named.config, world.cwd),
    snapshots: isNamed ? site.store : undefined,
  };
  return {
    label,
    argv: [world.execPath, ...jobWords(places)],
    ...time,
    log: below(site.home, hasLaunchd ? "Library/Logs/rollback.log" : "rollback.log"),
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const next = ({ hour, minute }: Pick<Job, "hour" | "minute">): string =>
  nextRun(hour, minute, new Date()).toISOString();

async function agentAt(plist: AbsPath): Promise<Agent | null> {
  const bytes = ifReadable(() => readBytes(plist, 1 << 20));
  return bytes === null ? null : parseAgent(bytes);
}

async function nextOf(plist: AbsPath): Promise<string | null> {
  const [interval] = (await agentAt(plist))?.calendar ?? [];
  const { Hour: hour, Minute: minute } = interval ?? {};
  return hour === undefined || minute === undefined ? null : next({ hour, minute });
}

/** The job as it is to be, and where it is new one run at once: under launchd the privacy grants are missing first. */
async function install(job: Job, plist: AbsPath, launchctl: Launchctl): Promise<Partial<ScheduleOutcome>> {
  const content = await jobPlist(job);
  const disabled = (await launchctl.disabled()) ?? new Set<string>();
  const before = await launchctl.print(job.label);
  // Whatever is loaded anew is shown to the user as a new background item.
  const wasSame = before?.loaded === true && !disabled.has(job.label) && isWritten(plist, content);
  const installed = { installed: true, loaded: true, wasSame };
  if (wasSame && troubleOf(before) === null) return { ...installed, ran: false, lastExit: before.lastExit };
  if (!wasSame) await writeAndLoad(job, plist, content, disabled, launchctl);
  const { lastExit = null } = (await runOnce(job.label, launchctl)) ?? {};
  return { ...installed, ran: true, lastExit, exit: lastExit === 0 ? EXIT.done : EXIT.partial };
}

const MODE = 0o644;

function isWritten(plist: AbsPath, content: string): boolean {
  const stats = ifReadable(() => look(plist));
  if (stats === null || !stats.isFile() || (stats.mode & 0o777) !== MODE || stats.uid !== whoAmI().uid) return false;
  const bytes = ifReadable(() => readBytes(plist, 1 << 20));
  return bytes !== null && Buffer.from(content).equals(bytes);
}

/** A fresh file under launchd's eyes. */
async function writeAndLoad(
  job: Job,
  plist: AbsPath,
  content: string,
  disabled: ReadonlySet<string>,
  launchctl: Launchctl,
): Promise<void> {
  try {
    makeFolders(parentOf(job.log), 0o700);
    makeFolders(parentOf(plist), 0o755);
    replaceFile(plist, content, { mode: MODE, mtimeMs: null, owner: null });
  } catch (cause) {
    throw fail.io("write", plist, cause);
  }
  const agent = await parseAgent(new TextEncoder().encode(content));
  const request = { label: job.label, plist, agent, to: { loaded: true, disabled: false } };
  const [loaded] = await reloadAgents([request], { launchctl, disabled, obstacles: new Map() }, () => {});
  if (loaded?.result === "failed") throw fail.jobNotLoaded(job.label, loaded.reason ?? "");
}

async function remove(label: string, plist: AbsPath, launchctl: Launchctl): Promise<void> {
  const request = { label, plist, agent: null, to: { loaded: false, disabled: false } };
  const [gone] = await reloadAgents([request], { launchctl, disabled: new Set(), obstacles: new Map() }, () => {});
  if (gone?.result === "failed") throw fail.jobNotGone(label, gone.reason ?? "");
  try {
    removeFile(plist);
  } catch (cause) {
    throw fail.io("remove", plist, cause);
  }
}

/** Nobody waits for the job, and macOS may run it on its slow cores. */
const LOCK_WAIT_MS = 300_000;
const PATIENCE = 9;

/** What the job does. Health comes last and notifies, also where the snapshot failed: nobody reads a log for 62 days. */
export async function runDailyJob(context: Context): Promise<ScheduledRunOutcome> {
  bePatient(PATIENCE);
  const site = await findSite(context.world, context.named);
  const { config } = site;
  const lockWaitMs = LOCK_WAIT_MS;
  const steps: ScheduledRunOutcome["steps"] = [];
  const step = async (command: string, work: () => Promise<{ exit: number; message: string }>) => {
    try {
      steps.push({ command, ...(await work()) });
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      steps.push({ command, exit: cause.exit, message: cause.message });
    }
  };
  await step("create", async () => {
    const description = `Auto-snapshot ${now().local.slice(0, 10)}`;
    const request = { description, category: "auto-daily", ifChanged: true, pin: false, pack: false, lockWaitMs };
    const { exit, id, unchanged, skipped } = await create(request, context);
    const why = skipped.map(({ path, reason }) => `${path}: ${reason}`);
    return { exit, message: unchanged ? `nothing changed since ${id}` : [id, ...few(why)].join("; ") };
  });
  // What is pruned was copied before.
  for (const [dest, { auto }] of Object.entries(config.copies)) {
    if (!auto) continue;
    await step("push", async () => {
      const { exit, places, unsound } = await push(
        { ref: null, dest, plain: false, init: false, replaceDamaged: false, identity: undefined, lockWaitMs },
        context,
      );
      const sent = places.map(({ name, archives, failed }) => {
        const why = failed === null ? "" : `, ${failed}`;
        return `${name}: ${archives.filter((one) => one.sent).length} sent${why}`;
      });
      return { exit, message: [...sent, ...few(unsound.map(({ id, reason }) => `${id}: ${reason}`))].join("; ") };
    });
  }
  for (const dest of drillsDue(site, context.world, Date.now()))
    await step("drill", async () => {
      const request = { dest, host: undefined, project: undefined, identity: undefined, lockWaitMs };
      const { exit, id, passed, reason, problems } = await drill(request, context);
      const why = [...(reason === null ? [] : [reason]), ...problems.map(({ name, problem }) => `${name} ${problem}`)];
      return {
        exit,
        message: [`${dest}: ${id} ${passed ? "came back whole" : "did not come back"}`, ...few(why)].join("; "),
      };
    });
  await step("prune", async () => {
    const { exit, verdicts } = await prune(
      { category: undefined, rule: null, archive: undefined, lockWaitMs },
      context,
    );
    return { exit, message: `${verdicts.filter(({ keep }) => !keep).length} removed` };
  });
  await step("health", async () => {
    const request = { deep: false, maxAge: undefined, notification: true, accept: null };
    const { exit, level, findings } = await health(request, context);
    const why = findings.filter((finding) => finding.level !== "ok").map(({ message }) => message);
    return { exit, message: [level, ...why].join("; ") };
  });
  return { command: "scheduled-run", exit: steps.find(({ exit }) => exit !== EXIT.done)?.exit ?? EXIT.done, steps };
}

const REASONS_SHOWN = 3;
/** The first reasons, and how many more there are. */
const few = (reasons: string[]): string[] => {
  const more = reasons.length - REASONS_SHOWN;
  return [...reasons.slice(0, REASONS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
};

const DRILL_EVERY_MS = 30 * 86_400_000;

/** The places of which a copy is to be restored for a test: once a month, and every day after one that failed. */
function drillsDue({ store, config }: Site, world: World, nowMs: number): string[] {
  if (!hasIdentity(world)) return [];
  return Object.entries(config.copies)
    .filter(([name, { auto }]) => {
      const last = lastDrill(store, name);
      return auto === true && !(last?.passed === true && last.atMs > nowMs - DRILL_EVERY_MS);
    })
    .map(([name]) => name);
}
