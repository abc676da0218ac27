// What launchd says of a job, as `launchctl print` and its relatives print it: text → checked facts → what is wrong. Pure. None of these
// forms is promised by Apple; they are read as macOS 10.14 to 26 print them (launchctl(1)).

export interface Service {
  loaded: boolean;
  /** `gui/501` or `user/501`, where it lives; null where it is not loaded. */
  domain: string | null;
  /** The plist that it was loaded from. */
  path: string | null;
  state: string | null;
  pid: number | null;
  /** How often it was started. */
  runs: number | null;
  /** Null where it has not ended yet, or a signal ended it. `exitName` is what launchd calls it, such as EX_CONFIG. */
  lastExit: number | null;
  exitName: string | null;
  /** The signal that ended it last, and what launchd calls that: 9, Killed. */
  signal: number | null;
  signalName: string | null;
  /** Such as OS_REASON_CODESIGNING. */
  reason: string | null;
  spawnFailed: boolean;
  /** Why a start is to come, where one is to come. */
  pended: string | null;
  /** How long launchd waits for its end, in seconds. */
  exitTimeout: number | null;
}

/** What is wrong with a job. `failed`: it can't do its work; `warning`: it ran, and did not end well. */
export interface Trouble {
  level: "warning" | "failed";
  words: string;
}

const NOTHING = {
  ...{ domain: null, path: null, state: null, pid: null, runs: null, lastExit: null, exitName: null },
  ...{ signal: null, signalName: null, reason: null, spawnFailed: false, pended: null, exitTimeout: null },
};
export const NOT_LOADED: Service = { loaded: false, ...NOTHING };

/** `launchctl print SERVICE`. Facts stand one tab deep; what is deeper is another thing's: an argument, a variable, a coalition. */
export function parsePrint(text: string, domain: string | null = null): Service {
  const facts = topLines(text);
  const number = (key: string) => {
    const digits = /^-?\d+/.exec(facts.get(key) ?? "")?.[0];
    return digits === undefined ? null : Number(digits);
  };
  const fact = (key: string) => facts.get(key) ?? null;
  const [, exitName = null] = /^-?\d+: (.+)$/.exec(facts.get("last exit code") ?? "") ?? [];
  const [, signalName = null, signal = null] = /^(.+): (\d+)$/.exec(facts.get("last terminating signal") ?? "") ?? [];
  const pid = number("pid");
  return {
    loaded: true,
    domain,
    path: fact("path"),
    state: fact("state"),
    pid: pid === 0 ? null : pid,
    runs: number("runs"),
    lastExit: number("last exit code"),
    exitName,
    signal: signal === null ? null : Number(signal),
    signalName: signalName ?? fact("last terminating signal"),
    reason: fact("last exit reason"),
    spawnFailed: facts.get("job state") === "spawn failed" || facts.get("state") === "spawn failed",
    pended: fact("pended nondemand spawn"),
    exitTimeout: number("exit timeout"),
  };
}

/** The facts of the outermost block, by key; the first of a key counts. A block inside it ends with a brace one tab deep. */
function topLines(text: string): Map<string, string> {
  const facts = new Map<string, string>();
  let inBlock = false;
  for (const line of text.split("\n")) {
    if (inBlock) {
      inBlock = line.trimEnd() !== "\t}";
      continue;
    }
    const [, key = "", value = ""] = /^\t([^\t=][^=]*?) = (.*)$/.exec(line) ?? [];
    inBlock = value === "{";
    if (key !== "" && !inBlock && !facts.has(key)) facts.set(key, value.trim());
  }
  return facts;
}

/**
 * `launchctl print DOMAIN`: every service of a domain, a line each: pid (0: none), how it ended (`-`: not yet, `(pe)`: a start is to
 * come), label. Null where there is no such block: then nothing is known.
 */
export function parseDump(text: string, domain: string): Map<string, Service> | null {
  const [, block] = /^\tservices = \{\n((?:\t\t.*\n|\n)*)\t\}/m.exec(text) ?? [];
  if (block === undefined) return null;
  return servicesOf(block.matchAll(/^[\t ]*(\d+)[\t ]+(-?\d+|-|\(\w+\))[\t ]+(\S.*)$/gm), domain);
}

/**
 * `launchctl list`: pid, status and label of all jobs of the session that asks. Null where it has not its head. A status of 0 is also
 * that of a job which has not ended yet.
 */
export function parseList(text: string, domain: string): Map<string, Service> | null {
  if (!/^PID\s+Status\s+Label$/m.test(text)) return null;
  return servicesOf(text.matchAll(/^(\d+|-)[\t ]+(?:0|(-?\d+)|-)[\t ]+(\S.*)$/gm), domain);
}

/** A status below zero is a signal. */
function servicesOf(lines: Iterable<RegExpExecArray>, domain: string): Map<string, Service> {
  const services = new Map<string, Service>();
  for (const [, pid = "", status = "", label = ""] of lines) {
    const end = /^-?\d+$/.test(status) ? Number(status) : null;
    services.set(label.trimEnd(), {
      ...NOTHING,
      loaded: true,
      domain,
      pid: pid === "0" || pid === "-" ? null : Number(pid),
      lastExit: end !== null && end >= 0 ? end : null,
      signal: end !== null && end < 0 ? -end : null,
      pended: status === "(pe)" ? "pended" : null,
    });
  }
  return services;
}

/** `"LABEL" => disabled` (macOS 13 and later) or `=> true` (before). */
export function parseDisabled(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^\s*"([^"]+)" => (?:disabled|true)/gm)].map((match) => match[1] ?? ""));
}

const EXIT_NAMES = new Map([[78, "EX_CONFIG"]]);

/** What is wrong with a job by what launchd says of it; null where it is not loaded, runs, waits for its time or ended well. */
export function troubleOf(service: Service): Trouble | null {
  const { loaded, pid, state, lastExit, signal, signalName, reason, pended, runs } = service;
  if (!loaded || pid !== null || state === "running") return null;
  const exitName = service.exitName ?? EXIT_NAMES.get(lastExit ?? 0) ?? null;
  if (service.spawnFailed)
    return { level: "failed", words: told("could not be started: spawn failed", [exitOf(lastExit, exitName), reason]) };
  if (signal !== null || signalName !== null)
    return {
      level: "failed",
      words: told(`was killed by signal ${signal ?? signalName}`, [signal && signalName, reason]),
    };
  if (lastExit !== null && lastExit < 0)
    return { level: "failed", words: told(`was killed by signal ${-lastExit}`, [reason]) };
  if (lastExit !== null && lastExit !== 0)
    return { level: "warning", words: told(`ended with ${lastExit}`, [exitName, reason]) };
  if (lastExit === null && reason !== null) return { level: "failed", words: told("was ended by macOS", [reason]) };
  if (pended !== null && lastExit === null && (runs ?? 0) === 0)
    return { level: "failed", words: "is loaded, but was never started: its start is pended and does not come" };
  return null;
}

const exitOf = (code: number | null, name: string | null): string | null =>
  code === null ? null : [String(code), name].filter(Boolean).join(" ");

function told(what: string, more: (string | number | null)[]): string {
  const known = more.filter((word) => word !== null && word !== 0);
  return known.length === 0 ? what : `${what} (${known.join(", ")})`;
}
