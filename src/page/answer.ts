// The answer comes first: is all well, what needs somebody, and how much there is. The band's colour is the health. Pure.
import { asHtml } from "./as-html.ts";
import type { Level, Need, Page } from "./model.ts";
import { dayOf, hourOf, momentOf, weekdayOf } from "./moment.ts";
import { command, icon } from "./shapes.ts";
import { counted } from "./words.ts";

/** Said to those who do not see the shape. */
const SAID: Record<Page["tiles"][number]["level"], string> = {
  ok: "fine",
  warning: "look at this",
  critical: "act now",
  unknown: "not known",
};

/** All is well only where each tile was looked at. */
export function verdict({ snapshots, needs, tiles }: Pick<Page, "snapshots" | "needs" | "tiles">): {
  level: Level;
  title: string;
} {
  if (snapshots.length === 0) return { level: "warning", title: "Nothing is kept yet" };
  const isSeen = tiles.every((tile) => tile.level !== "unknown");
  if (needs.length === 0) return { level: "ok", title: isSeen ? "All is well" : "Nothing wrong was found" };
  const level = needs.some((need) => need.level === "critical") ? "critical" : "warning";
  return { level, title: needs.length === 1 ? "One thing needs you" : `${needs.length} things need you` };
}

/** Where the last change of a file is told, and in which words; null where no entry tells of it. */
export type Suspect = (path: string) => { href: string; words: string } | null;

export function answerHtml(page: Page, suspect: Suspect): string {
  const { level, title } = verdict(page);
  const made = momentOf(page.madeAt.id);
  const needs = page.needs.map((need) => needHtml(need, suspect));
  const facts = page.facts.map(([name, value]) => `<div><dt>${asHtml(name)}</dt><dd>${asHtml(value)}</dd></div>`);
  return `<header class="answer ${level}">
<div class="wrap">
<p class="brand"><b>rollback</b> <span>${asHtml(page.root)}</span> <time datetime="${page.madeAt.utc}">as of ${weekdayOf(made, made)} ${new Date(made).getUTCFullYear()}, ${hourOf(made)}</time></p>
<h1>${icon(level)}${title}</h1>
${needs.length === 0 ? "" : `<ul class="needs">\n${needs.join("\n")}\n</ul>`}
<ul class="tiles">
${page.tiles.map(tileHtml).join("\n")}
</ul>
<div class="fine">
<dl>${facts.join("")}</dl>
${checksHtml(page)}
</div>
</div>
</header>`;
}

function tileHtml({ label, level, value, unit, note }: Page["tiles"][number]): string {
  const said = level === "ok" ? "" : `<span class="sr">: ${SAID[level]}</span>`;
  return `<li class="${level}"><h2>${icon(level)}${asHtml(label)}${said}</h2>
<p class="value"><b>${asHtml(value)}</b> ${asHtml(unit)}</p><p class="note">${asHtml(note)}</p></li>`;
}

function needHtml(need: Need, suspect: Suspect): string {
  const suspected = need.path === null ? null : suspect(need.path);
  const link = suspected === null ? "" : ` <a href="${suspected.href}">last changed ${asHtml(suspected.words)}</a>`;
  const what = `<p><span class="sr">${SAID[need.level]}: </span><b>${asHtml(need.message)}</b>${link}</p>`;
  return `<li class="${need.level}">${icon(need.level)}${what}${need.command === null ? "" : command(need.command, "")}</li>`;
}

function checksHtml({ checks, needs }: Page): string {
  if (checks.length === 0) return "";
  const [count, lines] = [counted(checks.length, "check"), checks.map((check) => `<li>${icon("ok")}${asHtml(check)}`)];
  const summary = needs.length === 0 ? `All ${count}` : `${count} ${checks.length === 1 ? "is" : "are"} fine`;
  return `<details class="checks"><summary>${summary}</summary>\n<ul>${lines.join("")}</ul></details>`;
}

/** Before the first snapshot: what to type. */
export function beginHtml({ places }: Page): string {
  const steps = [
    ["Keep what is here now.", "It takes less than a second and changes nothing.", 'create "First snapshot"'],
    ["Keep it every day.", "A job of the system does it.", "schedule install"],
    ["Keep it somewhere else, too.", "Sealed, so that nobody there can read it.", "push --all"],
    ["Write this page anew.", "", "report -o report.html"],
  ].map(([what, why, words]) => {
    const told = why === "" ? "" : ` ${why}`;
    return `<li><p><b>${what}</b>${told}</p>${command(`rollback ${words}`, places)}</li>`;
  });
  return `<section aria-labelledby="begin">
<h2 id="begin">How to begin</h2>
<ol class="steps">
${steps.join("\n")}
</ol>
</section>`;
}

export function footerHtml({ madeAt, tool }: Page): string {
  const made = momentOf(madeAt.id);
  const when = `${dayOf(made)} ${new Date(made).getUTCFullYear()}, ${hourOf(made)}`;
  return `<footer>
<p>Made by ${asHtml(tool)} on ${when}. Times are this machine's. Values of secrets are nowhere in this file, but it names every file that is protected.
</footer>`;
}
