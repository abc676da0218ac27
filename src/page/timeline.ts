// What changed lately, the newest on top, each entry with the commands that fit: it is read first. What goes beyond its allowance is
// counted: first the changes of old entries are, then the entries. Pure.
import { allowance } from "./allowance.ts";
import { asHtml } from "./as-html.ts";
import { changeHtml } from "./change.ts";
import type { Page, PageSnapshot } from "./model.ts";
import { dayOf, hourOf, momentOf, monthOf, weekdayOf } from "./moment.ts";
import type { Colours } from "./palette.ts";
import { command, icon } from "./shapes.ts";
import type { ShortNames } from "./short-names.ts";
import { counted, grouped } from "./words.ts";

/** Entries that stand open; older ones are folded by months. */
const OPEN = 12;
const FILES_OPEN = 5;
/** Files of one snapshot; whoever changed more has `diff` for them. */
export const FILES_TOLD = 60;
/** Changes of all snapshots, the newest first: for more there is no room. */
export const CHANGES_TOLD = 500;
/** Characters for what changed in the files, and for all entries with it. */
const TOLD_CHARACTERS = 170_000;
const ALL_CHARACTERS = 255_000;

export interface Timeline {
  html: string;
  /** Where a change is told, by its snapshot and its place in that; else its snapshot's entry; null where that is not told either. */
  hrefOf(id: string, index: number): string | null;
}

interface Item {
  id: string;
  html: string;
  snapshots: PageSnapshot[];
}

export function timeline(page: Page, colours: Colours, names: ShortNames): Timeline {
  const newest = page.snapshots.toReversed();
  const told = new Set<string>();
  const toldBudget = allowance(TOLD_CHARACTERS);
  const budget = allowance(ALL_CHARACTERS);
  const items: Item[] = [];
  const untold: PageSnapshot[] = [];
  let next = 0;
  for (const run of runsOf(newest)) {
    const [one, ...others] = run;
    if (one === undefined) continue;
    next += run.length;
    const tell = (html: string, anchor: string) => {
      if (!toldBudget.take(html.length)) return false;
      told.add(anchor);
      return true;
    };
    const before = newest[next]?.id ?? null;
    const html = others.length > 0 ? quietHtml(run, page) : entryHtml(one, before, { page, colours, names, tell });
    if (!budget.take(html.length)) {
      untold.push(...run);
      continue;
    }
    for (const { id } of run) told.add(`s${id}`);
    items.push({ id: one.id, html, snapshots: run });
  }
  const hrefOf: Timeline["hrefOf"] = (id, index) => {
    if (!told.has(`s${id}`)) return null;
    return told.has(`${id}-${index}`) ? `#${id}-${index}` : `#s${id}`;
  };
  return { html: sectionHtml(page, items, untold, colours), hrefOf };
}

function sectionHtml(page: Page, items: Item[], untold: PageSnapshot[], colours: Colours): string {
  const months = Map.groupBy(items.slice(OPEN), ({ id }) => id.slice(0, 6));
  const newestMonth = items[0]?.id.slice(0, 6);
  const folded = [...months].map(([month, own]) => {
    const name = month === newestMonth ? `Earlier in ${monthOf(month)}` : monthOf(month);
    const inside = own.flatMap(({ snapshots }) => snapshots);
    return `<details class="month"><summary><h3>${name}</h3> <span>${totals(inside)}</span></summary>\n${listHtml(own)}\n</details>`;
  });
  return `<section aria-labelledby="changes">
<div class="head"><h2 id="changes">What changed</h2>
${chipsHtml(page, colours)}</div>
<p class="found" role="status" hidden></p>
${listHtml(items.slice(0, OPEN))}
${folded.join("\n")}
${untoldHtml(untold, page)}
</section>`;
}

const totals = (snapshots: PageSnapshot[]): string =>
  `${counted(snapshots.length, "snapshot")}, ${counted(changesIn(snapshots), "change")}`;
const changesIn = (snapshots: PageSnapshot[]): number =>
  snapshots.reduce((sum, { changes }) => sum + changes.length, 0);
const listHtml = (items: Item[]): string => `<ol class="line">\n${items.map(({ html }) => html).join("\n")}\n</ol>`;

/** The rest, counted by years. */
function untoldHtml(untold: PageSnapshot[], { places }: Page): string {
  if (untold.length === 0) return "";
  const years = [...Map.groupBy(untold, ({ id }) => id.slice(0, 4))];
  const lines = years.map(([year, own]) => `<li>${year}: ${totals(own)}`);
  return `<div class="untold"><p>Older ones are counted here, not told: ${command("rollback list --all", places)}</p>
<ul>${lines.join("")}</ul></div>`;
}

/** One category alone, without any script: the style hides the others. */
function chipsHtml({ snapshots }: Page, { legend }: Colours): string {
  if (legend.length < 2) return "";
  const radio = (id: string, more: string) => `<input type="radio" name="kept" id="${id}"${more}>`;
  const chips = legend.map(
    ({ name, colour, snapshots: count }) =>
      `<label class="${colour}">${radio(`k-${colour}`, "")} <i></i>${asHtml(name)} ${grouped(count)}</label>`,
  );
  return `<fieldset class="chips"><legend class="sr">Show one category</legend>
<label>${radio("k-all", " checked")} all ${grouped(snapshots.length)}</label>${chips.join("")}</fieldset>`;
}

/** Snapshots of the daily job that found nothing new: several in a row are one line. */
const isQuiet = ({ changes, category, status, pinned, undo }: PageSnapshot): boolean =>
  changes.length === 0 && category === "auto-daily" && status === "ok" && !pinned && undo === null;

