// Everything a snapshot needs to know before the lock is taken: what is there, and the facts that take time to ask for.

import { discover } from "../inventory/discover.ts";
import { askGit, readHead } from "../inventory/git.ts";
import { askVenvs, findVenvs } from "../inventory/venv.ts";
import { plainSnapshotsInGit } from "../leaks/in-git.ts";
import type { Inventory, LaunchdState, Notify } from "../model.ts";
import { absolute, nameOf } from "../paths.ts";
import { type Circumstances, newestComplete } from "../snapshot/capture.ts";
import { ifReadable, lookThrough } from "../system/files.ts";
import { machineName } from "../system/machine.ts";
import { which } from "../system/process.ts";
import { quote } from "../text.ts";
import { TOOL } from "../version.ts";
import { launchdStates, readAgent } from "./agent-states.ts";
import type { World } from "./context.ts";
import type { Site } from "./site.ts";

export interface Gathered {
  inventory: Inventory;
  circumstances: Circumstances;
}

/** Looks at the files while git and the pythons are being asked. Facts that can't be had are null, with a warning. */
export async function gather(world: World, site: Site, notify: Notify): Promise<Gathered> {
  const { env } = world;
  const { config, home, root } = site;
  const { venvs, warnings } = await findVenvs(config, site);
  const head = readHead(root);
  const asked = Promise.all([
    askVenvs(venvs, env),
    head === null ? null : askGit(root, env),
    head === null ? null : plainSnapshotsInGit(root, site.store, env),
  ]);
  const inventory = await discover(config, site);
  await addKnown(inventory, site);
  const launchd = await agentStates(world, inventory, notify);
  const [{ states, warnings: venvWarnings }, git, plain] = await asked;
  const gitWarnings: string[] = [];
  if (head !== null && git === null) gitWarnings.push("git could not tell whether the checkout is dirty");
  const store = quote(site.store);
  if (plain !== null && plain.tracked > 0)
    gitWarnings.push(
      `GIT HOLDS PLAIN SNAPSHOTS: ${plain.tracked} files with secrets in them are tracked (new ones stay out). Untrack them: git rm -r -q --cached ${store} && git commit. If they were ever pushed, change the keys in them`,
    );
  else if (plain?.inHistory)
    gitWarnings.push(
      `GIT'S HISTORY HOLDS PLAIN SNAPSHOTS below ${store}: whoever has a clone has the secrets. Change the keys in them, then rewrite the history (git filter-repo --invert-paths --path …)`,
    );
  const broken = inventory.malformed.map(({ path, reason }) => malformedWords(path, reason, inventory));
  for (const message of [...broken, ...inventory.warnings, ...warnings, ...venvWarnings, ...gitWarnings])
    notify({ type: "warning", message });
  return {
    inventory,
    circumstances: {
      git: git ?? { commit: head?.commit ?? null, branch: head?.branch ?? null, dirty: null },
      venvs: states,
      launchd,
      host: machineName(),
      home,
      root,
      tool: TOOL,
    },
  };
}

function malformedWords(path: string, reason: string, { found }: Inventory): string {
  const isStored = found.some((file) => file.path === path);
  return `${path} ${isStored ? "is stored as it is, but " : ""}${reason}: credentials that only it names may be missing from the snapshot`;
}

/** Credentials that the last complete snapshot found by a file that can't be understood now: it may name them still. */
async function addKnown({ found, malformed }: Inventory, { store, home, root }: Site): Promise<void> {
  const last = malformed.length === 0 ? null : await newestComplete(store);
  if (last === null || last.manifest.home !== home || last.manifest.root !== root) return;
  for (const { original, kind, name, foundBy = [] } of last.manifest.files) {
    const path = absolute(original, "/");
    const isNamed = malformed.some(({ pattern }) => foundBy.some((route) => route.startsWith(`${pattern}: `)));
    if (kind !== "credential" || !isNamed || found.some((file) => file.path === path)) continue;
    if (ifReadable(() => lookThrough(path)?.isFile()) === true)
      found.push({ path, kind, name: name ?? nameOf(path), foundBy });
  }
}

/** What launchd says of the plists that will be captured; empty where there is no launchctl. */
async function agentStates(
  world: World,
  { found }: Inventory,
  notify: Notify,
): Promise<ReadonlyMap<string, LaunchdState>> {
  if (which("launchctl", world.env) === null) return new Map();
  const plists = await Promise.all(found.filter(({ kind }) => kind === "plist").map(({ path }) => readAgent(path)));
  const labels = plists.map(({ label }) => label);
  const states = await launchdStates(world, labels, { notify });
  return new Map(
    [...states].flatMap(([label, { service, disabled }]) =>
      service === null || disabled === null ? [] : [[label, { loaded: service.loaded, disabled }] as const],
    ),
  );
}
