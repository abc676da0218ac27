import type { DrillOutcome } from "../tasks/drill.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

const NAMES_SHOWN = 5;

export const drill: Face<DrillOutcome> = {
  quiet: ({ id, passed }) => (passed ? [id] : []),
  text(outcome) {
    const { id, name, from, description, passed, files, ms } = outcome;
    const where = `${id} from ${printable(name ?? from)}`;
    if (!passed) return [`❌ The drill failed: ${where}`, ...reasons(outcome)];
    return [
      `✅ The drill passed: ${where}, ${printable(description ?? "")}`,
      `   ${files.total} files restored into a throw-away home, each the same in bytes and mode`,
      `   Pulled in ${seconds(ms.pull)}, opened in ${seconds(ms.open)}, restored in ${seconds(ms.restore)}. All of it is removed again.`,
    ];
  },
  json: ({ name, from, id, host, project, description, passed, files, problems, reason, ms }) => ({
    name,
    from,
    id,
    host,
    project,
    description,
    passed,
    files,
    problems,
    reason,
    seconds: { pull: ms.pull / 1000, open: ms.open / 1000, restore: ms.restore / 1000 },
  }),
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

function reasons({ id, name, from, files, problems, reason, goodHere }: DrillOutcome): string[] {
  const names = problems.slice(0, NAMES_SHOWN).map((one) => `${printable(one.name)} (${one.problem})`);
  const more = problems.length > NAMES_SHOWN ? ` and ${problems.length - NAMES_SHOWN} more` : "";
  return [
    reason === null
      ? `   ${problems.length} of ${files.total} files did not come back: ${names.join(", ")}${more}`
      : `   ${printable(reason)}`,
    ...(goodHere
      ? [
          "   A good one is here. Put it in its place:",
          `   rollback push ${id} ${quote(name ?? from)} --replace-damaged`,
        ]
      : ["   No sound one of this id is here. Make a new snapshot, and push it."]),
  ];
}
