// The tiles and what needs somebody, out of what health found: the page never says another thing than `health` does. Pure.
import type { Kind } from "../model.ts";
import { quote } from "../text.ts";
import type { Level, Need, Tile } from "./model.ts";
import { DAY_MS, dayOf, hourOf } from "./moment.ts";
import { counted, grouped } from "./words.ts";

/** One check's finding, as health has it. */
export interface Found {
  check: string;
  level: Level | "unknown";
  message: string;
}

/** What the tiles are made of. Times are ms of the page's clock. */
export interface Facts {
  now: number;
  findings: Found[];
  /** How many plists there are, and what launchd says of the agents; `states` is null where it could not be asked. */
  agents: { plists: number; states: { total: number; down: Down[] } | null };
  /** Of the newest snapshot; null where none can be read. */
  files: Record<Kind, Held> | null;
  /** How many are there now to be captured. */
  found: Record<Kind, number>;
  lastSnapshot: number | null;
  /** Whether there is no snapshot at all. */
  isEmpty: boolean;
  maxAge: string;
  /** Each place that copies go to; null where nothing was pushed yet. */
  copies: { name: string; lastPush: number | null }[];
  drills: { name: string; last: { at: number; passed: boolean } | null }[];
}

/** How many of a kind the snapshot holds, how many of those are gone, and which differ now. */
export interface Held {
  total: number;
  gone: number;
  differing: string[];
}

export interface Down {
  /** For commands, and as the page writes it. */
  label: string;
  name: string;
  path: string | null;
  /** Such as `ended with 78`, `not loaded`. */
  words: string;
  loaded: boolean;
}

const RANK: Tile["level"][] = ["ok", "unknown", "warning", "critical"];
/** The worst of what some checks found. */
const levelOf = (findings: Found[], ...checks: string[]): Level => {
  const own = findings.filter(({ check }) => checks.includes(check)).map(({ level }) => asLevel(level));
  return own.reduce<Level>((worst, level) => (RANK.indexOf(level) > RANK.indexOf(worst) ? level : worst), "ok");
};
const asLevel = (level: Found["level"]): Level => (level === "unknown" ? "warning" : level);

export function tilesOf(facts: Facts): Tile[] {
  return [
    agentsTile(facts),
    filesTile("Configs", "config", facts),
    filesTile("Credentials", "credential", facts),
    snapshotTile(facts),
    copyTile(facts),
    drillTile(facts),
  ];
}

function agentsTile({ agents: { plists, states }, findings }: Facts): Tile {
  if (states === null) {
    const note = plists === 0 ? "no plist was found" : "launchd was not asked: nobody can tell whether they are up";
    const unit = plists === 1 ? "agent" : "agents";
    return { label: "Agents", level: "unknown", value: grouped(plists), unit, note };
  }
  const { total, down } = states;
  const note = down.length === 0 ? "all loaded as they were captured" : listed(down.map(({ name }) => name));
  const unit = `up, ${down.length} down`;
  return { label: "Agents", level: levelOf(findings, "agents"), value: grouped(total - down.length), unit, note };
}

function filesTile(label: string, kind: Kind, { files, found, findings }: Facts): Tile {
  const held = files?.[kind];
  if (held === undefined)
    return { label, level: "unknown", value: grouped(found[kind]), unit: "found here", note: "none is kept yet" };
  const { total, gone, differing } = held;
  const level = gone > 0 ? levelOf(findings, "loss") : "ok";
  const note = differing.length === 0 ? "as in the last snapshot" : `${listed(differing)} ${differ(differing)}`;
  return {
    label,
    level,
    value: grouped(total - gone),
    unit: `of ${grouped(total)} there`,
    note: total === 0 ? "" : note,
  };
}

const differ = (names: string[]): string => `${names.length === 1 ? "differs" : "differ"} from the last snapshot`;

