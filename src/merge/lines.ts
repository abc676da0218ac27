// Three states of a text → one, by lines. Pure.
import { regions, type Span } from "./regions.ts";
import type { Side } from "./three.ts";

/** Lines that both sides changed in different ways, or lines that both added at one place. */
export interface LinesConflict {
  base: Span;
  theirs: Span;
  ours: Span;
}

export interface MergedLines {
  text: string;
  conflicts: LinesConflict[];
}

/** Two that are equal line by line may cost the square of their number. */
const MOST_PAIRS = 4_000_000;

/** Null where the texts are too long, and too much alike in themselves, to be laid side by side. Line ends stay those of `ours`. */
export function mergeLines(base: string, theirs: string, ours: string, decide: Side | null): MergedLines | null {
  const [b, t, o] = [linesOf(base), linesOf(theirs), linesOf(ours)];
  const head = shared(b.lines, t.lines, o.lines, 0, (list, index) => list[index]);
  const tail = shared(b.lines, t.lines, o.lines, head, (list, index) => list[list.length - 1 - index]);
  const middle = (lines: string[]) => lines.slice(head, lines.length - tail);
  const [baseLines, theirLines, ourLines] = [middle(b.lines), middle(t.lines), middle(o.lines)];
  if (pairsOf(baseLines, theirLines) > MOST_PAIRS || pairsOf(baseLines, ourLines) > MOST_PAIRS) return null;
  const conflicts: LinesConflict[] = [];
  const keep = (from: number, to: number) =>
    o.lines.slice(from, to).map((line, index) => ({ line, end: o.ends[from + index] }));
  const merged = keep(0, head);
  for (const { changed, ...spans } of regions(baseLines, theirLines, ourLines)) {
    if (changed === "both" && decide === null)
      conflicts.push({
        base: moved(spans.base, head),
        theirs: moved(spans.theirs, head),
        ours: moved(spans.ours, head),
      });
    const takes = changed === "theirs" || (changed === "both" && decide === "theirs");
    if (takes) merged.push(...theirLines.slice(spans.theirs.from, spans.theirs.to).map((line) => ({ line, end: "" })));
    else merged.push(...keep(head + spans.ours.from, head + spans.ours.to));
  }
  merged.push(...keep(o.lines.length - tail, o.lines.length));
  const usual = o.ends[0] || t.ends[0] || "\n";
  // The last one ends with the file.
  const texts = merged.map(({ line, end }, index) => line + (index === merged.length - 1 ? "" : end || usual));
  return { text: texts.join(""), conflicts };
}

const moved = ({ from, to }: Span, by: number): Span => ({ from: from + by, to: to + by });

/** Lines without their ends, and those ends; a text that ends with one has an empty line behind it. */
function linesOf(text: string): { lines: string[]; ends: string[] } {
  const pieces = text.split(/(\r?\n)/);
  return { lines: pieces.filter((_, index) => index % 2 === 0), ends: pieces.filter((_, index) => index % 2 === 1) };
}

/** How many lines all three share at one end, beyond those that another end took. */
function shared(
  a: string[],
  b: string[],
  c: string[],
  but: number,
  at: (list: string[], index: number) => string | undefined,
) {
  const most = Math.min(a.length, b.length, c.length) - but;
  let count = 0;
  while (count < most && at(a, count) === at(b, count) && at(a, count) === at(c, count)) count++;
  return count;
}

/** How many pairs of equal lines there are. */
function pairsOf(a: string[], b: string[]): number {
  const counts = new Map<string, number>();
  for (const line of a) counts.set(line, (counts.get(line) ?? 0) + 1);
  return b.reduce((sum, line) => sum + (counts.get(line) ?? 0), 0);
}
