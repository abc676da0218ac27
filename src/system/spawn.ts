// posix_spawn(3) and waitpid(2): a child that is as if the caller had started it. Bun.spawn closes descriptors above 2, and forgets
// which signals the caller ignored.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { fstatSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { systemLibrary } from "./native.ts";

const mac = process.platform === "darwin";
const { i32, ptr: pointer } = FFIType;
const load = () =>
  dlopen(systemLibrary(), {
    posix_spawn: { args: [pointer, pointer, pointer, pointer, pointer, pointer], returns: i32 },
    posix_spawn_file_actions_init: { args: [pointer], returns: i32 },
    posix_spawn_file_actions_adddup2: { args: [pointer, i32, i32], returns: i32 },
    posix_spawnattr_init: { args: [pointer], returns: i32 },
    posix_spawnattr_setflags: { args: [pointer, FFIType.i16], returns: i32 },
    posix_spawnattr_setsigdefault: { args: [pointer, pointer], returns: i32 },
    waitpid: { args: [i32, pointer, i32], returns: i32 },
    waitid: { args: [i32, i32, pointer, i32], returns: i32 },
    sigaction: { args: [i32, pointer, pointer], returns: i32 },
    getrlimit: { args: [i32, pointer], returns: i32 },
    setrlimit: { args: [i32, pointer], returns: i32 },
    sigaddset: { args: [pointer, i32], returns: i32 },
  }).symbols;

let loaded: ReturnType<typeof load> | undefined;
const native = () => {
  loaded ??= load();
  return loaded;
};

/** Room for any of the C library's structures (the largest, glibc's posix_spawnattr_t, has 336 bytes). */
const STRUCT_BYTES = 512;
const SETSIGDEF = 0x04;
/** With the group 0, which the attributes begin with: the child is the leader of a new one. */
const SETPGROUP = 0x02;
const RLIMIT_NOFILE = mac ? 8 : 7;
const WNOHANG = 1;
const WSTOPPED = mac ? 8 : 2;
const P_PID = 1;
const SIG_IGN = 1n;
/** The runtime ignores these for itself; nobody asked for that in a child. */
const OWN_IGNORED = [constants.signals.SIGPIPE, constants.signals.SIGXFSZ];

/**
 * Starts `path` with what the caller gave us: the three standard descriptors and `descriptors`, the working folder, the ignored signals,
 * the limit of open files; and our process group, unless it gets its `ownGroup`. Returns its pid, or the errno. The caller waits for it with `endOf`.
 */
export function spawnAlike(
  path: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { stdoutToStderr: boolean; descriptors: readonly number[]; ownGroup: boolean },
): { pid: number } | { errno: number } {
  const c = native();
  const kept: Buffer[] = [];
  const text = (value: string): bigint => {
    const bytes = Buffer.from(`${value}\0`);
    kept.push(bytes);
    return BigInt(ptr(bytes));
  };
  const list = (values: readonly string[]) => BigUint64Array.from([...values.map(text), 0n]);
  const [words, variables] = [list(argv), list(Object.entries(env).map(([name, value]) => `${name}=${value}`))];
  const [program, actions, attributes, signals] = [Buffer.from(`${path}\0`), struct(), struct(), struct()];
  c.posix_spawn_file_actions_init(ptr(actions));
  // Onto itself: that alone takes close-on-exec away, which the runtime sets on all of them.
  for (const fd of [0, 1, 2, ...options.descriptors]) c.posix_spawn_file_actions_adddup2(ptr(actions), fd, fd);
  if (options.stdoutToStderr) c.posix_spawn_file_actions_adddup2(ptr(actions), 2, 1);
  c.posix_spawnattr_init(ptr(attributes));
  for (const signal of OWN_IGNORED) c.sigaddset(ptr(signals), signal);
  c.posix_spawnattr_setsigdefault(ptr(attributes), ptr(signals));
  c.posix_spawnattr_setflags(ptr(attributes), options.ownGroup ? SETSIGDEF | SETPGROUP : SETSIGDEF);
  const pid = new Int32Array(1);
  const errno = withCallersLimit(() =>
    c.posix_spawn(ptr(pid), ptr(program), ptr(actions), ptr(attributes), ptr(words), ptr(variables)),
  );
  return errno === 0 ? { pid: pid[0] ?? 0 } : { errno };
}

/** The descriptors above 2 that are open now and lead to something. Asked before we open any, these are the caller's. */
export function openDescriptors(): number[] {
  return readdirSync("/dev/fd")
    .map(Number)
    .filter((fd) => fd > 2 && leadsSomewhere(fd));
}

/** The runtime's own (epoll, kqueue, eventfd) are of no kind that a caller hands on. */
function leadsSomewhere(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() || stats.isDirectory() || stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
  } catch {
    return false;
  }
}

const struct = () => Buffer.alloc(STRUCT_BYTES);

/** The runtime raises our limit of open files; a child starts with the one that our parent has, where that can be read (Linux). */
function withCallersLimit<T>(work: () => T): T {
  const callers = softLimitOf(process.ppid);
  if (callers === null) return work();
  const c = native();
  const ours = new BigUint64Array(2);
  c.getrlimit(RLIMIT_NOFILE, ptr(ours));
  const [soft = 0n, hard = 0n] = ours;
  const set = (value: bigint) => {
    const limits = BigUint64Array.from([value, hard]);
    c.setrlimit(RLIMIT_NOFILE, ptr(limits));
  };
  if (callers < soft) set(callers);
  try {
    return work();
  } finally {
    if (callers < soft) set(soft);
  }
}

function softLimitOf(pid: number): bigint | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "latin1"))?.[1];
    return soft === undefined ? null : BigInt(soft);
  } catch {
    return null;
  }
}

/** How a child ended: its exit code, or the number of the signal that killed it. Null while it runs. */
export function endOf(pid: number): { code: number } | { signal: number } | null {
  const status = new Int32Array(1);
  if (native().waitpid(pid, ptr(status), WNOHANG) !== pid) return null;
  const value = status[0] ?? 0;
  return (value & 0x7f) === 0 ? { code: (value >> 8) & 0xff } : { signal: value & 0x7f };
}

/** Whether a child is stopped (SIGTSTP, SIGSTOP) and was not seen so before. */
export function hasStopped(pid: number): boolean {
  const info = new Int32Array(STRUCT_BYTES / 4);
  return native().waitid(P_PID, pid, ptr(info), WNOHANG | WSTOPPED) === 0 && info[0] !== 0;
}

/** Whether the caller ignores a signal (`nohup`): to be asked before the first handler for it. `struct sigaction` begins with the handler. */
export function isIgnored(signal: NodeJS.Signals): boolean {
  const action = new BigUint64Array(STRUCT_BYTES / 8);
  return native().sigaction(constants.signals[signal], null, ptr(action)) === 0 && action[0] === SIG_IGN;
}
