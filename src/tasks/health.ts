// `health`: one look for monitoring: would a restore work tonight?
import { fail } from "../errors.ts";
import { discover } from "../inventory/discover.ts";
import { readHead } from "../inventory/git.ts";
import { findVenvs, lookAtVenv } from "../inventory/venv.ts";
import { endOfLog } from "../launchd/log-end.ts";
import { troubleOf } from "../launchd/service.ts";
import { plainSnapshotsInGit } from "../leaks/in-git.ts";
import type { AbsPath, Found, Notify } from "../model.ts";
import { absolute, below, nameOf } from "../paths.ts";
import { pendingJournal } from "../restore/journal-read.ts";
import { storeParts, whyDistrusted } from "../restore/trust.ts";
import { RollbackError } from "../rollback-error.ts";
import { checkAudit, lastCreate, lastDrill, lastPush, missingOf } from "../snapshot/audit-read.ts";
import { cutOffGuard } from "../snapshot/guard-mark.ts";
import { asWriter, demandMounted, type Entry, innerFolder, listSnapshots } from "../snapshot/store.ts";
import { folderVault, tryManifestOf } from "../snapshot/vault.ts";
import { verifySnapshot } from "../snapshot/verify.ts";
import { cloudAround } from "../system/cloud.ts";
import { freeBytes, ifReadable, look, treeSize } from "../system/files.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { type Finding, type HealthFacts, judgeHealth, LEVELS, type Level, worst } from "../upkeep/health.ts";
import { launchdStates, liveAgents, readAgent } from "./agent-states.ts";
import type { Context, Ending, World } from "./context.ts";
import { FEW_NAMES, lookForMissed } from "./coverage.ts";
import { warnOfGoneStore } from "./gone-store.ts";
import { hasIdentity } from "./identity.ts";
import { lookForJob, watchJobOf } from "./job-label.ts";
import { type Lost, lostNow, malformedConfigs } from "./losses.ts";
import { noteEvent } from "./note-event.ts";
import { showNotification } from "./notification.ts";
import { formOf, openVault, rememberGlances } from "./open.ts";
import { demandProven, type Means, meansOf } from "./proven.ts";
import { refusedFiles } from "./refusal.ts";
import { findSite, type Site } from "./site.ts";

export type { Finding, Level, Perf } from "../upkeep/health.ts";

export interface HealthRequest {
  /** Re-hash every stored file, as verify does. */
  deep: boolean;
  /** How old the last snapshot may be, instead of the config's: a duration such as 26h. */
  maxAge: string | undefined;
  /** On a Mac, show a notification when not OK. */
  notification: boolean;
  /** Accept first what is lost now; nothing later. */
  accept: { lockWaitMs: number } | null;
}

export interface HealthOutcome extends Ending {
  command: "health";
  level: Level;
  findings: Finding[];
  /** Why nothing could be looked at; null where something was. */
  error: RollbackError | null;
}

/** What monitoring is told where nothing could be looked at. */
export const unknownHealth = (error: RollbackError): HealthOutcome => ({
  command: "health",
  exit: LEVELS.indexOf("unknown"),
  level: "unknown",
  findings: [{ check: "look", level: "unknown", message: error.message }],
  error,
});

export async function health(
  { deep, maxAge, notification, accept }: HealthRequest,
  { world, named, holder, notify }: Context,
): Promise<HealthOutcome> {
  const site = await findSite(world, named);
  await demandAnswer(site.store);
  demandMounted(site.store);
  await warnOfGoneStore(site, world, notify);
  if (accept !== null) await acceptLosses(site, accept.lockWaitMs, { holder, notify });
  const limits = maxAge === undefined ? site.config.health : { ...site.config.health, "max-age": maxAge };
  const findings = judgeHealth(await healthFacts(world, site, deep, notify), limits);
  const level = worst(findings);
  if (notification && level !== "ok") {
    const message = findings.filter((finding) => finding.level !== "ok").map((finding) => finding.message);
    if (!(await showNotification(world, `rollback: ${level}`, message.join("; "))))
      notify({ type: "warning", message: "no notification was shown: osascript is missing or failed" });
  }
  return { command: "health", exit: LEVELS.indexOf(level), level, findings, error: null };
}

const ANSWER_MS = 10_000;

/** A disk that is gone lets whoever asks it wait for ever; so another program asks first. Throws `failed`. */
async function demandAnswer(store: AbsPath): Promise<void> {
  const ran = await run([absolute("/bin/ls", "/"), "-d", `${store}/.`], {
    env: childEnvironment({}),
    timeoutMs: ANSWER_MS,
  });
  if (ran?.timedOut === true) throw fail.storeSilent(store, ANSWER_MS / 1000);
}

