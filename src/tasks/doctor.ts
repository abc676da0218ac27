// `doctor`: will it work here? Every assumption about this machine, tried; nothing is changed but a folder in the store, which goes again.
import {
  exitOf,
  judgeClock,
  judgeEnvironment,
  judgeFileSystem,
  judgeHome,
  judgeLocks,
  judgeReading,
  judgeRehearsal,
  judgeTrial,
  type Probe,
  type Tried,
} from "../doctor/judge.ts";
import { discover } from "../inventory/discover.ts";
import { findLaunchctl } from "../launchd/launchctl.ts";
import { type Call, rehearsalPlist, rehearse } from "../launchd/rehearsal.ts";
import type { AbsPath, Env } from "../model.ts";
import { below } from "../paths.ts";
import { privacyHint } from "../privacy.ts";
import { reasonOf } from "../rollback-error.ts";
import { listSnapshots } from "../snapshot/store.ts";
import { folderVault, tryManifestOf } from "../snapshot/vault.ts";
import { inTemporary, writeNew } from "../system/durable.ts";
import { fileSystemOf } from "../system/file-system.ts";
import { freeBytes, ifReadable, lookThrough, resolved } from "../system/files.ts";
import { readLocks } from "../system/locked.ts";
import { whoAmI } from "../system/machine.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { tryFileSystem } from "../system/trial.ts";
import { quote } from "../text.ts";
import { bytesOf } from "../upkeep/health.ts";
import { BUILD } from "../version.ts";
import type { Context, Ending, World } from "./context.ts";
import { findSite, type Site } from "./site.ts";

export interface DoctorRequest {
  /** On a Mac also load, reload, kill and remove a throw-away agent. */
  launchd: boolean;
  /** The words by which this program lists what a place for copies holds. */
  listWords(place: string): string[];
}

export interface DoctorOutcome extends Ending {
  command: "doctor";
  probes: Probe[];
  /** What launchctl was asked and printed for the throw-away agent; null where none was loaded. */
  calls: Call[] | null;
  tookMs: number;
  home: AbsPath;
  user: string;
}

export async function doctor(request: DoctorRequest, { world, named }: Context): Promise<DoctorOutcome> {
  const began = performance.now();
  const site = await findSite(world, named);
  const { uid, user } = whoAmI();
  const { store, home } = site;
  const mounted = await fileSystemOf(store, world.env);
  const groups = await Promise.all([
    machine(world),
    [judgeHome(uid, lookThrough(home)?.uid ?? uid), judgeEnvironment(Object.keys(world.env))],
    judgeFileSystem(
      mounted?.type ?? null,
      mounted?.options ?? [],
      freeBytes(store),
      bytesOf(site.config.health["min-free"]),
    ),
    trial(store),
    clock(store),
    reading(world, site),
    launchd(world.env, uid),
    systemd(world.env),
    copies(request, world, site),
  ]);
  const tried = request.launchd ? await rehearsal(world.env, uid) : { probes: [], calls: null };
  const probes = [...groups.flat(), ...tried.probes];
  const { calls } = tried;
  return {
    command: "doctor",
    exit: exitOf(probes),
    probes,
    calls,
    tookMs: Math.round(performance.now() - began),
    home,
    user,
  };
}

const seen = (name: string, found: string): Probe => ({ name, result: "ok", found, next: null });
const warned = (name: string, found: string, next: string): Probe => ({ name, result: "warning", found, next });

async function say(env: Env, ...argv: [string, ...string[]]): Promise<string | null> {
  const [program, ...words] = argv;
  const ran = await run([program as AbsPath, ...words], { env: childEnvironment(env), timeoutMs: 2000 });
  return ran?.exitCode === 0 ? ran.stdout.trim() : null;
}

