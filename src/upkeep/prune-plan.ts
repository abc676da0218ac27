// Which snapshots stay and which go: restic's words and meanings, each category by itself. Pure; the zone is the process's.
import type { Retention } from "../config.ts";
import { before } from "../duration.ts";
import type { SnapshotId } from "../model.ts";

export interface Prunable {
  id: SnapshotId;
  /** Null where nobody can tell: a damaged or a sealed one. */
  category: string | null;
  /** ms since the epoch, UTC. */
  createdAtMs: number;
  complete: boolean;
  pinned: boolean;
  /** Dated so far ahead of the clock that a clock was wrong. */
  ahead: boolean;
  /** How many files it is the last to hold of which later ones lost too many. */
  lastOf: number;
}

export interface Verdict {
  id: SnapshotId;
  category: string | null;
  keep: boolean;
  /** Every reason to keep it, or the one why it goes. */
  reasons: string[];
}

export interface PruneRules {
  /** The rule of a category; undefined where it has none. */
  of(category: string): Retention | undefined;
  /** ms since the epoch, UTC. */
  nowMs: number;
  /** Snapshots that are worth something only both: they stay together or go together. */
  pairs: (readonly [string, string])[];
}

/** Judges every snapshot; the order is newest first. Nothing goes where no complete snapshot would be left. */
export function planPrune(candidates: Prunable[], rules: PruneRules): Verdict[] {
  const newestFirst = candidates.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const reasons = new Map<SnapshotId, string[]>(newestFirst.map(({ id }) => [id, []]));
  const keep = (id: SnapshotId, why: string) => reasons.get(id)?.push(why);
  for (const { id, category, pinned, createdAtMs, ahead, lastOf } of newestFirst) {
    if (lastOf > 0) keep(id, `the last that holds ${lastOf} ${lastOf === 1 ? "file" : "files"} that were lost`);
    if (pinned) keep(id, "pinned");
    if (category === null) keep(id, "its category can't be read");
    else if (rules.of(category) === undefined) keep(id, "its category has no rule");
    if (ahead || createdAtMs > rules.nowMs) keep(id, "dated in the future");
  }
  const inTime = newestFirst.filter(({ ahead }) => !ahead);
  for (const group of byCategory(inTime).values()) {
    const newestComplete = group.find(({ complete }) => complete);
    if (newestComplete !== undefined) keep(newestComplete.id, "the newest complete one of its category");
    const rule = rules.of(group[0]?.category ?? "");
    const past = group.filter(({ createdAtMs }) => createdAtMs <= rules.nowMs);
    if (rule !== undefined) for (const [id, why] of kept(past, rule)) keep(id, why);
  }
  keepPairs(rules.pairs, reasons);
  const survives = inTime.some(({ id, complete }) => complete && (reasons.get(id)?.length ?? 0) > 0);
  return newestFirst.map(({ id, category }) => {
    const why = reasons.get(id) ?? [];
    if (why.length > 0) return { id, category, keep: true, reasons: why };
    return survives
      ? { id, category, keep: false, reasons: ["no rule keeps it"] }
      : { id, category, keep: true, reasons: ["no complete snapshot would be left"] };
  });
}

function keepPairs(pairs: PruneRules["pairs"], reasons: Map<string, string[]>): void {
  for (const [one, other] of [...pairs, ...pairs.map(([a, b]) => [b, a] as const)])
    if ((reasons.get(one)?.length ?? 0) > 0 && reasons.get(other)?.length === 0)
      reasons.get(other)?.push(`goes with ${one}`);
}

function byCategory(candidates: Prunable[]): Map<string, Prunable[]> {
  const groups = new Map<string, Prunable[]>();
  for (const candidate of candidates) {
    if (candidate.category === null) continue;
    const group = groups.get(candidate.category);
    if (group === undefined) groups.set(candidate.category, [candidate]);
    else group.push(candidate);
  }
  return groups;
}

/** What one category's rule keeps of it; a snapshot may be kept for several reasons. Newest first. */
function* kept(group: Prunable[], rule: Retention): Generator<[SnapshotId, string]> {
  for (const { id } of group.slice(0, rule["keep-last"] ?? 0)) yield [id, "last snapshot"];
  const within = rule["keep-within"];
  const newest = group[0];
  if (within !== undefined && newest !== undefined) {
    // As restic counts: back from the newest, not from now, so that a Mac that was off for a month loses nothing.
    const since = before(newest.createdAtMs, within);
    for (const { id, createdAtMs } of group) if (createdAtMs >= since) yield [id, `within ${within}`];
  }
  for (const [name, periodOf] of PERIODS) {
    const seen = new Set<string>();
    for (const { id, createdAtMs } of group) {
      const period = periodOf(new Date(createdAtMs));
      if (seen.has(period)) continue;
      if (seen.size >= (rule[`keep-${name}`] ?? 0)) break;
      seen.add(period);
      yield [id, `${name} snapshot`];
    }
  }
}

/** Local calendar periods, by a name that is the same for all moments of one. */
const PERIODS = [
  ["daily", (at: Date) => at.toDateString()],
  ["weekly", (at: Date) => isoWeek(at)],
  ["monthly", (at: Date) => `${at.getFullYear()}-${at.getMonth()}`],
] as const;

/** The Monday of a day's ISO week. */
function isoWeek(at: Date): string {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7)).toDateString();
}
