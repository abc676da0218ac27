import type { Finding, HealthOutcome, Level, Perf } from "../tasks/health.ts";
import { printable } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import type { Face, View } from "./face.ts";

export const health: Face<HealthOutcome> = {
  quiet: ({ level }) => [level.toUpperCase()],
  text: (outcome, paint, view) =>
    view.isTerminal() && outcome.error === null ? screen(outcome, paint, view) : [pluginLine(outcome)],
  json: ({ level, findings, error }) => ({
    level,
    findings: findings.map(({ check, level, message }) => ({ check, level, message })),
    perf: findings.flatMap(({ perf = [] }) => perf),
    ...(error === null ? {} : { error: { code: error.code, message: error.message, hint: error.hint } }),
  }),
};

/**
 * As monitoring plugins print it: the level, what is not OK, or the age when all is, and after `|` what was measured. The text itself
 * can't hold a `|`.
 */
function pluginLine({ level, findings }: HealthOutcome): string {
  const told = toldOf(findings).map(({ message }) => printable(message).replaceAll("|", "¦"));
  const measured = findings.flatMap(({ perf = [] }) => perf).map(perfdata);
  return [`ROLLBACK ${level.toUpperCase()} - ${told.join("; ")}`, measured.join(" ")].filter(Boolean).join(" | ");
}

/** Warning and critical are left out from the end, as the plugins' guidelines allow. */
function perfdata({ label, value, unit, warning, critical, min }: Perf): string {
  return `${label}=${[`${value}${unit}`, warning, critical, min]
    .map((part) => part ?? "")
    .join(";")
    .replace(/;+$/, "")}`;
}

const notOk = (findings: Finding[]): Finding[] => findings.filter(({ level }) => level !== "ok");

/** What is not OK, the worst first; the age where all is. */
function toldOf(findings: Finding[]): Finding[] {
  const bad = ORDER.flatMap((level) => findings.filter((finding) => finding.level === level));
  return bad.length > 0 ? bad : findings.slice(0, 1);
}
const ORDER: Level[] = ["critical", "warning", "unknown"];

const SIGNS: Record<Level, { sign: string; tone: Tone }> = {
  ok: { sign: "✅", tone: "good" },
  warning: { sign: "⚠️ ", tone: "warn" },
  critical: { sign: "❌", tone: "bad" },
  unknown: { sign: "⚠️ ", tone: "warn" },
};

/** For a person: the verdict, each finding that is not OK, and the names of the others. */
function screen({ level, findings }: HealthOutcome, paint: Paint, view: View): string[] {
  const bad = notOk(findings);
  const well = findings.filter((finding) => finding.level === "ok").map(({ check }) => check);
  const [first] = toldOf(findings);
  const more = bad.length > 1 ? `, and ${bad.length - 1} more` : "";
  const heads = [...bad.map(({ check }) => check), `${well.length} ${bad.length > 0 ? "more" : "checks"}`];
  const width = Math.max(...heads.map((head) => head.length));
  const row = (of: Level, head: string, text: string) =>
    `${paint(SIGNS[of].tone, `${SIGNS[of].sign} ${head}`)}${" ".repeat(width - head.length)}  ${text}`;
  const late = bad.some(({ check }) => check === "age");
  return [
    `${paint(SIGNS[level].tone, `ROLLBACK ${level.toUpperCase()}`)} - ${printable(first?.message ?? "")}${more}`,
    "",
    ...bad.map(({ check, level: of, message }) => row(of, check, printable(message))),
    ...wrapped(well, view.columns() - width - 5).map((text, index) =>
      index === 0 ? row("ok", heads.at(-1) ?? "", text) : `${" ".repeat(width + 5)}${text}`,
    ),
    ...(late ? ["", `Why the daily job did not run:  ${paint("command", "rollback schedule status")}`] : []),
  ];
}

/** Words in lines of at most so many columns. */
function wrapped(words: string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