/** The program and what it runs on. On a Mac its signature, its quarantine and the developer tools, too. */
async function machine({ env, execPath }: World): Promise<Probe[]> {
  const program = seen("program", `rollback ${BUILD.version} for ${BUILD.target}`);
  if (process.platform !== "darwin") return [program, seen("system", `${process.platform} ${process.arch}`)];
  const [version, translated, signed, quarantine, tools] = await Promise.all([
    say(env, "/usr/bin/sw_vers", "-productVersion"),
    say(env, "/usr/sbin/sysctl", "-n", "sysctl.proc_translated"),
    say(env, "/usr/bin/codesign", "--verify", "--strict", execPath),
    say(env, "/usr/bin/xattr", "-p", "com.apple.quarantine", execPath),
    say(env, "/usr/bin/xcode-select", "-p"),
  ]);
  return [
    program,
    seen("system", `macOS ${version ?? "of unknown version"} ${process.arch}`),
    translated === "1"
      ? warned("rosetta", "runs translated", "install the arm64 binary: install.sh")
      : seen("rosetta", "not used"),
    signed === null
      ? { name: "signature", result: "fail", found: "is not valid", next: `codesign --force --sign - ${execPath}` }
      : seen("signature", "valid"),
    quarantine === null
      ? seen("quarantine", "none")
      : warned("quarantine", "set by a browser", `xattr -d com.apple.quarantine ${execPath}`),
    tools === null
      ? warned(
          "developer-tools",
          "none: git and python are not asked",
          "xcode-select --install, if you want their facts",
        )
      : seen("developer-tools", "installed"),
  ];
}

/** Where there is no store yet there is nowhere to try: doctor makes nothing outside it. */
function trial(store: AbsPath): Probe[] {
  if (ifReadable(() => lookThrough(store)) === null)
    return [warned("store", "is not there yet, so its disk was not tried", 'rollback create "First snapshot"')];
  try {
    return judgeTrial(tryFileSystem(resolved(store)));
  } catch (cause) {
    return [
      {
        name: "store",
        result: "fail",
        found: `can't be written to: ${reasonOf(cause)}`,
        next: "mend its permissions, or name another: --snapshots DIR",
      },
    ];
  }
}

async function clock(store: AbsPath): Promise<Probe[]> {
  for (const { id, at, forms } of listSnapshots(store)) {
    if (!forms.includes("folder")) continue;
    const read = await tryManifestOf(folderVault(id, below(at)));
    if ("manifest" in read) return [judgeClock(Date.now(), read.manifest.createdAtMs)];
  }
  return [judgeClock(Date.now(), null)];
}

const READ_LIMIT_MS = 2000;
const AT_ONCE = 8;

/** Opens each file that `create` would capture, in a child: one that waits for a prompt or a download can be left. */
async function reading({ env, execPath }: World, site: Site): Promise<Probe[]> {
  const { found, skipped } = await discover(site.config, site);
  const captured = found.map(({ path }) => path);
  const waiting = [...captured];
  const known = new Set<string>(captured);
  const files: { path: string; why: Tried }[] = skipped.flatMap(({ path, reason }) =>
    known.has(path) ? [] : [{ path, why: reason }],
  );
  const work = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
      files.push({ path, why: await whyNotOpened(path, env) });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const around = { platform: process.platform, home: site.home, env, execPath };
  const read = judgeReading(files, (path) => privacyHint(`${path} (EPERM)`, around));
  return [read, judgeLocks(await locked(captured, env))];
}

/** What a flag, an ACL or iCloud keeps from being read or replaced. */
async function locked(paths: AbsPath[], env: Env): Promise<{ path: string; what: string; command: string }[]> {
  const { flag, acl, evicted } = await readLocks(paths, env);
  return paths.flatMap((path) => {
    const found = [
      ["is locked", flag(path)] as const,
      ["has an ACL that keeps you out", acl(path, "read", "delete")] as const,
      ["is in iCloud alone", evicted(path)] as const,
    ].find(([, command]) => command !== null);
    return found?.[1] ? [{ path, what: found[0], command: found[1].map(quote).join(" ") }] : [];
  });
}

