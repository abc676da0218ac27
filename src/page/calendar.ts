// The months since the first snapshot, at most twelve: a day's darkness is how many files changed on it. Pure.
import type { Page, PageSnapshot } from "./model.ts";
import { DAY_MS, dayOf, isoDay, MONTHS, momentOf, two } from "./moment.ts";
import type { Timeline } from "./timeline.ts";
import { counted } from "./words.ts";

const MOST_MONTHS = 12;

interface Day {
  snapshots: number;
  changes: number;
  /** The newest snapshot of the day. */
  id: string;
}

export function calendarHtml({ snapshots, madeAt }: Page, hrefOf: Timeline["hrefOf"]): string {
  const days = daysOf(snapshots);
  const [first, made] = [momentOf(snapshots[0]?.id ?? madeAt.id), momentOf(madeAt.id)];
  const months = monthsBetween(first, Math.max(made, momentOf(snapshots.at(-1)?.id ?? "")));
  const isSmall = months.length > 4;
  const shown = months.map((month) => monthHtml(month, days, hrefOf));
  const busiest = [...days].reduce((most, one) => (one[1].changes > most[1].changes ? one : most));
  const span = Math.floor((made - first) / DAY_MS) + 1;
  const told =
    busiest[1].changes === 0
      ? ""
      : `Busiest: ${dayOf(Date.parse(busiest[0]), made)}, ${counted(busiest[1].changes, "change")}. `;
  const on = span > 0 ? `A snapshot on ${days.size} of ${counted(Math.max(span, days.size), "day")}.` : "";
  return `<section aria-labelledby="calendar">
<h2 id="calendar">Changes by day</h2>
<p class="dim">${told}${on}</p>
<div class="months${isSmall ? " small" : ""}">${shown.join("")}</div>
<p class="scale dim" aria-hidden="true">changes: <i class="l0"></i> 0 <i class="l1"></i> 1 <i class="l2"></i> 2–3 <i class="l3"></i> 4–7 <i class="l4"></i> 8+</p>
</section>`;
}

function daysOf(snapshots: readonly PageSnapshot[]): Map<string, Day> {
  const days = new Map<string, Day>();
  for (const { id, changes } of snapshots) {
    const key = isoDay(momentOf(id));
    const day = days.get(key) ?? { snapshots: 0, changes: 0, id };
    days.set(key, { snapshots: day.snapshots + 1, changes: day.changes + changes.length, id });
  }
  return days;
}

/** The first day of each month, oldest first. */
function monthsBetween(first: number, last: number): Date[] {
  const [from, to] = [new Date(first), new Date(last)];
  const count = 12 * (to.getUTCFullYear() - from.getUTCFullYear()) + to.getUTCMonth() - from.getUTCMonth() + 1;
  const shown = Math.max(1, Math.min(count, MOST_MONTHS));
  return Array.from(
    { length: shown },
    (_, index) => new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() - shown + 1 + index)),
  );
}

function monthHtml(month: Date, days: ReadonlyMap<string, Day>, hrefOf: Timeline["hrefOf"]): string {
  const [year, index] = [month.getUTCFullYear(), month.getUTCMonth()];
  const length = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
  // Weeks begin on Mondays.
  const start = (month.getUTCDay() + 6) % 7;
  const cells = Array.from({ length }, (_, at) => {
    const place = at === 0 && start > 0 ? ` class="d${start}"` : "";
    const day = days.get(`${year}-${two(index + 1)}-${two(at + 1)}`);
    return `<li${place}>${dayHtml(at + 1, index, day, hrefOf)}`;
  });
  const name = `${MONTHS[index]}${index === 0 ? ` ${year}` : ""}`;
  return `<div class="month"><h3>${name}</h3><ol>${cells.join("")}</ol></div>`;
}

function dayHtml(number: number, month: number, day: Day | undefined, hrefOf: Timeline["hrefOf"]): string {
  if (day === undefined) return `<span>${number}</span>`;
  const level = levelOf(day.changes);
  const href = hrefOf(day.id, -1);
  const said = `: ${counted(day.changes, "change")}`;
  const inside = `<span class="sr">${MONTHS[month]} </span>${number}<span class="sr">${said}</span>`;
  const title = ` title="${number} ${MONTHS[month]}${said}"`;
  return href === null
    ? `<b class="l${level}"${title}>${inside}</b>`
    : `<a class="l${level}" href="${href}"${title}>${inside}</a>`;
}

function levelOf(changes: number): number {
  if (changes < 2) return changes;
  if (changes < 4) return 2;
  return changes < 8 ? 3 : 4;
}
