// The launchd that launchctl.sh plays: its state as files, put and read by the tests. It belongs to one world.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Layout, type World, world } from "../harness.ts";

const script = readFileSync(join(import.meta.dir, "launchctl.sh"), "utf8");

type Domain = "gui" | "user";

export interface Launchd {
  /**
   * Loads an agent as it was before the test: its plist is where LaunchAgents lie. With a pid it runs. `signal` is `Killed: 9`; `print`
   * is all that print says of it, and `status` its end in the dump.
   */
  load(
    label: string,
    state?: { domain?: Domain; pid?: number; lastExit?: number; signal?: string; print?: string; status?: string },
  ): void;
  unload(label: string): void;
  disable(label: string): void;
  /**
   * An agent that begins its life only to end it: print shows it alive `calls` times, and its error log gets `words`. It ends with a
   * code or by a signal (`Killed:9`), or is not even started: `spawn-failed`; `pended` till it is kicked; `never`.
   */
  dies(label: string, fate: { code: number | string; calls?: number; words?: string }): void;
  /** launchd's answer to every bootstrap of this label. */
  refuses(label: string, code: number, words: string): void;
  /** How many calls bootout takes to be through, and how many bootstraps after that come too early. One and one, unless told. */
  slowness(calls: number, tooEarly: number): void;
  /** There is no such domain: print, bootstrap and all others end with this code. */
  without(domain: Domain, code: 112 | 113 | 125 | 134): void;
  /** A domain's dump has another form than today's. */
  withoutDump(): void;
  /** Every call takes so many seconds. */
  slow(seconds: number): void;
  /** Every call hangs. */
  hang(): void;
  isLoaded(label: string, domain?: Domain): boolean;
  isDisabled(label: string): boolean;
  /** The plist that a loaded agent was read from. */
  plistOf(label: string): string;
  /** Every call so far, in order; or those that name this label, without what is the same in all of them. */
  calls(label?: string): string[];
  forgetCalls(): void;
}

/** The programs and the state that a world with launchd begins with. */
const beginning: Layout = {
  "bin/launchctl": { file: script, mode: 0o755 },
  "launchd/calls": "",
  "launchd/lag": "1 1\n",
};
const folders: Layout = Object.fromEntries(
  ["services/gui", "services/user", "disabled", "fates", "refusals"].map((name) => [
    `launchd/${name}`,
    { folder: 0o755 },
  ]),
);

export const agentPath = (label: string): string => `home/Library/LaunchAgents/${label}.plist`;

/** Gives a world that was made with `bin: {}` a launchd of its own. */
export function launchdOf(w: World): Launchd {
  const state = join(w.base, "launchd");
  w.put({ ...beginning, ...folders, launchd: { folder: 0o755 } });
  const service = (label: string, domain: Domain = "gui") => join(state, "services", domain, label);
  const put = (name: string, text: string | number) => w.put({ [join(state, name)]: `${text}\n` });
  const everyCall = () => readFileSync(join(state, "calls"), "utf8").split("\n").slice(0, -1);
  return {
    load(label, { domain = "gui", pid, lastExit, signal, print, status } = {}) {
      const files = { plist: w.path(agentPath(label)), pid, exit: lastExit, signal, print, status };
      w.put({ [service(label, domain)]: { folder: 0o755 } });
      for (const [name, value] of Object.entries(files))
        if (value !== undefined) put(`services/${domain}/${label}/${name}`, value);
    },
    unload: (label) => rmSync(service(label), { recursive: true }),
    disable: (label) => put(`disabled/${label}`, "disabled"),
    dies: (label, { code, calls = 0, words = "" }) => put(`fates/${label}`, `${code} ${calls} ${words}`),
    refuses: (label, code, words) => put(`refusals/${label}`, `${code} ${words}`),
    slowness: (calls, tooEarly) => put("lag", `${calls} ${tooEarly}`),
    without: (domain, code) => put(`no-${domain}`, code),
    withoutDump: () => put("no-dump", ""),
    slow: (seconds) => put("slow", seconds),
    hang: () => put("hangs", ""),
    isLoaded: (label, domain) => existsSync(service(label, domain)),
    isDisabled: (label) =>
      readdirSync(join(state, "disabled")).includes(label) &&
      readFileSync(join(state, "disabled", label), "utf8") === "disabled\n",
    plistOf: (label) => readFileSync(join(service(label), "plist"), "utf8").trim(),
    calls(label) {
      if (label === undefined) return everyCall();
      return everyCall()
        .filter((call) => call.includes(`/${label}`))
        .map((call) => call.split(" ")[0] ?? "");
    },
    forgetCalls: () => w.put({ [join(state, "calls")]: "" }),
  };
}

/** A plist whose program is there, as launchd wants it. */
export function agentPlist(label: string, more = "", argv: readonly string[] = ["/bin/sh"]): string {
  const words = argv.map((word) => `<string>${word}</string>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Label</key><string>${label}</string>
<key>ProgramArguments</key><array>${words}</array>${more}
</dict></plist>
`;
}

/** A world with launchd and these agents, whose plists are in place and which are not loaded. */
export function agentWorld(
  names: readonly string[],
  options: { root?: Layout; home?: Layout; ordinary?: boolean } = {},
): { w: World; launchd: Launchd } {
  const { root = { ".mcp.json": "{}" }, home = {}, ordinary = false } = options;
  const plists = Object.fromEntries(
    names.map((name) => [`Library/LaunchAgents/${labelOf(name)}.plist`, agentPlist(labelOf(name))]),
  );
  const w = world({ root, home: { ...plists, ...home }, bin: {} }, { ordinary });
  return { w, launchd: launchdOf(w) };
}

export const labelOf = (name: string): string => `com.petesbrain.${name}`;
