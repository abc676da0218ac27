// One look at everything that decides whether a restore would work tonight: facts → findings. Pure; cli/health.ts gathers the facts.
import { before } from "../duration.ts";
import { type Counts, KINDS, type Loss } from "../model.ts";

/** As the monitoring plugins count: 0 OK, 1 warning, 2 critical, 3 unknown. */
export const LEVELS = ["ok", "warning", "critical", "unknown"] as const;
export type Level = (typeof LEVELS)[number];

export interface Finding {
  check: string;
  level: Level;
  message: string;
}

export interface HealthFacts {
  /** ms since the epoch, UTC. */
  nowMs: number;
  /** When the last `create` ended well, also one that found nothing changed. Null where there was none. */
  lastCreateMs: number | null;
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
  /** Captured files that a restore would refuse to write. */
  refused: { path: string; reason: string }[];
  /** What looks as if it should be captured, and is not. */
  missed: { path: string; group: string }[];
  /** Captured plists that launchd would refuse for their form, beside those that are lost by it. */
  malformed: { name: string; what: string }[];
  auditOk: boolean;
  brokenVenvs: string[];
  /** What launchd says of the daily job; null where there is no launchd, or it did not answer. */
  schedule: { label: string; installed: boolean; loaded: boolean; trouble: string | null } | null;
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

export function lossFinding(lost: HealthFacts["lost"], limit: string): Finding {
  const { files, from } = lost;
  const check = "loss";
  if (files.length === 0) return { check, level: "ok", message: "nothing is lost of what the last snapshots held" };
  const told = KINDS.flatMap((kind) => {
    const names = files
      .filter((loss) => loss.kind === kind)
      .map(({ name, reason }) => (reason === "gone" ? name : `${name} (${reason})`));
    return names.length === 0 ? [] : [`${names.length} of ${lost.counts[kind]} ${kind}s lost: ${named(names)}`];
  });
  const message = `${told.join("; ")} (rollback diff ${from}, or rollback health --accept)`;
  return { check, level: isGrave(lost, limit) ? "critical" : "warning", message };
}

const NAMES_SHOWN = 5;

const finding = (check: string, level: Level, message: string): Finding => ({ check, level, message });

/** Every check's finding, in a fixed order. */
export function judgeHealth(facts: HealthFacts, limits: HealthLimits): Finding[] {
  const { newest, storeBytes, freeBytes } = facts;
  return [
    ageFinding(facts, limits["max-age"]),
    newest === null || newest.complete
      ? finding("complete", "ok", newest === null ? "no snapshot yet" : `${newest.id} is complete`)
      : finding("complete", "warning", `${newest.id} is incomplete: some files could not be read`),
    damageFinding(facts),
    sizeFinding(storeBytes, limits["max-size"]),
    freeFinding(freeBytes, limits["min-free"]),
    facts.unfinishedRestore === null
      ? finding("recover", "ok", "no restore is unfinished")
      : finding("recover", "critical", `a restore of ${facts.unfinishedRestore} is unfinished (rollback recover)`),
    ...guardFindings(facts.cutOffGuard),
    gitFinding(facts.plainInGit),
    facts.permissions === null
      ? finding("permissions", "ok", "only you can write to the snapshots")
      : finding("permissions", "critical", facts.permissions),
    ...refusedFindings(facts.refused),
    ...malformedFindings(facts.malformed),
    facts.auditOk
      ? finding("audit", "ok", "the audit trail is unbroken")
      : finding("audit", "warning", "the audit trail is broken (rollback verify)"),
    facts.brokenVenvs.length === 0
      ? finding("venvs", "ok", "every venv has its python")
      : finding("venvs", "warning", `broken venvs: ${facts.brokenVenvs.join(", ")} (rollback venv repair)`),
    lossFinding(facts.lost, limits["max-loss"]),
    coverageFinding(facts.missed),
    ...(facts.ahead.length === 0 ? [] : [aheadFinding(facts.ahead)]),
    ...(facts.schedule === null ? [] : [scheduleFinding(facts.schedule)]),
    ...(facts.agents === null ? [] : [agentsFinding(facts.agents, limits["max-loss"])]),
    ...(facts.copies.length === 0 ? [] : [copiesFinding(facts, limits["max-age"])]),
    ...(facts.drills.length === 0 ? [] : [drillFinding(facts)]),
  ];
}

/** What an agent can't do without is a warning; a program or a setting is as a rule kept by somebody else, too. */
const NEEDED = ["credential", "agent", "mcp"];

function coverageFinding(missed: HealthFacts["missed"]): Finding {
  const needed = missed.filter(({ group }) => NEEDED.includes(group)).map(({ path }) => path);
  if (missed.length === 0) return finding("coverage", "ok", "nothing else looks as if it should be captured");
  if (needed.length === 0)
    return finding("coverage", "ok", `${missed.length} more could be captured (rollback coverage)`);
  return finding("coverage", "warning", `not captured: ${named(needed)} (rollback coverage)`);
}

/** Said only where there is something to say. */
function refusedFindings(refused: HealthFacts["refused"]): Finding[] {
  if (refused.length === 0) return [];
  const told = named(refused.map(({ path, reason }) => `${path}: it ${reason}`));
  return [finding("restore", "warning", `a restore would refuse ${told}`)];
}

/** Said only where there is something to say. */
function malformedFindings(malformed: HealthFacts["malformed"]): Finding[] {
  if (malformed.length === 0) return [];
  return [finding("plists", "warning", named(malformed.map(({ name, what }) => `${name} ${what}`)))];
}

function damageFinding({ damaged, unopened, snapshots, deep }: HealthFacts): Finding {
  if (damaged.length > 0)
    return finding("damage", "critical", `damaged: ${damaged.join(", ")} (rollback verify names what)`);
  const well = `${snapshots} snapshots ${deep ? "re-hashed" : "looked at"}, none damaged`;
  if (unopened.length === 0) return finding("damage", "ok", well);
  return finding("damage", "warning", `${well}; no identity here opens ${named(unopened)}`);
}

function sizeFinding(bytes: number | null, most: string): Finding {
  if (bytes === null) return finding("size", "unknown", "the size of the snapshots can't be had");
  if (bytes > bytesOf(most)) return finding("size", "warning", `the snapshots have over ${most} (rollback prune)`);
  return finding("size", "ok", `the snapshots have less than ${most}`);
}

export function freeFinding(bytes: number | null, least: string): Finding {
  if (bytes === null) return finding("free", "unknown", "the free space can't be had");
  if (bytes < bytesOf(least)) return finding("free", "critical", `less than ${least} free where the snapshots are`);
  return finding("free", "ok", `more than ${least} free`);
}

export function ageFinding(
  { lastCreateMs, nowMs, ahead }: Pick<HealthFacts, "lastCreateMs" | "nowMs" | "ahead">,
  maxAge: string,
): Finding {
  if (lastCreateMs === null) {
    const message =
      ahead.length === 0 ? "no snapshot was ever taken" : "every snapshot is dated ahead of the clock: is it right?";
    return { check: "age", level: "critical", message };
  }
  if (lastCreateMs > nowMs)
    return { check: "age", level: "warning", message: "the last snapshot is dated in the future: is the clock right?" };
  const hours = Math.floor((nowMs - lastCreateMs) / 3_600_000);
  return lastCreateMs < before(nowMs, maxAge)
    ? { check: "age", level: "critical", message: `the last snapshot is ${hours} h old, over ${maxAge}` }
    : { check: "age", level: "ok", message: `the last snapshot is ${hours} h old` };
}

export const aheadFinding = (ids: string[]): Finding => ({
  check: "clock",
  level: "warning",
  message: `dated ahead of the clock, never the latest and never pruned: ${named(ids)}`,
});

/** The first five, and how many more. */
function named(names: string[]): string {
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return `${names.slice(0, NAMES_SHOWN).join(", ")}${more}`;
}

function scheduleFinding({ label, installed, loaded, trouble }: NonNullable<HealthFacts["schedule"]>): Finding {
  const finding = (level: Level, message: string): Finding => ({ check: "schedule", level, message });
  if (!installed) return finding("ok", "no daily job is installed");
  if (!loaded) return finding("warning", `the daily job ${label} is not loaded (rollback schedule install)`);
  if (trouble === null) return finding("ok", `the daily job ${label} is loaded`);
  return finding("warning", `the daily job ${label} ${trouble}`);
}

/** A crashed agent is a warning; more than `limit` of them all, a share such as 20%, are critical. */
function agentsFinding({ total, unloaded, crashed }: AgentFacts, limit: string): Finding {
  const isGrave = 100 * crashed.length > Number.parseInt(limit, 10) * total && crashed.length > 1;
  const told = [
    ...(crashed.length === 0
      ? []
      : [`${crashed.length} of ${total} agents crashed: ${crashes(crashed)} (rollback agents)`]),
    ...(unloaded.length === 0 ? [] : [`not loaded: ${named(unloaded)} (rollback reload)`]),
  ];
  if (told.length > 0) return finding("agents", isGrave ? "critical" : "warning", told.join("; "));
  return finding("agents", "ok", "every agent that was loaded when it was captured is loaded, and none crashed");
}

const crashes = (crashed: AgentFacts["crashed"]): string =>
  named(crashed.map(({ label, words }) => `${label} ${words}`));

export function copiesFinding({ copies, nowMs }: Pick<HealthFacts, "copies" | "nowMs">, maxAge: string): Finding {
  const late = copies.filter(({ lastPushMs }) => lastPushMs === null || lastPushMs < before(nowMs, maxAge));
  if (late.length === 0) return { check: "copies", level: "ok", message: `pushed within ${maxAge}` };
  const names = late.map(({ name }) => name).join(", ");
  return {
    check: "copies",
    level: "warning",
    message: `not pushed for over ${maxAge}: ${names} (rollback push --all)`,
  };
}

/** The daily job does one a month. */
const DRILL_AGE = "40d";

function drillFinding({ drills, nowMs }: HealthFacts): Finding {
  const told = ({ name, last }: HealthFacts["drills"][number]): string =>
    last === null ? `${name} never` : `${name} ${Math.floor((nowMs - last.atMs) / 86_400_000)} d ago`;
  const failed = drills.filter(({ last }) => last?.passed === false);
  if (failed.length > 0)
    return finding("drill", "critical", `the last drill failed: ${failed.map(told).join(", ")} (rollback drill)`);
  const late = drills.filter(({ last }) => last === null || last.atMs < before(nowMs, DRILL_AGE));
  const message = `restored for a test: ${(late.length > 0 ? late : drills).map(told).join(", ")}`;
  return late.length > 0
    ? finding("drill", "warning", `${message} (rollback drill)`)
    : finding("drill", "ok", `${message}, and all came back`);
}

function gitFinding(plain: HealthFacts["plainInGit"]): Finding {
  const check = "git";
  if (plain === null) return { check, level: "ok", message: "no git checkout" };
  if (plain.tracked > 0)
    return {
      check,
      level: "critical",
      message: `git tracks ${plain.tracked} files of plain snapshots (rollback leaks)`,
    };
  if (plain.inHistory)
    return { check, level: "critical", message: "git's history holds plain snapshots: change the keys in them" };
  return { check, level: "ok", message: "git holds no plain snapshot" };
}

/** `1GiB`, `500MiB` in bytes. */
export function bytesOf(size: string): number {
  const [, count = "0", unit = "B"] = /^([\d.]+)([KMGT]iB|B)$/.exec(size) ?? [];
  return Number(count) * 1024 ** ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(unit);
}

/** The worst: critical before warning before unknown before OK. */
export function worst(findings: Finding[]): Level {
  const order: Level[] = ["critical", "warning", "unknown"];
  return order.find((level) => findings.some((finding) => finding.level === level)) ?? "ok";
}

/** Said only where there is something to say: most people never guard. */
function guardFindings(guard: HealthFacts["cutOffGuard"]): Finding[] {
  if (guard === null) return [];
  const { program, snapshot } = guard;
  return [finding("guard", "critical", `a guard of ${program} was cut off; before it: ${snapshot} (rollback recover)`)];
}
