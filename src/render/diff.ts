// What differs, as lines: diff, history, and restore --patch. The secrets are out already.

import {
  type Both,
  type ContentDiff,
  counts,
  type FileDiff,
  type KeyChange,
  keyText,
  meaning,
  type Problem,
  WHY,
} from "../comparison.ts";
import type { DiffOutcome } from "../tasks/diff.ts";
import type { HistoryEvent, HistoryOutcome } from "../tasks/history.ts";
import { printable } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import { bytes, files } from "./words.ts";

/** As git's --name-status; T is one whose time alone differs. */
const LETTERS: Record<FileDiff["change"], [letter: string, tone: Tone]> = {
  added: ["A", "added"],
  removed: ["D", "removed"],
  modified: ["M", "modified"],
  touched: ["T", "dim"],
};
const INDENT = "     ";

export function diffText({ comparison, stat }: DiffOutcome, paint: Paint): string[] {
  const { before, after, files: differing, unchanged, problems } = comparison;
  const side = ({ id, description }: typeof before) =>
    id === null ? "the files now" : `${printable(id)}${description === null ? "" : ` (${printable(description)})`}`;
  const tally = (change: FileDiff["change"]) => differing.filter((file) => file.change === change).length;
  const real = differing.filter(counts).length;
  const parts = (["modified", "added", "removed"] as const).flatMap((change) =>
    tally(change) === 0 ? [] : [`${tally(change)} ${change}`],
  );
  return [
    `From ${side(before)} to ${side(after)}:`,
    "",
    ...differing.flatMap((file) => {
      const [letter, tone] = LETTERS[file.change];
      const name = `${file.kind === "credential" ? "🔐 " : ""}${printable(file.name)}`;
      if (stat) return [`${paint(tone, letter)} ${name} | ${statText(file, paint)}`];
      return [`${paint(tone, letter)} ${name}`, ...fileLines(file, paint)];
    }),
    ...problemLines(problems),
    ...(differing.length + problems.length === 0 ? [] : [""]),
    real === 0
      ? problems.length > 0
        ? `⚠️  Nothing differs in what could be compared: ${files(unchanged)}`
        : `✅ Nothing differs: ${files(unchanged)}`
      : `${files(real)} ${real === 1 ? "differs" : "differ"}: ${parts.join(", ")}; ${unchanged} unchanged`,
  ];
}

export const problemLines = (problems: Problem[]): string[] =>
  problems.map(({ path, problem, reason }) => `⚠️  Not compared, ${problem}: ${printable(path)} (${printable(reason)})`);

/** All that differs in one file, indented. */
export function fileLines({ mode, link, mtimeMs, size, content, change }: FileDiff, paint: Paint): string[] {
  const fact = <T>(name: string, both: Both<T> | null, show: (value: T) => string): string[] =>
    both === null ? [] : [`${name}: ${show(both.before)} → ${show(both.after)}`];
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const lines = [
    ...contentLines(content, paint),
    ...(content?.type === "sizes" && size.before !== null && size.after !== null && size.before !== size.after
      ? [`size: ${bytes(size.before)} → ${bytes(size.after)}`]
      : []),
    ...fact("mode", mode, octal),
    ...fact("link", link, (target) => (target === null ? "none" : printable(target))),
    // Whoever reads what is in it knows that it was written.
    ...(change === "touched" || content === null ? fact("time", mtimeMs, time) : []),
  ];
  return lines.map((line) => INDENT + line);
}

const octal = (bits: number): string => bits.toString(8).padStart(4, "0");

function contentLines(content: ContentDiff | null, paint: Paint): string[] {
  if (content === null) return [];
  if (content.type === "sizes") return [WHY[content.why]];
  if (content.type === "keys")
    return content.changes.length === 0
      ? ["only its formatting or comments changed"]
      : content.changes.map((one) => keyLine(one, paint));
  return content.hunks.flatMap(({ header, lines }) => [
    paint("dim", header),
    ...lines.map((line) => paint(toneOf(line), text(line))),
  ]);
}

const toneOf = (line: string): Tone => (line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : "dim");
/** A tab is no danger to a terminal, and the reader knows it as a gap. */
const text = (line: string): string => line.split("\t").map(printable).join("\t");

function keyLine(one: KeyChange, paint: Paint): string {
  const { path, change, before, after, hidden } = one;
  const told = meaning(one);
  if (told !== null) return printable(told);
  const key = printable(keyText(path));
  if (hidden) return `${key}: ${change === "modified" ? "changed" : change}, not shown`;
  const old = paint("removed", printable(before ?? ""));
  const now = paint("added", printable(after ?? ""));
  return change === "added"
    ? `${key}: + ${now}`
    : change === "removed"
      ? `${key}: - ${old}`
      : `${key}: ${old} → ${now}`;
}

function statText({ change, content, mode, link, size, mtimeMs }: FileDiff, paint: Paint): string {
  const inside = {
    keys: ({ changes }: { changes: KeyChange[] }) =>
      changes.length === 0
        ? "formatting or comments only"
        : `${changes.length} ${changes.length === 1 ? "key" : "keys"}`,
    lines: ({ added, removed }: { added: number; removed: number }) =>
      `${paint("added", `+${added}`)} ${paint("removed", `-${removed}`)}`,
  };
  const parts = [
    ...(change === "added" ? [size.after === null ? "new" : `new, ${bytes(size.after)}`] : []),
    ...(change === "removed" ? ["gone"] : []),
    ...(content === null
      ? []
      : content.type === "keys"
        ? [inside.keys(content)]
        : content.type === "lines"
          ? [inside.lines(content)]
          : [`${size.before === null ? "?" : bytes(size.before)} → ${size.after === null ? "?" : bytes(size.after)}`]),
    ...(mode === null ? [] : [`mode ${octal(mode.before)} → ${octal(mode.after)}`]),
    ...(link === null ? [] : ["link"]),
    ...(change === "touched" && mtimeMs !== null ? ["time"] : []),
  ];
  return parts.join(", ");
}

const EVENTS: Record<HistoryEvent["event"], [word: string, tone: Tone]> = {
  first: ["first seen", "added"],
  added: ["added", "added"],
  changed: ["changed", "modified"],
  removed: ["removed", "removed"],
  unreadable: ["unreadable", "dim"],
};
const EVENT_WIDTH = Math.max(...Object.values(EVENTS).map(([word]) => word.length));

/** Newest first, a block for each file. */
export function historyText({ files: found, problems }: HistoryOutcome, paint: Paint): string[] {
  const blocks = found.map(({ path, name, kind, events }) => [
    `${kind === "credential" ? "🔐" : "📜"} ${printable(name)}`,
    `   ${printable(path)}`,
    ...events.flatMap(({ id, description, category, event, size, patch }) => {
      const [word, tone] = EVENTS[event];
      const held = size === null ? "" : ` (${bytes(size)})`;
      return [
        `   [${printable(id)}] ${paint(tone, word.padEnd(EVENT_WIDTH))}  ${printable(description)}, ${printable(category)}${held}`,
        ...(patch === null ? [] : fileLines(patch, paint)),
      ];
    }),
  ]);
  return [...blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block])), ...problemLines(problems)];
}
