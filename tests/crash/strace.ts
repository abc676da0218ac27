// Runs a command under strace: records its system calls, or strikes one of them with a signal or an error.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

/** One system call of the traced processes, in the order in which the calls ended. */
export interface SystemCall {
  /** Which thread made it. */
  readonly thread: number;
  readonly name: string;
  /** Counts the calls of this name by this thread, from 1: the number that strace's `when=` goes by. */
  readonly ordinal: number;
  /** As strace prints them: strings are hex-escaped (-xx), descriptors carry their path (-y). */
  readonly args: readonly string[];
  /** What follows the equals sign; "?" for a call that never returned. */
  readonly result: string;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Finished {
  /** 128 + n where signal n ended the program, as a shell reports it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Traced extends Finished {
  readonly calls: readonly SystemCall[];
}

/** Where to strike: at the entry of the call of this name that is the main thread's `ordinal`-th. */
export interface Aim {
  readonly name: string;
  readonly ordinal: number;
}

export type Blow = { readonly signal: "KILL" } | { readonly error: string };

/** The calls that change a disk or say what reaches it. */
const CHANGING = [
  ...["open", "openat", "openat2", "creat", "truncate", "ftruncate", "fallocate"],
  ...["write", "writev", "pwrite64", "pwritev", "pwritev2", "copy_file_range", "sendfile", "ioctl"],
  ...["rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat"],
  ...["mkdir", "mkdirat", "rmdir", "mknod", "mknodat"],
  ...["chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat"],
  ...["utime", "utimes", "utimensat", "futimesat"],
  ...["setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"],
  ...["fsync", "fdatasync", "sync", "syncfs", "sync_file_range"],
];

/** Beside those, what it takes to know which file a descriptor means and where in it the next write lands. */
const FOLLOWING = [
  "chdir",
  "fchdir",
  "close",
  "dup",
  "dup2",
  "dup3",
  "fcntl",
  "lseek",
  "read",
  "readv",
  "clone",
  "clone3",
  "fork",
  "vfork",
];

/** No run of these programs takes long; one that hangs after a fault is a bug to report, not to wait for. */
const HANG_MS = 120_000;

let probed: { missing: string | undefined } | undefined;

/** Why strace can't be used here, or undefined where it can. */
export function straceMissing(): string | undefined {
  probed ??= { missing: probe() };
  return probed.missing;
}

function probe(): string | undefined {
  if (process.platform !== "linux") return "strace exists on Linux only";
  if (Bun.which("strace") === null) return "strace is not installed";
  const { exitCode } = Bun.spawnSync(["strace", "-f", "-y", "-qqq", "-o", "/dev/null", "-e", "trace=rename", "true"]);
  return exitCode === 0 ? undefined : "strace may not trace here";
}

/** Runs the command plainly, to its end. */
export function run(command: Command): Finished {
  return finish(command.argv, command);
}

/**
 * Runs the command and returns every call that bears on the disk, with all bytes written. `refused` names calls that fail
 * with ENOSYS, as on a system that has none of that name.
 */
export function record(command: Command, refused: readonly string[] = []): Traced {
  const traced = `trace=${existing([...CHANGING, ...FOLLOWING])}`;
  return trace(command, ["-f", "--seccomp-bpf", "-s", "33554432", "-e", traced, ...refusing(refused)]);
}

function refusing(names: readonly string[]): string[] {
  return names.flatMap((name) => ["-e", `inject=${name}:error=ENOSYS`]);
}

/**
 * Runs the command and strikes once, in its main thread: that is where it works on files, and other threads, which come and
 * go as they like, would only blur the count. Returned are the main thread's calls of that name, and of what they wrote
 * the beginning.
 */
export function strike(command: Command, aim: Aim, blow: Blow, refused: readonly string[] = []): Traced {
  const what = "signal" in blow ? `signal=${blow.signal}` : `error=${blow.error}`;
  const injection = `inject=${aim.name}:${what}:when=${aim.ordinal}`;
  const traced = `trace=${[aim.name, ...refused].join()}`;
  const run = trace(command, ["-s", "4096", "-e", traced, "-e", injection, ...refusing(refused)]);
  return { ...run, calls: run.calls.filter(({ name }) => name === aim.name) };
}

/** Not every architecture has every call, and strace refuses a name it doesn't know unless it is marked so. */
function existing(names: readonly string[]): string {
  return names.map((name) => `?${name}`).join(",");
}

function trace(command: Command, options: readonly string[]): Traced {
  const folder = mkdtempSync(join(tmpdir(), "rollback-strace-"));
  try {
    const log = join(folder, "log");
    const argv = [
      ...["strace", "-qqq", "-y", "-xx", "-e", "signal=none", "-o", log],
      ...options,
      "--",
      ...command.argv,
    ];
    const finished = finish(argv, command);
    return { ...finished, calls: parseLog(readFileSync(log, "latin1")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function finish(argv: readonly string[], { cwd, env }: Command): Finished {
  const ended = Bun.spawnSync([...argv], {
    cwd,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: HANG_MS,
  });
  if (ended.exitedDueToTimeout === true) throw new Error(`still running after ${HANG_MS / 1000} s: ${argv.join(" ")}`);
  const stderr = ended.stderr.toString();
  if (/^\S*strace: /m.test(stderr)) throw new Error(`strace failed: ${stderr}`);
  const signal = Object.entries(constants.signals).find(([name]) => name === ended.signalCode)?.[1] ?? 0;
  return { exitCode: signal > 0 ? 128 + signal : ended.exitCode, stdout: ended.stdout.toString(), stderr };
}

/** Reads strace's log (-xx, latin1; without -f the one thread gets the number 0); joins the halves of calls that another thread's call interrupted. */
export function parseLog(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const counts = new Map<string, number>();
  const open = new Map<number, { name: string; head: string; ordinal: number }>();
  const count = (thread: number, name: string) => {
    const ordinal = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, ordinal);
    return ordinal;
  };
  const add = (thread: number, name: string, ordinal: number, rest: string) => {
    const [, args = rest, result = "?"] = /^(.*)\)\s+= (.*)$/.exec(rest) ?? [];
    calls.push({ thread, name, ordinal, args: splitArguments(args), result });
  };
  for (const line of text.split("\n")) {
    const [, id = "0", body = ""] = /^(?:(\d+) +)?(.*)$/.exec(line) ?? [];
    const thread = Number(id);
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(body);
    if (resumed !== null) {
      const begun = open.get(thread);
      open.delete(thread);
      if (begun !== undefined) add(thread, begun.name, begun.ordinal, begun.head + (resumed[2] ?? ""));
      continue;
    }
    const [, name, rest = ""] = /^(\w+)\((.*)$/.exec(body) ?? [];
    if (name === undefined) continue;
    const ordinal = count(thread, name);
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest);
    if (unfinished === null) add(thread, name, ordinal, rest);
    else open.set(thread, { name, head: unfinished[1] ?? "", ordinal });
  }
  for (const [thread, { name, head, ordinal }] of open) add(thread, name, ordinal, head);
  return calls;
}

/** Splits at the commas outside all brackets; strings are hex-escaped, so no quote or bracket hides in one. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{" || char === "[" || char === "(") depth++;
    else if (char === "}" || char === "]" || char === ")") depth--;
    else if (char === "," && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}
