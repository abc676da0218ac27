// Who runs when: a timetable as at a bus stop, the hour, then minute and name. Pure.

import { within } from "./allowance.ts";
import { asHtml } from "./as-html.ts";
import type { Page, PageAgent } from "./model.ts";
import { two } from "./moment.ts";
import { icon } from "./shapes.ts";
import type { ShortNames } from "./short-names.ts";
import { counted, natural } from "./words.ts";

/** Characters of one hour's agents, and of one way to run without a clock. */
const CHARACTERS = 6000;

/** Nothing where there are no agents. */
export function hoursHtml({ agents }: Page, names: ShortNames): string {
  if (agents.length === 0) return "";
  const rows = Array.from({ length: 24 }, (_, hour) => hourHtml(hour, agents, names));
  const otherwise = Map.groupBy(
    agents.flatMap((agent) => agent.otherwise.map((how) => ({ how, agent }))),
    ({ how }) => how,
  );
  const rest = [...otherwise]
    .sort((a, b) => natural(a[0], b[0]))
    .map(([how, own]) => {
      const lines = own.map(({ agent }) => `<li>${agentHtml(agent, names)}`).sort(natural);
      return `<tr><th scope="row">${asHtml(how)}</th><td><ul>${cut(lines)}</ul></td></tr>`;
    });
  const byClock = agents.filter(({ at }) => at.length > 0).length;
  const without = agents.filter(({ otherwise: own }) => own.length > 0).length;
  const timetable = byClock === 0 ? "" : `<tbody>${rows.join("\n")}</tbody>`;
  return `<section aria-labelledby="hours">
<h2 id="hours">Who runs when</h2>
<p class="dim">${counted(byClock, "agent")} by the clock, ${without} otherwise.</p>
<table class="hours"><thead class="sr"><tr><th scope="col">Hour</th><th scope="col">Minute and agent</th></tr></thead>
${timetable}
<tbody class="rest">${rest.join("\n")}</tbody></table>
</section>`;
}

function hourHtml(hour: number, agents: readonly PageAgent[], names: ShortNames): string {
  const own = agents.flatMap((agent) => agent.at.filter((at) => at.hour === hour).map((at) => ({ agent, ...at })));
  if (own.length === 0)
    return `<tr class="empty"><th scope="row">${two(hour)}</th><td><span class="sr">none</span></td></tr>`;
  own.sort((a, b) => a.minute - b.minute || natural(a.agent.name, b.agent.name));
  const lines = own.map(({ agent, minute, on }) => {
    const days = on === "" ? "" : ` <span class="dim">${asHtml(on)}</span>`;
    return `<li><span class="min">${two(minute)}</span>${agentHtml(agent, names)}${days}`;
  });
  return `<tr><th scope="row">${two(hour)}</th><td><ul>${cut(lines)}</ul></td></tr>`;
}

function cut(lines: string[]): string {
  const { shown, rest } = within(lines, CHARACTERS);
  return `${shown.join("")}${rest > 0 ? `<li class="dim">and ${rest} more` : ""}`;
}

function agentHtml({ name, path, down }: PageAgent, names: ShortNames): string {
  const short = asHtml(names.of(path, name));
  return down === null
    ? short
    : `<strong class="down">${icon("critical")}${short} <span>${asHtml(down)}</span></strong>`;
}
