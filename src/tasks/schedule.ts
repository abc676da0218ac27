// `schedule`: the daily launchd job, and the one that starts when a file changes.
import { fail } from "../errors.ts";
import { parseAgent } from "../launchd/agent.ts";
import { findLaunchctl, type Launchctl } from "../launchd/launchctl.ts";
import { runOnce } from "../launchd/reload.ts";
import { troubleOf } from "../launchd/service.ts";
import type { AbsPath } from "../model.ts";
import { absolute, below } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { lastCreate } from "../snapshot/audit-read.ts";
import { exists } from "../system/files.ts";
import { whoAmI } from "../system/machine.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { quote } from "../text.ts";
import {
  crontabLine,
  type DailyJob,
  dailyPlist,
  nextRun,
  timeOfDay,
  type WatchJob,
  watchPlist,
  whyNotStable,
} from "../upkeep/schedule.ts";
import { STATE_TIMEOUT_MS } from "./agent-states.ts";
import type { Context, Ending, NamedPlaces, World } from "./context.ts";
import { type JobState, type Means, plistBytes, putJob, removeJob, stateOf } from "./installed-job.ts";
import { type OwnJob, ownJob, watchJobOf } from "./job-label.ts";
import { showNotification } from "./notification.ts";
import { findSite, type Site } from "./site.ts";
import { watchPaths } from "./watch-paths.ts";

export interface ScheduleRequest {
  action: "install" | "remove" | "status";
  /** The local time of day, such as 08:00; undefined is the config's. */
  at: string | undefined;
  /** Install also the job that starts when a file changes. */
  watch: boolean;
  /** Without it install and remove only tell what they would do. */
  force: boolean;
  /** The words by which this program does the jobs in these places. */
  words: Record<"daily" | "watch", (places: NamedPlaces) => string[]>;
}

/** A job as it is, or would be. */
export interface JobOutcome extends JobState {
  label: string;
  plist: AbsPath;
  installed: boolean;
  /** Its plist, for the preview of an install. */
  content: string | null;
  /** The very job was loaded already: it was neither written nor loaded anew. */
  wasSame: boolean;
}

export interface WatchOutcome extends JobOutcome {
  /** The files and folders whose changes are to start it. */
  paths: AbsPath[];
  /** What is installed watches these and no others. */
  isCurrent: boolean;
}

export interface ScheduleOutcome extends Ending, JobOutcome {
  command: "schedule";
  action: "install" | "remove" | "status";
  dryRun: boolean;
  /** When the last snapshot was taken or found unneeded, and when the job comes next: ISO, UTC. */
  lastCreate: string | null;
  next: string | null;
  /** The crontab line that does the same where there is no launchd. */
  crontab: string | null;
  /** It was run once: it is new, or its last run did not go well. */
  ran: boolean;
  /** Null where it is neither installed nor asked for. */
  watch: WatchOutcome | null;
  /** It was asked for. */
  watchAsked: boolean;
  /** The command that does what a preview shows. */
  commandToRun: string[];
}

/** Installs, removes or tells of the jobs. */
export async function schedule(request: ScheduleRequest, context: Context): Promise<ScheduleOutcome> {
  const { action, force } = request;
  const { world, named } = context;
  const site = await findSite(world, named);
  const launchctl = findLaunchctl(world.env, whoAmI().uid, STATE_TIMEOUT_MS);
  const own = await ownJob(site, world);
  const job = jobOf(request, site, own.label, launchctl !== null, context);
  const base: ScheduleOutcome = {
    command: "schedule",
    exit: EXIT.done,
    action,
    dryRun: !force,
    ...untouched(own),
    lastCreate: iso(lastCreate(site.store)?.atMs ?? null),
    next: null,
    crontab: null,
    ran: false,
    watch: null,
    watchAsked: request.watch,
    commandToRun: [],
  };
  if (launchctl === null) return byCron(base, job, world);
  const watching = await watchJobOf(own, site, world);
  const means = { launchctl, env: world.env };
  if (action === "install") {
    const why = whyNotStable(world.execPath, site.home);
    if (why !== null) throw fail.unstableBinary(world.execPath, why);
    const watch = request.watch ? await installWatch(request, job, watching, site, { launchctl, context }) : null;
    if (!force) return { ...base, watch, content: await dailyPlist(job) };
    const installed = await install(job, own.plist, means);
    // One now, while somebody looks: macOS asks whether it may show them, and until then health's are not seen.
    if (!installed.wasSame)
      await showNotification(world, "rollback", "The daily job tells you so when something is wrong");
    return { ...base, watch, ...installed, next: next(job) };
  }
  if (action === "remove") {
    if (force && watching.isOurs) await removeJob(watching.label, watching.plist, means);
    if (force && own.isOurs) await removeJob(own.label, own.plist, means);
    const installed = (one: OwnJob) => ({ ...untouched(one), installed: one.isOurs && exists(one.plist) });
    const watch = watching.isOurs ? { ...installed(watching), paths: [], isCurrent: true } : null;
    return { ...base, ...installed(own), watch };
  }
  const state = await stateOf(own.label, own.plist, launchctl);
  const watch = watching.isOurs ? await watchState(request, job, watching, site, { launchctl, context }) : null;
  return { ...base, dryRun: false, ...state, watch, next: await nextOf(own.plist) };
}

const untouched = ({ label, plist, isOurs: installed }: OwnJob): JobOutcome => ({
  ...{ label, plist, installed, loaded: null, lastExit: null, trouble: null, content: null, wasSame: false },
});

