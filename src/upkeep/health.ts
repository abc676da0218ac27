// One look at everything that decides whether a restore would work tonight: facts → findings. Pure; tasks/health.ts gathers the facts.
import { before, spelled } from "../duration.ts";
import { type Counts, KINDS, type Loss } from "../model.ts";

/** As the monitoring plugins count: 0 OK, 1 warning, 2 critical, 3 unknown. */
export const LEVELS = ["ok", "warning", "critical", "unknown"] as const;
export type Level = (typeof LEVELS)[number];

export interface Finding {
  check: string;
  level: Level;
  message: string;
  /** What was measured, for whoever draws curves. */
  perf?: Perf[];
}

/** One measured value as monitoring plugins give it: `LABEL=VALUE[UNIT];WARNING;CRITICAL;MIN`. */
export interface Perf {
  label: string;
  value: number;
  /** Seconds, bytes, or a count. */
  unit: "s" | "B" | "";
  /** The ranges in which all is well, in the plugins' notation: `100` is 0 to 100, `100:` is 100 and more. */
  warning: string | null;
  critical: string | null;
  min: number | null;
}

/** A job of ours as launchd has it; `trouble` is what is wrong with it, in launchd's words. */
export interface JobFacts {
  label: string;
  loaded: boolean;
  trouble: string | null;
}

export interface HealthFacts {
  /** ms since the epoch, UTC. */
  nowMs: number;
  /** When the last `create` ended well, also one that found nothing changed. Null where there was none. */
  lastCreateMs: number | null;
  /** The snapshot of which the audit trail says so, where it does not stand in the snapshots folder. */
  missing: string | null;
  newest: { id: string; complete: boolean } | null;
  /** What is lost of what the snapshots held; `from` is the last of them that held it. */
  lost: Losses & { from: string | null };
  /** Ids of snapshots that are dated ahead of the clock. */
  ahead: string[];
  /** Ids of snapshots that do not match, and whether their bytes were read (or only names and manifests). */
  damaged: string[];
  deep: boolean;
  /** Sealed archives that a deep look could not open, for want of an identity. */
  unopened: string[];
  snapshots: number;
  /** Bytes; null where they can't be had. */
  storeBytes: number | null;
  freeBytes: number | null;
  unfinishedRestore: string | null;
  /** A guard that was killed, whose command may have left anything. */
  cutOffGuard: { program: string; snapshot: string } | null;
  plainInGit: { tracked: number; inHistory: boolean } | null;
  /** What is wrong with owners and permissions, or null. */
  permissions: string | null;
  /** Which of the two lies in a cloud's folder, and in which. */
  clouds: { what: "snapshots folder" | "project"; cloud: string }[];
  /** Captured files that a restore would refuse to write. */
  refused: { path: string; reason: string }[];
  /** What looks as if it should be captured, and is not. */
  missed: { path: string; group: string }[];
  /** Captured plists that launchd would refuse for their form, beside those that are lost by it. */
  malformed: { name: string; what: string }[];
  /** Files that lead to others, such as .mcp.json, and can't be understood. */
  malformedConfigs: { name: string; what: string }[];
  auditOk: boolean;
  brokenVenvs: string[];
  /** What launchd says of the daily job; null where there is no launchd, or it did not answer. */
  schedule: (JobFacts & { installed: boolean; watch: JobFacts | null }) | null;
  /** What has become of the agents that were loaded when they were captured, or are now; null where launchd can't be asked. */
  agents: AgentFacts | null;
  /** The destinations that the daily job pushes to, and when all was there last: ms since the epoch, UTC. */
  copies: { name: string; lastPushMs: number | null }[];
  /** When a copy of each was restored for a test, and whether that brought everything back. None where no identity could open one. */
  drills: { name: string; last: { atMs: number; passed: boolean } | null }[];
}

export interface AgentFacts {
  /** All that were loaded when they were captured, or are now. */
  total: number;
  /** Labels of those that were loaded when they were captured, and are not now. */
  unloaded: string[];
  /** Those that died or were never started, each with what happened. */
  crashed: { label: string; words: string }[];
}

export interface HealthLimits {
  "max-age": string;
  "max-size": string;
  "min-free": string;
  "max-loss": string;
}

/** One check: its findings, of which there are none where it has nothing to look at. */
type Check = (facts: HealthFacts, limits: HealthLimits) => Finding[];

