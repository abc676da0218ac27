// A preview on a terminal: the count first, then what changes with a word on what, warnings, and last the command. What is unchanged is
// a number, and files with the same difference are one entry.
import type { FileDiff } from "../comparison.ts";
import type { Change } from "../model.ts";
import type { RestoreOutcome } from "../tasks/restore-terms.ts";
import { age, printable } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import { typed } from "./commands.ts";
import type { View } from "./face.ts";
import { fileLines, problemLines, statText } from "./file-diff.ts";
import {
  aloneLines,
  earlierNotes,
  type Inside,
  lastWords,
  planned,
  REFUSED_SHOWN,
  refusedLines,
  stillLines,
} from "./restore-lines.ts";
import { files, gitText, howMany } from "./words.ts";
import { wrapLine } from "./wrap.ts";

const SAME = 3;
const NAMES_SHOWN = 2;
const ENTRIES_SHOWN = 10;
const KEYS_SHOWN = 4;

export function brief(outcome: RestoreOutcome, inside: Inside, paint: Paint, view: View): string[] {
  const { plan, summary, agents, venvs, git, patch, next } = outcome;
  if (summary.refused > 0 && !next.command.includes("--keep-going")) return refused(outcome, paint, view);
  const changing = summary.modify + summary.create + summary.skipped + summary.refused;
  const told = entries(outcome, inside, paint);
  if (changing === 0 && (outcome.findings?.leftAlone.length ?? 0) === 0) return nothingDiffers(outcome, paint, view);
  const warnings = [
    ...earlierNotes(outcome).map((note) => `⚠️  ${paint("warn", note)}`),
    ...stillLines(outcome, view, paint),
    ...missingVenvs(venvs).map((note) => `⚠️  ${note}`),
    ...fewNotes(agents),
    ...problemLines(patch?.problems ?? []),
  ];
  return [
    ...wrapLine(heading(outcome, paint), view.columns(), ""),
    `Snapshot ${printable(plan.snapshot)}: ${printable(plan.description)}`,
    ...(plan.category === "auto-backup" ? ["It is an auto-backup: what was there before a restore"] : []),
    ...placesLines(outcome),
    "",
    ...told.lines,
    ...aloneLines(outcome),
    ...movedLines(outcome, paint),
    ...(git === null ? [] : ["", paint("dim", `git: ${gitText(git)} (a restore leaves git alone)`)]),
    ...(warnings.length === 0 ? [] : ["", ...warnings.flatMap((line) => wrapLine(line, view.columns(), "   "))]),
    ...(told.folded && patch === null
      ? [
          "",
          `Each file by name: add ${paint("command", "--all")}. What differs inside: add ${paint("command", "--patch")}`,
        ]
      : []),
    "",
    ...refusedLines(outcome).flatMap((line) => wrapLine(line, view.columns(), "   ")),
    ...lastWords(outcome, paint, view),
  ];
}

function heading({ summary, findings, held, plan }: RestoreOutcome, paint: Paint): string {
  const { modify, create, unchanged, skipped, refused } = summary;
  const leftAlone = findings?.leftAlone.length ?? 0;
  const chosen = plan.changes.length - summary.extra + leftAlone;
  const total = Math.max(held, chosen);
  const list = (counts: [number, string][]) =>
    counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
  const told = [
    list([
      [modify, "modified"],
      [create, "new"],
    ]),
    list([
      [refused, "refused"],
      [skipped, "can't be restored"],
      [unchanged, "unchanged"],
      [leftAlone, "left alone"],
      [total - chosen, "not chosen"],
    ]),
  ].filter((part) => part !== "");
  const first = `${modify + create} of ${files(total)} would change`;
  return paint("bold", first) + (told.length === 0 ? "" : `: ${told.join("; ")}`);
}

function nothingDiffers(outcome: RestoreOutcome, paint: Paint, view: View): string[] {
  const { plan, held, differing, summary, here, next } = outcome;
  const chosen = summary.unchanged;
  const first = `✅ ${paint("bold", `0 of ${files(Math.max(held, chosen))} would change`)}`;
  const all = chosen < held ? `the ${chosen} chosen are` : "all are";
  return [
    ...wrapLine(`${first}: ${all} as in ${printable(plan.snapshot)}`, view.columns(), "   "),
    `   Description: ${printable(plan.description)}`,
    ...extras(outcome, paint),
    ...(next.elsewhere === null ? [] : ["", ...lastWords(outcome, paint, view)]),
    ...(differing === null || next.elsewhere !== null
      ? []
      : [
          "",
          `The newest one that differs is ${differing.id}, ${age(differing.ageSeconds)} (${files(differing.files)}):`,
          ...typed(differing.command, here.home, view).map((line) => paint("command", line)),
        ]),
  ];
}

