// One page to look at: health, every snapshot, and which file changed where. HTML that needs no network and no script. Pure.
import type { FileDiff, Problem } from "../comparison.ts";
import type { Cell, Row } from "../diff/matrix.ts";
import { KINDS, type Kind } from "../model.ts";
import { asHtml } from "./as-html.ts";
import { changeHtml } from "./change.ts";
import { STYLE } from "./style.ts";

export interface PageSnapshot {
  id: string;
  /** Null where its manifest can't be read: it is damaged, or sealed. */
  description: string | null;
  category: string | null;
  /** Local time, as the manifest has it. */
  takenAt: string | null;
  status: "ok" | "incomplete" | "damaged" | "sealed";
  pinned: boolean;
  files: number;
  /** `main at 1a2b3c4d5`; null where none was noted. */
  git: string | null;
  /** What differs from the snapshot before it, secrets taken out. */
  changes: FileDiff[];
  problems: Problem[];
}

export interface Page {
  /** UTC. */
  madeAt: string;
  root: string;
  health: { level: string; findings: { level: string; message: string }[] } | null;
  /** Oldest first, as are the cells of a row. */
  snapshots: PageSnapshot[];
  rows: Row[];
}

const HEADINGS: Record<Kind, string> = { plist: "Agents", config: "Configs", credential: "Credentials" };
/** Everything that could load or run is off, whatever a name or a description holds. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole document; ends in a newline. */
export function renderPage(page: Page): string {
  const title = `rollback: ${page.snapshots.length === 1 ? "1 snapshot" : `${page.snapshots.length} snapshots`} of ${page.root}`;
  const numbers = new Map(page.rows.map(({ path }, index) => [path, index]));
  const anchor: Anchor = (column, path) => `c${column}-${numbers.get(path)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${asHtml(title)}</title>
<style>${STYLE}</style>
<a class="skip" href="#timeline">Skip to the timeline</a>
<header>
<h1>rollback</h1>
<p>${asHtml(page.root)} <span class="dim">· ${span(page.snapshots)} · made ${asHtml(page.madeAt.slice(0, 16).replace("T", " "))} UTC</span></p>
</header>
<main>
${health(page.health)}
${strip(page.snapshots)}
${table(page, anchor)}
${timeline(page, anchor)}
</main>
</html>
`;
}

function span(snapshots: PageSnapshot[]): string {
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  if (first === undefined || last === undefined) return "no snapshots yet";
  const count = snapshots.length === 1 ? "1 snapshot" : `${snapshots.length} snapshots`;
  const [from, to] = [when(first.id, "day"), when(last.id, "day")];
  return from === to ? `${count}, ${from}` : `${count}, ${from} to ${to}`;
}

/** `2025-12-11`, `2025-12-11 14:36`, or `12-11 14:36`, out of an id. */
function when(id: string, form: "day" | "minute" | "short"): string {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)/.exec(id) ?? [];
  if (year === undefined) return asHtml(id);
  const date = form === "short" ? `${month}-${day}` : `${year}-${month}-${day}`;
  return form === "day" ? date : `${date} ${hour}:${minute}`;
}

function health(found: Page["health"]): string {
  if (found === null) return "";
  const bad = found.findings.filter(({ level }) => level !== "ok");
  const item = ({ level, message }: { level: string; message: string }) =>
    `<li><b class="${asHtml(level)}">${asHtml(level)}</b> ${asHtml(message)}`;
  return `<section aria-labelledby="health" class="health">
<h2 id="health">Health: <b class="${asHtml(found.level)}">${asHtml(found.level)}</b></h2>
${bad.length === 0 ? "" : `<ul>${bad.map(item).join("")}</ul>`}
<details><summary>All ${found.findings.length} checks</summary><ul>${found.findings.map(item).join("")}</ul></details>
</section>`;
}

const STRIP_HEIGHT = 48;

/** A bar for each snapshot, as high as it has changes, in the order of time. For the eye alone: the timeline says the same. */
function strip(snapshots: PageSnapshot[]): string {
  if (snapshots.length < 2) return "";
  const most = Math.max(1, ...snapshots.map(({ changes }) => changes.length));
  const bars = snapshots.toReversed().map(({ id, changes, status }, index) => {
    const height = Math.max(2, Math.round((changes.length / most) * STRIP_HEIGHT));
    const label = `${when(id, "minute")}: ${counted(changes.length)}`;
    return `<rect class="${status}" x="${index}" y="${STRIP_HEIGHT - height}" width=".8" height="${height}"><title>${label}</title></rect>`;
  });
  return `<figure><svg viewBox="0 0 ${snapshots.length} ${STRIP_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Changes in each snapshot, at most ${most}">${bars.join("")}</svg>
<figcaption class="dim">Changes in each snapshot, newest first</figcaption></figure>`;
}