const NAMES_SHOWN = 2;
function listed(names: string[]): string {
  const shown = names.slice(0, NAMES_SHOWN);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${grouped(more)} more`;
  return shown.join(" and ");
}

function snapshotTile({ lastSnapshot, now, maxAge, findings }: Facts): Tile {
  const label = "Last snapshot";
  const level = levelOf(findings, "age", "complete", "damage");
  if (lastSnapshot === null) return { label, level, value: "None", unit: "yet", note: "nothing could be restored" };
  const trouble = findings.find(({ check, level: found }) => check === "complete" && found !== "ok");
  const note =
    trouble === undefined
      ? `${momentText(lastSnapshot, now)}; the limit is ${maxAge}`
      : "incomplete: some files could not be read";
  return { label, level, ...ageOf(now - lastSnapshot), note };
}

function copyTile({ copies, now, findings }: Facts): Tile {
  const label = "Last copy";
  if (copies.length === 0)
    return { label, level: "unknown", value: "None", unit: "set up", note: "what is lost with this disk is lost" };
  const done = copies.flatMap(({ name, lastPush }) => (lastPush === null ? [] : [{ name, lastPush }]));
  const level = levelOf(findings, "copies");
  if (done.length === 0)
    return {
      label,
      level: level === "ok" ? "unknown" : level,
      value: "None",
      unit: "yet",
      note: `nothing was pushed to ${copies.map(({ name }) => name).join(", ")}`,
    };
  const last = Math.max(...done.map(({ lastPush }) => lastPush));
  const names = done.map(({ name }) => name).join(", ");
  const missing = copies.filter(({ lastPush }) => lastPush === null).map(({ name }) => name);
  const rest = missing.length === 0 ? "" : `; none to ${missing.join(", ")}`;
  return { label, level, ...ageOf(now - last), note: `${names}, ${momentText(last, now)}${rest}` };
}

function drillTile({ drills, now, findings }: Facts): Tile {
  const label = "Restore drill";
  const level = levelOf(findings, "drill");
  const done = drills.flatMap(({ name, last }) => (last === null ? [] : [{ name, ...last }]));
  const [first, ...others] = done;
  if (first === undefined) {
    const note = "nobody knows that a copy brings everything back";
    return { label, level: level === "ok" ? "unknown" : level, value: "None", unit: "yet", note };
  }
  const last = others.reduce((newest, one) => (one.at > newest.at ? one : newest), first);
  const result = last.passed ? "all came back" : "not everything came back";
  return { label, level, ...ageOf(now - last.at), note: `${last.name}, ${dayOf(last.at, now)}: ${result}` };
}

const momentText = (ms: number, now: number): string => `${dayOf(ms, now)}, ${hourOf(ms)}`;

/** `43 min` ago, `5 h` ago, `12 days` ago. */
function ageOf(ms: number): { value: string; unit: string } {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return { value: `${minutes} min`, unit: "ago" };
  const hours = Math.floor(minutes / 60);
  return { value: hours < 48 ? `${hours} h` : counted(Math.floor(ms / DAY_MS), "day"), unit: "ago" };
}

const DOWN_SHOWN = 8;

/** What needs somebody, the worst first; agents one by one, so that each leads to the change that may have done it. `places` goes to each command. */
export function needsOf({ findings, agents, isEmpty }: Facts, places: string): Need[] {
  const command = (words: string) => (places === "" ? words : `${words} ${places}`);
  const down = agents.states?.down ?? [];
  const needs = findings
    // That there is no snapshot yet, the page says by itself.
    .filter(({ check, level }) => level !== "ok" && !(check === "age" && isEmpty))
    .flatMap(({ check, level, message }): Need[] => {
      if (check === "agents" && down.length > 0)
        return down.slice(0, DOWN_SHOWN).map((one) => downNeed(one, asLevel(level), command));
      const [said, words] = parted(message);
      return [
        { level: asLevel(level), message: sentence(said), command: words === null ? null : command(words), path: null },
      ];
    });
  if (down.length > DOWN_SHOWN) {
    const message = `${counted(down.length - DOWN_SHOWN, "more agent")} down`;
    needs.push({ level: levelOf(findings, "agents"), message, command: command("rollback agents"), path: null });
  }
  return needs.sort((a, b) => RANK.indexOf(b.level) - RANK.indexOf(a.level));
}

function downNeed({ label, name, path, words, loaded }: Down, level: Level, command: (words: string) => string): Need {
  if (loaded) return { level, message: `${name} ${words}`, command: command("rollback agents"), path };
  return { level, message: `${name} is ${words}`, command: command(`rollback reload ${quote(label)}`), path };
}

const sentence = (words: string): string => `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}`;

/** `… (rollback recover)`: what is said, and the command that mends it. */
function parted(message: string): [said: string, command: string | null] {
  const [, said = "", words = ""] = /^(.*) \((rollback [^()]*)\)$/s.exec(message) ?? [];
  const [command = ""] = words.split(/,| names /);
  return command === "" ? [message, null] : [said, command];
}
