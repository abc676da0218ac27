// A venv made anew beside the old one, which comes back where anything fails. Killed at any moment, the old one is in its place or
// under its kept name, and the new one bears a mark until it was checked: the next repair tells the two apart by that.

import { checkVenv } from "../inventory/venv-check.ts";
import type { AbsPath, Env } from "../model.ts";
import { below, parentOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { flush, makeFolder, removeFile, removeTree, rename, writeNew } from "../system/durable.ts";
import { exists } from "../system/files.ts";
import { childEnvironment, run } from "../system/process.ts";
import type { VenvRepair } from "./venv-plan.ts";

const UNFINISHED_MARK = ".rollback-unfinished";
const MAKE_TIMEOUT_MS = 2 * 60_000;
/** A requirement may have to be compiled. */
const INSTALL_TIMEOUT_MS = 30 * 60_000;
/** What pip needs to reach the user's index through the user's proxy. */
const PIP_VARIABLES = /^(PIP_\w+|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE)$/i;

/** Carries out one plan. Returns null when the new venv is healthy, else why not: then the old one is in its place again. */
export async function repairVenv(plan: VenvRepair, env: Env, stop: AbortSignal): Promise<string | null> {
  const { path, aside, resumes } = plan;
  if (resumes) removeTree(path);
  else if (aside !== null) rename(path, aside);
  let failure: string | null = "it was interrupted";
  try {
    failure = await make(plan, env, stop);
  } catch (cause) {
    failure = reasonOf(cause);
  } finally {
    if (failure !== null) {
      removeTree(path);
      if (aside !== null) rename(aside, path);
    }
    flush([parentOf(path)]);
  }
  return failure;
}

async function make(
  { path, python, requirements, systemPackages }: VenvRepair,
  env: Env,
  stop: AbortSignal,
): Promise<string | null> {
  const children = { env: childEnvironment(env), stop };
  makeFolder(path, 0o755);
  const mark = below(path, UNFINISHED_MARK);
  writeNew(mark, "");
  flush([mark, path, parentOf(path)]);
  const words = ["-m", "venv", ...(systemPackages ? ["--system-site-packages"] : []), path];
  const made = failureOf(await run([python, ...words], { ...children, timeoutMs: MAKE_TIMEOUT_MS }));
  if (made !== null) return `python -m venv ${made}`;
  if (requirements !== null) {
    const pip = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r", requirements];
    const variables = Object.entries(env).filter(([name, value]) => value !== undefined && PIP_VARIABLES.test(name));
    const installed = await run([below(path, "bin/python"), ...pip], {
      ...children,
      env: { ...children.env, ...Object.fromEntries(variables) } as Record<string, string>,
      timeoutMs: INSTALL_TIMEOUT_MS,
      cwd: parentOf(requirements),
    });
    const failed = failureOf(installed);
    if (failed !== null) return `pip install ${failed}`;
  }
  const { state, problem } = await checkVenv(path, env);
  if (state !== "healthy") return `the new venv is ${state}: ${problem}`;
  removeFile(mark);
  return null;
}

/** Null where it ended well. An index's address may hold a password. */
function failureOf(ran: Awaited<ReturnType<typeof run>>): string | null {
  if (ran === null) return "can't be started";
  if (ran.timedOut) return "was stopped: interrupted, or it took too long";
  if (ran.exitCode === 0) return null;
  const said = (ran.stderr.trim() || ran.stdout.trim()).split("\n").slice(-3).join(" | ");
  return `ended with ${ran.exitCode ?? "a signal"}: ${said.replace(/\/\/[^/\s@]+@/g, "//…@").slice(0, 500)}`;
}

/** Whether what stands at `path` was left half made by a repair that was cut off. */
export const isHalfMade = (path: AbsPath): boolean => exists(below(path, UNFINISHED_MARK));
