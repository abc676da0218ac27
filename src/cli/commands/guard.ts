// snapshot, run, check, roll back: the other commands put together.
import { fail } from "../../errors.ts";
import { findVenvs, lookAtVenv } from "../../inventory/venv.ts";
import { type Agent, parseAgent } from "../../launchd/agent.ts";
import { danglingReferences } from "../../launchd/problems.ts";
import type { Manifest, Notify } from "../../model.ts";
import type { GuardOutcome } from "../../outcome.ts";
import { RollbackError } from "../../rollback-error.ts";
import { ifReadable, readBytes } from "../../system/files.ts";
import { onSignal } from "../../system/interrupt.ts";
import { runAttached } from "../../system/process.ts";
import { type LiveAgent, launchdStates, liveAgents } from "../../tasks/agent-states.ts";
import type { World } from "../../tasks/context.ts";
import { readManifestOf } from "../../tasks/open.ts";
import { reloadAll } from "../../tasks/reload.ts";
import { findSite, type Site } from "../../tasks/site.ts";
import { mayRecover } from "../auto-recover.ts";
import { callCommand, placeWords } from "../call.ts";
import { command } from "../command.ts";

const LIMIT_BYTES = 16 << 20;

export default command({
  name: "guard",
  description: "Snapshot, run a command, check, and roll back when it fails",
  args: {
    description: { type: "positional", required: true, description: "What the command is about to do" },
    category: { type: "positional", required: false, default: "guard", description: "The snapshot's category" },
    check: { type: "string", valueHint: "COMMAND", description: "Must succeed afterwards, run by sh (repeatable)" },
    "auto-recover": { type: "boolean", description: "On failure restore and reload by itself" },
    "allow-incomplete": { type: "boolean", description: "Go on where some files could not be stored" },
  },
  repeatable: ["check"],
  passthrough: "COMMAND…",
  exits: {
    0: "the command succeeded, and so did every check",
    1: "a check or the roll-back failed, or there was no complete snapshot to begin with",
    3: "and all others: the command's own code, where that is not 0",
  },
  example: 'rollback guard "Phase 4 migration" pre-phase-4 --auto-recover -- ./migrate.sh',
  async run(args, { world, globals, lists, notify }): Promise<GuardOutcome> {
    const argv = lists["--"] ?? [];
    if (argv.length === 0) throw fail.missingWord("guard", "`-- COMMAND…` behind its own words");
    const recovers = mayRecover(args["auto-recover"] === true, world, notify);
    const site = await findSite(world, globals);
    const call = (words: string[]) => callCommand(world, globals, words, notify);

    const made = await call(["create", args.description, args.category, "--pin"]);
    if (made.command !== "create") throw new Error("create made no snapshot");
    const { id, skipped } = made;
    try {
      if (!made.complete && args["allow-incomplete"] !== true)
        throw fail.guardIncomplete(
          id,
          skipped.map(({ path }) => path),
        );
      const { manifest } = await readManifestOf(id, site.store);
      const before = await observe(world, site, manifest, []);
      const labels = before.agents.map(({ label }) => label);
      const places = { ROLLBACK_ROOT: site.root, ROLLBACK_SNAPSHOTS: site.store };
      const how = {
        env: { ...world.env, ...places, ROLLBACK_SNAPSHOT: id },
        cwd: world.cwd,
        umask: world.umask,
        stdoutToStderr: globals.json,
      };
      const code = await runAttached(argv, how, onSignal);
      const failures =
        code === null ? [`${argv[0]} can't be started`] : code === 0 ? [] : [`the command ended with ${code}`];
      if (failures.length === 0) {
        for (const check of lists.check ?? []) {
          const ended = await runAttached(["/bin/sh", "-c", check], how, onSignal);
          if (ended !== 0) failures.push(`the check \`${check}\` ended with ${ended ?? "no start"}`);
        }
        failures.push(...whatBroke(before, await observe(world, site, manifest, labels)));
      }
      const place = placeWords(globals);
      const next = [
        ["rollback", "restore", id, ...place],
        ["rollback", "restore", id, ...place, "--force", "--reload"],
      ];
      const base = { command: "guard" as const, id, code, failures };
      if (failures.length === 0) return { ...base, next: [], exit: 0, changes: null, recovered: null };
      // Whatever becomes of the roll-back, the command's own code is what its caller waits for.
      const exit = code === null ? 127 : code === 0 ? 1 : code;
      const attempt = async (words: string[]) => {
        try {
          return await call(words);
        } catch (cause) {
          if (!(cause instanceof RollbackError)) throw cause;
          failures.push(cause.message);
          return null;
        }
      };
      const preview = await attempt(["restore", id]);
      const changes = preview?.command === "restore" ? preview.summary : null;
      if (!recovers) return { ...base, next, exit, changes, recovered: null };
      const restored = await attempt(["restore", id, "--force", "--reload"]);
      if (restored?.command !== "restore") return { ...base, next, exit, changes, recovered: null };
      failures.push(...(await loadAgain(before, world, site, manifest, notify)));
      return { ...base, next: [], exit, changes, recovered: restored };
    } finally {
      await unpin(call, id);
    }
  },
});

