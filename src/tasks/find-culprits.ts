// The course of a search: both ends are asked, then the snapshots, the files, and the keys and hunks in them.

import { firstFailing, smallest } from "../search/smallest.ts";
import { maskCommand } from "../secrets/word-secrets.ts";
import type { Bench } from "./bench.ts";
import { type Culprit, changedFiles, changesInside, type Side, type Span, wordsFor, writesWith } from "./culprits.ts";
import { Unsteady } from "./trials.ts";

export interface Finding {
  /** What came of it; null where nothing was asked yet. */
  verdict: null | "found" | "nothing-differs" | "passes-now" | "fails-with-all" | "unsteady";
  /** The smallest set of changes whose undoing makes the checks pass, each with words that hold no secret. */
  found: (Culprit & { words: string[] })[];
  /** Of how many changes that is a part. */
  among: number;
  /** With --between: where the checks fail first; `id` is null for today's files. */
  first: { id: string | null; description: string | null } | null;
  /** Whether they pass when it is undone in today's files. */
  passesToday: boolean;
  /** The commands that undo it, or that look further. */
  next: string[][];
}

/** The commands that are suggested, in the caller's spelling. */
export interface BisectWords {
  search(ref: string, more: { between: boolean; checks: string[] }): string[];
  /** Undoes one file's part of what was found. */
  restore(ref: string, only: string, part: { keys: string[]; hunks: number[] }): string[];
  /** Takes back in one file what changed between two snapshots. */
  revert(from: string, to: string, only: string): string[];
  undo(): string[];
}

const NOTHING: Omit<Finding, "verdict"> = { found: [], among: 0, first: null, passesToday: false, next: [] };

/** The other snapshots that matter to a search. */
export interface Others {
  /** Those to search, oldest first; none where today's files are searched. */
  later: string[];
  /** The oldest one, where it is older than the one that is to pass. */
  oldest: string | undefined;
  /** Opens one, and plans its restore into today's files. */
  at(id: string): Promise<Side>;
  checks: readonly string[];
}

/** A check as it may be shown. */
export const shownChecks = (checks: readonly string[]): string[] =>
  checks.map((check) => maskCommand(check, { strict: false }));

/** Searches today's files, or the later snapshots up to today. Every file is as it was when it returns or throws. */
export async function findCulprits(bench: Bench, others: Others, words: BisectWords): Promise<Finding> {
  try {
    return await find(bench, others, words);
  } catch (cause) {
    if (cause instanceof Unsteady) return { ...NOTHING, verdict: "unsteady" };
    throw cause;
  }
}

async function find(bench: Bench, { later, oldest, at, checks }: Others, words: BisectWords): Promise<Finding> {
  const { good, attempt, confirm } = bench;
  const today: Span = { good, bad: null };
  const all = changedFiles(today);
  if (all.length === 0) return { ...NOTHING, verdict: "nothing-differs" };
  if (await attempt(null, [], [])) return { ...NOTHING, verdict: "passes-now", among: all.length };
  if (!(await attempt(null, all, await writesWith(all, today)))) {
    const next = oldest === undefined ? [] : [words.search(oldest, { between: true, checks: shownChecks(checks) })];
    return { ...NOTHING, verdict: "fails-with-all", among: all.length, next };
  }
  const span = later.length === 0 ? today : await spanOf(bench, later, at);
  const { found, among } = await smallestIn(span, bench);
  const undone = await writesWith(found, span);
  await confirm(undone ?? []);
  await confirm((await writesWith([], span)) ?? []);
  const passesToday =
    span.bad === null || (await attempt(null, found, await writesWith(found, { ...span, bad: null })));
  const first = span.bad === null ? null : span.bad.opened;
  return {
    verdict: "found",
    found: await Promise.all(found.map(async (one) => ({ ...one, words: await wordsFor(one, span) }))),
    among,
    first:
      later.length === 0 ? null : { id: first?.located.id ?? null, description: first?.manifest.description ?? null },
    passesToday,
    next: fixes(found, span, words),
  };
}

/** The last snapshot that passes and the first that fails, which may be today. */
async function spanOf(
  { good, attempt, cover }: Bench,
  later: string[],
  at: (id: string) => Promise<Side>,
): Promise<Span> {
  const sides = new Map<number, Side>([[0, good]]);
  const sideAt = async (index: number): Promise<Side> => {
    const side = sides.get(index) ?? (await at(later[index - 1] ?? ""));
    sides.set(index, side);
    await cover(side);
    return side;
  };
  const failing = await firstFailing(later.length + 1, async (index) => {
    const side = await sideAt(index);
    return attempt(
      side.opened.located.id,
      [],
      side.plan.changes.flatMap(({ writes }) => writes),
    );
  });
  return { good: await sideAt(failing - 1), bad: failing > later.length ? null : await sideAt(failing) };
}

/** First among the files, then among the changes inside those that were found. */
async function smallestIn(span: Span, { attempt, narrowed }: Bench): Promise<{ found: Culprit[]; among: number }> {
  const state = span.bad?.opened.located.id ?? null;
  const among = async (changes: Culprit[]): Promise<Culprit[]> => {
    const chosen = (numbers: readonly number[]) => numbers.flatMap((number) => changes[number] ?? []);
    narrowed(changes.length);
    const passes = async (numbers: readonly number[]) =>
      attempt(state, chosen(numbers), await writesWith(chosen(numbers), span));
    return chosen(await smallest(changes.length, passes, narrowed));
  };
  const changed = changedFiles(span);
  const files = await among(changed);
  const inside = (await Promise.all(files.map((file) => changesInside(file, span)))).flat();
  // All keys of a file may be less than the file: its form can matter.
  const isWhole = inside.every(({ key, hunk }) => key === null && hunk === null);
  if (isWhole || !(await attempt(state, inside, await writesWith(inside, span))))
    return { found: files, among: changed.length };
  return { found: await among(inside), among: changed.length };
}

/** The commands that undo it in today's files, one a file. */
function fixes(found: Culprit[], { good, bad }: Span, words: BisectWords): string[][] {
  const { id } = good.opened.located;
  const files = [...Map.groupBy(found, ({ path }) => path)];
  return files.map(([path, parts]) => {
    const only =
      good.opened.manifest.files.filter(({ original }) => original.endsWith(`/${parts[0]?.name}`)).length === 1;
    const word = only ? (parts[0]?.name ?? path) : path;
    const keys = parts.flatMap(({ key }) => key ?? []);
    const hunks = parts.flatMap(({ hunk }) => hunk ?? []);
    // Between two snapshots the hunks have other numbers than up to today.
    if (bad !== null && keys.length === 0) return words.revert(id, bad.opened.located.id, word);
    return words.restore(id, word, { keys, hunks });
  });
}
