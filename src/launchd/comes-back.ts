// Whether launchd would take an agent again after it let go of it. What can't come back is better left running as it is.
import type { AbsPath, Env } from "../model.ts";
import { nameOf, parentOf } from "../paths.ts";
import { ifReadable, readBytes } from "../system/files.ts";
import type { Agent } from "./agent.ts";
import { judgePlist, malformedWords } from "./judge.ts";
import { askPlutil, bothWords } from "./plutil.ts";
import { danglingReferences, NOT_A_DICTIONARY, refusals } from "./problems.ts";
import { quarantined } from "./quarantine.ts";
import { plistsByLabel, rivals } from "./same-label.ts";

export interface OnDisk {
  label: string;
  plist: AbsPath;
  agent: Agent | null;
}

export interface Obstacle {
  /** The first thing, and all of them. */
  words: string;
  all: string[];
  /** Another plist has its Label, and that one counts. */
  isRival: boolean;
}

const LIMIT_BYTES = 1 << 20;

/** Looks at all of them at once: what is in the way of each, by its plist. Of their form plutil decides, where it is. */
export async function whatIsInTheWay(all: readonly OnDisk[], env: Env, uid: number): Promise<Map<AbsPath, Obstacle>> {
  const plists = all.map(({ plist }) => plist);
  const [inQuarantine, said] = await Promise.all([quarantined(env, plists), askPlutil(env, plists)]);
  const folders = new Map<AbsPath, Map<string, AbsPath[]>>();
  for (const folder of new Set(plists.map(parentOf))) folders.set(folder, await plistsByLabel(folder));
  const obstacles = new Map<AbsPath, Obstacle>();
  for (const { label, plist, agent } of all) {
    const [rival] = rivals(plist, label, folders.get(parentOf(plist))?.get(label) ?? []);
    const words = [
      ...(rival === undefined ? [] : [`${nameOf(plist)} has the same Label as ${nameOf(rival)}`]),
      ...refusedBy({ plist, agent }, said?.get(plist), uid).map((problem) => `its plist: ${problem}`),
      ...(inQuarantine.has(plist) ? ["its plist: is in quarantine (xattr -d com.apple.quarantine)"] : []),
      ...(agent === null ? [] : danglingReferences(agent)),
    ];
    if (words[0] !== undefined) obstacles.set(plist, { words: words[0], all: words, isRival: rival !== undefined });
  }
  return obstacles;
}

/** What is wrong with the plist file, as it is now. */
function refusedBy({ plist, agent }: Omit<OnDisk, "label">, plutil: string | null | undefined, uid: number): string[] {
  const bytes = ifReadable(() => readBytes(plist, LIMIT_BYTES));
  const judged = bytes === null ? null : judgePlist(bytes);
  const malformed = judged === null || judged.ok ? null : malformedWords(judged);
  const { refused, words } = bothWords(malformed, plutil);
  // Of one that plutil takes and we do not, nobody here knows what is in it.
  return refusals(plist, agent, refused ? words : null, uid).filter(
    (problem) => malformed === null || problem !== NOT_A_DICTIONARY,
  );
}
