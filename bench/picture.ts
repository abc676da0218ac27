// The table as a picture: a bar for each ratio, on a scale on which ten times as long is one step, with what was asked marked.
import type { Line } from "./lines.ts";

const [WIDTH, LABEL, ROW, TOP] = [960, 470, 22, 44];
const [LEAST, MOST] = [0.01, 100];

const x = (ratio: number): string => place(ratio).toFixed(1);
const place = (ratio: number): number => {
  const share = Math.log(Math.min(Math.max(ratio, LEAST), MOST) / LEAST) / Math.log(MOST / LEAST);
  return LABEL + share * (WIDTH - LABEL - 70);
};
const escaped = (text: string): string =>
  text.replace(/[&<>`]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "");

/** An SVG of all lines that have a ratio; it reads on a light and on a dark page. */
export function picture(lines: Line[]): string {
  const shown = lines.filter(({ ratio }) => ratio !== null);
  const height = TOP + shown.length * ROW + 10;
  const scale = [0.01, 0.1, 1, 10, 100].map(
    (ratio) =>
      `<line x1="${x(ratio)}" x2="${x(ratio)}" y1="${TOP - 8}" y2="${height - 8}" class="${ratio === 1 ? "floor" : "grid"}"/>` +
      `<text x="${x(ratio)}" y="${TOP - 14}" text-anchor="middle">${ratio < 1 ? `1/${Math.round(1 / ratio)}` : ratio} ×</text>`,
  );
  const rows = shown.map(({ work, peer, ratio, asked, met }, index) => {
    const [at, value] = [TOP + index * ROW, ratio ?? 1];
    const limit = limitOf(asked);
    return [
      `<text x="${LABEL - 8}" y="${at + 13}" text-anchor="end">${escaped(`${work} · ${peer}`)}</text>`,
      `<rect x="${x(Math.min(1, value))}" y="${at + 2}" width="${Math.abs(place(value) - place(1)).toFixed(1)}" height="14" class="${met === false ? "missed" : "met"}"/>`,
      ...(limit === null
        ? []
        : [
            `<line x1="${x(limit)}" x2="${x(limit)}" y1="${at}" y2="${at + 18}" class="asked"><title>${escaped(asked)}</title></line>`,
          ]),
      `<text x="${(place(Math.max(value, 1)) + 6).toFixed(1)}" y="${at + 13}">${value < 0.1 ? `1/${Math.round(1 / value)}` : value.toFixed(2)}</text>`,
    ].join("");
  });
  const style =
    "text{font:12px sans-serif;fill:#777}.met{fill:#3a8f5c}.missed{fill:#c2703d}.grid{stroke:#8884}.floor{stroke:#777}.asked{stroke:#888;stroke-width:2}";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"><title>How long rollback takes by how long the other does; the line in the middle is as long as that, small lines are what was asked</title><style>${style}</style>\n${[...scale, ...rows].join("\n")}\n</svg>\n`;
}

function limitOf(asked: string): number | null {
  const [, over, value] = /^≤ (1\/)?([\d.]+)(?: ×|$)/.exec(asked) ?? [];
  if (value === undefined) return null;
  return over === undefined ? Number(value) : 1 / Number(value);
}
