// `rollback` alone: how things are here, at a glance. It looks at the newest snapshot and at the live files, asks launchd once, and reads no
// other snapshot's files: what needs more than that is health's to tell.
import { type Cell, type Column, matrix } from "../diff/matrix.ts";
import { discover } from "../inventory/discover.ts";
import { troubleOf } from "../launchd/service.ts";
import type { AbsPath, Kind } from "../model.ts";
import { below } from "../paths.ts";
import { journalAt } from "../restore/journal.ts";
import { storeParts, whyDistrusted } from "../restore/trust.ts";
import { EXIT, RollbackError } from "../rollback-error.ts";
import { lastCreate, lastPush, missingOf } from "../snapshot/audit-read.ts";
import { ageSeconds } from "../snapshot/facts.ts";
import { cutOffGuard } from "../snapshot/guard-mark.ts";
import { type Entry, innerFolder, listSnapshots } from "../snapshot/store.ts";
import { freeBytes, ifReadable, look } from "../system/files.ts";
import { isHeld } from "../system/lock.ts";
import { homeFolder } from "../system/machine.ts";
import { which } from "../system/process.ts";
import { judgeGlance } from "../upkeep/glance.ts";
import { type Finding, type Level, worst } from "../upkeep/health.ts";
import { launchdStates, liveAgents } from "./agent-states.ts";
import type { Context, Ending, Site, World } from "./context.ts";
import { originOf } from "./drift.ts";
import { warnOfGoneStore } from "./gone-store.ts";
import { lostNow, malformedConfigs } from "./losses.ts";
import { locate, type Opened, tryOpen } from "./open.ts";
import { findSiteIfAny } from "./site.ts";
import { columnOf, liveState, storedState } from "./states.ts";

/** The newest snapshot; what a sealed or a damaged one does not tell is null. */
export interface NewestSnapshot {
  id: string;
  description: string | null;
  category: string | null;
  /** ms since the epoch, UTC. */
  createdAtMs: number | null;
  ageSeconds: number | null;
  status: "ok" | "incomplete" | "sealed" | "damaged";
}

/** How the live files differ from the newest snapshot; a file that can't be read is in `unread` alone. */
export interface LiveFiles {
  total: number;
  differing: { path: string; name: string; kind: Kind; change: "modified" | "new" | "gone" }[];
  unread: string[];
}

/** What was cut off and waits for `recover`. `ageSeconds` is null where nothing tells. */
export type CutOff =
  | { what: "restore"; snapshot: string | null; ageSeconds: number | null }
  | { what: "guard"; snapshot: string; program: string; description: string; ageSeconds: number | null };

/** What is known of a project; what can't be told is null. */
export interface ProjectStatus {
  root: AbsPath;
  /** Whether a rollback.yaml says what to capture, or the defaults do. */
  configured: boolean;
  cutOff: CutOff | null;
  /** Null where there is none yet. */
  snapshot: NewestSnapshot | null;
  /** Where the newest snapshot comes from, if that is another home or root: its files are not compared then. */
  foreign: boolean;
  files: LiveFiles | null;
  /** By label; null without a launchd that answers. */
  agents: { loaded: number; failed: string[]; notLoaded: string[] } | null;
  /** Whether there is a launchd that was asked in vain. */
  launchdIsSilent: boolean;
  copies: { name: string; ageSeconds: number | null }[];
  health: { level: Level; findings: Finding[] };
}

export interface StatusOutcome extends Ending {
  command: "status";
  home: AbsPath;
  cwd: AbsPath;
  /** Null where there is no project around. */
  project: ProjectStatus | null;
}

/** How things are. A broken config is an error here, too; whatever the state is, it exits with 0. */
export async function status({ world, named, notify }: Context): Promise<StatusOutcome> {
  const site = await findSiteIfAny(world, named);
  if (site !== null) await warnOfGoneStore(site, world, notify);
  const project = site === null ? null : await lookAt(site, world);
  return { command: "status", exit: EXIT.done, home: homeFolder(world.env), cwd: world.cwd, project };
}

