// One file that differs: as lines, in a few words, as JSON. The secrets are out already.
import {
  type Both,
  type ContentDiff,
  type FileDiff,
  type KeyChange,
  keyText,
  meaning,
  type Problem,
  WHY,
} from "../comparison.ts";
import { printable } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import { bytes } from "./words.ts";

const INDENT = "     ";

export const problemLines = (problems: Problem[]): string[] =>
  problems.map(({ path, problem, reason }) => `⚠️  Not compared, ${problem}: ${printable(path)} (${printable(reason)})`);

/** All that differs in one file, indented; with `numbered` each hunk has the number by which `restore --hunk` names it. */
export function fileLines(file: FileDiff, paint: Paint, numbered = false): string[] {
  const { mode, link, mtimeMs, size, content, change } = file;
  const fact = <T>(name: string, both: Both<T> | null, show: (value: T) => string): string[] =>
    both === null ? [] : [`${name}: ${show(both.before)} → ${show(both.after)}`];
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const lines = [
    ...contentLines(content, paint, numbered),
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

export function contentLines(content: ContentDiff | null, paint: Paint, numbered = false): string[] {
  if (content === null) return [];
  if (content.type === "sizes") return [WHY[content.why]];
  if (content.type === "keys")
    return content.changes.length === 0
      ? ["only its formatting or comments changed"]
      : content.changes.map((one) => keyLine(one, paint));
  return content.hunks.flatMap(({ header, lines }, index) => [
    paint("dim", numbered ? `hunk ${index + 1}: ${header}` : header),
    ...lines.map((line) => paint(toneOf(line), text(line))),
  ]);
}

function toneOf(line: string): Tone {
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "dim";
}

/** A tab is not a danger to a terminal, and the reader knows it as a gap. */
const text = (line: string): string => line.split("\t").map(printable).join("\t");

function keyLine(one: KeyChange, paint: Paint): string {
  const { path, change, before, after, hidden } = one;
  const told = meaning(one);
  if (told !== null) return printable(told);
  const key = printable(keyText(path));
  if (hidden) return `${key}: ${change === "modified" ? "changed" : change}, not shown`;
  const old = paint("removed", printable(before ?? ""));
  const now = paint("added", printable(after ?? ""));
  if (change === "added") return `${key}: + ${now}`;
  return change === "removed" ? `${key}: - ${old}` : `${key}: ${old} → ${now}`;
}

/** One file's difference in a few words. */
export function statText(file: FileDiff, paint: Paint): string {
  const { change, content, mode, link, size, mtimeMs } = file;
  const parts: string[] = [];
  if (change === "added") parts.push(size.after === null ? "new" : `new, ${bytes(size.after)}`);
  if (change === "removed") parts.push("gone");
  if (content !== null) parts.push(contentStat(content, size, paint));
  if (mode !== null) parts.push(`mode ${octal(mode.before)} → ${octal(mode.after)}`);
  if (link !== null) parts.push("link");
  if (change === "touched" && mtimeMs !== null) parts.push("time");
  return parts.join(", ");
}

function contentStat(content: ContentDiff, size: FileDiff["size"], paint: Paint): string {
  if (content.type === "lines")
    return `${paint("added", `+${content.added}`)} ${paint("removed", `-${content.removed}`)}`;
  if (content.type === "keys") {
    const { length } = content.changes;
    return length === 0 ? "formatting or comments only" : `${length} ${length === 1 ? "key" : "keys"}`;
  }
  const shown = (count: number | null) => (count === null ? "?" : bytes(count));
  return `${shown(size.before)} → ${shown(size.after)}`;
}

/** A file that differs; a fact that is alike is null. */
export function fileJson({ size, mode, mtimeMs, ...file }: FileDiff): Record<string, unknown> {
  const both = <T>(pair: Both<T> | null, show: (value: T) => string) =>
    pair === null ? null : { before: show(pair.before), after: show(pair.after) };
  return {
    ...file,
    size_bytes: size,
    mode: both(mode, (bits) => bits.toString(8).padStart(4, "0")),
    mtime: both(mtimeMs, (ms) => new Date(ms).toISOString()),
  };
}