async function whyNotOpened(path: AbsPath, env: Env): Promise<Tried> {
  const argv: [AbsPath, ...string[]] = ["/bin/dd" as AbsPath, `if=${path}`, "of=/dev/null", "bs=1", "count=1"];
  const ran = await run(argv, { env: childEnvironment(env), timeoutMs: READ_LIMIT_MS });
  if (ran === null || ran.exitCode === 0) return null;
  if (ran.timedOut) return "does not answer: it waits for a prompt, or for iCloud (brctl download FILE)";
  return ran.stderr.trim().split("\n")[0]?.split(": ").at(-1) ?? "can't be opened";
}

/** Nothing on a system without launchctl. */
async function launchd(env: Env, uid: number): Promise<Probe[]> {
  const launchctl = findLaunchctl(env, uid, READ_LIMIT_MS);
  if (launchctl === null) return [seen("launchd", "there is none here")];
  const began = performance.now();
  const [domain] = await launchctl.domains();
  const ms = Math.round(performance.now() - began);
  if (domain === undefined)
    return [
      warned("launchd", "has no session for you here", "log in at the desktop: over ssh agents can't be reloaded"),
    ];
  return [seen("launchd", `${domain}, answers in ${ms} ms`)];
}

const SYSTEMD = ["running", "degraded", "starting", "initializing", "maintenance", "stopping"];

/** On Linux: whether a user's systemd answers, which is what runs timers there. */
async function systemd(env: Env): Promise<Probe[]> {
  const program = process.platform === "linux" ? which("systemctl", env) : null;
  if (program === null) return [];
  const more = Object.fromEntries(
    ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"].map((name) => [name, env[name] ?? ""]),
  );
  const limits = { env: { ...childEnvironment(env), ...more }, timeoutMs: READ_LIMIT_MS };
  const state = (await run([program, "--user", "is-system-running"], limits))?.stdout.trim() ?? "";
  if (SYSTEMD.includes(state)) return [seen("systemd", `the user's systemd is ${state}`)];
  return [seen("systemd", "no user's systemd here: the daily job is a line of the crontab")];
}

const COPY_LIMIT_MS = 6000;

/** Lists each place for copies in a child: one that waits for a network can be left. */
async function copies({ listWords }: DoctorRequest, { env, execPath, cwd }: World, site: Site): Promise<Probe[]> {
  const whole = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const look = async (place: string): Promise<Probe> => {
    const ran = await run([execPath, ...listWords(place)], { env: whole, timeoutMs: COPY_LIMIT_MS, cwd });
    if (ran?.exitCode === 0) {
      const count = ran.stdout.split("\n").filter(Boolean).length;
      return seen(`copy-${place}`, `answers, and holds ${count} ${count === 1 ? "copy" : "copies"}`);
    }
    const [what = "", next = ""] = ran?.stderr.split("\n").map((line) => line.replace(/^❌/, "").trim()) ?? [];
    const late = `does not answer within ${COPY_LIMIT_MS / 1000} s`;
    return warned(`copy-${place}`, ran?.timedOut ? late : what, next || `rollback ${listWords(place).join(" ")}`);
  };
  return Promise.all(Object.keys(site.config.copies).map(look));
}

const REHEARSAL_CALL_MS = 10_000;

/** Loads a throw-away agent from a temporary folder; nothing of it stays. */
async function rehearsal(env: Env, uid: number): Promise<{ probes: Probe[]; calls: Call[] | null }> {
  const launchctl = findLaunchctl(env, uid, REHEARSAL_CALL_MS);
  const [domain] = (await launchctl?.domains()) ?? [];
  if (launchctl === null || domain === undefined)
    return { probes: [warned("launchd-load", "there is no launchd to try", "run it at a Mac's desktop")], calls: null };
  const label = `com.rollback.doctor.${process.pid}`;
  const done = await inTemporary(async (folder) => {
    const plist = below(folder, `${label}.plist`);
    writeNew(plist, rehearsalPlist(label), { mode: 0o644, mtimeMs: null, owner: null });
    return await rehearse(launchctl, domain, label, plist);
  });
  const { loaded, reloaded, killed, tooEarly, isGone, calls } = done;
  const told = { ran: loaded?.pid != null, ranAgain: reloaded?.pid != null, signal: killed?.signal ?? null };
  return { probes: judgeRehearsal({ ...told, tooEarly, isGone }), calls };
}
