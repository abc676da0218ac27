// The answer on top of the page: health, what is there now, and which agents run when.
import { discover } from "../inventory/discover.ts";
import { timetableOf } from "../launchd/timetable.ts";
import type { AbsPath, Kind, Manifest, Notify } from "../model.ts";
import { type Down, type Facts, needsOf, tilesOf } from "../page/answer-tiles.ts";
import type { Page, PageAgent } from "../page/model.ts";
import { momentOf } from "../page/moment.ts";
import { type ShortNames, shortNames } from "../page/short-names.ts";
import { grouped } from "../page/words.ts";
import { nameOf } from "../paths.ts";
import { lastPush } from "../snapshot/audit-read.ts";
import { countFiles } from "../snapshot/manifest.ts";
import { idOf } from "../system/clock.ts";
import { machineName } from "../system/machine.ts";
import { type HealthFacts, judgeHealth } from "../upkeep/health.ts";
import { BUILD } from "../version.ts";
import { type LiveAgent, liveAgents } from "./agent-states.ts";
import type { World } from "./context.ts";
import { healthFacts } from "./health.ts";
import { type Opened, type rememberGlances, tryOpen } from "./open.ts";
import type { Site } from "./site.ts";
import { compareLive, isForeign, type LiveFiles, latestOf } from "./status.ts";

export type Answer = Pick<Page, "facts" | "tiles" | "needs" | "checks" | "agents">;

export interface About {
  site: Site;
  world: World;
  notify: Notify;
  glanceOf: ReturnType<typeof rememberGlances>;
  places: string;
}

export async function answer({ site, world, notify, glanceOf, places }: About): Promise<Answer> {
  const { config, store } = site;
  const health = await healthFacts(world, site, false, notify, glanceOf);
  const newest = await openLatest(store, world);
  const live = await liveAgents(site);
  const names = shortNames(live.map(({ path }) => ({ path, name: nameOf(path), kind: "plist" })));
  const down = downOf(health, live, names);
  const clock = (ms: number | null): number | null => (ms === null ? null : momentOf(idOf(ms)));
  const facts: Facts = {
    now: momentOf(idOf(health.nowMs)),
    findings: judgeHealth(health, config.health),
    agents: { plists: live.length, states: health.agents && { total: health.agents.total, down } },
    found: countFiles((await discover(config, site)).found),
    files: newest === null || isForeign(newest, site) ? null : await heldOf(newest, site),
    isEmpty: health.snapshots === 0,
    lastSnapshot: clock(health.lastCreateMs),
    maxAge: config.health["max-age"],
    copies: Object.keys(config.copies).map((name) => ({ name, lastPush: clock(lastPush(store, name)) })),
    drills: health.drills.map(({ name, last }) => ({
      name,
      last: last && { at: momentOf(idOf(last.atMs)), passed: last.passed },
    })),
  };
  return {
    facts: factsOf(health, site),
    tiles: tilesOf(facts),
    needs: needsOf(facts, places),
    checks: facts.findings.filter(({ level }) => level === "ok").map(({ message }) => message),
    agents: live.map((agent) => pageAgent(agent, down)),
  };
}

/** What launchd says of those that are not up; the end of a log is `agents`' to show. */
function downOf({ agents }: HealthFacts, live: LiveAgent[], names: ShortNames): Down[] {
  const known = (label: string) => {
    const path = live.find((agent) => agent.label === label)?.path ?? null;
    return { label, path, name: path === null ? label : names.of(path, label) };
  };
  const crashed = (agents?.crashed ?? []).map(({ label, words }) => {
    const [said = words] = words.split("; its error log ends: ");
    return { ...known(label), words: said, loaded: true };
  });
  const unloaded = (agents?.unloaded ?? []).map((label) => ({ ...known(label), words: "not loaded", loaded: false }));
  return [...crashed, ...unloaded];
}

/** A plist that can't be understood has no times. */
function pageAgent({ path, label, agent }: LiveAgent, down: Down[]): PageAgent {
  const times = agent === null ? { at: [], otherwise: ["its plist can't be read"] } : timetableOf(agent);
  return { path, name: nameOf(path), ...times, down: down.find((one) => one.label === label)?.words ?? null };
}

/** What `latest` means; null where there is none, or it is sealed or damaged. */
async function openLatest(store: AbsPath, { cwd }: World): Promise<Opened | null> {
  const located = await latestOf(store, cwd);
  const read = located === null ? null : await tryOpen(located);
  return located === null || read === null ? null : { located, ...read };
}

async function heldOf(newest: Opened, site: Site): Promise<Facts["files"]> {
  const counts = countFiles(newest.manifest.files);
  const { differing, unread } = await compareLive(newest, site);
  const of = (kind: Kind) => heldOfKind(kind, counts[kind], differing, unread, newest.manifest);
  return { plist: of("plist"), config: of("config"), credential: of("credential") };
}

function heldOfKind(
  kind: Kind,
  total: number,
  differing: LiveFiles["differing"],
  unread: string[],
  { files }: Manifest,
) {
  const own = differing.filter((file) => file.kind === kind);
  const places = new Set<string>(unread);
  const hidden = files.filter((file) => file.kind === kind && places.has(file.original)).length;
  return {
    total,
    gone: own.filter(({ change }) => change === "gone").length + hidden,
    differing: own.filter(({ change }) => change !== "gone").map(({ name }) => name),
  };
}

function factsOf({ snapshots, storeBytes, schedule }: HealthFacts, { config }: Site): Page["facts"] {
  const size =
    storeBytes === null
      ? ""
      : `, ${sizeOf(storeBytes)} of ${config.health["max-size"].replace(/(?=[KMGT]?i?B$)/, " ")}`;
  const copies = Object.keys(config.copies);
  return [
    ["Machine", machineName()],
    ["Snapshots", `${grouped(snapshots)}${size}`],
    ...(copies.length === 0 ? [] : [["Copies", copies.join(", ")] satisfies [string, string]]),
    ...(schedule === null ? [] : [["Daily job", jobWords(schedule)] satisfies [string, string]]),
    ["rollback", BUILD.version],
  ];
}

function jobWords({ installed, loaded }: NonNullable<HealthFacts["schedule"]>): string {
  if (!installed) return "none";
  return loaded ? "loaded" : "not loaded";
}

/** `84 MiB`: as whole as is worth knowing. */
function sizeOf(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const size = bytes / 1024 ** unit;
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** The home as `~`. */
export const atHome = (path: string, home: AbsPath): string =>
  path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
