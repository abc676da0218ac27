// The committed table against what was measured now: ratios, so that another machine or a busy one says the same.
import { type Line, mib } from "./lines.ts";

/** A row's cells as docs/benchmarks.md has them. */
interface Row {
  work: string;
  peer: string;
  ours: string;
  ratio: string;
}

const MORE = 1.1;

export function rowsOf(page: string): Row[] {
  return [...page.matchAll(/^\| (.+) \|$/gm)].flatMap(([, line = ""]) => {
    const [work, ours, peer, , ratio] = line.split(" | ").map((cell) => cell.trim());
    return work === undefined || ours === undefined || peer === undefined || ratio === undefined
      ? []
      : [{ work, peer, ours, ratio }];
  });
}

/** What got worse by more than a tenth, in words. What has neither a ratio nor bytes says nothing on another machine. */
export function worse(page: string, lines: Line[]): string[] {
  const committed = new Map(rowsOf(page).map((row) => [`${row.work}|${row.peer}`, row]));
  return lines.flatMap(({ work, peer, ours, ratio }) => {
    const row = committed.get(`${work}|${peer}`);
    if (row === undefined) return [];
    const [before, now, unit] =
      ratio === null
        ? [bytesOf(row.ours), bytesOf(ours), mib]
        : [ratioOf(row.ratio), ratio, (of: number) => `${of.toFixed(2)} ×`];
    if (before === null || now === null || now <= before * MORE) return [];
    return [`${work}${peer === "" ? "" : ` beside ${peer}`}: ${unit(now)}, was ${unit(before)}`];
  });
}

const ratioOf = (text: string): number | null => {
  const value = text.startsWith("1/") ? 1 / Number(text.slice(2)) : Number.parseFloat(text);
  return Number.isFinite(value) ? value : null;
};

const bytesOf = (text: string | number): number | null => {
  const [, count] = /^(\d+) MiB$/.exec(String(text)) ?? [];
  return count === undefined ? null : Number(count) * 2 ** 20;
};