/** Without launchd: the crontab is the user's, so it is read and never written. */
async function byCron(base: ScheduleOutcome, job: DailyJob, { env }: World): Promise<ScheduleOutcome> {
  const crontab = crontabLine(job);
  const exit = base.action === "status" ? EXIT.done : EXIT.partial;
  return { ...base, exit, dryRun: false, crontab, installed: await isInCrontab(job, env) };
}

const CRONTAB_TIMEOUT_MS = 1500;

/** Whether a line of the crontab runs this root's job, whenever and with whatever binary. */
async function isInCrontab({ argv }: DailyJob, env: World["env"]): Promise<boolean> {
  const program = which("crontab", env);
  if (program === null) return false;
  const ran = await run([program, "-l"], { env: childEnvironment(env), timeoutMs: CRONTAB_TIMEOUT_MS });
  if (ran?.exitCode !== 0) return false;
  const words = argv.slice(1).map(quote).join(" ").replaceAll("%", "\\%");
  return ran.stdout.split("\n").some((line) => !line.trimStart().startsWith("#") && `${line} `.includes(` ${words} `));
}

/** A job in full. It runs in `/` and without our environment: what was named by a relative path or a variable, it gets as a whole path. */
function jobOf(
  { at, words }: ScheduleRequest,
  site: Site,
  label: string,
  hasLaunchd: boolean,
  { world, named }: Context,
): DailyJob {
  const wanted = at ?? site.config.schedule.at;
  const time = timeOfDay(wanted);
  if (time === null) throw fail.badValue("--at", wanted, "a time of day such as 08:00");
  const log = below(site.home, hasLaunchd ? "Library/Logs/rollback.log" : "rollback.log");
  return { label, argv: [world.execPath, ...words.daily(placesOf(site, { world, named }))], ...time, log };
}

function placesOf(site: Site, { world, named }: Pick<Context, "world" | "named">): NamedPlaces {
  const isNamed = named.snapshots !== undefined || Boolean(world.env.ROLLBACK_SNAPSHOTS);
  return {
    root: site.root,
    config: named.config === undefined ? undefined : absolute(named.config, world.cwd),
    snapshots: isNamed ? site.store : undefined,
  };
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const next = ({ hour, minute }: Pick<DailyJob, "hour" | "minute">): string =>
  nextRun(hour, minute, new Date()).toISOString();

async function nextOf(plist: AbsPath): Promise<string | null> {
  const bytes = plistBytes(plist);
  const [interval] = (bytes === null ? null : await parseAgent(bytes))?.calendar ?? [];
  const { Hour: hour, Minute: minute } = interval ?? {};
  return hour === undefined || minute === undefined ? null : next({ hour, minute });
}

/** The job as it is to be, and where it is new one run at once: under launchd the privacy grants are missing first. */
async function install(job: DailyJob, plist: AbsPath, means: Means): Promise<Partial<ScheduleOutcome>> {
  const before = await putJob(job, plist, await dailyPlist(job), means);
  const installed = { installed: true, loaded: true, wasSame: before !== null };
  if (before !== null && troubleOf(before) === null) return { ...installed, lastExit: before.lastExit };
  const { lastExit = null } = (await runOnce(job.label, means.launchctl)) ?? {};
  return { ...installed, ran: true, lastExit, exit: lastExit === 0 ? EXIT.done : EXIT.partial };
}

interface Around {
  launchctl: Launchctl;
  context: Context;
}

/** The job that watches; with `force` it is written and loaded. The daily one's first run tells whether either can read its files. */
async function installWatch(
  request: ScheduleRequest,
  daily: DailyJob,
  own: OwnJob,
  site: Site,
  { launchctl, context }: Around,
): Promise<WatchOutcome> {
  if (!own.isOurs && exists(own.plist)) throw fail.watchLabelTaken(own.label, own.plist);
  const job = await watchJob(request, daily, own, site, context);
  if (job.paths.length === 0) throw fail.nothingToWatch(site.root);
  if (site.config.retention["auto-change"] === undefined)
    context.notify({
      type: "warning",
      message: "`retention` in rollback.yaml has no rule for auto-change: these snapshots are never pruned",
    });
  const content = await watchPlist(job);
  const told = { ...untouched(own), paths: job.paths };
  if (!request.force) return { ...told, content, isCurrent: false };
  const before = await putJob(job, own.plist, content, { launchctl, env: context.world.env });
  return { ...told, installed: true, loaded: true, wasSame: before !== null, isCurrent: true };
}

/** What is installed, beside what would be. */
async function watchState(
  request: ScheduleRequest,
  daily: DailyJob,
  own: OwnJob,
  site: Site,
  { launchctl, context }: Around,
): Promise<WatchOutcome> {
  const { paths } = await watchJob(request, daily, own, site, context);
  const bytes = plistBytes(own.plist);
  const watched = bytes === null ? [] : ((await parseAgent(bytes))?.watchPaths ?? []);
  const isCurrent = watched.length === paths.length && paths.every((path) => watched.includes(path));
  return { ...untouched(own), ...(await stateOf(own.label, own.plist, launchctl)), paths, isCurrent };
}

async function watchJob(
  { words }: ScheduleRequest,
  { log }: DailyJob,
  { label }: OwnJob,
  site: Site,
  context: Context,
): Promise<WatchJob> {
  const argv = [context.world.execPath, ...words.watch(placesOf(site, context))];
  return { label, argv, log, paths: await watchPaths(site, log) };
}