/** Notes that what is lost now is meant to be so. */
async function acceptLosses(site: Site, lockWaitMs: number, { holder, notify }: Pick<Context, "holder" | "notify">) {
  const { store } = site;
  await asWriter(store, { command: holder, lockWaitMs }, async () => {
    const { files } = await lostNow(site, listSnapshots(store));
    if (files.length > 0)
      noteEvent(
        store,
        { command: "accept", files: files.length, paths: files.map(({ path }) => path), result: "ok" },
        notify,
      );
  });
}

/** What is looked at; `deep` re-hashes every stored file. */
export async function healthFacts(
  world: World,
  site: Site,
  deep: boolean,
  notify: Notify,
  glanceOf = rememberGlances(),
): Promise<HealthFacts> {
  const { env } = world;
  const { store, root, config } = site;
  const entries = listSnapshots(store);
  const audit = checkAudit(store);
  const means = deep ? meansOf(world, store) : null;
  const damaged: string[] = [];
  const unopened: string[] = [];
  let storeBytes: number | null = 0;
  let newest: HealthFacts["newest"] = null;
  let newestMs: number | null = null;
  let newestEntry: Entry | null = null;
  for (const entry of entries) {
    const seen = await glanceOf(entry);
    const bytes = sizeOfForms(store, entry, seen?.sizeBytes ?? null);
    storeBytes = storeBytes === null || bytes === null ? null : storeBytes + bytes;
    const looked = means !== null ? await lookDeep(entry, store, means, notify) : { isDamaged: false, unopened: [] };
    unopened.push(...looked.unopened);
    const isUnreadable = formOf(entry) !== "zip.age" && (seen === null || seen.missing);
    if (isUnreadable || looked.isDamaged) damaged.push(entry.id);
    if (seen === null) continue;
    if (entry.ahead) continue;
    newest ??= { id: entry.id, complete: seen.complete };
    newestEntry ??= entry;
    newestMs ??= seen.createdAtMs;
  }
  const { venvs } = await findVenvs(config, site);
  const { found, malformed } = await discover(config, site);
  const lost = await lostNow(site, entries, glanceOf);
  const last = lastCreate(store);
  return {
    nowMs: Date.now(),
    lastCreateMs: last?.atMs ?? newestMs,
    missing: missingOf(last, entries),
    newest,
    lost,
    malformed: await malformedPlists(found, lost),
    malformedConfigs: malformedConfigs(malformed, lost),
    ahead: entries.filter(({ ahead }) => ahead).map(({ id }) => id),
    damaged,
    unopened,
    deep,
    snapshots: entries.length,
    storeBytes,
    freeBytes: freeBytes(entries.length > 0 ? store : root),
    unfinishedRestore: unfinished(store),
    cutOffGuard: cutOffGuard(innerFolder(store)),
    plainInGit: readHead(root) === null ? null : await plainSnapshotsInGit(root, store, env),
    permissions: await permissions(store, env),
    clouds: await cloudsAround(site, env),
    refused: await refusedFiles(found, site, env),
    missed: lookForMissed(site, found, FEW_NAMES).missed,
    auditOk: audit.ok,
    ...(await launchdFacts(world, site, newestEntry, notify)),
    copies: Object.entries(config.copies).flatMap(([name, { auto }]) =>
      auto === true ? [{ name, lastPushMs: lastPush(store, name) }] : [],
    ),
    drills: hasIdentity(world) ? drillsOf(site) : [],
    brokenVenvs: venvs.filter(({ path }) => lookAtVenv(path).healthy === false).map(({ key }) => key),
  };
}

async function cloudsAround({ store, root, home }: Site, env: World["env"]): Promise<HealthFacts["clouds"]> {
  const [ofStore, ofRoot] = await Promise.all([cloudAround(store, home, env), cloudAround(root, home, env)]);
  return [
    ...(ofStore === null ? [] : [{ what: "snapshots folder" as const, cloud: ofStore }]),
    ...(ofRoot === null ? [] : [{ what: "project" as const, cloud: ofRoot }]),
  ];
}

/** The places that the daily job tries, and those that somebody tried. */
const drillsOf = ({ store, config }: Site): HealthFacts["drills"] =>
  Object.entries(config.copies)
    .map(([name, { auto }]) => ({ name, auto: auto === true, last: lastDrill(store, name) }))
    .filter(({ auto, last }) => auto || last !== null)
    .map(({ name, last }) => ({ name, last }));

