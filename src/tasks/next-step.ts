// The command that comes after a preview or a refusal: the same one with --force, or the one that moves a snapshot of another home here.
import type { AbsPath, Manifest, Plan } from "../model.ts";
import { isWithin, outermost } from "../paths.ts";
import { resolved } from "../system/files.ts";
import type { Site } from "./site.ts";

/** A snapshot that was not taken in this home and project. */
export interface Elsewhere {
  what: "home" | "project";
  /** The home or root that it was taken in. */
  place: AbsPath;
}

export interface NextStep {
  command: string[];
  /** Why the command moves the snapshot instead of doing what was shown; null where it does that. */
  elsewhere: Elsewhere | null;
}

/** Whether a snapshot's home or root is another one than here; what it does not say is no other place. */
export function elsewhere({ home, root }: Pick<Manifest, "home" | "root">, here: Pick<Site, "home" | "root">) {
  const differs = (then: AbsPath | null, now: AbsPath): then is AbsPath =>
    then !== null && then !== now && resolved(then) !== resolved(now);
  if (differs(home, here.home)) return { what: "home", place: home } as const;
  return differs(root, here.root) ? ({ what: "project", place: root } as const) : null;
}

/** What was opened, and how the caller types a restore of it. */
interface Asked {
  opened: { typed: string[]; manifest: Manifest; site: Site; of: { type: string } | null };
  input: {
    relocate: boolean;
    maps: readonly unknown[];
    words: { restore(named: string[], more: { allow: AbsPath[]; relocate: boolean }): string[] };
  };
}

/** What to type next, seeing what this plan would change or is refused. */
export function nextStep({ opened, input }: Asked, plan: Plan): NextStep {
  const { typed, manifest, site, of } = opened;
  const wanted = outermost(plan.changes.flatMap(({ allow }) => (allow === undefined ? [] : [allow])));
  const isMoved = input.relocate || input.maps.length > 0;
  const from = isMoved || of?.type === "event" ? null : elsewhere(manifest, site);
  if (from === null)
    return { command: input.words.restore(typed, { allow: wanted, relocate: false }), elsewhere: null };
  // What lay below the old places is to go below the new ones, not to be allowed there.
  const old = [manifest.home, manifest.root].filter((place) => place !== null);
  const allow = wanted.filter((place) => !old.some((folder) => isWithin(place, folder)));
  return { command: input.words.restore(typed, { allow, relocate: true }), elsewhere: from };
}