/** The files: each changed one, or several with the same difference. */
function entries(outcome: RestoreOutcome, inside: Inside, paint: Paint): { lines: string[]; folded: boolean } {
  const { plan } = outcome;
  const acting = plan.changes.filter(({ action }) => action !== "unchanged" && action !== "extra");
  const diffs = new Map(outcome.stats.files.map((file) => [file.path, file]));
  const groups = new Map<string, Change[]>();
  for (const change of acting) {
    const id = sameness(diffs.get(change.path), change);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [change]);
    else group.push(change);
  }
  const sorted = [...groups.values()].flatMap((group) => (group.length < SAME ? group.map((one) => [one]) : [group]));
  const shown = (isSecret: boolean) => {
    const own = sorted.filter(([first]) => (first?.kind === "credential") === isSecret);
    const lines = own.slice(0, ENTRIES_SHOWN).flatMap((group) => entry(outcome, group, inside, paint));
    const more = own.slice(ENTRIES_SHOWN).reduce((sum, group) => sum + group.length, 0);
    return [...lines, ...(more === 0 ? [] : [`     and ${more} more`])];
  };
  const plain = shown(false);
  const secret = shown(true);
  return {
    lines: [...plain, ...extras(outcome, paint), ...(secret.length === 0 ? [] : ["", "🔐 CREDENTIALS:", ...secret])],
    folded: sorted.some((group) => group.length > 1) || sorted.length > ENTRIES_SHOWN,
  };
}

/** Alike for files that one entry can stand for. */
function sameness(file: FileDiff | undefined, { kind, action, reason = "", path }: Change): string {
  if (action !== "modify" && action !== "create") return path;
  if (action === "create") return `create ${kind} ${reason}`;
  if (file === undefined) return path;
  if (reason === "mode only") return `mode ${kind} ${JSON.stringify(file.mode)}`;
  return file.content?.type === "keys" ? `keys ${kind} ${reason} ${JSON.stringify([file.content, file.mode])}` : path;
}