async function malformedPlists(found: Found[], { files }: Lost): Promise<HealthFacts["malformed"]> {
  const plists = found.filter(({ kind, path }) => kind === "plist" && !files.some((loss) => loss.path === path));
  const read = await Promise.all(plists.map(({ path }) => readAgent(path)));
  return read.flatMap(({ path, malformed }) => (malformed === null ? [] : [{ name: nameOf(path), what: malformed }]));
}

/** What launchd says of the daily job, of the agents that it had loaded when the newest snapshot was taken, and of those that are loaded. */
async function launchdFacts(
  world: World,
  site: Site,
  newest: Entry | null,
  notify: Notify,
): Promise<Pick<HealthFacts, "schedule" | "agents">> {
  if (which("launchctl", world.env) === null) return { schedule: null, agents: null };
  const manifest = newest === null ? null : await tryManifestOf(await openVault(newest, () => []));
  const captured = (manifest !== null && "manifest" in manifest ? manifest.manifest.files : []).flatMap(
    ({ label, launchd }) => (label != null && launchd?.loaded && !launchd.disabled ? [label] : []),
  );
  const agents = await liveAgents(site);
  const live = new Map(agents.map(({ label, agent }) => [label, agent]));
  const own = await lookForJob(site, world);
  const label = own?.label ?? site.config.schedule.label;
  const watching = own === null ? null : await watchJobOf(own, site, world);
  const watch = watching?.isOurs === true ? watching.label : null;
  const labels = new Set([label, ...(watch === null ? [] : [watch]), ...captured, ...live.keys()]);
  const states = await launchdStates(world, [...labels], { notify, agents });
  const troubleWith = (name: string) => {
    const service = states.get(name)?.service ?? null;
    return service === null ? null : (troubleOf(service)?.words ?? null);
  };
  const isLoaded = (name: string) => states.get(name)?.service?.loaded ?? null;
  labels.delete(label);
  labels.delete(watch ?? label);
  const known = [...labels].filter((name) => isLoaded(name) === true || captured.includes(name));
  const crashed = known.flatMap((name) => {
    const words = troubleWith(name);
    return words === null ? [] : [{ label: name, words: `${words}${endOfLog(live.get(name) ?? null)}` }];
  });
  const unloaded = captured.filter((name) => isLoaded(name) === false);
  const factsOf = (name: string) => {
    const loaded = isLoaded(name);
    return loaded === null ? null : { label: name, loaded, trouble: troubleWith(name) };
  };
  const job = factsOf(label);
  const installed = own?.isOurs === true;
  return {
    schedule: job === null ? null : { ...job, installed, watch: watch === null ? null : factsOf(watch) },
    agents: known.some((name) => isLoaded(name) === null) ? null : { total: known.length, unloaded, crashed },
  };
}

/** Every form of a snapshot: a folder is re-hashed, an archive opened. What no identity at hand opens is not known to be damaged. */
async function lookDeep({ id, forms }: Entry, store: AbsPath, means: Means, notify: Notify) {
  const unopened: string[] = [];
  let isDamaged = false;
  for (const form of forms) {
    const name = form === "folder" ? id : `${id}.${form}`;
    const at = below(store, name);
    try {
      if (form !== "folder") await demandProven({ id, form }, at, means);
      else if ((await verifySnapshot(folderVault(id, at), means.digests.get(id), notify)).status === "damaged")
        isDamaged = true;
    } catch (cause) {
      if (!(cause instanceof RollbackError) || cause.code === "interrupted") throw cause;
      if (cause.code === "not-found") unopened.push(name);
      else isDamaged = true;
    }
  }
  return { isDamaged, unopened };
}

/** Bytes of one snapshot in all its forms: as its manifest says, else as its folder's listing tells. */
function sizeOfForms(store: AbsPath, { id, at, forms }: Entry, recorded: number | null): number | null {
  return ifReadable(() =>
    forms.reduce((sum, form) => {
      if (form === "folder") return sum + (recorded ?? treeSize(at));
      return sum + (look(below(store, `${id}.${form}`))?.size ?? 0);
    }, 0),
  );
}

function unfinished(store: Site["store"]): string | null {
  try {
    const pending = pendingJournal(innerFolder(store));
    return pending === null ? null : (pending.journal?.snapshot ?? "a snapshot");
  } catch (cause) {
    if (cause instanceof RollbackError) return "a snapshot whose journal can't be read";
    throw cause;
  }
}

async function permissions(store: Site["store"], env: World["env"]): Promise<string | null> {
  const distrust = await whyDistrusted(storeParts(store), store, env);
  return distrust === null ? null : `${distrust.message}. ${distrust.hint}`;
}
