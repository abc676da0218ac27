// `reload`: makes launchd read changed agents anew.

import { fail } from "../errors.ts";
import { whatIsInTheWay } from "../launchd/comes-back.ts";
import { findLaunchctl, type Launchctl } from "../launchd/launchctl.ts";
import { type Reloaded, type ReloadRequest, reloadAgents } from "../launchd/reload.ts";
import type { AbsPath, Manifest, Notify } from "../model.ts";
import { nameOf } from "../paths.ts";
import { EXIT } from "../rollback-error.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { folderVault, tryManifestOf } from "../snapshot/vault.ts";
import { whoAmI } from "../system/machine.ts";
import { quote } from "../text.ts";
import { type LiveAgent, liveAgents, readAgent } from "./agent-states.ts";
import type { Context, Ending, World } from "./context.ts";
import { keysOf } from "./identity.ts";
import { openSnapshot } from "./open.ts";
import { findSite, type Site } from "./site.ts";

export interface ReloadInput {
  /** A snapshot's REF or an agent's label; undefined means the last restore. */
  what: string | undefined;
  identity: string | undefined;
}

/** To which state: the recorded one, the one before where none was recorded, or up because the user named it. */
type Asked = "recorded" | "as it is" | "up";

/** What became of each agent; `byHand` holds the commands to type where launchd could not be reached. */
export interface Reloads {
  agents: { label: string; result: string; reason?: string; asked: Asked }[];
  byHand: string[];
}

export interface ReloadOutcome extends Ending, Reloads {
  command: "reload";
}

export async function reload(
  { what, identity }: ReloadInput,
  { world, named, notify }: Context,
): Promise<ReloadOutcome> {
  const site = await findSite(world, named);
  const requests = await wanted(what, identity, site, world);
  return { command: "reload", ...(await reloadAll(requests, world, notify)) };
}

/** A reload asks launchd for minutes if it must: an agent that was let go has to come back. */
const ANSWER_MS = 30_000;

/** Reloads, or where there is no launchd to talk to gives the commands that do it by hand. */
export async function reloadAll(requests: ReloadRequest[], { env }: World, notify: Notify) {
  const { uid } = whoAmI();
  const launchctl: Launchctl | null = findLaunchctl(env, uid, ANSWER_MS);
  const typed = ({ label, plist }: ReloadRequest) =>
    `launchctl bootout ${quote(`gui/${uid}/${label}`)}; launchctl bootstrap gui/${uid} ${quote(plist)}`;
  const warn = (message: string) => notify({ type: "warning", message });
  const disabled = (await launchctl?.disabled()) ?? null;
  if (launchctl === null || disabled === null) {
    const why =
      launchctl === null
        ? "there is no launchctl here: nothing was reloaded"
        : `there is no launchd session to reload in: ${await launchctl.silence()}`;
    warn(why);
    return { exit: requests.length === 0 ? EXIT.done : EXIT.failed, agents: [], byHand: requests.map(typed) };
  }
  // Booting out the job that runs us would end us before the bootstrap.
  const own = requests.filter(({ label }) => label === env.XPC_SERVICE_NAME);
  const others = requests.filter((request) => !own.includes(request));
  for (const { label } of own) warn(`${label} is the job that runs rollback now: it is reloaded from outside`);
  const obstacles = await whatIsInTheWay(others, env, uid);
  let done = 0;
  const all: Reloaded[] = await reloadAgents(others, { launchctl, disabled, obstacles }, () => {
    done++;
    notify({ type: "progress", what: "Reloading", done, total: others.length });
  });
  const agents = all.map(({ elsewhere: _, ...told }, index) => ({ ...told, asked: askedOf(others[index]) }));
  const elsewhere = others.filter((_, index) => all[index]?.elsewhere === true);
  const isWhole = own.length === 0 && agents.every(({ result }) => !["failed", "left running"].includes(result));
  return { exit: isWhole ? EXIT.done : EXIT.partial, agents, byHand: [...own, ...elsewhere].map(typed) };
}

const askedOf = (request: ReloadRequest | undefined): Asked =>
  typeof request?.to === "string" ? request.to : "recorded";

/** The reload of plists that a restore just wrote, to the state that the snapshot recorded. */
export async function requestsFor(paths: AbsPath[], manifest: Manifest): Promise<ReloadRequest[]> {
  const states = new Map(manifest.files.map(({ label, launchd }) => [label, launchd]));
  return Promise.all(
    paths.map(async (path) => {
      const { label, agent } = await readAgent(path);
      return { label, plist: path, agent, to: states.get(label) ?? "as it is" };
    }),
  );
}

async function wanted(
  what: string | undefined,
  identity: string | undefined,
  site: Site,
  world: World,
): Promise<ReloadRequest[]> {
  const live = await liveAgents(site);
  const byName = (name: string) => live.find(({ path }) => path.endsWith(`/${name}`));
  // Of several plists with one Label, the one that is named like it.
  const named = what === undefined ? undefined : (byName(what) ?? byName(`${what}.plist`) ?? byLabel(live, what));
  if (named !== undefined) return [{ label: named.label, plist: named.path, agent: named.agent, to: "up" }];
  const backups = await autoBackups(site.store);
  const ref = what ?? backups[0]?.of;
  if (ref === undefined) throw fail.nothingToReload();
  const { located, manifest } = await openSnapshot(
    ref,
    async () => site.store,
    world.cwd,
    () => keysOf(world, identity),
  );
  // What the restore overwrote tells what it changed; where it overwrote nothing, all that it brought is new.
  const before = backups.find(({ of }) => of === located.id)?.manifest;
  const had = new Map(before?.files.map(({ label, hash }) => [label, hash]));
  const changed = manifest.files.filter(
    ({ kind, label, hash }) => kind === "plist" && (before === undefined || had.get(label) !== hash),
  );
  // By label: in another home the paths are others.
  const labels = new Set(changed.map(({ label, original }) => label ?? nameOf(original).replace(/\.plist$/, "")));
  const paths = live.filter(({ label }) => labels.has(label)).map(({ path }) => path);
  return requestsFor(paths, manifest);
}

const byLabel = (live: LiveAgent[], wanted: string) => live.find(({ label }) => label === wanted);

/** Auto-backups, newest first, with the snapshot whose restore each of them came before. */
async function autoBackups(store: AbsPath): Promise<{ of: string; manifest: Manifest }[]> {
  const backups = [];
  for (const { id, at, forms } of listSnapshots(store)) {
    if (!forms.includes("folder")) continue;
    const read = await tryManifestOf(folderVault(id, at));
    const of = "manifest" in read ? read.manifest.beforeRestoreOf : null;
    if (of !== null && "manifest" in read) backups.push({ of, manifest: read.manifest });
  }
  return backups;
}