function entry(outcome: RestoreOutcome, group: Change[], inside: Inside, paint: Paint): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const tone = TONES[first.action];
  const paintIf = (text: string) => (tone === undefined ? text : paint(tone, text));
  const file = outcome.stats.files.find(({ path }) => path === first.path);
  if (group.length === 1) {
    const word = first.reason === "mode only" || file === undefined ? "" : statText(file, (_, text) => text);
    return [paintIf(planned(first)) + (word === "" ? "" : ` (${word.replace(/ -(?=\d)/, " −")})`), ...inside(first)];
  }
  const what = `${first.action === "create" ? "new" : "modified"}`;
  const names = group.map(({ name }) => printable(name.replace(/\.plist$/, "")));
  const more = names.length - NAMES_SHOWN;
  const lines = file === undefined || first.action === "create" ? [] : fileLines(file, paint);
  const keys = file?.content?.type === "keys" ? file.content.changes.length : 0;
  const same = keys === 0 ? "" : `, the same ${keys === 1 ? "key" : `${keys} keys`} in each`;
  return [
    `${paintIf(`✓ Would restore (${what}): ${howMany(group.length, first.kind)}`)}${same}`,
    ...lines.slice(0, KEYS_SHOWN),
    ...(lines.length > KEYS_SHOWN ? [`     and ${lines.length - KEYS_SHOWN} more`] : []),
    `     ${names.slice(0, NAMES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
  ];
}

const TONES: Partial<Record<Change["action"], Tone>> = { create: "good", modify: "warn" };

function extras({ plan }: RestoreOutcome, paint: Paint): string[] {
  const extra = plan.changes.filter(({ action }) => action === "extra");
  const shown = extra.length > SAME ? extra.slice(0, SAME - 1) : extra;
  const more = extra.length - shown.length;
  return [
    ...shown.map((change) => paint("dim", planned(change))),
    ...(more === 0 ? [] : [paint("dim", `- Not in the snapshot, left alone: ${more} more`)]),
  ];
}

/** Nothing would be restored: three of the refused files with the reason of each, how many more there are, and what would help. */
function refused(outcome: RestoreOutcome, paint: Paint, view: View): string[] {
  const { plan, next, here } = outcome;
  const these = plan.changes.filter(({ action }) => action === "refused");
  const all = plan.changes.filter(({ action }) => action !== "extra").length;
  const more = these.length - REFUSED_SHOWN;
  const told = these
    .slice(0, REFUSED_SHOWN)
    .map(({ path, reason = "" }) => `     ${printable(path)}: ${printable(reason)}`);
  const first = `❌ ${paint("bad", `${these.length} of ${files(all)} ${these.length === 1 ? "is" : "are"} refused`)}`;
  const isInTheWay = next.elsewhere === null && these.some(({ allow }) => allow === undefined);
  const words = isInTheWay ? next.command.toSpliced(-1, 0, "--keep-going") : next.command;
  const command = typed(words, here.home, view).map((line) => paint("command", line));
  const way = isInTheWay
    ? "Mend that, or leave them out with --except. To restore the others alone:"
    : "If these places are right:";
  const help =
    next.elsewhere === null
      ? ["Nothing is restored so.", "", way]
      : [
          `The snapshot is from another ${next.elsewhere.what}, ${printable(next.elsewhere.place)}. Nothing is restored so.`,
          "",
          "Move it to this one:",
        ];
  return [
    first,
    `Snapshot ${printable(plan.snapshot)}: ${printable(plan.description)}`,
    ...told.flatMap((line) => wrapLine(line, view.columns(), "       ")),
    ...(more > 0 ? [`     and ${more} more`] : []),
    ...help.flatMap((line) => wrapLine(line, view.columns(), "")),
    ...command,
  ];
}

/** Where the snapshot comes from and where it would go, when those are not one place. */
function placesLines({ from, here }: RestoreOutcome): string[] {
  if (from === null) return [];
  const place = (host: string | null, home: string | null, root: string | null) =>
    [host ?? "an unknown host", `home ${home ?? "unknown"}`, `project ${root ?? "unknown"}`].map(printable).join(", ");
  return [
    `From  ${from.original ? "the original tool, " : ""}${place(from.host ?? (from.original ? here.host : null), from.home, from.root)}`,
    `To    ${place(here.host, here.home, here.root)}`,
  ];
}

/** What --relocate changes inside the files: how much, and one example. */
function movedLines({ plan }: RestoreOutcome, paint: Paint): string[] {
  const moved = plan.changes.flatMap(({ name, rewritten = [], writes }) =>
    writes.length === 0 ? [] : [{ name, rewritten }],
  );
  const inside = moved.filter(({ rewritten }) => rewritten.length > 0);
  const count = inside.reduce((sum, { rewritten }) => sum + rewritten.length, 0);
  if (count === 0) return [];
  const told = ["", `Moved inside the files: ${count} ${count === 1 ? "value" : "values"} in ${files(inside.length)}`];
  const example = inside.flatMap(({ name, rewritten }) => rewritten.map((one) => ({ name, ...one })));
  const shown = example.find(({ before, after }) => before !== null && after !== null);
  if (shown === undefined || shown.before === null || shown.after === null) return told;
  const { name, key, before, after } = shown;
  return [
    ...told,
    `     ${printable(name)}, ${printable(key)}:`,
    `     ${paint("removed", printable(before))} → ${paint("added", printable(after))}`,
  ];
}

const NOTES_SHOWN = 3;

function fewNotes(notes: string[]): string[] {
  const more = notes.length - NOTES_SHOWN;
  return [
    ...notes.slice(0, NOTES_SHOWN).map((note) => `⚠️  ${printable(note)}`),
    ...(more > 0 ? [`     and ${more} more like these`] : []),
  ];
}

/** Venvs that are gone are one fact; the others are told one by one. */
function missingVenvs(venvs: RestoreOutcome["venvs"]): string[] {
  const gone = venvs.filter(({ now, change }) => now === null && change === "is gone").map(({ key }) => printable(key));
  const others = venvs.filter(({ now, change }) => now !== null || change !== "is gone");
  const many = gone.length === 1 ? "1 venv is not here; make it" : `${gone.length} venvs are not here; make them`;
  return [
    ...(gone.length === 0 ? [] : [`${many} before the agents run: ${gone.join(", ")}`]),
    ...others.map(({ key, change }) => `venv ${printable(key)}: ${printable(change)}`),
  ];
}
