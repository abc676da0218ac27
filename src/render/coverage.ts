// What is captured, what looks as if it should be, and the command that writes the rules for it.
import type { CoverageOutcome } from "../tasks/coverage.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { files } from "./words.ts";

type Missed = CoverageOutcome["missed"][number];

export const coverage: Face<CoverageOutcome> = {
  quiet: ({ missed }) => missed.map(({ path }) => printable(path)),
  text(outcome, paint) {
    const { captured, missed, all, written, config } = outcome;
    const rules = missed.filter(({ list }) => list !== null).length;
    const last =
      written === null
        ? [
            ...(all ? [] : ["What is captured by which rule: rollback coverage --all"]),
            ...(rules === 0 ? [] : [`Write ${rules} of them into rollback.yaml:  rollback coverage --write`]),
          ]
        : writtenLines(written, config);
    return [
      paint("bold", heading(captured.length, missed.length)),
      ...(all ? ["", ...captured.map(capturedLine)] : []),
      ...section("Credentials, by their names:", missed, ["credential"]),
      ...section("Agents that no rule names:", missed, ["agent"]),
      ...section("Named by a captured plist:", missed, ["named-by-plist"]),
      ...section("Others:", missed, ["mcp", "assistant", "retired-agent", "unit", "crontab"]),
      "",
      ...last,
    ];
  },
  json: ({ captured, missed, config, written }) => ({
    captured,
    missed: missed.map(({ path, group, about, list }) => ({
      path,
      group,
      about,
      rule: list === null ? null : { list, line: `- ${JSON.stringify(path)}` },
    })),
    config,
    ...(written === null ? {} : { written }),
  }),
};

function heading(captured: number, missed: number): string {
  const are = captured === 1 ? "is" : "are";
  if (missed === 0) return `✅ ${files(captured)} ${are} captured, and nothing else looks as if it should be`;
  return `${files(captured)} ${are} captured, ${missed} more ${missed === 1 ? "looks" : "look"} as if ${missed === 1 ? "it" : "they"} should be`;
}

const capturedLine = ({ path, rules }: CoverageOutcome["captured"][number]): string =>
  `  ${printable(path)}  (${rules.map(printable).join(", ")})`;

const WIDEST = 38;

function section(title: string, missed: Missed[], groups: Missed["group"][]): string[] {
  const rows = missed.filter(({ group }) => groups.includes(group));
  if (rows.length === 0) return [];
  return ["", title, ...rows.map(({ path, about }) => row(printable(path), about))];
}

const row = (path: string, about: string | null): string =>
  `  ${about === null ? path : `${path.padEnd(WIDEST)} ${printable(about)}`}`;

function writtenLines(written: number, config: string): string[] {
  if (written === 0) return ["Nothing to write: rollback.yaml stays as it is"];
  return [
    `✅ ${written} ${written === 1 ? "line" : "lines"} written into ${printable(config)}`,
    '   Read it, take out what you don\'t want, then: rollback create "What is captured now"',
  ];
}