/** Every check, in the order in which their findings stand. */
const CHECKS: Check[] = [
  age,
  complete,
  damage,
  size,
  free,
  recover,
  guard,
  git,
  permissions,
  restore,
  plists,
  audit,
  venvs,
  loss,
  coverage,
  configs,
  cloud,
  clock,
  schedule,
  agents,
  copies,
  drill,
];

/** Every check's findings, in a fixed order. */
export const judgeHealth = (facts: HealthFacts, limits: HealthLimits): Finding[] =>
  CHECKS.flatMap((check) => check(facts, limits));

/** The worst: critical before warning before unknown before OK. */
export function worst(findings: Finding[]): Level {
  const order: Level[] = ["critical", "warning", "unknown"];
  return order.find((level) => findings.some((finding) => finding.level === level)) ?? "ok";
}

/** `1GiB`, `500MiB` in bytes. */
export function bytesOf(size: string): number {
  const [, count = "0", unit = "B"] = /^([\d.]+)([KMGT]iB|B)$/.exec(size) ?? [];
  return Number(count) * 1024 ** ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(unit);
}

/** Files that are lost, and how many of each kind there were. */
export interface Losses {
  files: Loss[];
  counts: Counts;
}

/** Whether more than `limit` of a kind is lost, a share such as 20%, or a config or credential was emptied. */
export const isGrave = ({ files, counts }: Losses, limit: string): boolean =>
  files.some(({ kind, reason }) => reason === "empty" && kind !== "plist") ||
  KINDS.some(
    (kind) => 100 * files.filter((loss) => loss.kind === kind).length > Number.parseInt(limit, 10) * counts[kind],
  );

const found = (check: string, level: Level, message: string, perf: Perf[] = []): Finding[] => [
  { check, level, message, ...(perf.length === 0 ? {} : { perf }) },
];

const NAMES_SHOWN = 5;

/** The first five, and how many more. */
function named(names: string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return `${names.slice(0, NAMES_SHOWN).join(", ")}${more}`;
}

/** What the audit trail tells of counts only where the snapshot that it names is there. */
export function age(
  { lastCreateMs, missing, nowMs, ahead }: Pick<HealthFacts, "lastCreateMs" | "missing" | "nowMs" | "ahead">,
  limits: HealthLimits,
): Finding[] {
  const limit = limits["max-age"];
  if (lastCreateMs === null) {
    const message =
      ahead.length === 0 ? "no snapshot was ever taken" : "every snapshot is dated ahead of the clock: is it right?";
    return found("age", "critical", message);
  }
  const seconds = Math.round((nowMs - before(nowMs, limit)) / 1000);
  const critical = Number.isFinite(seconds) ? String(seconds) : null;
  const value = Math.max(0, Math.floor((nowMs - lastCreateMs) / 1000));
  const perf: Perf[] = [{ label: "age", value, unit: "s", warning: null, critical, min: 0 }];
  if (missing !== null)
    return found("age", "critical", `the last snapshot, ${missing}, is not in the snapshots folder any more`, perf);
  if (lastCreateMs > nowMs)
    return found("age", "warning", "the last snapshot is dated in the future: is the clock right?", perf);
  const told = `last snapshot ${spelled(nowMs - lastCreateMs)} old`;
  return lastCreateMs < before(nowMs, limit)
    ? found("age", "critical", `${told}, over ${limit}`, perf)
    : found("age", "ok", told, perf);
}

function complete({ newest }: HealthFacts): Finding[] {
  if (newest === null) return found("complete", "ok", "no snapshot yet");
  return newest.complete
    ? found("complete", "ok", `${newest.id} is complete`)
    : found("complete", "warning", `${newest.id} is incomplete: some files could not be read`);
}

function damage({ damaged, unopened, snapshots, deep }: HealthFacts): Finding[] {
  const perf: Perf[] = [{ label: "snapshots", value: snapshots, unit: "", warning: null, critical: null, min: null }];
  if (damaged.length > 0)
    return found("damage", "critical", `damaged: ${damaged.join(", ")} (rollback verify names what)`, perf);
  const well = `${snapshots} snapshots ${deep ? "re-hashed" : "looked at"}, none damaged`;
  if (unopened.length === 0) return found("damage", "ok", well, perf);
  return found("damage", "warning", `${well}; no identity here opens ${named(unopened)}`, perf);
}

