// What the recorded system calls did to one folder, in terms that the model of a file system understands.
import { isAbsolute, join, resolve } from "node:path";
import type { SystemCall } from "./strace.ts";

/** An open file: the process it belongs to and its number there. */
export type Descriptor = string;

/** A file named by an open descriptor, or by a path that is absolute and in which links still count. */
export type Place = { readonly fd: Descriptor } | { readonly path: string; readonly follow: boolean };

export type DiskOperation =
  | {
      readonly kind: "open";
      readonly fd: Descriptor;
      readonly path: string;
      readonly create: boolean;
      readonly truncate: boolean;
      readonly append: boolean;
      /** As asked for: the umask has not been taken off. */
      readonly mode: number;
    }
  | { readonly kind: "close"; readonly fd: Descriptor }
  | { readonly kind: "dup"; readonly fd: Descriptor; readonly to: Descriptor }
  | { readonly kind: "seek"; readonly fd: Descriptor; readonly offset: number }
  | { readonly kind: "read"; readonly fd: Descriptor; readonly length: number }
  | { readonly kind: "write"; readonly fd: Descriptor; readonly bytes: Uint8Array; readonly offset?: number }
  | {
      readonly kind: "copy";
      readonly from: Descriptor;
      readonly to: Descriptor;
      readonly length: number;
      readonly fromOffset?: number;
      readonly toOffset?: number;
    }
  | { readonly kind: "truncate"; readonly at: Place; readonly size: number }
  | { readonly kind: "mkdir"; readonly path: string; readonly mode: number }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | { readonly kind: "link"; readonly from: string; readonly to: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string; readonly exchange: boolean }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "mode"; readonly at: Place; readonly mode: number }
  | { readonly kind: "owner"; readonly at: Place; readonly uid: number; readonly gid: number }
  /** `mtime` in milliseconds; undefined for "now". */
  | { readonly kind: "times"; readonly at: Place; readonly mtime: number | undefined }
  | { readonly kind: "flush"; readonly fd: Descriptor }
  /** All that was handed over by a flush before is safe now; with `all` also what was not. */
  | { readonly kind: "barrier"; readonly all: boolean }
  /** Standard output was written to: from here on a success may have been read. */
  | { readonly kind: "report" };

export interface DiskCall {
  readonly call: SystemCall;
  /** The path it is about, for messages. */
  readonly path: string;
  /** False for what only follows descriptors, and for calls that failed. */
  readonly changes: boolean;
  /** Undefined where the call failed or has no effect that outlives it. */
  readonly operation: DiskOperation | undefined;
}

const HARMLESS = new Set(["close", "dup", "seek", "read", "report"]);

/** The folder to look at (absolute, links resolved) and the one in which the program was started. */
export interface Scene {
  readonly folder: string;
  readonly cwd: string;
}

/** The calls that concern the folder, in order. One that changes it in a way that the model doesn't know throws. */
export function diskCalls(calls: readonly SystemCall[], scene: Scene): DiskCall[] {
  const processes = processOf(calls);
  const program = calls[0]?.thread;
  const found: DiskCall[] = [];
  const currents = new Map<number, string>();
  for (const call of calls) {
    const owner = processes(call.thread);
    const reading = new Reading(call, { ...scene, cwd: currents.get(owner) ?? scene.cwd }, owner);
    const entered = reading.entered();
    if (entered !== undefined) currents.set(owner, entered);
    const path = reading.concerns();
    const ended = call.result !== "?" && !call.result.startsWith("-1");
    const operation = ended ? reading.operation() : refusedBarrier(call);
    // Not what a child writes to its parent.
    if (operation?.kind === "report" && processes(call.thread) !== program) continue;
    if (path === undefined && operation === undefined) continue;
    const changes = operation !== undefined && !HARMLESS.has(operation.kind) && isChange(operation);
    found.push({ call, path: path ?? "", changes, operation });
  }
  return found;
}

/** The path inside the folder that one call is about, if any. The bytes it writes may be left out. */
export function pathInside(call: SystemCall, scene: Scene): string | undefined {
  return new Reading(call, scene, call.thread).concerns();
}

/**
 * A syncfs that the recording made fail on purpose: the program then flushes file by file, as it does on macOS, and the
 * call marks where a full flush stands there.
 */
