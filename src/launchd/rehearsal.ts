// What launchd really does here, with an agent that only sleeps: loaded, reloaded, killed and gone. Everything that launchctl prints is
// kept, since tests know it from its manual and from reports alone.
import type { AbsPath } from "../model.ts";
import type { Launchctl, Said } from "./launchctl.ts";
import { parsePrint, type Service } from "./service.ts";

/** One call of launchctl, in order. */
export interface Call {
  words: string[];
  code: number | null;
  printed: string;
}

export interface Rehearsal {
  calls: Call[];
  /** What print said of the agent after each step; null where it said that there is none, or the step was not reached. */
  loaded: Service | null;
  reloaded: Service | null;
  killed: Service | null;
  /** Codes of bootstraps that came too early after the bootout. */
  tooEarly: (number | null)[];
  isGone: boolean;
}

const LOOKS = 20;
const LOOK_EVERY_MS = 100;

export const rehearsalPlist = (label: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Label</key><string>${label}</string>
<key>ProgramArguments</key><array><string>/bin/sleep</string><string>60</string></array>
<key>RunAtLoad</key><true/>
</dict></plist>
`;

/** Never throws for what launchctl answers, and boots the agent out whatever happened. */
export async function rehearse(
  launchctl: Launchctl,
  domain: string,
  label: string,
  plist: AbsPath,
): Promise<Rehearsal> {
  const calls: Call[] = [];
  const service = `${domain}/${label}`;
  const say = async (...words: string[]): Promise<Said> => {
    const said = await launchctl.raw(...words);
    calls.push({ words, code: said.code, printed: said.printed.trim() });
    return said;
  };
  const look = async () => {
    const { code } = await say("print", service);
    return code === 0 ? parsePrint(calls.at(-1)?.printed ?? "", domain) : null;
  };
  const until = async (isSo: (seen: Service | null) => boolean) => {
    let seen = await look();
    for (let looks = 1; looks < LOOKS && !isSo(seen); looks++) {
      await Bun.sleep(LOOK_EVERY_MS);
      seen = await look();
    }
    return seen;
  };
  const leave = async () => {
    await say("bootout", service);
    return (await until((seen) => seen === null)) === null;
  };
  const done: Rehearsal = { calls, loaded: null, reloaded: null, killed: null, tooEarly: [], isGone: false };
  try {
    if ((await say("bootstrap", domain, plist)).code !== 0) return done;
    done.loaded = await until((seen) => seen?.pid != null);
    if (!(await leave())) return done;
    for (let tries = 0; tries < LOOKS; tries++) {
      const { code } = await say("bootstrap", domain, plist);
      if (code === 0) break;
      done.tooEarly.push(code);
      await Bun.sleep(LOOK_EVERY_MS);
    }
    done.reloaded = await until((seen) => seen?.pid != null);
    await say("kill", "SIGKILL", service);
    done.killed = await until((seen) => seen !== null && seen.pid === null);
  } finally {
    done.isGone = await leave();
  }
  return done;
}