function size({ storeBytes }: HealthFacts, limits: HealthLimits): Finding[] {
  const most = limits["max-size"];
  if (storeBytes === null) return found("size", "unknown", "the size of the snapshots can't be had");
  const warning = String(bytesOf(most));
  const perf: Perf[] = [{ label: "size", value: storeBytes, unit: "B", warning, critical: null, min: 0 }];
  if (storeBytes > bytesOf(most))
    return found("size", "warning", `the snapshots have over ${most} (rollback prune)`, perf);
  return found("size", "ok", `the snapshots have less than ${most}`, perf);
}

export function free({ freeBytes }: Pick<HealthFacts, "freeBytes">, limits: HealthLimits): Finding[] {
  const least = limits["min-free"];
  if (freeBytes === null) return found("free", "unknown", "the free space can't be had");
  const critical = `${bytesOf(least)}:`;
  const perf: Perf[] = [{ label: "free", value: freeBytes, unit: "B", warning: null, critical, min: 0 }];
  if (freeBytes < bytesOf(least))
    return found("free", "critical", `less than ${least} free where the snapshots are`, perf);
  return found("free", "ok", `more than ${least} free`, perf);
}

function recover({ unfinishedRestore }: HealthFacts): Finding[] {
  if (unfinishedRestore === null) return found("recover", "ok", "no restore is unfinished");
  return found("recover", "critical", `a restore of ${unfinishedRestore} is unfinished (rollback recover)`);
}

/** Said only where there is something to say: most people never guard. */
function guard({ cutOffGuard }: HealthFacts): Finding[] {
  if (cutOffGuard === null) return [];
  const { program, snapshot } = cutOffGuard;
  return found("guard", "critical", `a guard of ${program} was cut off; before it: ${snapshot} (rollback recover)`);
}

function git({ plainInGit }: HealthFacts): Finding[] {
  if (plainInGit === null) return found("git", "ok", "no git checkout");
  if (plainInGit.tracked > 0)
    return found("git", "critical", `git tracks ${plainInGit.tracked} files of plain snapshots (rollback leaks)`);
  if (plainInGit.inHistory)
    return found("git", "critical", "git's history holds plain snapshots: change the keys in them");
  return found("git", "ok", "git holds no plain snapshot");
}

function permissions({ permissions: wrong }: HealthFacts): Finding[] {
  if (wrong === null) return found("permissions", "ok", "only you can write to the snapshots");
  return found("permissions", "critical", wrong);
}

/** Said only where there is something to say. */
function cloud({ clouds }: HealthFacts): Finding[] {
  if (clouds.length === 0) return [];
  const told = clouds.map(({ what, cloud: name }) => `the ${what} lies in ${name}`).join("; ");
  return found(
    "cloud",
    "warning",
    `${told}: secrets are uploaded as they are, and files may be evicted; keep it elsewhere`,
  );
}

/** Said only where there is something to say. */
function restore({ refused }: HealthFacts): Finding[] {
  if (refused.length === 0) return [];
  const told = named(refused.map(({ path, reason }) => `${path}: it ${reason}`));
  return found("restore", "warning", `a restore would refuse ${told}`);
}

/** Said only where there is something to say. */
function plists({ malformed }: HealthFacts): Finding[] {
  if (malformed.length === 0) return [];
  return found("plists", "warning", named(malformed.map(({ name, what }) => `${name} ${what}`)));
}

/** Said only where there is something to say. */
export function configs({ malformedConfigs }: Pick<HealthFacts, "malformedConfigs">): Finding[] {
  if (malformedConfigs.length === 0) return [];
  return found("configs", "warning", named(malformedConfigs.map(({ name, what }) => `${name} ${what}`)));
}

function audit({ auditOk }: HealthFacts): Finding[] {
  if (auditOk) return found("audit", "ok", "the audit trail is unbroken");
  return found("audit", "warning", "the audit trail is broken (rollback verify)");
}

function venvs({ brokenVenvs }: HealthFacts): Finding[] {
  if (brokenVenvs.length === 0) return found("venvs", "ok", "every venv has its python");
  return found("venvs", "warning", `broken venvs: ${brokenVenvs.join(", ")} (rollback venv repair)`);
}

export function loss({ lost }: Pick<HealthFacts, "lost">, limits: HealthLimits): Finding[] {
  const { files, from } = lost;
  if (files.length === 0) return found("loss", "ok", "nothing is lost of what the last snapshots held");
  const told = KINDS.flatMap((kind) => {
    const names = files
      .filter((one) => one.kind === kind)
      .map(({ name, reason }) => (reason === "gone" ? name : `${name} (${reason})`));
    return names.length === 0 ? [] : [`${names.length} of ${lost.counts[kind]} ${kind}s lost: ${named(names)}`];
  });
  const message = `${told.join("; ")} (rollback diff ${from}, or rollback health --accept)`;
  return found("loss", isGrave(lost, limits["max-loss"]) ? "critical" : "warning", message);
}

