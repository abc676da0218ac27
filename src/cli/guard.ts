// snapshot, run, check, roll back: the other commands put together.
import { fail } from "../errors.ts";
import { findVenvs, lookAtVenv } from "../inventory/venv.ts";
import type { Agent } from "../launchd/agent.ts";
import { danglingReferences } from "../launchd/problems.ts";
import type { Manifest, Notify } from "../model.ts";
import type { GuardOutcome } from "../outcome.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import { onSignal } from "../system/interrupt.ts";
import { runAttached } from "../system/process.ts";
import { type LiveAgent, launchdStates, liveAgents } from "./agents.ts";
import { callCommand, placeWords } from "./call.ts";
import { command, type Globals, type World } from "./command.ts";
import { readManifestOf } from "./open.ts";
import { findSite, type Site } from "./places.ts";

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
    const { id } = made;
    try {
      if (!made.complete && args["allow-incomplete"] !== true) throw fail.guardIncomplete(id);
      const before = await observe(world, site);
      const env = { ...world.env, ROLLBACK_SNAPSHOT: id };
      const code = await runAttached(argv, { env, cwd: world.cwd, stdoutToStderr: globals.json }, onSignal);
      const failures =
        code === null ? [`${argv[0]} can't be started`] : code === 0 ? [] : [`the command ended with ${code}`];
      const { manifest } = await readManifestOf(id, site.store);
      if (failures.length === 0)
        failures.push(
          ...(await failedChecks(lists.check ?? [], world, globals)),
          ...(await whatBroke(before, await observe(world, site), manifest)),
        );
      const next = [
        ["rollback", "restore", id, ...placeWords(globals)],
        ["rollback", "restore", id, ...placeWords(globals), "--force", "--reload"],
      ];
      const base = { command: "guard" as const, id, code, failures, next: failures.length === 0 ? [] : next };
      if (failures.length === 0) return { ...base, exit: 0, changes: null, recovered: null };
      const preview = await call(["restore", id]);
      const changes = preview.command === "restore" ? preview.summary : null;
      const own = code === null ? 127 : code;
      if (!recovers) return { ...base, exit: own === 0 ? 1 : own, changes, recovered: null };
      const restored = await call(["restore", id, "--force", "--reload"]);
      const recovered = restored.command === "restore" ? restored : null;
      return { ...base, exit: own === 0 ? 1 : own, changes, recovered, next: recovered === null ? next : [] };
    } finally {
      await call(["unpin", id]);
    }
  },
});

/** --auto-recover, or ENABLE_ROLLBACK_AUTO_RECOVER, whose 0 forbids it whatever the flag says. */
function mayRecover(flag: boolean, { env }: World, notify: Notify): boolean {
  const text = env.ENABLE_ROLLBACK_AUTO_RECOVER;
  if (text === undefined || text === "") return flag;
  if (/^(1|true|yes)$/i.test(text)) return true;
  if (!/^(0|false|no)$/i.test(text))
    throw fail.badValue("ENABLE_ROLLBACK_AUTO_RECOVER", text, "1, true, yes, 0, false or no");
  if (flag) notify({ type: "warning", message: "ENABLE_ROLLBACK_AUTO_RECOVER=0 forbids --auto-recover" });
  return false;
}

interface Observation {
  agents: (LiveAgent & { dangling: string[] })[];
  loaded: Set<string>;
  venvs: Map<string, boolean | null>;
}

async function observe(world: World, site: Site): Promise<Observation> {
  const agents = (await liveAgents(site)).map((live) => ({ ...live, dangling: dangling(live.agent) }));
  const states = await launchdStates(
    world,
    agents.map(({ label }) => label),
  );
  const { venvs } = await findVenvs(site.config, site);
  return {
    agents,
    loaded: new Set([...states].filter(([, { service }]) => service?.loaded === true).map(([label]) => label)),
    venvs: new Map(venvs.map(({ key, path }) => [key, lookAtVenv(path).healthy ?? null])),
  };
}

const dangling = (agent: Agent | null): string[] => (agent === null ? [] : danglingReferences(agent));

/** What held before the command and holds no more. */
async function whatBroke(before: Observation, after: Observation, manifest: Manifest): Promise<string[]> {
  const broken: string[] = [];
  for (const { path, label, agent, dangling: had } of before.agents) {
    const now = after.agents.find((other) => other.path === path);
    if (agent !== null && now?.agent === null) broken.push(`${path} is malformed now`);
    for (const problem of now?.dangling ?? []) if (!had.includes(problem)) broken.push(`${label}: ${problem}`);
  }
  for (const { kind, original } of manifest.files) {
    if (kind === "plist" || !original.endsWith(".json")) continue;
    const bytes = ifReadable(() => readBytes(original, LIMIT_BYTES));
    if (bytes !== null && !isJson(bytes)) broken.push(`${original} is no JSON now`);
  }
  for (const label of before.loaded) if (!after.loaded.has(label)) broken.push(`${label} is not loaded any more`);
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

async function failedChecks(checks: string[], world: World, globals: Globals): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    const code = await runAttached(
      ["/bin/sh", "-c", check],
      { env: world.env, cwd: world.cwd, stdoutToStderr: globals.json },
      onSignal,
    );
    if (code !== 0) failed.push(`the check \`${check}\` ended with ${code ?? "no start"}`);
  }
  return failed;
}