function refusedBarrier({ name, result }: SystemCall): DiskOperation | undefined {
  return name === "syncfs" && result.endsWith("(INJECTED)") ? { kind: "barrier", all: false } : undefined;
}

function isChange(operation: DiskOperation): boolean {
  return operation.kind !== "open" || operation.create || operation.truncate;
}

/** Threads share their descriptors with the thread that made them; a child process has its own. */
function processOf(calls: readonly SystemCall[]): (thread: number) => number {
  const makers = new Map<number, number>();
  for (const { name, thread, args, result } of calls) {
    if (!/^(clone3?|v?fork)$/.test(name) || !args.join().includes("CLONE_FILES")) continue;
    const made = Number.parseInt(result, 10);
    if (made > 0) makers.set(made, thread);
  }
  return (thread) => {
    let owner = thread;
    for (let maker = makers.get(owner); maker !== undefined; maker = makers.get(owner)) owner = maker;
    return owner;
  };
}

/** The calls that take paths, and where those stand; all others name their file by a descriptor. */
const PATH_ARGUMENTS: Readonly<
  Record<string, { readonly plain?: readonly number[]; readonly at?: readonly number[] }>
> = {
  ...named(["open", "creat", "truncate", "unlink", "mkdir", "rmdir", "mknod"], { plain: [0] }),
  ...named(["chmod", "chown", "lchown", "utime", "utimes"], { plain: [0] }),
  ...named(["setxattr", "lsetxattr", "removexattr", "lremovexattr"], { plain: [0] }),
  ...named(["rename", "link"], { plain: [0, 1] }),
  ...named(["symlink"], { plain: [1] }),
  ...named(["symlinkat"], { at: [1] }),
  ...named(["openat", "openat2", "unlinkat", "mkdirat", "mknodat", "fchmodat", "fchownat"], { at: [0] }),
  ...named(["utimensat", "futimesat"], { at: [0] }),
  ...named(["renameat", "renameat2", "linkat"], { at: [0, 2] }),
};

function named<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

/** One call's arguments, read by position. */
class Reading {
  constructor(
    private readonly call: SystemCall,
    private readonly scene: Scene,
    private readonly owner: number,
  ) {}

  /** The first path inside the folder that the call names, by string or by descriptor. */
  concerns(): string | undefined {
    return this.paths().find((path) => this.inside(path));
  }

  /** The folder that a chdir or fchdir made the current one. */
  entered(): string | undefined {
    if (this.call.result !== "0") return undefined;
    if (this.call.name === "chdir") return this.path(0);
    return this.call.name === "fchdir" ? descriptorPath(this.arg(0)) : undefined;
  }

  private paths(): string[] {
    const { name, args } = this.call;
    const places = PATH_ARGUMENTS[name];
    if (/^f?chdir$/.test(name)) return [];
    if (places === undefined || (places.at !== undefined && this.arg(1) === "NULL")) {
      return args.flatMap((arg) => descriptorPath(arg) ?? []);
    }
    return [
      ...(places.plain ?? []).map((index) => this.path(index)),
      ...(places.at ?? []).map((index) => this.pathAt(index)),
    ];
  }

  operation(): DiskOperation | undefined {
    const { name } = this.call;
    switch (name) {
      case "open":
        return this.opened(this.path(0), this.arg(1), this.arg(2));
      case "openat":
        return this.opened(this.pathAt(0), this.arg(2), this.arg(3));
      case "openat2":
        return this.opened(this.pathAt(0), field(this.arg(2), "flags"), field(this.arg(2), "mode"));
      case "creat":
        return this.opened(this.path(0), "O_WRONLY|O_CREAT|O_TRUNC", this.arg(1));
      case "close":
        return { kind: "close", fd: this.fd(0) };
      case "dup":
      case "dup2":
      case "dup3":
        return this.isHere(0) ? { kind: "dup", fd: this.fd(0), to: this.returned() } : undefined;
      case "fcntl":
        return this.arg(1).startsWith("F_DUPFD") && this.isHere(0)
          ? { kind: "dup", fd: this.fd(0), to: this.returned() }
          : undefined;
      case "lseek":
        return this.isHere(0) ? { kind: "seek", fd: this.fd(0), offset: this.count() } : undefined;
      case "read":
      case "readv":
        return this.isHere(0) ? { kind: "read", fd: this.fd(0), length: this.count() } : undefined;
      case "write":
      case "writev":
      case "pwrite64":
      case "pwritev":
      case "pwritev2":
        return this.written();
      case "copy_file_range":
        if (!this.isHere(2)) return undefined;
        return this.copied(this.fd(0), this.fd(2), this.arg(1), this.arg(3));
      case "sendfile":
        return this.isHere(0) ? this.copied(this.fd(1), this.fd(0), this.arg(2), "NULL") : undefined;
      case "ioctl":
        if (!this.isHere(0) || !/FICLONE\b/.test(this.arg(1))) return undefined;
        return {
          kind: "copy",
          from: `${this.owner}:${this.arg(2)}`,
          to: this.fd(0),
          length: -1,
          fromOffset: 0,
          toOffset: 0,
        };
      default:
        return this.concerns() === undefined && !/^sync(fs)?$/.test(name) ? undefined : this.changed();
    }
  }