export function clock({ ahead }: Pick<HealthFacts, "ahead">): Finding[] {
  if (ahead.length === 0) return [];
  return found("clock", "warning", `dated ahead of the clock, never the latest and never pruned: ${named(ahead)}`);
}

/** What an agent can't do without is a warning; a program or a setting is as a rule kept by somebody else, too. */
const NEEDED = ["credential", "agent", "mcp"];

function coverage({ missed }: HealthFacts): Finding[] {
  const needed = missed.filter(({ group }) => NEEDED.includes(group)).map(({ path }) => path);
  if (missed.length === 0) return found("coverage", "ok", "nothing else looks as if it should be captured");
  if (needed.length === 0)
    return found("coverage", "ok", `${missed.length} more could be captured (rollback coverage)`);
  return found("coverage", "warning", `not captured: ${named(needed)} (rollback coverage)`);
}

function schedule({ schedule: job }: HealthFacts): Finding[] {
  if (job === null) return [];
  const { label, installed, watch } = job;
  const wrong = [
    ...(installed ? wrongWith("the daily job", "", job) : []),
    ...(watch === null ? [] : wrongWith("the job that watches,", " --watch", watch)),
  ];
  if (wrong.length > 0) return found("schedule", "warning", wrong.join("; "));
  return found("schedule", "ok", installed ? `the daily job ${label} is loaded` : "no daily job is installed");
}

function wrongWith(what: string, flag: string, { label, loaded, trouble }: JobFacts): string[] {
  if (!loaded) return [`${what} ${label} is not loaded (rollback schedule install${flag})`];
  return trouble === null ? [] : [`${what} ${label} ${trouble}`];
}

/** A crashed agent is a warning; more than `max-loss` of them all are critical. */
function agents({ agents: facts }: HealthFacts, limits: HealthLimits): Finding[] {
  if (facts === null) return [];
  const { total, unloaded, crashed } = facts;
  const isMany = 100 * crashed.length > Number.parseInt(limits["max-loss"], 10) * total && crashed.length > 1;
  const perf: Perf[] = [{ label: "crashed", value: crashed.length, unit: "", warning: "0", critical: null, min: 0 }];
  const told = [
    ...(crashed.length === 0
      ? []
      : [`${crashed.length} of ${total} agents crashed: ${crashes(crashed)} (rollback agents)`]),
    ...(unloaded.length === 0 ? [] : [`not loaded: ${named(unloaded)} (rollback reload)`]),
  ];
  if (told.length > 0) return found("agents", isMany ? "critical" : "warning", told.join("; "), perf);
  return found("agents", "ok", "every agent that was loaded when it was captured is loaded, and none crashed", perf);
}

const crashes = (crashed: AgentFacts["crashed"]): string =>
  named(crashed.map(({ label, words }) => `${label} ${words}`));

export function copies(
  { copies: places, nowMs }: Pick<HealthFacts, "copies" | "nowMs">,
  limits: HealthLimits,
): Finding[] {
  if (places.length === 0) return [];
  const limit = limits["max-age"];
  const late = places.filter(({ lastPushMs }) => lastPushMs === null || lastPushMs < before(nowMs, limit));
  if (late.length === 0) return found("copies", "ok", `pushed within ${limit}`);
  const names = late.map(({ name }) => name).join(", ");
  return found("copies", "warning", `not pushed for over ${limit}: ${names} (rollback push --all)`);
}

/** The daily job does one a month. */
const DRILL_AGE = "40d";

function drill({ drills, nowMs }: HealthFacts): Finding[] {
  if (drills.length === 0) return [];
  const told = ({ name, last }: HealthFacts["drills"][number]): string =>
    last === null ? `${name} never` : `${name} ${spelled(nowMs - last.atMs)} ago`;
  const failed = drills.filter(({ last }) => last?.passed === false);
  if (failed.length > 0)
    return found("drill", "critical", `the last drill failed: ${failed.map(told).join(", ")} (rollback drill)`);
  const late = drills.filter(({ last }) => last === null || last.atMs < before(nowMs, DRILL_AGE));
  const message = `restored for a test: ${(late.length > 0 ? late : drills).map(told).join(", ")}`;
  return late.length > 0
    ? found("drill", "warning", `${message} (rollback drill)`)
    : found("drill", "ok", `${message}, and all came back`);
}
