// The files that changed most often. Pure.
import { asHtml } from "./as-html.ts";
import type { Page } from "./model.ts";
import { dayOf, momentOf } from "./moment.ts";
import type { ShortNames } from "./short-names.ts";
import type { Timeline } from "./timeline.ts";
import { natural } from "./words.ts";

const SHOWN = 8;

/** Nothing where no file changed. */
export function restlessHtml({ snapshots, madeAt }: Page, names: ShortNames, hrefOf: Timeline["hrefOf"]): string {
  const tally = new Map<string, { name: string; count: number; last: [id: string, index: number] }>();
  for (const { id, changes } of snapshots)
    for (const [index, { path, name }] of changes.entries()) {
      const count = (tally.get(path)?.count ?? 0) + 1;
      tally.set(path, { name: names.of(path, name), count, last: [id, index] });
    }
  const top = [...tally.values()].sort((a, b) => b.count - a.count || natural(a.name, b.name)).slice(0, SHOWN);
  const most = top[0]?.count;
  if (most === undefined) return "";
  const made = momentOf(madeAt.id);
  const rows = top.map(({ name, count, last: [id, index] }) => {
    const [day, href] = [dayOf(momentOf(id), made), hrefOf(id, index)];
    const bar = `<svg aria-hidden="true"><rect width="${Math.round((count / most) * 100)}%" height="100%" rx="2"/></svg>`;
    const last = href === null ? day : `<a href="${href}">${day}</a>`;
    return `<tr><th scope="row">${asHtml(name)}</th><td class="n">${count}</td><td class="bar">${bar}</td><td>${last}</td></tr>`;
  });
  return `<section aria-labelledby="restless">
<h2 id="restless">Most restless files</h2>
<table class="restless"><thead><tr><th scope="col">File</th><th scope="col" colspan="2">Changes</th><th scope="col">Last</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
</section>`;
}
