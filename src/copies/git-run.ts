// Running git for copies: no prompt, no hook, no password on a command line, and its complaints as errors of ours.
import { fail } from "../errors.ts";
import type { AbsPath, Env } from "../model.ts";
import { mayStart } from "../system/developer-tools.ts";
import { childEnvironment, type Ran, run, which } from "../system/process.ts";
import { wordsOf } from "./git-words.ts";
import { PATIENCE, Passing, patiently } from "./patience.ts";

const TIMEOUT_MS = 15 * 60_000;
/** The name under which the remote is known to git, by its environment alone. */
export const REMOTE = "copies";

/** No hook, monitor or maintenance of any repository runs; a line that stands still is given up. */
const SAFE: [string, string][] = [
  ["core.fsmonitor", "false"],
  ["core.hooksPath", "/dev/null"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  // A server that takes no signed push would say no.
  ["push.gpgSign", "false"],
  ["http.lowSpeedLimit", "1000"],
  ["http.lowSpeedTime", "30"],
];
/** What passes by itself, unless a hook or a rule of the other side says it. */
const BUSY =
  /could not resolve host|connection (refused|reset|timed out|closed)|timed out|early eof|rpc failed|http 5\d\d|hung up|unable to access.*5\d\d/i;

/** git's way to the remote, as that of S3, goes through the user's proxy. */
const proxiesOf = (env: Env): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && /^(https?|all|no)_proxy$/i.test(name) ? [[name, value]] : [],
    ),
  );

export interface Git {
  /** What it prints, without the newline at the end. */
  (folder: AbsPath, words: string[], env?: Record<string, string>): Promise<string>;
  /** The same, null where git says no. */
  try(folder: AbsPath, words: string[]): Promise<string | null>;
  /** The same; what no means is for the caller to see. */
  tell(folder: AbsPath, words: string[]): Promise<Ran>;
  /** Asks over the network; tries again what may pass. `allowed` tells refusals that are an answer. */
  far(folder: AbsPath, words: string[], allowed?: (ran: Ran) => boolean): Promise<Ran>;
  /** Writes what it prints to a file that is open. */
  toFile(folder: AbsPath, words: string[], fd: number): Promise<void>;
}

/** `shown` names the destination in errors; `url` is what `REMOTE` stands for, once that is known. */
export function gitFor(env: Env, shown: string, url: () => string | null): Git {
  const complaint = (ran: Ran): string => (ran.timedOut ? "git took too long" : wordsOf(ran));

  async function ask(
    folder: AbsPath,
    words: string[],
    more: Record<string, string> = {},
    stdout?: number,
  ): Promise<Ran> {
    const program = which("git", env);
    if (program === null || !(await mayStart(program, env))) throw fail.noGit(shown);
    const remote = url();
    const settings = remote === null ? SAFE : [...SAFE, [`remote.${REMOTE}.url`, remote] as const];
    const config = Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    );
    const agent = env.SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK: env.SSH_AUTH_SOCK };
    const ran = await run([program, ...words], {
      env: {
        ...childEnvironment(env),
        ...agent,
        ...proxiesOf(env),
        ...config,
        GIT_CONFIG_COUNT: String(settings.length),
        GIT_TERMINAL_PROMPT: "0",
        // ext::COMMAND would run one.
        GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
        ...more,
      },
      timeoutMs: TIMEOUT_MS,
      cwd: folder,
      ...(stdout === undefined ? {} : { stdout }),
    });
    if (ran === null) throw fail.noGit(shown);
    return ran;
  }

  const git = async (folder: AbsPath, words: string[], more?: Record<string, string>) => {
    const ran = await ask(folder, words, more);
    if (ran.exitCode !== 0) throw fail.placeRefused(shown, complaint(ran));
    return ran.stdout.replace(/\n$/, "");
  };
  return Object.assign(git, {
    async try(folder: AbsPath, words: string[]) {
      const ran = await ask(folder, words);
      return ran.exitCode === 0 ? ran.stdout.replace(/\n$/, "") : null;
    },
    tell: (folder: AbsPath, words: string[]) => ask(folder, words),
    async far(folder: AbsPath, words: string[], allowed: (ran: Ran) => boolean = () => false) {
      try {
        return await patiently(async () => {
          const ran = await ask(folder, words);
          if (ran.exitCode === 0 || allowed(ran)) return ran;
          if (ran.stdout.includes("[remote rejected]")) throw fail.branchRefused(shown, complaint(ran));
          if (ran.timedOut || BUSY.test(ran.stdout + ran.stderr)) throw new Passing(complaint(ran));
          throw fail.placeRefused(shown, complaint(ran));
        }, PATIENCE);
      } catch (cause) {
        throw cause instanceof Passing ? fail.placeUnreachable(shown, cause.message) : cause;
      }
    },
    async toFile(folder: AbsPath, words: string[], fd: number) {
      const ran = await ask(folder, words, {}, fd);
      if (ran.exitCode !== 0) throw fail.placeRefused(shown, complaint(ran));
    },
  });
}