async function lookAt(site: Site, world: World): Promise<ProjectStatus> {
  const { store, root, config } = site;
  const nowMs = Date.now();
  const entries = listSnapshots(store);
  const asked = agentsNow(site, world);
  const cutOff = (await restoreAt(store, nowMs)) ?? guardAt(store, nowMs);
  const { snapshot, opened } = await newestOf(store, entries, world, nowMs);
  const foreign = opened !== null && isForeign(opened, site);
  const files = opened === null || foreign ? null : await compareLive(opened, site);
  const answer = await asked;
  const agents = answer === "silent" ? null : answer;
  const copies = Object.keys(config.copies).map((name) => ({ name, lastPushMs: lastPush(store, name) }));
  return {
    root,
    configured: site.configFile !== null,
    cutOff,
    snapshot,
    foreign,
    files,
    agents,
    launchdIsSilent: answer === "silent",
    copies: copies.map(({ name, lastPushMs }) => ({
      name,
      ageSeconds: lastPushMs === null ? null : ageSeconds(lastPushMs, nowMs),
    })),
    health: await glanceAtHealth(site, world, { nowMs, entries, snapshot, cutOff, agents, copies }),
  };
}

async function restoreAt(store: AbsPath, nowMs: number): Promise<CutOff | null> {
  const inner = innerFolder(store);
  const found = journalAt(inner);
  // One that is at work right now has a journal, too.
  if (found === null || isHeld(below(inner, "lock"))) return null;
  const { pendingJournal } = await import("../restore/journal-read.ts");
  let snapshot: string | null = null;
  try {
    snapshot = pendingJournal(inner)?.journal?.snapshot ?? null;
  } catch (cause) {
    // A journal that can't be read is one that was left behind all the same.
    if (!(cause instanceof RollbackError)) throw cause;
  }
  return { what: "restore", snapshot, ageSeconds: ageOf(found.at, nowMs) };
}

function guardAt(store: AbsPath, nowMs: number): CutOff | null {
  const mark = cutOffGuard(innerFolder(store));
  if (mark === null) return null;
  const { snapshot, program, description, since } = mark;
  const begunMs = Date.parse(since);
  return {
    what: "guard",
    snapshot,
    program,
    description,
    ageSeconds: Number.isNaN(begunMs) ? null : ageSeconds(begunMs, nowMs),
  };
}

const ageOf = (path: AbsPath, nowMs: number): number | null => {
  const stats = ifReadable(() => look(path));
  return stats == null ? null : ageSeconds(stats.mtimeMs, nowMs);
};

async function newestOf(
  store: AbsPath,
  entries: Entry[],
  { cwd }: World,
  nowMs: number,
): Promise<{ snapshot: NewestSnapshot | null; opened: Opened | null }> {
  if (!entries.some(({ ahead }) => !ahead)) return { snapshot: null, opened: null };
  const located = await latestOf(store, cwd);
  if (located === null) return { snapshot: null, opened: null };
  const read = await tryOpen(located);
  const { id } = located;
  if (read === null) {
    const status = located.forms[0] === "zip.age" ? "sealed" : "damaged";
    return {
      opened: null,
      snapshot: { id, description: null, category: null, createdAtMs: null, ageSeconds: null, status },
    };
  }
  const { description, category, createdAtMs, complete } = read.manifest;
  return {
    opened: { located, ...read },
    snapshot: {
      id,
      description,
      category,
      createdAtMs,
      ageSeconds: ageSeconds(createdAtMs, nowMs),
      status: complete ? "ok" : "incomplete",
    },
  };
}

/** The snapshot that `latest` means; null where there are auto-backups alone. */
export async function latestOf(store: AbsPath, cwd: AbsPath) {
  try {
    return await locate("latest", async () => store, cwd);
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "not-found") return null;
    throw cause;
  }
}

/** Whether a snapshot is of another home or project: its files are not compared with those here. */
export function isForeign({ manifest }: Opened, site: Site): boolean {
  const { home, root } = originOf(manifest, site) ?? {};
  return (home ?? site.home) !== site.home || (root ?? site.root) !== site.root;
}

