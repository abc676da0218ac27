// What a terminal shows, as SVG: one still, or frames that follow each other. xterm reads the escape codes; nothing is painted by hand.
import { Terminal } from "@xterm/headless";

/** Neighbouring cells that look alike, from a column on. */
interface Run {
  column: number;
  text: string;
  colour: string;
  bold: boolean;
  dim: boolean;
}
/** Its lines from above. */
export type Screen = Run[][];
export interface Frame {
  screen: Screen;
  ms: number;
}

const CELL = { width: 8.4, height: 18 };
const MARGIN = 16;
const [PAPER, INK] = ["#0d1117", "#e6edf3"];
/** By their number in SGR 30 to 37; each is read well on PAPER. */
const COLOURS = ["#6e7681", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#e6edf3"];

export function openScreen(columns: number, rows: number) {
  const terminal = new Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true, convertEol: true });
  return {
    write: (text: string) => new Promise<void>((resolve) => terminal.write(text, resolve)),
    clear: () => terminal.reset(),
    look: (): Screen => Array.from({ length: rows }, (_, row) => lineOf(terminal, row, columns)),
  };
}

function lineOf(terminal: Terminal, row: number, columns: number): Run[] {
  const line = terminal.buffer.active.getLine(row);
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? "";
    if (cell === undefined || text === "" || text === " ") continue;
    const colour = cell.isFgPalette() ? (COLOURS[cell.getFgColor()] ?? INK) : INK;
    const look = { colour, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
    const last = runs.at(-1);
    const gap = last === undefined ? 0 : column - last.column - last.text.length;
    // A sign that is no letter may be drawn wider than its cell: the next one stands at its own column all the same.
    const isPlain = isLetters(text) && last !== undefined && isLetters(last.text) && gap <= 1;
    if (isPlain && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim)
      last.text += " ".repeat(gap) + text;
    else runs.push({ column, text, ...look });
  }
  return runs;
}

const isLetters = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

/** A screen's letters alone. */
export const wordsOf = (screen: Screen): string =>
  screen.map((line) => line.map(({ text }) => text).join(" ")).join("\n");

/** The lines down to the last one that shows something. */
const usedRows = (screens: Screen[]): number =>
  Math.max(...screens.map((screen) => screen.findLastIndex((line) => line.length > 0) + 1));

/** `title` says what there is to see, for whoever does not see it. */
export const still = (title: string, screen: Screen, columns: number): string =>
  svg(title, columns, usedRows([screen]), drawn(screen, usedRows([screen])));

/** Plays the frames over and over; where motion is not wanted, the last one stands still. */
export function moving(title: string, frames: Frame[], columns: number): string {
  const rows = usedRows(frames.map(({ screen }) => screen));
  const total = frames.reduce((sum, { ms }) => sum + ms, 0);
  let at = 0;
  const rules = frames.map(({ ms }, index) => {
    const [from, to] = [at, at + ms].map((time) => `${((100 * time) / total).toFixed(2)}%`);
    at += ms;
    const hidden = index === 0 ? "" : "0%{visibility:hidden}";
    return `@keyframes f${index}{${hidden}${from}{visibility:visible}${to}{visibility:hidden}}#f${index}{animation:f${index} ${total}ms step-end infinite}`;
  });
  const groups = frames.map(({ screen }, index) => `<g id="f${index}">${drawn(screen, rows)}</g>`);
  const style = `<style>g{visibility:hidden}#f${frames.length - 1}{visibility:visible}@media (prefers-reduced-motion:no-preference){${rules.join("")}}</style>`;
  return svg(title, columns, rows, [style, ...groups].join("\n"));
}

function svg(title: string, columns: number, rows: number, body: string): string {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>
${body}
</svg>
`;
}

const drawn = (screen: Screen, rows: number): string =>
  screen
    .slice(0, rows)
    .flatMap((line, row) => line.map((run) => drawnRun(run, row)))
    .join("");

function drawnRun({ column, text, colour, bold, dim }: Run, row: number): string {
  const at = `x="${(MARGIN + column * CELL.width).toFixed(1)}" y="${MARGIN + row * CELL.height + 13}"`;
  // Whatever font is there, the columns stay.
  const length = isLetters(text)
    ? ` textLength="${(text.length * CELL.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`
    : "";
  const look = `${colour === INK ? "" : ` fill="${colour}"`}${bold ? ' font-weight="700"' : ""}${dim ? ' opacity="0.65"' : ""}`;
  return `<text ${at}${length}${look === "" || colour === INK ? ` fill="${INK}"` : ""}${look}>${escaped(text)}</text>`;
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