  /** The calls that act on names, metadata and flushing. */
  private changed(): DiskOperation | undefined {
    const { name } = this.call;
    switch (name) {
      case "truncate":
        return { kind: "truncate", at: { path: this.path(0), follow: true }, size: Number(this.arg(1)) };
      case "ftruncate":
        return { kind: "truncate", at: { fd: this.fd(0) }, size: Number(this.arg(1)) };
      case "mkdir":
        return { kind: "mkdir", path: this.path(0), mode: octal(this.arg(1)) };
      case "mkdirat":
        return { kind: "mkdir", path: this.pathAt(0), mode: octal(this.arg(2)) };
      case "symlink":
        return { kind: "symlink", target: text(this.arg(0)), path: this.path(1) };
      case "symlinkat":
        return { kind: "symlink", target: text(this.arg(0)), path: this.pathAt(1) };
      case "link":
        return { kind: "link", from: this.path(0), to: this.path(1) };
      case "linkat":
        if (this.arg(4) !== "0") break;
        return { kind: "link", from: this.pathAt(0), to: this.pathAt(2) };
      case "rename":
        return { kind: "rename", from: this.path(0), to: this.path(1), exchange: false };
      case "renameat":
      case "renameat2": {
        const exchange = this.arg(4).includes("RENAME_EXCHANGE");
        return { kind: "rename", from: this.pathAt(0), to: this.pathAt(2), exchange };
      }
      case "unlink":
      case "rmdir":
        return { kind: "remove", path: this.path(0) };
      case "unlinkat":
        return { kind: "remove", path: this.pathAt(0) };
      case "chmod":
        return { kind: "mode", at: { path: this.path(0), follow: true }, mode: octal(this.arg(1)) };
      case "fchmod":
        return { kind: "mode", at: { fd: this.fd(0) }, mode: octal(this.arg(1)) };
      case "fchmodat":
        return { kind: "mode", at: { path: this.pathAt(0), follow: this.follows(3) }, mode: octal(this.arg(2)) };
      case "chown":
      case "lchown":
        return this.owned({ path: this.path(0), follow: name === "chown" }, 1);
      case "fchown":
        return this.owned({ fd: this.fd(0) }, 1);
      case "fchownat":
        return this.owned({ path: this.pathAt(0), follow: this.follows(4) }, 2);
      case "utimensat": {
        const at: Place =
          this.arg(1) === "NULL" ? { fd: this.fd(0) } : { path: this.pathAt(0), follow: this.follows(3) };
        return { kind: "times", at, mtime: modified(this.arg(2)) };
      }
      case "fsync":
      case "fdatasync":
        return { kind: "flush", fd: this.fd(0) };
      case "sync":
      case "syncfs":
        return { kind: "barrier", all: true };
      case "sync_file_range":
        return undefined; // starts writing, promises nothing
    }
    throw new Error(`a call that the model does not know: ${name}(${this.call.args.join(", ")})`);
  }

  private opened(path: string, flags: string, mode: string): DiskOperation | undefined {
    // The descriptor knows where links on the way have led.
    const [, number = "", at] = /^(\d+)<(.*)>/.exec(this.call.result) ?? [];
    const real = at === undefined ? path : bytes(at).toString();
    if (!this.inside(real)) return undefined;
    const has = (flag: string) => flags.split("|").includes(flag);
    if (has("O_TMPFILE")) throw new Error(`a call that the model does not know: O_TMPFILE in ${path}`);
    const fd = `${this.owner}:${number}`;
    const create = has("O_CREAT");
    return {
      kind: "open",
      fd,
      path: real,
      create,
      truncate: has("O_TRUNC"),
      append: has("O_APPEND"),
      mode: octal(mode),
    };
  }

