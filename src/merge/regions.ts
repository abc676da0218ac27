// Where two sequences that come from one differ from it, and whether they touch the same of it. Pure.
import { diffIndices } from "node-diff3";

/** Half open. */
export interface Span {
  from: number;
  to: number;
}

export interface Region {
  base: Span;
  theirs: Span;
  ours: Span;
  changed: "none" | "theirs" | "ours" | "both";
}

interface Hunk {
  side: "theirs" | "ours";
  base: Span;
  own: Span;
}

/**
 * All three sequences from beginning to end. What lies side by side is not a clash: the order of the two is known. Two insertions at one
 * place are, where they differ.
 */
export function regions(base: string[], theirs: string[], ours: string[]): Region[] {
  const found: Region[] = [];
  const at = { base: 0, theirs: 0, ours: 0 };
  const advance = (to: { base: number; theirs: number; ours: number }, changed: Region["changed"]) => {
    const span = (side: "base" | "theirs" | "ours"): Span => ({ from: at[side], to: to[side] });
    const region = { base: span("base"), theirs: span("theirs"), ours: span("ours"), changed };
    Object.assign(at, to);
    if (to.base + to.theirs + to.ours > 0 && !isEmpty(region)) found.push(region);
  };
  for (const group of grouped([...hunksOf("theirs", base, theirs), ...hunksOf("ours", base, ours)])) {
    const from = Math.min(...group.map((hunk) => hunk.base.from));
    const to = Math.max(...group.map((hunk) => hunk.base.to));
    const stable = from - at.base;
    advance({ base: from, theirs: at.theirs + stable, ours: at.ours + stable }, "none");
    const end = (side: Hunk["side"]) => {
      const own = group.filter((hunk) => hunk.side === side);
      return at[side] + (to - from) + own.reduce((sum, hunk) => sum + lengthOf(hunk.own) - lengthOf(hunk.base), 0);
    };
    const next = { base: to, theirs: end("theirs"), ours: end("ours") };
    const sides = new Set(group.map(({ side }) => side));
    const [only = "ours"] = sides;
    const alike = same(theirs.slice(at.theirs, next.theirs), ours.slice(at.ours, next.ours));
    const both = alike ? "ours" : "both";
    advance(next, sides.size === 1 ? only : both);
  }
  advance({ base: base.length, theirs: theirs.length, ours: ours.length }, "none");
  return found;
}

const lengthOf = ({ from, to }: Span): number => to - from;
const isEmpty = ({ base, theirs, ours }: Region): boolean => [base, theirs, ours].every((span) => lengthOf(span) === 0);
const same = (a: string[], b: string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

const hunksOf = (side: Hunk["side"], base: string[], own: string[]): Hunk[] =>
  diffIndices(base, own).map(({ buffer1: [from, length], buffer2: [start, size] }) => ({
    side,
    base: { from, to: from + length },
    own: { from: start, to: start + size },
  }));

/** Hunks of both sides that touch the same items of the base, or insert at the same place. */
function grouped(hunks: Hunk[]): Hunk[][] {
  const groups: Hunk[][] = [];
  let end = 0;
  // Of two that begin at one place the insertion comes first.
  for (const hunk of hunks.sort((a, b) => a.base.from - b.base.from || a.base.to - b.base.to)) {
    const group = groups.at(-1);
    const inserted = lengthOf(hunk.base) === 0 && hunk.base.from === end;
    const meets = hunk.base.from < end || (inserted && group?.every((other) => lengthOf(other.base) === 0));
    if (group !== undefined && meets === true) group.push(hunk);
    else groups.push([hunk]);
    end = Math.max(meets === true ? end : 0, hunk.base.to);
  }
  return groups;
}
