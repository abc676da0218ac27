// argv in, exit code out. With main.ts the only place that knows process.argv, the environment and the exit code.
import { fstatSync, writeSync } from "node:fs";
import { fail } from "./errors.ts";
import type { Notify } from "./model.ts";
import type { Outcome } from "./outcome.ts";
import { inAscii, wantsAscii } from "./render/ascii.ts";
import { EXIT, RollbackError, reasonOf } from "./rollback-error.ts";
import type { World } from "./tasks/context.ts";

const USUAL_COLUMNS = 80;

/** Their text is what a file is to hold: a script, a page, a config. */
const CONTENTS = ["completions", "report", "init"];

/** Why the answer did not arrive, where a disk or device took it and not a reader who had left. */
let unwritten: unknown = null;

/**
 * The whole program; returns the exit code. All is written and flushed by then; what is still open, such as a line to a server that went
 * silent, is nobody's concern.
 */
export async function program(argv: string[]): Promise<number> {
  const code = await answerTo(argv);
  return unwritten === null ? code : failedToAnswer(code, unwritten);
}

/** How the answer is wanted: what every command's flags say of that. */
interface Manner {
  json: boolean;
  quiet: boolean;
  noColor: boolean;
  verbose: boolean;
}

function mannerOf(argv: string[]): Manner {
  const own = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
  return {
    json: own.includes("--json"),
    quiet: own.includes("--quiet") || own.includes("-q"),
    noColor: own.includes("--no-color"),
    verbose: own.includes("--verbose"),
  };
}

/** Runs the command line and says what came of it. */
async function answerTo(argv: string[]): Promise<number> {
  // No file of ours is ever readable by others, whatever the caller's umask.
  const umask = process.umask(0o077);
  const manner = mannerOf(argv);
  const { json, quiet, verbose, noColor } = manner;
  const [{ runCommandLine }, { splitCommand }, { voice }, { painter }] = await Promise.all([
    import("./cli/run.ts"),
    import("./cli/strict.ts"),
    import("./render/console.ts"),
    import("./render/colour.ts"),
  ]);
  const speaker = voice(
    {
      write: (text) => print(2, wantsAscii(process.env) ? inAscii(text) : text),
      isTerminal: () => isTerminal(2),
      columns: () => process.stderr.columns || USUAL_COLUMNS,
      paint: painter(() => isColoured(2, noColor)),
    },
    { silent: quiet || json, verbose: verbose && !quiet },
  );
  const denied: string[] = [];
  const notify: Notify = (notice) => {
    if (notice.type === "warning") denied.push(notice.message);
    speaker.notify(notice);
  };
  const answer = (value: Record<string, unknown>) => print(1, `${JSON.stringify(value, null, 2)}\n`);
  try {
    // The runtime obeyed them before our first line: another working folder, another env, words among our output.
    if (process.env.BUN_OPTIONS) throw fail.foreignOptions();
    const world: World = {
      env: process.env,
      cwd: workingFolder(),
      umask,
      execPath: process.execPath as World["execPath"],
      isTerminal: () => isTerminal(1),
    };
    const outcome = await runCommandLine(argv, world, notify);
    if (json) {
      const value = await (await import("./render/faces.ts")).toJson(outcome);
      const hint = await grantHint(JSON.stringify(value));
      answer(hint === null ? value : { ...value, hint });
    } else {
      const text = await asText(outcome, manner);
      const hint = await grantHint([...denied, text].join("\n"));
      if (hint !== null) speaker.notify({ type: "warning", message: hint });
      speaker.done();
      // Under guard stdout is the command's own.
      print(outcome.command === "guard" ? 2 : 1, text);
    }
    return outcome.exit;
  } catch (cause) {
    const thrown = cause instanceof RollbackError ? cause : fail.unforeseen(cause);
    const error = thrown.withHint(await grantHint(thrown.message));
    speaker.done();
    if (json) answer((await import("./render/faces.ts")).errorJson(error, splitCommand(argv).word ?? null));
    else speaker.error(error);
    return error.exit;
  }
}

/** What a text of ours has to add on a Mac that refused a file for privacy's sake. */
async function grantHint(text: string): Promise<string | null> {
  if (!text.includes("(EPERM)")) return null;
  const { privacyHint } = await import("./privacy.ts");
  const { env, platform, execPath } = process;
  return privacyHint(text, { platform, home: env.HOME ?? "", env, execPath });
}

async function asText(outcome: Outcome, { quiet, noColor }: Manner): Promise<string> {
  const [{ toText }, { painter }] = await Promise.all([import("./render/faces.ts"), import("./render/colour.ts")]);
  const isContent = CONTENTS.includes(outcome.command);
  // A window of no width, as a pseudo-terminal begins with, is one that nobody has measured.
  const columns = () => (isTerminal(1) && process.stdout.columns) || USUAL_COLUMNS;
  const view = { isTerminal: () => isTerminal(1), columns };
  const paint = painter(() => !isContent && isColoured(1, noColor));
  const text = await toText(outcome, quiet, paint, view);
  return quiet || isContent || !wantsAscii(process.env) ? text : inAscii(text);
}

/** Whether colours are wanted there: on a terminal that has them, and wherever FORCE_COLOR asks for them; the word against them counts more. */
function isColoured(fd: 1 | 2, noColor: boolean): boolean {
  const { NO_COLOR = "", FORCE_COLOR = "", TERM } = process.env;
  if (noColor || NO_COLOR !== "") return false;
  if (FORCE_COLOR !== "") return !["0", "false"].includes(FORCE_COLOR);
  return TERM !== "dumb" && isTerminal(fd);
}

/** Whether a person reads what is written there. A pipe or a file is told from it at once: node:tty takes as long to load as a list takes to make. */
function isTerminal(fd: 1 | 2): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && (fd === 1 ? process.stdout : process.stderr).isTTY === true;
  } catch {
    return false;
  }
}

/** A working folder that is gone does no harm to whoever names absolute paths. */
function workingFolder(): World["cwd"] {
  try {
    return process.cwd() as World["cwd"];
  } catch {
    // fast-glob asks for it whether it needs it or not.
    process.chdir("/");
    return "/" as World["cwd"];
  }
}

/** What was done is done; but whoever reads the file that was to hold the answer must not take it for whole. */
function failedToAnswer(code: number, cause: unknown): number {
  print(2, `❌ the output could not be written: ${reasonOf(cause)}\n`);
  return code === 0 ? EXIT.failed : code;
}

/** Writes all of it, also to a pipe that is full at the moment; a reader who has left is not an error. */
function print(fd: 1 | 2, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? cause.code : "";
      if (code !== "EAGAIN") {
        if (fd === 1 && code !== "EPIPE" && code !== "EBADF") unwritten = cause;
        return;
      }
      Bun.sleepSync(1);
    }
  }
}