/** What stands in a description's place where there is none. */
const UNTOLD: Partial<Record<PageSnapshot["status"], string>> = {
  sealed: "a sealed archive",
  damaged: "its manifest can't be read",
};

function counted(count: number): string {
  if (count === 0) return "no change";
  return count === 1 ? "1 change" : `${count} changes`;
}

const SIGNS: Record<Cell, [sign: string, word: string]> = {
  absent: ["", "not there"],
  same: ["", "unchanged"],
  added: ["+", "added"],
  changed: ["●", "changed"],
  removed: ["−", "removed"],
  unknown: ["?", "unknown"],
};

function table({ snapshots, rows }: Page, anchor: Anchor): string {
  if (rows.length === 0) return "";
  const heads = snapshots
    .map(({ id }, index) => `<th scope="col"><a href="#s${index}" title="${asHtml(id)}">${when(id, "short")}</a>`)
    .toReversed();
  const cell = (state: Cell, column: number, path: string): string => {
    const [sign, word] = SIGNS[state];
    if (state === "absent") return '<td class="absent">';
    if (sign === "") return "<td>";
    if (state === "unknown") return `<td class="unknown" title="${word}">${sign}`;
    return `<td class="${state}"><a href="#${anchor(column, path)}" title="${word}" aria-label="${word}">${sign}</a>`;
  };
  const bodies = KINDS.map((kind) => {
    const own = rows.filter((row) => row.kind === kind);
    if (own.length === 0) return "";
    const lines = own.map(
      ({ name, path, cells }) =>
        `<tr><th scope="row" title="${asHtml(path)}">${asHtml(name)}${cells
          .map((state, column) => cell(state, column, path))
          .toReversed()
          .join("")}`,
    );
    return `<tbody><tr><th scope="rowgroup" colspan="${snapshots.length + 1}">${HEADINGS[kind]}\n${lines.join("\n")}</tbody>`;
  });
  const legend = (["changed", "added", "removed", "unknown"] as const)
    .map((state) => `<span class="${state}">${SIGNS[state][0]}</span> ${SIGNS[state][1]}`)
    .join(" · ");
  return `<section aria-labelledby="files">
<h2 id="files">Files</h2>
<p class="dim">Each row is a file, each column a snapshot, newest first. ${legend}; an empty place is as it was before.</p>
<div class="scroll" role="region" aria-label="Files and snapshots" tabindex="0">
<table>
<caption>Which file changed in which snapshot</caption>
<thead><tr><th scope="col">File${heads.join("")}</thead>
${bodies.join("\n")}
</table>
</div>
</section>`;
}

/** Where a change stands in the timeline, by its snapshot's and its file's place in the matrix. */
type Anchor = (column: number, path: string) => string;

function timeline({ snapshots }: Page, anchor: Anchor): string {
  const items = snapshots.map((snapshot, column) => item(snapshot, column, anchor)).toReversed();
  return `<section aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
${items.length === 0 ? "<p>No snapshots yet." : `<ol reversed>\n${items.join("\n")}\n</ol>`}
</section>`;
}

function item(snapshot: PageSnapshot, column: number, anchor: Anchor): string {
  const { id, description, category, takenAt, status, pinned, files, git, changes, problems } = snapshot;
  const marks = [
    ...(category === null ? [] : [`<span class="tag">${asHtml(category)}</span>`]),
    ...(pinned ? ['<span class="tag">pinned</span>'] : []),
    ...(status === "ok" ? [] : [`<b class="${status}">${status}</b>`]),
  ];
  const facts = [
    `<code>${asHtml(id)}</code>`,
    ...(takenAt === null ? [] : [asHtml(takenAt.slice(0, 19).replace("T", " "))]),
  ];
  if (description !== null) facts.push(files === 1 ? "1 file" : `${files} files`);
  if (git !== null) facts.push(asHtml(git));
  const inside = [
    `<p class="dim">${facts.join(" · ")}`,
    ...problems.map(({ path, reason }) => `<p class="damaged">${asHtml(path)}: ${asHtml(reason)}`),
    ...changes.map((change) => changeHtml(change, anchor(column, change.path))),
  ];
  const told = UNTOLD[status] ?? "";
  return `<li id="s${column}"><details><summary><time datetime="${asHtml((takenAt ?? "").slice(0, 19))}">${when(id, "minute")}</time> <span class="what">${asHtml(description ?? told)}</span> ${marks.join(" ")} <span class="dim">${column === 0 && changes.length === 0 ? "the first" : counted(changes.length)}</span></summary>
${inside.join("\n")}
</details>`;
}
