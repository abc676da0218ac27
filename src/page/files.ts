// Every file that changed, over real time, oldest left: each mark is a change. Files that never changed are folded. Pure.

import type { Kind } from "../model.ts";
import { KINDS } from "../model.ts";
import { type Allowance, allowance, within } from "./allowance.ts";
import { asHtml } from "./as-html.ts";
import type { Change, Page, PageFile } from "./model.ts";
import { DAY_MS, dayOf, hourOf, MONTHS, momentOf } from "./moment.ts";
import type { Colours } from "./palette.ts";
import { mark } from "./shapes.ts";
import type { ShortNames } from "./short-names.ts";
import type { Timeline } from "./timeline.ts";
import { counted, grouped, inOrder } from "./words.ts";

/** Characters for the rows, for the bars above them, and for the names of the files of a kind that never changed. */
const ROWS_CHARACTERS = 95_000;
const STILL_CHARACTERS = 12_000;
/** Bars: more snapshots than this share them. */
const BARS = 240;

const NAMES: Record<Kind, string> = { plist: "agent", config: "config", credential: "credential" };

interface Mark {
  id: string;
  index: number;
  change: Change["change"];
  category: string | null;
}

interface Row extends PageFile {
  short: string;
  /** Oldest first. */
  marks: Mark[];
}

/** What every row is drawn with. */
interface Drawing {
  colours: Colours;
  hrefOf: Timeline["hrefOf"];
  /** Where a snapshot lies on the axis, in per cent. */
  x(id: string): string;
  made: number;
}

export function filesHtml(page: Page, colours: Colours, names: ShortNames, hrefOf: Timeline["hrefOf"]): string {
  const { snapshots, madeAt } = page;
  const [first, made] = [momentOf(snapshots[0]?.id ?? madeAt.id), momentOf(madeAt.id)];
  const to = Math.max(made, momentOf(snapshots.at(-1)?.id ?? madeAt.id), first + 1);
  const at = (ms: number): string => (2 + ((ms - first) / (to - first)) * 96).toFixed(2).replace(/\.?0+$/, "");
  const drawing: Drawing = { colours, hrefOf, made, x: (id) => at(momentOf(id)) };
  const rows = rowsOf(page, names);
  const budget = allowance(ROWS_CHARACTERS);
  const shown = mostRecent(rows, drawing, budget);
  const bodies = KINDS.map((kind) => bodyHtml(kind, rows, shown));
  const most = Math.max(1, ...snapshots.map(({ changes }) => changes.length));
  const prefix = names.prefix === "" ? "" : `<code>${asHtml(names.prefix)}</code> and `;
  const about = `Each mark is a change, where it lies in time; it leads to what changed. Agents stand without ${prefix}<code>.plist</code>.`;
  const marks = (["changed", "added", "removed"] as const).map((one) => `<span>${mark(one)}${one}</span>`).join("");
  const legend = colours.legend
    .map(({ name, colour }) => `<span class="${colour}"><i></i>${asHtml(name)}</span>`)
    .join("");
  return `<section aria-labelledby="files">
<h2 id="files">Every file that changed</h2>
<p class="dim">${about}</p>
<p class="legend">${marks}${legend}</p>
<div class="scroll" role="region" aria-label="Files over time" tabindex="0">
<table class="matrix"><caption class="sr">Which file changed when, oldest left</caption>
<thead><tr><th scope="col">File</th><th scope="col"><span class="sr">Changes over time</span>${axisHtml(first, to, at)}</th></tr></thead>
<tbody class="all"><tr><th scope="row">All files <span>0–${grouped(most)} a snapshot</span></th><td>${barsHtml(page, most, drawing)}</td></tr></tbody>
${bodies.join("\n")}
</table></div>
</section>`;
}

/** All files, those that are gone too, in their natural order. */
function rowsOf({ files, snapshots }: Page, names: ShortNames): Row[] {
  const rows = new Map<string, Row>();
  for (const file of files) rows.set(file.path, { ...file, short: names.of(file.path, file.name), marks: [] });
  for (const { id, category, changes } of snapshots)
    for (const [index, { path, change }] of changes.entries())
      rows.get(path)?.marks.push({ id, index, change, category });
  return inOrder([...rows.values()], ({ short }) => short);
}

/** The rows there is room for, by path: those that changed last come first. */
function mostRecent(rows: Row[], drawing: Drawing, budget: Allowance): Map<string, string> {
  const moved = rows.filter(({ marks }) => marks.length > 0);
  const last = ({ marks }: Row): string => marks.at(-1)?.id ?? "";
  // Not sorted by locale: ids are digits. The sort is stable, so equal ones stay in their natural order.
  moved.sort((a, b) => Number(last(a) < last(b)) - Number(last(a) > last(b)));
  const shown = new Map<string, string>();
  for (const row of moved) {
    const html = rowHtml(row, drawing);
    if (!budget.take(html.length)) break;
    shown.set(row.path, html);
  }
  return shown;
}

/** Marks of one row: the newest ones. */
const MARKS_SHOWN = 200;

