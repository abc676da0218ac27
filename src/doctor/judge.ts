// What each probe's observation means: ok, a warning or a failure, and the next step. Pure: tasks/doctor.ts looks, this judges.

const RESULTS = ["ok", "warning", "fail"] as const;
export type Result = (typeof RESULTS)[number];

export interface Probe {
  name: string;
  result: Result;
  /** What was seen, in a few words. */
  found: string;
  /** What to do about it; null where there is nothing to do. */
  next: string | null;
}

const ok = (name: string, found: string): Probe => ({ name, result: "ok", found, next: null });
const bad = (name: string, result: "warning" | "fail", found: string, next: string): Probe => ({
  name,
  result,
  found,
  next,
});

/** What one call came to: null where it did what it should, else the system's words. */
export type Tried = string | null;

/** What was tried in a throw-away folder in the snapshots folder. */
export interface Trial {
  lock: Tried;
  /** Whether a second lock was kept out while the first was held. */
  lockHolds: boolean;
  exclusive: Tried;
  hardLink: Tried;
  renameOver: Tried;
  /** Permission bits as they were read back from a file that was made with 0600. */
  mode: number;
  /** How far the time that was read back lies from the one that was set, in ms. */
  mtimeOffMs: number;
  flushMs: number | null;
  /** Whether `a` and `A`, and the two spellings of `é`, are one file. */
  ignoresCase: boolean;
  ignoresForm: boolean;
  /** The file system's clock less ours, in ms. */
  clockOffMs: number;
}

const SLOW_FLUSH_MS = 500;
const FAT_MTIME_MS = 2000;
const CLOCK_OFF_MS = 5000;

function tried(name: string, why: Tried, fine: string, next: string, result: "warning" | "fail" = "fail"): Probe {
  return why === null ? ok(name, fine) : bad(name, result, why, next);
}

const ELSEWHERE = "choose a snapshots folder on a local disk: --snapshots DIR";

export function judgeTrial(trial: Trial): Probe[] {
  const { flushMs, mode, mtimeOffMs } = trial;
  const octal = mode.toString(8).padStart(4, "0");
  return [
    tried("lock", trial.lock, "a file can be locked", ELSEWHERE),
    trial.lock !== null || trial.lockHolds
      ? ok("lock-holds", "a second lock is kept out")
      : bad("lock-holds", "fail", "two could lock one file", ELSEWHERE),
    tried("exclusive", trial.exclusive, "a name that is taken is refused", ELSEWHERE),
    tried(
      "hard-link",
      trial.hardLink,
      "a file can have two names",
      "restores copy what they keep; nothing to do",
      "warning",
    ),
    tried("rename", trial.renameOver, "a new file takes an old one's name", ELSEWHERE),
    (mode & 0o077) === 0
      ? ok("modes", `0600 stays ${octal}`)
      : bad("modes", "fail", `a file of 0600 is ${octal}: others can read secrets there`, ELSEWHERE),
    mtimeOffMs <= FAT_MTIME_MS
      ? ok("times", `kept within ${Math.ceil(mtimeOffMs)} ms`)
      : bad("times", "warning", `a time that was set is off by ${Math.round(mtimeOffMs / 1000)} s`, ELSEWHERE),
    judgeFlush(flushMs),
    ok(
      "names",
      `${trial.ignoresCase ? "a and A are one file" : "a and A are two files"}, ${trial.ignoresForm ? "é has one form" : "é has two forms"}`,
    ),
    Math.abs(trial.clockOffMs) <= CLOCK_OFF_MS
      ? ok("file-clock", "the file system has our time")
      : bad(
          "file-clock",
          "warning",
          `the file system's clock is ${Math.round(trial.clockOffMs / 1000)} s off`,
          "set both clocks",
        ),
  ];
}

function judgeFlush(ms: number | null): Probe {
  if (ms === null)
    return bad("flush", "warning", "the disk knows no full flush", "after a power cut the last snapshot may be gone");
  if (ms > SLOW_FLUSH_MS)
    return bad(
      "flush",
      "warning",
      `a flush takes ${Math.round(ms)} ms`,
      "each create and restore waits for a few of them",
    );
  return ok("flush", `${Math.round(ms)} ms`);
}

/** `euid` is whom we run as, `owner` who owns HOME. */
export const judgeHome = (euid: number, owner: number): Probe =>
  euid === owner
    ? ok("home", "HOME is yours")
    : bad(
        "home",
        "fail",
        `HOME belongs to uid ${owner}, this is uid ${euid}`,
        "run rollback as HOME's owner, without sudo",
      );

const NETWORK = /^(nfs\d?|smbfs|cifs|afpfs|webdav|fuse\.sshfs|9p)$/;
const NO_MODES = /^(exfat|msdos|vfat|fuseblk|ntfs3?)$/;