/** The snapshot may be gone: that is no reason to lose what the command said. */
async function unpin(call: (words: string[]) => Promise<unknown>, id: string): Promise<void> {
  try {
    await call(["unpin", id]);
  } catch (cause) {
    if (!(cause instanceof RollbackError)) throw cause;
  }
}

/** Agents that were loaded before and are not, also those whose plist nobody touched. Returns what did not come up. */
async function loadAgain(
  before: Observation,
  world: World,
  site: Site,
  manifest: Manifest,
  notify: Notify,
): Promise<string[]> {
  const now = await observe(world, site, manifest, []);
  const lost = now.agents.filter(({ label }) => before.loaded.get(label) === true && now.loaded.get(label) === false);
  const recorded = { loaded: true, disabled: false };
  const requests = lost.map(({ label, path, agent }) => ({ label, plist: path, agent, recorded }));
  const { agents } = await reloadAll(requests, world, notify);
  return agents
    .filter(({ result }) => result === "failed")
    .map(({ label, reason }) => `${label} did not come up: ${reason}`);
}

interface Observation {
  agents: (LiveAgent & { dangling: string[] })[];
  /** By label; null where launchd could not be asked. */
  loaded: Map<string, boolean | null>;
  venvs: Map<string, boolean | null>;
  /** Whether each captured plist and JSON parses; null where it is gone. */
  parses: Map<string, boolean | null>;
}

async function observe(world: World, site: Site, manifest: Manifest, more: string[]): Promise<Observation> {
  const agents = (await liveAgents(site)).map((live) => ({ ...live, dangling: dangling(live.agent) }));
  const states = await launchdStates(world, [...new Set([...agents.map(({ label }) => label), ...more])]);
  const { venvs } = await findVenvs(site.config, site);
  const parsed = manifest.files
    .filter(({ kind, original }) => kind === "plist" || original.endsWith(".json"))
    .map(async ({ kind, original }) => [original, await parses(original, kind === "plist")] as const);
  return {
    agents,
    loaded: new Map([...states].map(([label, { service }]) => [label, service?.loaded ?? null])),
    venvs: new Map(venvs.map(({ key, path }) => [key, lookAtVenv(path).healthy ?? null])),
    parses: new Map(await Promise.all(parsed)),
  };
}

const dangling = (agent: Agent | null): string[] => (agent === null ? [] : danglingReferences(agent));

async function parses(path: string, plist: boolean): Promise<boolean | null> {
  const bytes = ifReadable(() => readBytes(path, LIMIT_BYTES));
  if (bytes === null) return null;
  return plist ? (await parseAgent(bytes)) !== null : isJson(bytes);
}

/** What held before the command and holds no more. */
function whatBroke(before: Observation, after: Observation): string[] {
  const broken: string[] = [];
  for (const [path, was] of before.parses) {
    const is = after.parses.get(path) ?? null;
    if (was !== null && is === null) broken.push(`${path} is gone`);
    else if (was === true && is === false)
      broken.push(`${path} is ${path.endsWith(".json") ? "no JSON" : "malformed"} now`);
  }
  for (const { path, label, dangling: had } of before.agents)
    for (const problem of after.agents.find((other) => other.path === path)?.dangling ?? [])
      if (!had.includes(problem)) broken.push(`${label}: ${problem}`);
  for (const [label, loaded] of before.loaded)
    if (loaded === true && after.loaded.get(label) === false) broken.push(`${label} is not loaded any more`);
  for (const [key, healthy] of before.venvs)
    if (healthy !== false && after.venvs.get(key) !== healthy) broken.push(`the venv ${key} has lost its python`);
  return broken;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