function rowHtml({ short, path, marks }: Row, { colours, hrefOf, x, made }: Drawing): string {
  const born = marks.find(({ change }) => change === "added");
  const [first, last] = [marks[0], marks.at(-1)];
  const from = born !== undefined && born === first ? `${x(born.id)}%` : "0";
  const to = last?.change === "removed" ? `${x(last.id)}%` : "100%";
  const drawn = marks.slice(-MARKS_SHOWN).map(({ id, index, change, category }) => {
    const colour = colours.of(category);
    const title = `<title>${dayOf(momentOf(id), made)}: ${change}</title>`;
    const shape = `<use href="#${change}" x="${x(id)}%" y="12"/>`;
    const href = hrefOf(id, index);
    return href === null
      ? `<g class="${colour}">${title}${shape}</g>`
      : `<a class="${colour}" href="${href}">${title}${shape}</a>`;
  });
  const life = `<line class="life" x1="${from}" x2="${to}" y1="12" y2="12"/>`;
  return `<tr><th scope="row" title="${asHtml(path)}">${asHtml(short)}</th><td><svg class="lane"><use href="#grid"/>${life}${drawn.join("")}</svg></td></tr>`;
}

function bodyHtml(kind: Kind, rows: Row[], shown: ReadonlyMap<string, string>): string {
  const own = rows.filter((row) => row.kind === kind);
  if (own.length === 0) return "";
  const moved = own.filter(({ marks }) => marks.length > 0);
  const lines = moved.flatMap(({ path }) => shown.get(path) ?? []);
  const [one, many] = [NAMES[kind], `${NAMES[kind]}s`];
  const untold = moved.length - lines.length;
  const more =
    untold === 0
      ? ""
      : `<tr class="still"><td colspan="2">${counted(untold, `more ${one}`)} changed, longer ago</td></tr>`;
  const still = own.filter(({ marks }) => marks.length === 0);
  return `<tbody><tr class="group"><th scope="rowgroup">${many[0]?.toUpperCase()}${many.slice(1)}</th><td>${grouped(moved.length)} of ${grouped(own.length)} changed</td></tr>
${lines.join("\n")}
${more}${stillHtml(still, moved.length > 0, one)}</tbody>`;
}

function stillHtml(still: Row[], isRest: boolean, one: string): string {
  if (still.length === 0) return "";
  const { shown, rest } = within(
    still.map(({ short }) => `<li>${asHtml(short)}`),
    STILL_CHARACTERS,
  );
  const more = rest > 0 ? `<li>and ${grouped(rest)} more` : "";
  const summary = counted(still.length, isRest ? `other ${one}` : one);
  return `<tr class="still"><td colspan="2"><details><summary>${summary}, never changed</summary><ul>${shown.join("")}${more}</ul></details></td></tr>`;
}

/** Days between two lines of the grid: the first of these that gives eight or fewer. */
const STEPS = [1, 2, 7, 14, 31, 62, 92, 184, 366, 732, 1464];
const LINES = 8;

function ticksOf(from: number, to: number): { ms: number; label: string }[] {
  const step = STEPS.find((days) => (to - from) / DAY_MS / days <= LINES) ?? 1464;
  const tick = new Date(from);
  tick.setUTCHours(0, 0, 0, 0);
  // Months begin on their first, weeks on Mondays.
  if (step >= 31) tick.setUTCDate(1);
  else if (step >= 7) tick.setUTCDate(tick.getUTCDate() - ((tick.getUTCDay() + 6) % 7));
  const ticks: { ms: number; label: string }[] = [];
  while (tick.getTime() <= to) {
    const ms = tick.getTime();
    const month = `${MONTHS[tick.getUTCMonth()]}${tick.getUTCMonth() === 0 || step > 300 ? ` ${tick.getUTCFullYear()}` : ""}`;
    if (ms >= from) ticks.push({ ms, label: step >= 31 ? month : dayOf(ms) });
    if (step >= 31) tick.setUTCMonth(tick.getUTCMonth() + Math.round(step / 30.5));
    else tick.setUTCDate(tick.getUTCDate() + step);
  }
  return ticks;
}

function axisHtml(from: number, to: number, at: (ms: number) => string): string {
  const ticks = ticksOf(from, to);
  const grid = ticks.map(({ ms }) => `<line x1="${at(ms)}%" x2="${at(ms)}%" y2="100%"/>`).join("");
  // A word at the right end would be cut off.
  const words = ticks
    .filter(({ ms }) => Number(at(ms)) < 93)
    .map(({ ms, label }) => `<text x="${at(ms)}%" dx="4" y="13">${label}</text>`);
  const label = `Time from ${dayOf(from, to)} to ${dayOf(to)}`;
  return `<svg class="axis" role="img" aria-label="${label}"><defs><g id="grid">${grid}</g></defs><use href="#grid"/>${words.join("")}</svg>`;
}

/** A bar for each snapshot, as high as it has changes; where there are very many, for the one of each spot that has most. */
function barsHtml({ snapshots }: Page, most: number, { colours, hrefOf, x, made }: Drawing): string {
  const spots = new Map<string, Page["snapshots"][number]>();
  for (const one of snapshots) {
    const spot = snapshots.length <= BARS ? one.id : String(Math.round((Number(x(one.id)) * BARS) / 100));
    const there = spots.get(spot);
    if (there === undefined || one.changes.length >= there.changes.length) spots.set(spot, one);
  }
  const bars = [...spots.values()].map(({ id, category, changes }) => {
    const height = changes.length === 0 ? 2 : Math.max(4, Math.round((changes.length / most) * 52));
    const ms = momentOf(id);
    const title = `<title>${dayOf(ms, made)} ${hourOf(ms)}: ${counted(changes.length, "change")}</title>`;
    const bar = `<rect x="${x(id)}%" y="${56 - height}" height="${height}"/>`;
    const href = hrefOf(id, -1);
    const colour = colours.of(category);
    return href === null
      ? `<g class="${colour}">${title}${bar}</g>`
      : `<a class="${colour}" href="${href}">${title}${bar}</a>`;
  });
  return `<svg class="lane bars"><use href="#grid"/>${bars.join("")}</svg>`;
}
