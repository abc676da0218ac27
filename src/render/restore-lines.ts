// The lines of a preview and of an account of a restore, from the same outcome.

import { type ContentDiff, WHY } from "../comparison.ts";
import type { Change, Kind } from "../model.ts";
import type { RestoreOutcome } from "../tasks/restore-terms.ts";
import { printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import { typed } from "./commands.ts";
import type { View } from "./face.ts";
import { contentLines, fileLines, problemLines } from "./file-diff.ts";
import { reloadLines } from "./reload.ts";
import { files, gitText, originText } from "./words.ts";

/** Later edits that stay, of each file. */
export function keptLines({ findings }: RestoreOutcome, paint: Paint, why: string): Inside {
  const lines = new Map([...(findings?.kept ?? [])].map(([path, content]) => [path, keptOf(content, paint, why)]));
  return ({ path }) => lines.get(path) ?? [];
}

function keptOf(content: ContentDiff, paint: Paint, why: string): string[] {
  if (content.type === "lines") return [`     kept: +${content.added} −${content.removed}${why}`];
  if (content.type === "sizes") return [`     kept: ${WHY[content.why]}`];
  return contentLines(content, paint).map((line) => `     kept: ${line}`);
}

/** Which secrets of today are overwritten; a key that is the same in several files of one kind is told once. */
export function earlierNotes({ earlier, dryRun }: Pick<RestoreOutcome, "earlier" | "dryRun">): string[] {
  const brings = dryRun ? "Brings" : "Brought";
  const places = new Map<string, { key: string | null; kind: Kind; names: Set<string> }>();
  for (const { key, kind, name } of earlier) {
    const id = `${key ?? name} ${kind}`;
    const held = places.get(id) ?? { key, kind, names: new Set() };
    held.names.add(name);
    places.set(id, held);
  }
  return [...places.values()].map(({ key, kind, names: [first = "", ...others] }) => {
    const where = others.length === 0 ? printable(first) : `${others.length + 1} ${kind}s`;
    return `${brings} back ${key === null ? "earlier secrets" : `an earlier ${printable(key)}`} in ${where}`;
  });
}

/** The command that would leave them; null where it does so already, or is another one than that of the preview. */
const keepingSecrets = ({ earlier, next: { command, elsewhere } }: RestoreOutcome): string[] | null =>
  earlier.length === 0 || elsewhere !== null || command.includes("--keep-secrets")
    ? null
    : command.toSpliced(-1, 0, "--keep-secrets");

function earlierLines(outcome: RestoreOutcome): string[] {
  const notes = earlierNotes(outcome).map((note) => `⚠️  ${note}`);
  const command = keepingSecrets(outcome);
  if (notes.length === 0) return [];
  // Before the last line, which scripts take for the command that does what the preview shows.
  const instead = command === null ? [] : ["   With today's secrets instead:", `   ${command.map(quote).join(" ")}`];
  return ["", ...notes, ...instead];
}

const STILL_SHOWN = 5;
export const REFUSED_SHOWN = 3;

/** What still names the places that files were moved from: each file with the lines or keys in it. */
export function stillLines(outcome: RestoreOutcome, view: View, paint: Paint): string[] {
  const { plan, moveInside, places, here, all } = outcome;
  const named = plan.changes.flatMap(({ name, still = [] }) => (still.length === 0 ? [] : [{ name, still }]));
  if (named.length === 0) return [];
  const many = named.length === 1 ? "1 file still names" : `${named.length} files still name`;
  const hand = moveInside === null ? "; change them by hand afterwards" : "";
  const limit = all || !view.isTerminal() ? Number.POSITIVE_INFINITY : STILL_SHOWN;
  const shown = named.length > limit ? named.slice(0, limit) : named;
  const told = [
    ...shown.map(({ name, still }) => `     ${printable(name)}: ${shortened(still, limit)}`),
    ...(shown.length < named.length ? [`     and ${named.length - shown.length} more`] : []),
  ];
  const command = moveInside === null ? [] : typed(moveInside, here.home, view).map((line) => paint("command", line));
  return [
    `⚠️  ${many} ${places.map(printable).join(", ")}${hand}:`,
    ...told,
    ...(command.length === 0 ? [] : ["   To move what is inside the files, too:", ...command]),
  ];
}

function shortened(places: string[], limit: number): string {
  const more = places.length - limit;
  return [...places.slice(0, limit).map(printable), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** A restore of a snapshot from elsewhere, which put the files where they came from. */
function elsewhereLines({ next, here }: RestoreOutcome, paint: Paint, view: View): string[] {
  if (next.elsewhere === null) return [];
  const { what, place } = next.elsewhere;
  return [
    `⚠️  The snapshot is from another ${what}, ${printable(place)}, and was restored there. To move it to this one:`,
    ...typed(next.command, here.home, view).map((line) => paint("command", line)),
  ];
}

/** The end of a preview: what it was, and the command that comes next. */
export function lastWords(outcome: RestoreOutcome, paint: Paint, view: View): string[] {
  const { next, here } = outcome;
  const command = (words: readonly string[]) => typed(words, here.home, view).map((line) => paint("command", line));
  if (next.elsewhere !== null)
    return [
      "⚠️  This is a dry run. The snapshot is from another " +
        `${next.elsewhere.what}, ${printable(next.elsewhere.place)}. Move it to this one:`,
      ...command(next.command),
    ];
  const keeping = view.isTerminal() ? keepingSecrets(outcome) : null;
  if (keeping === null) return ["⚠️  This is a dry run. Use --force to actually restore:", ...command(next.command)];
  return [
    "⚠️  This is a dry run. Use --force to actually restore, as it is or with",
    "   today's secrets:",
    ...command(next.command),
    ...command(keeping),
  ];
}

/** Files that are not touched, and secrets that stay. */
export function aloneLines({ findings }: RestoreOutcome): string[] {
  const { leftAlone = [], keeps = [] } = findings ?? {};
  const counts = new Map<string, { kind: Kind; paths: Set<string> }>();
  for (const { key, kind, path } of keeps) {
    const held = counts.get(`${key} ${kind}`) ?? { kind, paths: new Set() };
    held.paths.add(path);
    counts.set(`${key} ${kind}`, held);
  }
  return [
    ...leftAlone.map(({ name, why }) => `- Left alone, ${printable(why)}: ${printable(name)}`),
    ...[...counts].map(([id, { kind, paths }]) => {
      const many = paths.size === 1 ? `1 ${kind}` : `${paths.size} ${kind}s`;
      return `Keeps today's ${printable(id.slice(0, id.length - kind.length - 1))} in ${many}`;
    }),
  ];
}

/** What --patch tells of one file. */
export type Inside = (file: { path: string }) => string[];

export function patchLines({ patch }: RestoreOutcome, paint: Paint): Inside {
  const lines = new Map((patch?.files ?? []).map((file) => [file.path, fileLines(file, paint)]));
  return ({ path }) => lines.get(path) ?? [];
}

/** The manual's form. */
export function preview(outcome: RestoreOutcome, inside: Inside, paint: Paint, view: View): string[] {
  const { plan, venvs, git, from, agents, patch } = outcome;
  const plain = plan.changes.filter(({ kind }) => kind !== "credential");
  const secret = plan.changes.filter(({ kind }) => kind === "credential");
  const still = stillLines(outcome, view, paint);
  return [
    `DRY RUN: Snapshot ${printable(plan.snapshot)}`,
    `Description: ${printable(plan.description)}`,
    ...(plan.category === "auto-backup" ? ["ℹ️  This is an auto-backup: what was there before a restore"] : []),
    ...(from === null ? [] : [`From: ${originText(from)}`]),
    "Changes:",
    ...plain.flatMap((change) => [planned(change), ...(patch === null ? rewrites(change) : inside(change))]),
    ...(secret.length === 0
      ? []
      : ["", "🔐 CREDENTIALS:", ...secret.flatMap((change) => [planned(change), ...inside(change)])]),
    ...aloneLines(outcome),
    ...problemLines(patch?.problems ?? []),
    ...drift(venvs, git),
    ...agentLines(agents),
    ...(still.length === 0 ? [] : ["", ...still]),
    ...earlierLines(outcome),
    "",
    ...refusedLines(outcome),
    ...lastWords(outcome, paint, view),
  ];
}

/** What --force would refuse, in the words in which it does. */
export function refusedLines({ plan, next, refusal }: RestoreOutcome): string[] {
  const count = plan.changes.filter(({ action }) => action === "refused").length;
  const passed = next.command.includes("--keep-going")
    ? "the others are restored"
    : "nothing is restored before that is settled (--allow, --except)";
  return [
    ...(count === 0 ? [] : [`❌ ${files(count)} refused: ${passed}`]),
    ...(refusal === null ? [] : [`❌ ${printable(refusal.message)}`, `   ${printable(refusal.hint)}`]),
  ];
}

export function planned({ action, name, path, reason }: Change): string {
  const why = reason === undefined ? "" : ` (${printable(reason)})`;
  switch (action) {
    case "unchanged":
      return `- Unchanged: ${printable(name)}`;
    case "modify":
      return `✓ Would restore (modified): ${printable(name)}${why}`;
    case "create":
      return `✓ Would restore (new): ${printable(name)}${why}`;
    case "missing-backup":
      return `⚠️  Missing backup: ${printable(path)}`;
    case "damaged-backup":
      return `⚠️  Damaged backup: ${printable(path)}${why}`;
    case "extra":
      return `- Not in the snapshot, left alone: ${printable(name)}`;
    case "refused":
      return `❌ Refused: ${printable(path)}${why}`;
  }
}

/** What --relocate changes inside a file; a value that may be a secret is told of and not shown. */
function rewrites({ rewritten = [], action }: Change): string[] {
  if (action !== "modify" && action !== "create") return [];
  return rewritten.map(({ key, before, after }) =>
    before === null || after === null
      ? `     ${printable(key)}: changed (not shown)`
      : `     ${printable(key)}: ${printable(before)} → ${printable(after)}`,
  );
}

const AGENTS_SHOWN = 10;

function agentLines(agents: string[]): string[] {
  if (agents.length === 0) return [];
  const more = agents.length - AGENTS_SHOWN;
  return [
    "",
    ...agents.slice(0, AGENTS_SHOWN).map((note) => `⚠️  ${printable(note)}`),
    ...(more > 0 ? [`⚠️  and ${more} more like these`] : []),
  ];
}

function drift(venvs: RestoreOutcome["venvs"], git: RestoreOutcome["git"]): string[] {
  return [
    ...(git === null ? [] : ["", `ℹ️  git: ${gitText(git)} (a restore leaves git alone)`]),
    ...(venvs.length === 0
      ? []
      : ["", ...venvs.map(({ key, change }) => `⚠️  venv ${printable(key)}: ${printable(change)}`)]),
  ];
}

const RESTORED_SHOWN = 10;

export function account(outcome: RestoreOutcome, inside: Inside, paint: Paint, view: View): string[] {
  const { plan, restored, failed, autoBackup, back, reloaded, venvs, here } = outcome;
  const isBrief = view.isTerminal() && !outcome.all;
  const done = (file: { name: string; path: string }) => [
    paint("good", `✓ Restored: ${printable(file.name)}`),
    ...inside(file),
  ];
  const some = (list: RestoreOutcome["restored"]) => {
    const more = isBrief ? list.length - RESTORED_SHOWN : 0;
    const shown = more > 0 ? list.slice(0, RESTORED_SHOWN) : list;
    return [...shown.flatMap(done), ...(more > 0 ? [`     and ${more} more`] : [])];
  };
  const plain = some(restored.filter(({ kind }) => kind !== "credential"));
  const secret = some(restored.filter(({ kind }) => kind === "credential"));
  const skipped = plan.changes.filter(({ action }) => action === "missing-backup" || action === "damaged-backup");
  const still = stillLines(outcome, view, paint);
  const sign = skipped.length + failed.length > 0 ? "⚠️  " : "✅ ";
  return [
    ...plain,
    ...(secret.length === 0 ? [] : ["🔐 CREDENTIALS:", ...secret]),
    ...aloneLines(outcome),
    ...skipped.map(planned),
    ...failed.map(({ path, error }) => paint("bad", `❌ Not restored: ${printable(path)} (${printable(error)})`)),
    sign + paint("bold", `Restored ${files(restored.length)}`),
    ...(autoBackup === null ? [] : [`Auto-backup created: ${autoBackup}`]),
    ...earlierNotes(outcome).map((note) => `⚠️  ${paint("warn", note)}`),
    ...(still.length === 0 ? [] : ["", ...still]),
    ...(back === null || autoBackup === null
      ? []
      : ["", `To take this back:  ${paint("command", typed(back, here.home, view).join("\n").trim())}`]),
    ...drift(venvs, null),
    ...(reloaded === null ? [] : ["", ...reloadLines(reloaded)]),
    ...reloadAdvice(outcome, paint, view),
    ...(outcome.next.elsewhere === null ? [] : ["", ...elsewhereLines(outcome, paint, view)]),
  ];
}

/** One command on a terminal; a pipe gets launchctl's lines, too, as scripts know them. */
function reloadAdvice({ reload, verbose, here }: RestoreOutcome, paint: Paint, view: View): string[] {
  if (reload === null) return [];
  const lines = view.isTerminal() && !verbose ? [] : reload.launchctl.map((line) => `   ${line}`);
  return [
    "",
    "🔄 Agents keep their old settings until they are reloaded:",
    ...typed(reload.command, here.home, view).map((line) => paint("command", line)),
    ...lines,
  ];
}
