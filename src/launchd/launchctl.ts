// launchctl, by its current words (bootstrap, bootout, print, print-disabled, enable, kickstart): launchctl(1). Agents live in gui/UID,
// which is there while somebody is logged in at the desktop, or in user/UID; both are asked.
import type { AbsPath, Env } from "../model.ts";
import { childEnvironment, run, which } from "../system/process.ts";
import { NOT_LOADED, parseDisabled, parseDump, parseList, parsePrint, type Service } from "./service.ts";

export interface Said {
  code: number | null;
  /** launchd's own words. */
  words: string;
}

export interface Launchctl {
  /** `gui/501` and `user/501`, as far as they answer. */
  domains(): Promise<string[]>;
  /** Why launchd gave no answer, in words. */
  silence(): Promise<string>;
  /** Labels that are disabled; null where that can't be had. */
  disabled(): Promise<ReadonlySet<string> | null>;
  /** Every job of both domains by one question each; null where that can't be had. `whole`: what is not among them is not loaded. */
  all(): Promise<{ services: ReadonlyMap<string, Service>; whole: boolean } | null>;
  /** One job, read whole: where it lives, or in the domain that is named. Null where launchd does not answer. */
  print(label: string, domain?: string): Promise<Service | null>;
  bootout(label: string, domain: string): Promise<Said>;
  bootstrap(plist: AbsPath, domain: string): Promise<Said>;
  enable(label: string, domain: string): Promise<Said>;
  /** Starts a job now, whatever its calendar says. */
  kickstart(label: string, domain: string): Promise<Said>;
  /** Any words, and all that it prints. */
  raw(...words: string[]): Promise<Said & { printed: string }>;
}

const NO_ANSWER = "launchctl did not answer";
const NO_PROCESS = 3;
/** What launchd answers where the session has no such domain, or the job is for another one. */
const NO_SESSION = new Map([
  [112, "launchd has no such domain here (112): nobody is logged in at the desktop"],
  [113, "launchd knows nothing by that name here (113): nobody is logged in at the desktop"],
  [125, "the domain does not take that from here (125): this session has no desktop, as over ssh"],
  [134, "it is not for this session (134): it belongs to the desktop's"],
]);

/** What a code says about the session; null where it is about something else. */
export const sessionWords = (code: number | null): string | null => NO_SESSION.get(code ?? 0) ?? null;

/** launchctl as found on the PATH; null where there is none. Each call ends within `timeoutMs`. */
export function findLaunchctl(env: Env, uid: number, timeoutMs: number): Launchctl | null {
  const program = which("launchctl", env);
  if (program === null) return null;
  const candidates = [`gui/${uid}`, `user/${uid}`];
  const say = async (...words: string[]): Promise<Said & { stdout: string }> => {
    const ran = await run([program, ...words], { env: childEnvironment(env), timeoutMs });
    if (ran === null) return { code: null, words: "launchctl can't be started", stdout: "" };
    const text = ran.timedOut ? NO_ANSWER : ran.stderr || ran.stdout;
    return { code: ran.exitCode, words: text.trim(), stdout: ran.stdout };
  };
  const sayTo = (verb: string) =>
    Promise.all(candidates.map(async (domain) => ({ domain, ...(await say(verb, domain)) })));
  let probed: ReturnType<typeof sayTo> | undefined;
  const probe = () => {
    probed ??= sayTo("print-disabled");
    return probed;
  };
  const domains = async () => (await probe()).flatMap(({ domain, code }) => (code === 0 ? [domain] : []));
  return {
    domains,
    async silence() {
      const [first] = (await probe()).filter(({ code }) => code !== 0);
      const isSilent = first === undefined || (await domains()).length > 0;
      return isSilent ? NO_ANSWER : (sessionWords(first.code) ?? first.words);
    },
    async disabled() {
      const answers = (await probe()).filter(({ code }) => code === 0);
      return answers.length === 0 ? null : new Set(answers.flatMap(({ stdout }) => [...parseDisabled(stdout)]));
    },
    async all() {
      const dumps = await sayTo("print");
      const read = dumps.map(({ domain, code, stdout }) => (code === 0 ? parseDump(stdout, domain) : null));
      const isWhole = dumps.every(({ code }, index) => read[index] !== null || sessionWords(code) !== null);
      const known = read.filter((services) => services !== null);
      // The first domain's word counts: it is the desktop's.
      if (known.length > 0) return { services: new Map(known.reverse().flatMap((one) => [...one])), whole: isWhole };
      if (dumps.every(({ code }) => code !== 0)) return null;
      const { code, stdout } = await say("list");
      const services = code === 0 ? parseList(stdout, (await domains())[0] ?? `gui/${uid}`) : null;
      return services === null ? null : { services, whole: true };
    },
    async print(label, domain) {
      const asked = domain === undefined ? await domains() : [domain];
      let isKnown = asked.length > 0;
      for (const at of asked) {
        const { code, stdout } = await say("print", `${at}/${label}`);
        if (code === 0) return parsePrint(stdout, at);
        isKnown &&= code === NO_PROCESS || sessionWords(code) !== null;
      }
      return isKnown ? NOT_LOADED : null;
    },
    bootout: (label, domain) => say("bootout", `${domain}/${label}`),
    bootstrap: (plist, domain) => say("bootstrap", domain, plist),
    enable: (label, domain) => say("enable", `${domain}/${label}`),
    kickstart: (label, domain) => say("kickstart", `${domain}/${label}`),
    async raw(...words) {
      const { code, words: told, stdout } = await say(...words);
      return { code, words: told, printed: stdout.trim() === "" ? told : stdout };
    },
  };
}
