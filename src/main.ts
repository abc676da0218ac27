// argv in, exit code out. The only place that knows process.argv, the environment and the exit code.
import { writeSync } from "node:fs";
import type { World } from "./cli/command.ts";
import { runCommandLine, versionOutcome } from "./cli/run.ts";
import { fail, RollbackError } from "./errors.ts";
import type { Outcome } from "./outcome.ts";
import { errorJson, toJson } from "./report/json.ts";

// No file of ours is ever readable by others, whatever the caller's umask.
process.umask(0o077);
const argv = process.argv.slice(2);
const flagged = (name: string) => argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined).includes(name);
const json = flagged("--json");
const quiet = flagged("--quiet");

process.exitCode = await main();

async function main(): Promise<number> {
  const { voice } = await import("./report/console.ts");
  const speaker = voice({ write: (text) => print(2, text), isTerminal: process.stderr.isTTY === true }, quiet || json);
  try {
    const world: World = {
      argv,
      env: process.env,
      cwd: workingFolder(),
      execPath: process.execPath as World["execPath"],
    };
    const outcome =
      argv.length === 1 && json === false && argv[0] === "--version"
        ? versionOutcome()
        : await runCommandLine(world, speaker.notify);
    speaker.done();
    print(1, json ? `${JSON.stringify(toJson(outcome), null, 2)}\n` : await asText(outcome));
    return outcome.exit;
  } catch (cause) {
    const error = cause instanceof RollbackError ? cause : fail.unforeseen(cause);
    const word = argv.find((item) => !item.startsWith("-")) ?? null;
    speaker.done();
    if (json) print(1, `${JSON.stringify(errorJson(error, word), null, 2)}\n`);
    else speaker.error(error);
    return error.exit;
  }
}

async function asText(outcome: Outcome): Promise<string> {
  if (outcome.command === "version") return outcome.text;
  const { toText } = await import("./report/text.ts");
  return toText(outcome, quiet);
}

/** A working folder that is gone does no harm to whoever names absolute paths. */
function workingFolder(): World["cwd"] {
  try {
    return process.cwd() as World["cwd"];
  } catch {
    return "/" as World["cwd"];
  }
}

/** Writes all of it, also to a pipe that is full at the moment; a reader who has left is no error. */
function print(fd: 1 | 2, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? cause.code : "";
      if (code !== "EAGAIN") return;
      Bun.sleepSync(1);
    }
  }
}