  private written(): DiskOperation | undefined {
    if (!this.isHere(0)) return /^1</.test(this.arg(0)) ? { kind: "report" } : undefined;
    const given = this.call.name.includes("v")
      ? Buffer.concat([...this.arg(1).matchAll(/iov_base=("[^"]*"(?:\.\.\.)?)/g)].map(([, part = ""]) => whole(part)))
      : whole(this.arg(1));
    const taken = given.subarray(0, this.count());
    const position = { write: -1, writev: -1, pwrite64: 3, pwritev: 3, pwritev2: 3 }[this.call.name] ?? -1;
    const offset = position < 0 ? Number.NaN : Number(this.arg(position));
    return { kind: "write", fd: this.fd(0), bytes: taken, ...(Number.isNaN(offset) ? {} : { offset }) };
  }

  private copied(from: Descriptor, to: Descriptor, fromOffset: string, toOffset: string): DiskOperation {
    const at = (text: string) => Number(/^\[(\d+)/.exec(text)?.[1] ?? Number.NaN);
    return {
      kind: "copy",
      from,
      to,
      length: this.count(),
      ...(fromOffset === "NULL" ? {} : { fromOffset: at(fromOffset) }),
      ...(toOffset === "NULL" ? {} : { toOffset: at(toOffset) }),
    };
  }

  private owned(at: Place, first: number): DiskOperation {
    return { kind: "owner", at, uid: Number(this.arg(first)), gid: Number(this.arg(first + 1)) };
  }

  private follows(flags: number): boolean {
    return !this.arg(flags).includes("AT_SYMLINK_NOFOLLOW");
  }

  private inside(path: string): boolean {
    return path === this.scene.folder || path.startsWith(`${this.scene.folder}/`);
  }

  private isHere(index: number): boolean {
    const path = descriptorPath(this.arg(index));
    return path !== undefined && this.inside(path);
  }

  private arg(index: number): string {
    return this.call.args[index] ?? "";
  }

  private path(index: number): string {
    return resolve(this.scene.cwd, text(this.arg(index)));
  }

  /** The path of an …at call: a folder's descriptor, then a name below it. */
  private pathAt(index: number): string {
    const given = text(this.arg(index + 1));
    return resolve(join(isAbsolute(given) ? "/" : (descriptorPath(this.arg(index)) ?? "/"), given));
  }

  private fd(index: number): Descriptor {
    return `${this.owner}:${Number.parseInt(this.arg(index), 10)}`;
  }

  private returned(): Descriptor {
    return `${this.owner}:${Number.parseInt(this.call.result, 10)}`;
  }

  private count(): number {
    return Number.parseInt(this.call.result, 10);
  }
}

/** `5<\x2f…>` or `AT_FDCWD<\x2f…>`; undefined for what is not a descriptor of a path. */
function descriptorPath(arg: string): string | undefined {
  const [, path] = /^(?:AT_FDCWD|\d+)<(\\x2f.*)>/.exec(arg) ?? [];
  return path === undefined ? undefined : bytes(path).toString();
}

function bytes(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}

function text(arg: string): string {
  return whole(arg).toString();
}

function whole(arg: string): Buffer {
  const [, inner, cut] = /^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$/.exec(arg) ?? [];
  if (inner === undefined || cut !== undefined) throw new Error(`not a whole string: ${arg.slice(0, 80)}`);
  return bytes(inner);
}

function octal(arg: string): number {
  return arg === "" ? 0 : Number.parseInt(arg, 8) & 0o7777;
}

function field(struct: string, name: string): string {
  return new RegExp(`\\b${name}=([^,}]*)`).exec(struct)?.[1] ?? "";
}

/** The second of `[{tv_sec=1, tv_nsec=0}, {tv_sec=2, tv_nsec=0}]`, which is the time of modification. */
function modified(times: string): number | undefined {
  const [, second = ""] = /^\[.*\}.*, (\{tv_sec=.*\}).*\]$/.exec(times) ?? [];
  const [, seconds, nanoseconds] = /tv_sec=(-?\d+), tv_nsec=(\d+)/.exec(second) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000 + Math.floor(Number(nanoseconds) / 1e6);
}
