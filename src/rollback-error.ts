// What an error is: a stable code, one sentence, a next step, and the exit code; and the words for what the system says.

/** The program's exit codes, by the codes of the errors that end it; `done` is none. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  damaged: 4,
  "not-found": 5,
  locked: 6,
  refused: 7,
  interrupted: 130,
} as const;
export type ErrorCode = Exclude<keyof typeof EXIT, "done">;

/** A snapshot that a command could have been given; what is not known of it is null. */
export interface Choice {
  id: string;
  ageSeconds: number | null;
  description: string | null;
  category: string | null;
  /** What is wrong with it, in a word. */
  mark: string | null;
}

/** How an error is shown, beside its sentence and its hint. */
interface Form {
  cause?: unknown;
  exit?: number;
  choices?: readonly Choice[];
  /** What stands below the sentence, a line each: some of the files that it is about, and how many more. */
  details?: readonly string[];
  /** Commands to copy: they end the hint, each on a line of its own. */
  commands?: readonly string[];
  again?: Again | undefined;
}

/** A flag with which the very line that failed may do, where its command takes that: it is the first command to copy. */
export interface Again {
  flag: string;
  value: string;
  /** The hint that then stands before it. */
  advice: string;
}

/** An error with a stable code, one sentence, and what to do next. Anything else that is thrown is a defect of ours. */
export class RollbackError extends Error {
  readonly code: ErrorCode;
  readonly exit: number;
  /** The sentence without the details, and the hint without the commands. */
  readonly headline: string;
  readonly advice: string;
  readonly details: readonly string[];
  readonly commands: readonly string[];
  readonly again: Again | undefined;
  /** The newest snapshots, where one was to be named and was not. */
  readonly choices: readonly Choice[];
  constructor(code: ErrorCode, headline: string, advice: string, form: Form = {}) {
    const { cause, exit = EXIT[code], choices = [], details = [], commands = [], again } = form;
    super(details.length === 0 ? headline : `${headline}: ${details.join("; ")}`, { cause });
    this.name = "RollbackError";
    this.code = code;
    this.headline = headline;
    this.advice = advice;
    this.details = details;
    this.commands = commands;
    this.again = again;
    this.exit = exit;
    this.choices = choices;
  }
  /** The next step in one text. */
  get hint(): string {
    return [this.advice, ...this.commands].filter((text) => text !== "").join(" ");
  }
  /** The same error in another form. */
  with(change: Form & { advice?: string }): RollbackError {
    const { code, headline, advice, cause, exit, choices, details, commands, again } = this;
    const form = { cause, exit, choices, details, commands, again, ...change };
    return new RollbackError(code, headline, change.advice ?? advice, form);
  }
  /** The same error, as the monitoring plugins count it: 3, unknown. */
  asUnknown(): RollbackError {
    return this.with({ exit: 3 });
  }
  /** The same error with one more sentence in its hint; null adds none. */
  withHint(more: string | null): RollbackError {
    return more === null ? this : this.with({ advice: `${this.advice} ${more}` });
  }
}

/** The words for a system error's code, without the path that Node puts into its message; `path`, as a shell takes it, goes into advice. */
export function reasonOf(cause: unknown, path = "FILE"): string {
  const code = codeOf(cause);
  if (code !== undefined && code in REASONS)
    return `${REASONS[code as keyof typeof REASONS].replace("FILE", () => path)} (${code})`;
  // What a library or the runtime says may repeat what it read.
  if (isOurs(cause)) return cause.message;
  if (code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code)) return `the system says ${code}`;
  return `an error that rollback does not know (${kindOf(cause)})`;
}

/** An error whose message we wrote, with nothing in it of a file's content. A range is named by its numbers alone. */
export class Said extends Error {}
const isOurs = (cause: unknown): cause is Error =>
  cause instanceof Said || cause instanceof RollbackError || cause instanceof RangeError;

/** The class of an error and the function that threw it, without what it says. */
export function kindOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const [, place] = /^\s*at (?:async )?([\w.$]{1,60}) /m.exec(cause.stack ?? "") ?? [];
  const name = /^\w{1,40}$/.test(cause.name) ? cause.name : "Error";
  return place === undefined ? name : `${name} in ${place}`;
}

/** The errno name (`ENOENT`) of a system error, else undefined. */
export function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}

const REASONS = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "is a folder",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EIO: "input/output error",
  ETIMEDOUT: "timed out; a file that iCloud keeps: `brctl download FILE` fetches it",
  EDEADLK: "is kept by iCloud and not on this disk: `brctl download FILE` fetches it",
  ENOTSUP: "the file system does not support it",
  EOPNOTSUPP: "the file system does not support it",
  ELOOP: "too many links, or a link where none may be",
  ENAMETOOLONG: "the name is too long",
  EXDEV: "on another file system",
  EMFILE: "too many open files",
  ENXIO: "no such device",
  ESTALE: "stale network file handle",
  EEXIST: "already exists",
  ENOTEMPTY: "the folder is not empty",
} as const;
