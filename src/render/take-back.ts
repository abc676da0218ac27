// `undo` and `revert`: what would be taken back, what stays, and what both changed.
import type { RestoreOutcome } from "../tasks/restore-terms.ts";
import type { ConflictPart, FileConflict } from "../tasks/settle.ts";
import { age, printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face, View } from "./face.ts";
import { statText } from "./file-diff.ts";
import { restore } from "./restore.ts";
import { account, earlierNotes, type Inside, keptLines, patchLines, planned, refusedLines } from "./restore-lines.ts";
import { files } from "./words.ts";

export const takeBack: Face<RestoreOutcome> = {
  quiet: restore.quiet,
  text(outcome, paint, view) {
    const inside = patchLines(outcome, paint);
    const kept = keptLines(outcome, paint, ", edited since");
    return outcome.dryRun ? preview(outcome, inside, kept) : done(outcome, { inside, kept, paint, view });
  },
  json(outcome) {
    const { of, findings } = outcome;
    return {
      ...restore.json(outcome),
      of:
        of?.type === "event"
          ? { number: of.line, command: of.command, id: of.id, time: of.time }
          : { from: of?.from, to: of?.to },
      conflicts: findings?.conflicts ?? [],
    };
  },
};

function preview(outcome: RestoreOutcome, inside: Inside, kept: Inside): string[] {
  const { plan, findings, next, patch } = outcome;
  const { conflicts = [], leftAlone = [] } = findings ?? {};
  const stat = new Map((patch?.files ?? []).map((file) => [file.path, statText(file, (_, text) => text)]));
  const changes = plan.changes.filter(({ action }) => action !== "unchanged");
  const command = next.command.map(quote).join(" ");
  const decided = (flag: string) => `   ${command.replace(/ --force$/, ` ${flag} --force`)}`;
  return [
    heading(outcome),
    ...about(outcome),
    "",
    ...changes.flatMap((change) => {
      const what = stat.get(change.path);
      return [planned(change) + (what === undefined ? "" : ` (${what})`), ...inside(change), ...kept(change)];
    }),
    ...leftAlone.map(({ name, why }) => `- Left alone, ${printable(why)}: ${printable(name)}`),
    ...conflicts.flatMap(conflictLines),
    ...earlierNotes(outcome).map((note) => `⚠️  ${note}`),
    "",
    ...refusedLines(outcome),
    ...(conflicts.length === 0
      ? ["⚠️  This is a dry run. Use --force to actually restore:", `   ${command}`]
      : [
          `⚠️  This is a dry run. Nothing is written before you decide the ${conflicts.length === 1 ? "conflict" : "conflicts"}:`,
          `${decided("--ours")}      keep what is there now`,
          `${decided("--theirs")}    bring back what was there before`,
        ]),
  ];
}

function heading({ plan, findings, summary }: RestoreOutcome): string {
  const { conflicts = [], leftAlone = [] } = findings ?? {};
  const changing = summary.modify + summary.create;
  const all = plan.changes.length + conflicts.length + leftAlone.length;
  const counted = [
    [
      [summary.modify, "modified"],
      [summary.create, "new"],
    ],
    [
      [conflicts.length, conflicts.length === 1 ? "conflict" : "conflicts"],
      [leftAlone.length, "left alone"],
      [summary.unchanged, "unchanged"],
      [summary.refused, "refused"],
    ],
  ].map((group) => group.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", "));
  const told = counted.filter((part) => part !== "").join("; ");
  return `${changing} of ${files(all)} would change${told === "" ? "" : `: ${told}`}`;
}

function about({ of }: RestoreOutcome): string[] {
  if (of === null) return [];
  if (of.type === "event") {
    const when = of.ageSeconds === null ? "" : `, ${age(of.ageSeconds)}`;
    return [`Undo of ${of.line}: ${printable(of.command)} of ${printable(of.id)}${when}`];
  }
  return [
    `Revert from ${printable(of.from.id)} (${printable(of.from.description)})`,
    `         to ${printable(of.to.id)} (${printable(of.to.description)})`,
  ];
}

const conflictLines = ({ name, parts }: FileConflict): string[] => [
  `❌ Conflict: ${printable(name)}`,
  ...parts.flatMap(partLines),
];

function partLines({ where, before, after, now }: ConflictPart): string[] {
  if (before === null && after === null && now === null) return [`     ${printable(where)}`];
  const shown = (value: string | null) => printable(value ?? "not shown");
  const rows = [
    ["before", shown(before), "   --theirs"],
    ["after", shown(after), ""],
    ["now", shown(now), "   --ours"],
  ] as const;
  const width = Math.max(...rows.map(([, value]) => value.length));
  return [
    `     ${printable(where)}`,
    ...rows.map(([when, value, flag]) => `       ${when.padEnd(7)} ${value.padEnd(width)}${flag}`.trimEnd()),
  ];
}

function done(outcome: RestoreOutcome, how: { inside: Inside; kept: Inside; paint: Paint; view: View }): string[] {
  const { inside, kept, paint, view } = how;
  return [...about(outcome), ...account(outcome, (file) => [...inside(file), ...kept(file)], paint, view)];
}
