import type { ListOutcome } from "../tasks/list.ts";
import { age, printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face } from "./face.ts";
import { counts, utc } from "./words.ts";
import { cut, widthOf } from "./wrap.ts";

export const list: Face<ListOutcome & { allWords: string[] }> = {
  quiet: ({ snapshots }) => snapshots.map(({ id }) => id),
  text(outcome, paint, view) {
    const { snapshots, total, steps, allWords } = outcome;
    if (snapshots.length === 0) return ["📦 No snapshots yet"];
    const all = paint("command", allWords.map(quote).join(" "));
    if (steps !== null) {
      const shown = total > snapshots.length ? `${snapshots.length} of ${total}` : `${total}`;
      const columns = view.isTerminal() ? view.columns() : Number.POSITIVE_INFINITY;
      const one = paint("command", `rollback show ${(snapshots.find(isOwn) ?? snapshots[0])?.id}`);
      const more = total > snapshots.length ? [[`${total - snapshots.length} more:`, all] as const] : [];
      const next = nextLines([...more, ["One of them:", one]], columns);
      return [
        `📦 ${paint("bold", "Available Snapshots")} (showing ${shown}):`,
        "",
        ...oneline(snapshots, steps, columns, paint),
        "",
        ...next,
      ];
    }
    const rows = snapshots.flatMap((row, index) => [
      ...(row.ahead && !snapshots[index - 1]?.ahead ? ["", AHEAD] : []),
      "",
      `${index + 1}. [${row.id}]${row.pinned ? " 📌" : ""}`,
      ...facts(row).map((fact) => `   ${fact}`),
    ]);
    const more = total > snapshots.length ? ["", `${total - snapshots.length} more: ${all}`] : [];
    return [`📦 ${paint("bold", "Available Snapshots")} (showing ${snapshots.length}):`, ...rows, ...more];
  },
  json: ({ total, snapshots, steps }) => ({
    total,
    snapshots: snapshots.map((row) => ({
      id: row.id,
      description: row.description,
      category: row.category,
      created_at: row.createdAt,
      created_at_utc: utc(row.createdAtMs),
      age_seconds: row.ageSeconds,
      files: row.files,
      size_bytes: row.sizeBytes,
      complete: row.complete,
      pinned: row.pinned,
      status: row.status,
      forms: row.forms,
      ...(row.ahead ? { ahead: true } : {}),
      ...(steps === null ? {} : { differs: steps.get(row.id) ?? null }),
    })),
  }),
};

const AHEAD = "⚠️  Dated ahead of the clock: a clock was wrong. These are never `latest` and never pruned:";

function facts(row: ListOutcome["snapshots"][number]): string[] {
  if (row.status === "sealed") return ["🔒 Sealed archive (`rollback show` opens it with your identity)"];
  if (row.status === "unreadable")
    return ["⚠️  Can't be read: it belongs to another user (`rollback verify` says to whom)"];
  if (row.description === null) return ["⚠️  Damaged: its manifest can't be used (`rollback verify` tells more)"];
  const lines = [
    `Description: ${printable(row.description)}`,
    `Category: ${printable(row.category ?? "")}`,
    `Created: ${age(row.ageSeconds ?? 0)}`,
    `Files: ${counts(row.files)}`,
  ];
  if (row.forms.length > 1 || row.forms[0] !== "folder") lines.push(`Forms: ${row.forms.join(", ")}`);
  if (row.status === "damaged") lines.push("⚠️  Damaged: stored files are missing (`rollback verify` names them)");
  if (!row.complete) lines.push("⚠️  Incomplete: some files could not be read");
  return lines;
}

type Row = ListOutcome["snapshots"][number];
type Steps = NonNullable<ListOutcome["steps"]>;

/** What may come next, in one line where there is room, else a command to a line, below its words. */
function nextLines(next: (readonly [string, string])[], columns: number): string[] {
  const line = next.map((pair) => pair.join(" ")).join(". ");
  return widthOf(line) <= columns ? [line] : next.flatMap(([words, command]) => [words, `  ${command}`]);
}

/** One that somebody wanted, and that can be looked at. */
const isOwn = ({ category, status }: Row): boolean =>
  category !== "auto-backup" && (status === "ok" || status === "incomplete");

const NARROW = 70;
const CATEGORY_WIDTH = 12;
const HEADINGS = ["ID", "TIME", "DIFFERS", "CATEGORY", "DESCRIPTION"] as const;

/** One row each; marks come first, so that no cut hides them. In a narrow window the description has a row of its own. */
function oneline(snapshots: Row[], steps: Steps, columns: number, paint: Paint): string[] {
  const cells = snapshots.map((row) => {
    const category = cut(printable(row.category ?? "–"), CATEGORY_WIDTH);
    return { row, texts: [row.id, localTime(row), stepText(steps.get(row.id)), category] };
  });
  const widths = HEADINGS.slice(0, -1).map((heading, at) =>
    Math.max(heading.length, ...cells.map(({ texts }) => widthOf(texts[at] ?? ""))),
  );
  const inColumns = (texts: readonly string[]) =>
    texts.map((text, at) => text + " ".repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text)))).join("  ");
  if (columns < NARROW)
    return cells.flatMap(({ row, texts: [id = "", , differs = ""] }) => [
      cut(`${id}  ${differs}`, columns),
      `  ${about(row, columns - 2, paint)}`,
    ]);
  const left = columns - widths.reduce((sum, width) => sum + width + 2, 0);
  return [
    paint("dim", `${inColumns(HEADINGS.slice(0, -1))}  ${HEADINGS[4]}`),
    ...cells.map(({ row, texts }) => `${inColumns(texts)}  ${about(row, left, paint)}`.trimEnd()),
  ];
}

/** Marks and the description in so many columns. */
function about(row: Row, width: number, paint: Paint): string {
  const marks = [
    ...(row.pinned ? [["[pinned]", "good"] as const] : []),
    ...(row.status === "damaged" || row.status === "unreadable" ? [[`[${row.status}]`, "bad"] as const] : []),
    ...(row.status === "sealed" ? [["[sealed]", "dim"] as const] : []),
    ...(row.status === "incomplete" ? [["[incomplete]", "warn"] as const] : []),
    ...(row.ahead ? [["[dated ahead]", "warn"] as const] : []),
  ];
  const taken = marks.reduce((sum, [mark]) => sum + mark.length + 1, 0);
  const painted = marks.map(([mark, tone]) => `${paint(tone, mark)} `).join("");
  return painted + cut(printable(row.description ?? ""), Math.max(0, width - taken));
}

/** Nothing where it was not looked at. */
const stepText = (step: ReturnType<Steps["get"]>): string => {
  if (step === undefined) return "";
  if (step === null) return "not known";
  return step === "first" ? "first" : `+${step.new} ~${step.modified} −${step.gone}`;
};

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** After so long the year tells more than the hour. */
const LONG_AGO_SECONDS = 300 * 86_400;

/** The local time that an ID is made of: `25 Nov 02:09`, `19 Nov 2025`. */
function localTime({ id, ageSeconds }: Row): string {
  const [, year = "", month = "", day = "", hour = "", minute = ""] =
    /^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)/.exec(id) ?? [];
  const date = `${day} ${MONTHS[Number(month) - 1] ?? "???"}`;
  return (ageSeconds ?? 0) > LONG_AGO_SECONDS ? `${date} ${year}` : `${date} ${hour}:${minute}`;
}
