import type { PruneOutcome } from "../tasks/prune.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const prune: Face<PruneOutcome> = {
  quiet: ({ verdicts }) => verdicts.filter(({ keep }) => !keep).map(({ id }) => id),
  text({ verdicts, dryRun, next }) {
    const going = verdicts.filter(({ keep }) => !keep);
    if (!dryRun)
      return [
        ...going.map((verdict) => row("✓ Removed", verdict)),
        `✅ Removed ${going.length} of ${verdicts.length} snapshots`,
      ];
    const rows = verdicts.map((verdict) => row(verdict.keep ? "- Keep" : "✓ Would remove", verdict));
    if (going.length === 0) return [...rows, "✅ Nothing to remove"];
    return [
      "DRY RUN: Prune",
      ...rows,
      "",
      "⚠️  This is a dry run. Use --force to actually remove:",
      `   ${next.map(quote).join(" ")}`,
    ];
  },
  json: ({ dryRun, verdicts }) => ({ dry_run: dryRun, snapshots: verdicts }),
};

const row = (what: string, { id, category, reasons }: PruneOutcome["verdicts"][number]): string =>
  `${what}: ${id}${category === null ? "" : ` (${printable(category)})`}: ${reasons.map(printable).join(", ")}`;
