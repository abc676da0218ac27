// launchctl, by its current words (bootstrap, bootout, print, print-disabled, enable). What it answers is in launchctl(1) and in
// the error codes that `launchctl error` names: 5 too early or disabled, 36 in progress, 112 and 125 no such domain, 113 no service.
import type { AbsPath, Env } from "../model.ts";
import { childEnvironment, run, which } from "./process.ts";

export interface Service {
  loaded: boolean;
  pid: number | null;
  /** Null where it has not ended yet. */
  lastExit: number | null;
}

export interface Said {
  code: number | null;
  /** launchd's own words. */
  words: string;
}

export interface Launchctl {
  /** `gui/501`, or `user/501` where there is no GUI session. Null where neither answers. */
  domain(): Promise<string | null>;
  print(label: string): Promise<Service | null>;
  /** Labels that are disabled; null where that can't be had. */
  disabled(): Promise<ReadonlySet<string> | null>;
  bootout(label: string): Promise<Said>;
  bootstrap(plist: AbsPath): Promise<Said>;
  enable(label: string): Promise<Said>;
  /** Starts a job now, whatever its calendar says. */
  kickstart(label: string): Promise<Said>;
}

const NO_DOMAIN = [112, 125];
const NO_SERVICE = [113, 3];

/** launchctl as found on the PATH; null where there is none. Each call ends within `timeoutMs`. */
export function findLaunchctl(env: Env, uid: number, timeoutMs: number): Launchctl | null {
  const program = which("launchctl", env);
  if (program === null) return null;
  const say = async (...words: string[]): Promise<Said & { stdout: string }> => {
    const ran = await run([program, ...words], { env: childEnvironment(env), timeoutMs });
    if (ran === null) return { code: null, words: "launchctl can't be started", stdout: "" };
    const text = ran.timedOut ? "launchctl did not answer" : ran.stderr || ran.stdout;
    return { code: ran.exitCode, words: text.trim(), stdout: ran.stdout };
  };
  let found: Promise<string | null> | undefined;
  const domain = () => {
    found ??= (async () => {
      for (const candidate of [`gui/${uid}`, `user/${uid}`]) {
        const { code } = await say("print-disabled", candidate);
        if (code === 0) return candidate;
        if (code === null || !NO_DOMAIN.includes(code)) return candidate;
      }
      return null;
    })();
    return found;
  };
  const target = async (label: string) => `${(await domain()) ?? `gui/${uid}`}/${label}`;
  return {
    domain,
    async print(label) {
      const { code, stdout } = await say("print", await target(label));
      if (code !== null && NO_SERVICE.includes(code)) return { loaded: false, pid: null, lastExit: null };
      return code === 0 ? parsePrint(stdout) : null;
    },
    async disabled() {
      const at = await domain();
      if (at === null) return null;
      const { code, stdout } = await say("print-disabled", at);
      return code === 0 ? parseDisabled(stdout) : null;
    },
    bootout: async (label) => say("bootout", await target(label)),
    bootstrap: async (plist) => say("bootstrap", (await domain()) ?? `gui/${uid}`, plist),
    enable: async (label) => say("enable", await target(label)),
    kickstart: async (label) => say("kickstart", await target(label)),
  };
}

/** The lines of `launchctl print SERVICE` that matter: `pid = 7`, `last exit code = 78: EX_CONFIG`, `last exit code = (never exited)`. */
export function parsePrint(text: string): Service {
  const pid = /^\s*pid = (\d+)/m.exec(text)?.[1];
  const exit = /^\s*last exit code = (-?\d+)/m.exec(text)?.[1];
  return {
    loaded: true,
    pid: pid === undefined ? null : Number(pid),
    lastExit: exit === undefined ? null : Number(exit),
  };
}

/** `"LABEL" => disabled` (macOS 13 and later) or `=> true` (before). */
export function parseDisabled(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^\s*"([^"]+)" => (?:disabled|true)/gm)].map((match) => match[1] ?? ""));
}
