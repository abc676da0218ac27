// Who runs when: a timetable as at a bus stop, the hour, then minute and name. Pure.

import { asHtml } from "./as-html.ts";
import type { Page, PageAgent } from "./model.ts";
import { two } from "./moment.ts";
import { icon } from "./shapes.ts";
import type { ShortNames } from "./short-names.ts";
import { counted, grouped, inOrder, natural } from "./words.ts";

/** Agents of one hour, or of one way to run without a clock. */
const SHOWN = 120;

/** Nothing where there are no agents. */
export function hoursHtml(page: Page, names: ShortNames): string {
  if (page.agents.length === 0) return "";
  const agents = inOrder(page.agents, ({ path, name }) => names.of(path, name));
  const hours = Map.groupBy(
    agents.flatMap((agent) => agent.at.map((at) => ({ ...at, agent }))),
    ({ hour }) => hour,
  );
  const rows = Array.from({ length: 24 }, (_, hour) => hourHtml(hour, hours.get(hour) ?? [], names));
  const otherwise = Map.groupBy(
    agents.flatMap((agent) => agent.otherwise.map((how) => ({ how, agent }))),
    ({ how }) => how,
  );
  const rest = [...otherwise]
    .sort((a, b) => natural(a[0], b[0]))
    .map(([how, own]) => {
      const lines = own.slice(0, SHOWN).map(({ agent }) => `<li>${agentHtml(agent, names)}`);
      return `<tr><th scope="row">${asHtml(how)}</th><td>${listHtml(lines, own.length)}</td></tr>`;
    });
  const byClock = agents.filter(({ at }) => at.length > 0).length;
  const without = agents.filter(({ otherwise: own }) => own.length > 0).length;
  const timetable = byClock === 0 ? "" : `<tbody>${rows.join("\n")}</tbody>`;
  return `<section aria-labelledby="hours">
<h2 id="hours">Who runs when</h2>
<p class="dim">${counted(byClock, "agent")} by the clock, ${grouped(without)} otherwise.</p>
<table class="hours"><thead class="sr"><tr><th scope="col">Hour</th><th scope="col">Minute and agent</th></tr></thead>
${timetable}
<tbody class="rest">${rest.join("\n")}</tbody></table>
</section>`;
}

type Start = PageAgent["at"][number] & { agent: PageAgent };

/** Those of one minute stay in the order of their names. */
function hourHtml(hour: number, starts: Start[], names: ShortNames): string {
  if (starts.length === 0)
    return `<tr class="empty"><th scope="row">${two(hour)}</th><td><span class="sr">none</span></td></tr>`;
  const sorted = starts.toSorted((a, b) => a.minute - b.minute).slice(0, SHOWN);
  const lines = sorted.map(({ agent, minute, on }) => {
    const days = on === "" ? "" : ` <span class="dim">${asHtml(on)}</span>`;
    return `<li><span class="min">${two(minute)}</span>${agentHtml(agent, names)}${days}`;
  });
  return `<tr><th scope="row">${two(hour)}</th><td>${listHtml(lines, starts.length)}</td></tr>`;
}

function listHtml(lines: string[], all: number): string {
  const rest = all - lines.length;
  return `<ul>${lines.join("")}${rest > 0 ? `<li class="dim">and ${grouped(rest)} more` : ""}</ul>`;
}

function agentHtml({ name, path, down }: PageAgent, names: ShortNames): string {
  const short = asHtml(names.of(path, name));
  return down === null
    ? short
    : `<strong class="down">${icon("critical")}${short} <span>${asHtml(down)}</span></strong>`;
}