function runsOf(newest: PageSnapshot[]): PageSnapshot[][] {
  const runs: PageSnapshot[][] = [];
  for (const one of newest) {
    const last = runs.at(-1);
    const goesOn = isQuiet(one) && last?.[0] !== undefined && isQuiet(last[0]);
    if (goesOn) last.push(one);
    else runs.push([one]);
  }
  return runs;
}

const QUIET_SHOWN = 31;

function quietHtml(run: PageSnapshot[], { places, madeAt }: Page): string {
  const [last, first] = [run[0]?.id ?? "", run.at(-1)?.id ?? ""].map(momentOf);
  const made = momentOf(madeAt.id);
  const [from, to] = [dayOf(first ?? 0, made), dayOf(last ?? 0, made)];
  const lines = run.map(({ id }, index) =>
    index < QUIET_SHOWN ? `<li id="s${id}">${command(`rollback restore ${id}`, places)}` : `<li id="s${id}">${id}`,
  );
  return `<li class="entry quiet k0"><div class="when"><b>${from === to ? from : `${from} – ${to}`}</b></div>
<details><summary>${counted(run.length, "daily snapshot")}, nothing new</summary><ul class="cmds">${lines.join("")}</ul></details></li>`;
}

interface Telling {
  page: Page;
  colours: Colours;
  names: ShortNames;
  /** Whether there is room for a change's words; notes its anchor then. */
  tell(html: string, anchor: string): boolean;
}

/** What stands in a description's place where there is none. */
const UNTOLD: Partial<Record<PageSnapshot["status"], string>> = {
  sealed: "A sealed archive",
  damaged: "Its manifest can't be read",
};

function entryHtml(one: PageSnapshot, before: string | null, telling: Telling): string {
  const { id, description, category, status, changes } = one;
  const [at, made] = [momentOf(id), momentOf(telling.page.madeAt.id)];
  const tags = [
    ...(category === null ? [] : [`<span class="tag"><i></i>${asHtml(category)}</span>`]),
    ...(one.pinned ? ['<span class="tag">pinned</span>'] : []),
    ...(status === "ok" ? [] : [`<span class="tag bad">${icon("warning")}${status}</span>`]),
    `<span class="dim">${countOf(one, before)}</span>`,
    ...(one.git === null ? [] : [`<span class="dim git">${asHtml(one.git)}</span>`]),
  ];
  const title = description === null ? `<em>${UNTOLD[status] ?? ""}</em>` : asHtml(description);
  const none = changes.length === 0 ? " none" : "";
  return `<li class="entry ${telling.colours.of(category)}${none}" id="s${id}">
<div class="when"><time datetime="${isoOf(id)}"><b>${weekdayOf(at, made)}</b> ${hourOf(at)}</time></div>
<div class="what"><h3>${title}</h3> <p class="tags">${tags.join(" ")}</p>
${[...troubleHtml(one), ...toldHtml(one, telling)].join("\n")}</div>
${commandsHtml(one, before, telling.page)}</li>`;
}

const isoOf = (id: string): string => new Date(momentOf(id)).toISOString().slice(0, 16);

function countOf({ changes, files, description }: PageSnapshot, before: string | null): string {
  if (description === null) return "nobody can tell what changed";
  if (changes.length > 0) return counted(changes.length, "change");
  return before === null ? `the first, ${counted(files, "file")}` : "nothing changed";
}

const TROUBLES_SHOWN = 5;

function troubleHtml({ skipped, problems }: PageSnapshot): string[] {
  const lines = [
    ...skipped.map(({ path, reason }) => `not captured: ${path}: ${reason}`),
    ...problems.map(({ path, reason }) => `${path}: ${reason}`),
  ];
  if (lines.length === 0) return [];
  const shown = lines.slice(0, TROUBLES_SHOWN).map((line) => `<li>${asHtml(line)}`);
  const more = lines.length - shown.length;
  return [`<ul class="bad">${shown.join("")}${more > 0 ? `<li>and ${more} more` : ""}</ul>`];
}

/** What changed in the files: a few open, more folded, the rest counted. */
function toldHtml({ id, changes }: PageSnapshot, { names, tell }: Telling): string[] {
  const lines: string[] = [];
  for (const [index, change] of changes.slice(0, FILES_TOLD).entries()) {
    const anchor = `${id}-${index}`;
    const html = changeHtml(change, names.of(change.path, change.name), anchor);
    if (!tell(html, anchor)) break;
    lines.push(html);
  }
  const rest = changes.length - lines.length;
  const open = lines.slice(0, FILES_OPEN);
  const folded = lines.slice(FILES_OPEN);
  if (rest > 0 && folded.length > 0) folded.push(`<li class="dim">and ${counted(rest, "more file")}`);
  else if (rest > 0)
    open.push(`<li class="dim">${counted(rest, open.length > 0 ? "more file" : "file")}, not told here`);
  const more = `<details><summary>${counted(changes.length - FILES_OPEN, "more file")}</summary><ul class="told">${folded.join("")}</ul></details>`;
  return [
    ...(open.length === 0 ? [] : [`<ul class="told">${open.join("")}</ul>`]),
    ...(folded.length === 0 ? [] : [more]),
  ];
}

function commandsHtml(
  { id, description, changes, undo }: PageSnapshot,
  before: string | null,
  { places }: Page,
): string {
  const lines: [string, string][] = [
    ...(description === null ? [] : [["to now", `rollback diff ${id}`] satisfies [string, string]]),
    ["back to this", `rollback restore ${id}`],
  ];
  if (changes.length > 0 && before !== null) lines.push(["back to before", `rollback restore ${before}`]);
  if (undo !== null) lines.push([`undo that ${undo}`, "rollback undo"]);
  return `<dl class="cmds">${lines.map(([what, words]) => `<div><dt>${what}</dt><dd>${command(words, places)}</dd></div>`).join("")}</dl>`;
}
