// A venv made anew beside the old one, which comes back where anything fails. Killed at any moment, the old one is in its place or
// under its kept name, and the new one bears a mark until it was checked: the next repair tells the two apart by that. The mark is a
// random word of one run, and what does not bear ours is never removed.
import { checkVenv } from "../inventory/venv-check.ts";
import type { AbsPath, Env } from "../model.ts";
import { below, nameOf, parentOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { flush, makeFolder, removeFile, removeTree, rename, writeNew } from "../system/durable.ts";
import { entriesIn, exists, ifReadable, readText } from "../system/files.ts";
import { childEnvironment, run } from "../system/process.ts";
import { type Install, missingPackages, type VenvRepair } from "./venv-plan.ts";

const UNFINISHED_MARK = ".rollback-unfinished";
const MAKE_TIMEOUT_MS = 2 * 60_000;
/** A requirement may have to be compiled. */
const INSTALL_TIMEOUT_MS = 30 * 60_000;
/** What pip, uv and poetry need to reach the user's index through the user's proxy. */
const TOOL_VARIABLES = /^((PIP|UV|POETRY)_\w+|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE)$/i;

export interface Repaired {
  /** Why it was undone; null where the new venv is healthy. */
  failed: string | null;
  /** Whether the old one is in its place again; true also where there was none. */
  back: boolean;
  /** Packages of the old one that the new one lacks. */
  missing: string[];
}

/** Carries out one plan; never throws for what fails. */
export async function repairVenv(plan: VenvRepair, env: Env, stop: AbortSignal): Promise<Repaired> {
  const { path, aside, resumes, halfMade } = plan;
  const token = crypto.randomUUID();
  try {
    if (resumes && exists(path)) rename(path, halfMade);
    if (!resumes && aside !== null) rename(path, aside);
  } catch (cause) {
    return { failed: `the old one can't be moved away: ${reasonOf(cause)}`, back: !resumes, missing: [] };
  }
  let failure: string | null = "it was interrupted";
  try {
    failure = await make(plan, token, env, stop);
  } catch (cause) {
    failure = reasonOf(cause);
  }
  const problem = failure === null ? null : putBack(plan, token);
  const missing = failure === null && aside !== null ? missingPackages(packagesOf(aside), packagesOf(path)) : [];
  flush([parentOf(path)]);
  return { failed: problem === null ? failure : `${failure}; ${problem}`, back: problem === null, missing };
}

/** Removes what this run made, in one step out of the way first, and gives the old one its place again. Null where that is done. */
function putBack({ path, aside }: VenvRepair, token: string): string | null {
  const kept = aside === null ? "" : `; the old one is ${aside}`;
  try {
    if (markOf(path) === token) {
      const away = below(parentOf(path), `${nameOf(path)}.${token}`);
      rename(path, away);
      if (aside !== null) rename(aside, path);
      removeTree(away);
      return null;
    }
    if (exists(path)) return `what stands at ${path} now was not made by this repair${kept}`;
    if (aside !== null) rename(aside, path);
    return null;
  } catch (cause) {
    return `${path} can't be put back: ${reasonOf(cause)}${kept}`;
  }
}

async function make(plan: VenvRepair, token: string, env: Env, stop: AbortSignal): Promise<string | null> {
  const { path, python, install, systemPackages } = plan;
  const children = { env: childEnvironment(env), stop };
  // It appears with its mark or not at all.
  const fresh = below(parentOf(path), `${nameOf(path)}.${token}`);
  const mark = below(path, UNFINISHED_MARK);
  makeFolder(fresh, 0o755);
  writeNew(below(fresh, UNFINISHED_MARK), token);
  flush([below(fresh, UNFINISHED_MARK), fresh]);
  if (exists(path)) {
    removeTree(fresh);
    return "something else took its place meanwhile";
  }
  rename(fresh, path);
  flush([parentOf(path)]);
  const words = ["-m", "venv", ...(systemPackages ? ["--system-site-packages"] : []), path];
  const made = failureOf(await run([python, ...words], { ...children, timeoutMs: MAKE_TIMEOUT_MS }));
  if (made !== null) return `python -m venv ${made}`;
  const filler = install === null ? null : fillerOf(install, path, children.env.PATH ?? "");
  if (filler !== null && install !== null) {
    const variables = Object.entries(env).filter(([name, value]) => value !== undefined && TOOL_VARIABLES.test(name));
    const installed = await run(filler.argv, {
      ...children,
      env: { ...children.env, ...Object.fromEntries(variables), ...filler.env } as Record<string, string>,
      timeoutMs: INSTALL_TIMEOUT_MS,
      cwd: parentOf(install.file),
    });
    const failed = failureOf(installed);
    if (failed !== null) return `${install.tool} ${install.tool === "uv" ? "sync" : "install"} ${failed}`;
  }
  const { state, problem, lacksPip } = await checkVenv(path, env);
  if (state !== "healthy" && !lacksPip) return `the new venv is ${state}: ${problem}`;
  removeFile(mark);
  return null;
}

/** The command that fills a venv. uv and poetry are told where it is; null where the tool is not here. */
function fillerOf(
  { tool, file, program }: Install,
  venv: AbsPath,
  searched: string,
): { argv: [AbsPath, ...string[]]; env: Record<string, string> } | null {
  const python = below(venv, "bin/python");
  if (tool === "pip") {
    const words = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r", file];
    return { argv: [python, ...words], env: {} };
  }
  if (program === null) return null;
  if (tool === "uv")
    return {
      argv: [program, "sync", "--frozen", "--no-progress", "--python", python],
      env: { UV_PROJECT_ENVIRONMENT: venv },
    };
  return {
    argv: [program, "install", "--no-interaction", "--no-ansi"],
    env: { VIRTUAL_ENV: venv, PATH: `${below(venv, "bin")}:${searched}` },
  };
}

/** The names of a venv's `.dist-info` folders. */
function packagesOf(venv: AbsPath): string[] {
  const libs = (ifReadable(() => entriesIn(below(venv, "lib"))) ?? []).filter(({ name }) => /^python\d/.test(name));
  return libs.flatMap(({ name }) =>
    (ifReadable(() => entriesIn(below(venv, "lib", name, "site-packages"))) ?? []).map((entry) => entry.name),
  );
}

/** Null where it ended well. An index's address may hold a password. */
function failureOf(ran: Awaited<ReturnType<typeof run>>): string | null {
  if (ran === null) return "can't be started";
  if (ran.timedOut) return "was stopped: interrupted, or it took too long";
  if (ran.exitCode === 0) return null;
  const said = (ran.stderr.trim() || ran.stdout.trim()).split("\n").slice(-3).join(" | ");
  return `ended with ${ran.exitCode ?? "a signal"}: ${said.replace(/\/\/[^/\s@]+@/g, "//…@").slice(0, 500)}`;
}

const MARK_LIMIT_BYTES = 1024;
const markOf = (path: AbsPath): string | null =>
  ifReadable(() => readText(below(path, UNFINISHED_MARK), MARK_LIMIT_BYTES, { noFollow: true }));

/** Whether what stands at `path` was left half made by a repair that was cut off, or is being made by one that is at work. */
export const isHalfMade = (path: AbsPath): boolean => exists(below(path, UNFINISHED_MARK));