/** `type` is null where the system does not say. */
export function judgeFileSystem(
  type: string | null,
  options: string[],
  freeBytes: number | null,
  wanted: number,
): Probe[] {
  const named = type ?? "unknown";
  const kind = () => {
    if (options.includes("read-only") || options.includes("ro"))
      return bad("file-system", "fail", `${named}, read-only`, "mount it for writing, or --snapshots DIR");
    if (type !== null && NO_MODES.test(type))
      return bad("file-system", "fail", `${type} keeps no permissions: anybody can read what lies there`, ELSEWHERE);
    if (type !== null && NETWORK.test(type))
      return bad("file-system", "warning", `${type}, a network's: locks and flushes are its server's`, ELSEWHERE);
    return ok("file-system", named);
  };
  if (freeBytes === null) return [kind()];
  const room = `${Math.floor(freeBytes / 2 ** 20)} MiB free`;
  return [kind(), freeBytes < wanted ? bad("space", "warning", room, "make room: rollback prune") : ok("space", room)];
}

/** What opening each captured file in a child came to: `null` is fine. */
export function judgeReading(files: { path: string; why: Tried }[], grant: (path: string) => string | null): Probe {
  const failed = files.filter(({ why }) => why !== null);
  const [first] = failed;
  if (first === undefined) return ok("files", `${files.length} of ${files.length} files can be read`);
  const next = grant(first.path) ?? `mend the permissions of ${first.path}: ls -le shows owner, mode and ACL`;
  return bad("files", "fail", `${failed.length} of ${files.length} can't be read: ${first.path}: ${first.why}`, next);
}

/** Files that are locked, closed by an ACL, or in iCloud, each with the command that helps. */
export function judgeLocks(files: { path: string; what: string; command: string }[]): Probe {
  const [first] = files;
  if (first === undefined) return ok("locks", "no file is locked, closed by an ACL, or in iCloud alone");
  const more = files.length === 1 ? "" : ` (and ${files.length - 1} more)`;
  return bad("locks", "warning", `${first.path} ${first.what}${more}`, first.command);
}

/** What became of the throw-away agent, as launchctl's own words were understood. */
export interface Rehearsed {
  /** Whether print told of its process after it was loaded, and again after it was reloaded. */
  ran: boolean;
  ranAgain: boolean;
  /** Codes of bootstraps that came too early after the bootout. */
  tooEarly: (number | null)[];
  /** The signal that print named after it was killed with 9. */
  signal: number | null;
  isGone: boolean;
}

const TELL = "send `rollback doctor --launchd --json` with a bug report";

export function judgeRehearsal({ ran, ranAgain, tooEarly, signal, isGone }: Rehearsed): Probe[] {
  const early =
    tooEarly.length === 0 ? "at once" : `after ${tooEarly.length} that came too early (${tooEarly.join(", ")})`;
  return [
    ran
      ? ok("launchd-load", "an agent is loaded and runs")
      : bad("launchd-load", "fail", "an agent was not started", TELL),
    ranAgain
      ? ok("launchd-reload", `an agent is reloaded, ${early}`)
      : bad("launchd-reload", "fail", `an agent did not come back ${early}`, TELL),
    signal === 9
      ? ok("launchd-kill", "a killed agent is told as killed by signal 9")
      : bad("launchd-kill", "fail", `a killed agent is told with ${signal ?? "no signal"}`, TELL),
    isGone
      ? ok("launchd-gone", "what was booted out is gone")
      : bad(
          "launchd-gone",
          "fail",
          "the agent is still there",
          "launchctl bootout it by hand, as `rollback doctor` names it",
        ),
  ];
}

/** Variables that change how programs run; only their names are told. */
export function judgeEnvironment(names: string[]): Probe {
  const found = names.filter((name) => /^(DYLD_|BUN_|LD_PRELOAD$)/.test(name)).sort();
  if (found.length === 0) return ok("environment", "nothing that changes how programs run");
  return bad("environment", "warning", found.join(", "), `unset ${found.join(" ")}`);
}

/** `newestMs` is the newest snapshot's time, both ms since the epoch, UTC. */
export function judgeClock(nowMs: number, newestMs: number | null): Probe {
  if (newestMs === null) return ok("clock", "no snapshot to compare with");
  if (newestMs - nowMs <= CLOCK_OFF_MS) return ok("clock", "after the newest snapshot");
  const ahead = Math.round((newestMs - nowMs) / 60_000);
  return bad(
    "clock",
    "warning",
    `the newest snapshot is ${ahead} minutes ahead`,
    "set the clock: ids are made from it",
  );
}

/** The exit code, as monitoring plugins have it: 0 all ok, 1 a warning, 2 a failure. */
export const exitOf = (probes: Probe[]): 0 | 1 | 2 => {
  if (probes.some(({ result }) => result === "fail")) return 2;
  return probes.some(({ result }) => result === "warning") ? 1 : 0;
};

/** Texts without the home and the user's name, for a report to strangers. */
export function anonymous(text: string, home: string, user: string): string {
  const named = text.replaceAll(home, "~");
  return user.length < 3 ? named : named.replace(new RegExp(`\\b${RegExp.escape(user)}\\b`, "g"), "USER");
}
