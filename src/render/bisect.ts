import type { BisectOutcome } from "../tasks/bisect.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";
import { files } from "./words.ts";

export const bisect: Face<BisectOutcome> = {
  quiet: ({ found }) => found.map(({ name, key, hunk }) => printable([name, key ?? hunk ?? ""].join(" ").trim())),
  text: (outcome) => (outcome.dryRun ? preview(outcome) : account(outcome)),
  json: ({ dryRun, id, changes, states, expected, verdict, trials, found, among, first, passesToday, ...rest }) => ({
    id,
    dry_run: dryRun,
    changes,
    snapshots: states,
    trials_expected: expected,
    verdict,
    trials,
    found: found.map(({ path, name, kind, key, hunk, words }) => ({ path, name, kind, key, hunk, words })),
    among,
    first_failing: first,
    passes_today: passesToday,
    applied: rest.applied,
    auto_backup: rest.autoBackup,
    took_ms: rest.tookMs,
    back: rest.back,
    next: rest.next,
  }),
};

const SHOWN = 10;

function preview({ id, changes, states, expected, next }: BisectOutcome): string[] {
  const more = changes.length - SHOWN;
  return [
    states.length === 0
      ? `${files(changes.length)} differ from ${id}; one culprit takes about ${trials(expected + 2)}`
      : `${states.length} later snapshots and today, where ${files(changes.length)} differ from ${id}; about ${trials(expected + 2)}`,
    ...changes.slice(0, SHOWN).map(({ name }) => `   ${printable(name)}`),
    ...(more > 0 ? [`   and ${more} more`] : []),
    "Each trial writes some of them as they were then, runs the check, and puts them back.",
    "",
    "⚠️  This is a dry run. Use --force to search:",
    ...next.map((words) => `   ${command(words)}`),
  ];
}

const command = (words: string[]): string => words.map(quote).join(" ");
const trials = (count: number): string => (count === 1 ? "1 trial" : `${count} trials`);
const AS_BEFORE = "Every file is as it was before the search.";

function account(outcome: BisectOutcome): string[] {
  const { verdict, id, next } = outcome;
  switch (verdict) {
    case "found":
      return found(outcome);
    case "nothing-differs":
      return [`❌ No file differs from ${id}: there is nothing to search.`];
    case "passes-now":
      return [`❌ The check passes now: there is nothing to search. ${AS_BEFORE}`];
    case "unsteady":
      return [
        "❌ The check answers differently when it is asked again about the same files",
        `   No search can rely on it. ${AS_BEFORE}`,
      ];
    default:
      return [
        `❌ The check fails with all files of ${id}, too`,
        `   So the cause is older, or not in these files. ${AS_BEFORE}`,
        ...(next.length === 0 ? [] : ["   Look for the first snapshot in which it fails:"]),
        ...next.map((words) => `   ${command(words)}`),
      ];
  }
}

function found(outcome: BisectOutcome): string[] {
  const { found: culprits, among, first, trials: tried, tookMs, passesToday, applied, back, next } = outcome;
  const count = culprits.length === 1 ? "1" : `${culprits.length}`;
  const where = first === null || first.id === null ? "" : ` in ${first.id}`;
  const took = `(${trials(tried.length)}, ${Math.round(tookMs / 1000)}s)`;
  const byFile = [...Map.groupBy(culprits, ({ path }) => path).values()];
  return [
    ...(first === null ? [] : [firstLine(first)]),
    `✅ The check passes again${where} when ${count} of ${among} changes ${culprits.length === 1 ? "is" : "are"} undone ${took}:`,
    "",
    ...byFile.flatMap((parts) => [
      `   ${printable(parts[0]?.name ?? "")}`,
      ...parts.flatMap(({ words, hunk }) => [
        ...(hunk === null ? [] : [`     hunk ${hunk}`]),
        ...words.map((line) => `     ${printable(line)}`),
      ]),
    ]),
    "",
    ...(passesToday ? [] : ["⚠️  Undone in today's files alone it is not enough: more has changed since."]),
    ...(applied
      ? ["It is undone now, and the check passes. To take that back:", `   ${command(back ?? [])}`]
      : [
          `${AS_BEFORE} To undo ${culprits.length === 1 ? "that change" : "those changes"}:`,
          ...next.map((words) => `   ${command(words)}`),
        ]),
  ];
}

const firstLine = ({ id, description }: NonNullable<BisectOutcome["first"]>): string =>
  id === null
    ? "It passes with every snapshot, and fails first with today's files."
    : `It fails first in ${id} (${printable(description ?? "")}).`;
