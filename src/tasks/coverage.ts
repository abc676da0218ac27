// `coverage`: what is captured, by which rule; what looks as if it should be, and is not. Names are looked at, no contents but the plists'.
import { CONFIG_NAME } from "../config.ts";
import { fail } from "../errors.ts";
import { addRules, type Rule } from "../inventory/add-rules.ts";
import { anchored, neverCaptured } from "../inventory/anchors.ts";
import { type Group, type Missed, missedOf, type Seen } from "../inventory/coverage.ts";
import { discover } from "../inventory/discover.ts";
import { isVendors } from "../inventory/draft.ts";
import { MOST_NAMES, type Survey, survey } from "../inventory/survey.ts";
import { judgePlist } from "../launchd/judge.ts";
import { namedFiles } from "../launchd/named-files.ts";
import type { AbsPath, Found, Kind, Notify } from "../model.ts";
import { below, isWithin, nameOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { exists, factsOf, ifReadable, lookThrough, readBytes, readText, resolved, resolver } from "../system/files.ts";
import { asSpelled } from "../system/naming.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { replaceFile } from "../system/replace.ts";
import type { Context, Ending, World } from "./context.ts";
import { findSite, type Site } from "./site.ts";

export interface CoverageRequest {
  /** Write a line for each missed file into rollback.yaml. */
  writes: boolean;
  /** Also name what is captured, with its rules. */
  all: boolean;
}

export interface CoverageOutcome extends Ending {
  command: "coverage";
  captured: { path: AbsPath; name: string; kind: Kind; rules: string[] }[];
  missed: Missed[];
  all: boolean;
  /** The project's rollback.yaml, and how many lines were written into it; null where none were asked for. */
  config: AbsPath;
  written: number | null;
}

export async function coverage(
  { writes, all }: CoverageRequest,
  { world, named, notify }: Context,
): Promise<CoverageOutcome> {
  const site = await findSite(world, named);
  const { found, skipped, malformed } = await discover(site.config, site);
  for (const { path, reason } of skipped) notify({ type: "warning", message: `${path}: ${reason}` });
  for (const { path, reason } of malformed)
    notify({ type: "warning", message: `${path} ${reason}: credentials that it names may be missing here` });
  const { missed: files, survey: seen } = lookForMissed(site, found, MOST_NAMES);
  for (const { path, reason } of seen.unread)
    notify({ type: "warning", message: `${path} was not looked into: ${reason}` });
  if (seen.cutOff) notify({ type: "warning", message: `${site.root} holds more than was looked at` });
  const missed = [...files, ...(await crontab(world, found))];
  const rules = missed.flatMap(({ list, path }): Rule[] => (list === null ? [] : [{ list, path }]));
  const config = site.configFile ?? below(site.root, CONFIG_NAME);
  if (writes && rules.length > 0) await write(site, config, rules);
  return {
    command: "coverage",
    exit: EXIT.done,
    captured: found.map(({ path, name, kind, foundBy }) => ({ path, name, kind, rules: foundBy })),
    missed,
    all,
    config,
    written: writes ? rules.length : null,
  };
}

/** What `create` reads at most: a project's usual places, and no more of a great tree. */
export const FEW_NAMES = 5000;

/** A line for `create`: how much is missed. */
export function warnOfMissed(site: Site, found: Found[], notify: Notify): void {
  const { length } = lookForMissed(site, found, FEW_NAMES).missed;
  if (length === 0) return;
  const look =
    length === 1
      ? "1 more file looks as if it should be captured"
      : `${length} more files look as if they should be captured`;
  notify({ type: "warning", message: `${look}: \`rollback coverage\` names ${length === 1 ? "it" : "them"}` });
}

/** What is missed of what lies around: `found` is what the rules reach. */
export function lookForMissed(site: Site, found: Found[], mostNames: number): { missed: Missed[]; survey: Survey } {
  const { config, home, root } = site;
  const seen = survey(site, { never: config.never.map((folder) => asSpelled(anchored(folder, site))), mostNames });
  const never = neverCaptured(site, config.never);
  const at = (paths: string[], group: Group, about: string | null = null): Seen[] =>
    paths.map((path) => ({ path: anchored(path.startsWith("~/") ? path : `./${path}`, site), group, about }));
  const agents = seen.agents.filter((name) => !isVendors(name)).map((name) => `~/Library/LaunchAgents/${name}`);
  const all = [
    ...at([...seen.credentials, ...seen.suspects], "credential"),
    ...at(agents, "agent"),
    ...at(seen.mcp, "mcp", "names MCP servers"),
    ...at(seen.assistants, "assistant", "an assistant's settings"),
    ...at(seen.retired, "retired-agent", "a retired agent"),
    ...at(seen.units, "unit", "runs by itself"),
    ...namedByPlists(found, site),
  ];
  const captured = new Set<string>(found.map(({ path }) => path));
  // Also by the place that a captured link leads to.
  const follow = resolver();
  for (const { path } of found) captured.add(ifReadable(() => follow(path)) ?? path);
  const missed = missedOf(
    all.filter(({ path }) => never(path) === null),
    captured,
    { home, root },
  );
  return { missed, survey: seen };
}

const PLIST_LIMIT_BYTES = 1 << 20;
/** More than a script or a config has. */
const LARGEST = 4 << 20;

/** Files of home and root that a captured plist names, and that are there. */
function namedByPlists(found: Found[], { home, root }: Site): Seen[] {
  const seen: Seen[] = [];
  for (const { path: plist, kind } of found) {
    if (kind !== "plist") continue;
    const bytes = ifReadable(() => readBytes(plist, PLIST_LIMIT_BYTES));
    const judged = bytes === null ? null : judgePlist(bytes);
    for (const written of judged?.ok ? namedFiles(judged.value) : []) {
      const path = asSpelled(anchored(written, { home, root }));
      if (!(isWithin(path, home) || isWithin(path, root)) || isWithin(path, below(home, "Library"))) continue;
      if (/\/(node_modules|site-packages)\//.test(path)) continue;
      const stats = ifReadable(() => lookThrough(path));
      if (stats?.isFile() !== true || factsOf(stats).size > LARGEST) continue;
      seen.push({ path, group: "named-by-plist", about: nameOf(plist).replace(/\.plist$/, "") });
    }
  }
  return seen;
}

const CRONTAB_TIMEOUT_MS = 1500;

/** A user's crontab is no file of his; one that was listed into a captured file is captured. */
async function crontab({ env }: World, found: Found[]): Promise<Missed[]> {
  const program = which("crontab", env);
  if (program === null || found.some(({ path }) => /crontab/i.test(nameOf(path)))) return [];
  const ran = await run([program, "-l"], { env: childEnvironment(env), timeoutMs: CRONTAB_TIMEOUT_MS });
  if (ran?.exitCode !== 0 || !/^[^#\s]/m.test(ran.stdout)) return [];
  return [{ path: "crontab", group: "crontab", about: "not a file: crontab -l > crontab.txt", list: null }];
}

const CONFIG_LIMIT_BYTES = 1 << 20;

async function write(site: Site, config: AbsPath, rules: Rule[]): Promise<void> {
  const there = exists(config);
  const text = there ? readText(config, CONFIG_LIMIT_BYTES) : null;
  // A default that names nothing here would be missed each time, were it written down.
  const kept = (pattern: string) => /[*{]/.test(pattern) || exists(anchored(pattern, site));
  const fresh = await addRules(text, config, rules, kept);
  const place = resolved(config);
  const stats = lookThrough(place);
  const { mode, uid, gid } = stats === null ? { mode: 0o644, uid: 0, gid: 0 } : factsOf(stats);
  const owner = stats !== null && process.geteuid?.() === 0 ? { uid, gid } : null;
  try {
    replaceFile(place, fresh, { mode, mtimeMs: null, owner });
  } catch (cause) {
    throw fail.io("write", place, cause);
  }
}