/** How the live files differ from a snapshot of this home and project. */
export async function compareLive(opened: Opened, site: Site): Promise<LiveFiles> {
  const { manifest } = opened;
  const live = await liveState(site, storedState(opened, []));
  const unread = [...live.problems.keys()];
  const now: Column = { files: live.files, unread };
  const rows = matrix([columnOf(manifest.files, manifest.skipped), now]);
  const differing = rows.flatMap(({ path, name, kind, cells: [, cell] }) => {
    const change = cell === undefined ? undefined : CHANGES[cell];
    return change === undefined ? [] : [{ path, name, kind, change }];
  });
  return { total: rows.length, differing, unread };
}
const CHANGES: Partial<Record<Cell, LiveFiles["differing"][number]["change"]>> = {
  added: "new",
  changed: "modified",
  removed: "gone",
};

/** How long launchd is waited for: whoever only wants to know how things are is not to wait for what hangs. */
const PATIENCE_MS = 3000;

/** What launchd says of the agents that are captured; `silent` where it does not answer. */
async function agentsNow(site: Site, world: World): Promise<ProjectStatus["agents"] | "silent"> {
  if (which("launchctl", world.env) === null) return null;
  return Promise.race([askLaunchd(site, world), Bun.sleep(PATIENCE_MS).then(() => "silent" as const)]);
}

async function askLaunchd(site: Site, world: World): Promise<ProjectStatus["agents"] | "silent"> {
  const live = await liveAgents(site);
  const labels = live.map(({ label }) => label);
  // What launchd does not tell is shown as not known.
  const states = [...(await launchdStates(world, labels, { notify: () => {}, agents: live }))];
  if (states.some(([, { service }]) => service === null)) return "silent";
  const failed = states.filter(([, { service }]) => service !== null && troubleOf(service) !== null);
  const notLoaded = states.filter(([, { service, disabled }]) => service?.loaded === false && disabled !== true);
  return {
    loaded: states.filter(([, { service }]) => service?.loaded === true).length,
    failed: failed.map(([label]) => label),
    notLoaded: notLoaded.map(([label]) => label),
  };
}

/** How many of the newest snapshots are asked what was lost when they were taken. */
const ASKED_FOR_LOSSES = 7;

/** What health would say of the few things that were looked at here. */
async function glanceAtHealth(
  site: Site,
  world: World,
  { nowMs, entries, snapshot, cutOff, agents, copies }: Seen,
): Promise<ProjectStatus["health"]> {
  const { store, root, config } = site;
  const autoCopies = new Set(
    Object.entries(config.copies).flatMap(([name, { auto }]) => (auto === true ? [name] : [])),
  );
  const last = lastCreate(store);
  const lost = await lostNow(site, entries.slice(0, ASKED_FOR_LOSSES));
  const { mcp } = config.credentials;
  const { malformed } = await discover({ ...config, plists: [], configs: [], credentials: { files: [], mcp } }, site);
  const findings = judgeGlance(
    {
      nowMs,
      lastCreateMs: last?.atMs ?? snapshot?.createdAtMs ?? null,
      missing: missingOf(last, entries),
      newest: snapshot === null ? null : { id: snapshot.id, status: snapshot.status },
      ahead: entries.filter(({ ahead }) => ahead).map(({ id }) => id),
      lost,
      malformedConfigs: malformedConfigs(malformed, lost),
      cutOff: cutOff?.what ?? null,
      freeBytes: freeBytes(entries.length > 0 ? store : root),
      permissions: (await whyDistrusted(storeParts(store), store, world.env))?.message ?? null,
      agents,
      copies: copies.filter(({ name }) => autoCopies.has(name)),
    },
    config.health,
  );
  return { level: worst(findings), findings };
}

interface Seen extends Pick<ProjectStatus, "snapshot" | "cutOff" | "agents"> {
  nowMs: number;
  entries: Entry[];
  copies: { name: string; lastPushMs: number | null }[];
}
