import { counts, type FileDiff } from "../comparison.ts";
import type { DiffOutcome } from "../tasks/diff.ts";
import { printable } from "../text.ts";
import type { Paint, Tone } from "./colour.ts";
import type { Face } from "./face.ts";
import { fileJson, fileLines, problemLines, statText } from "./file-diff.ts";
import { files as counted } from "./words.ts";

/** As git's --name-status; T is one whose time alone differs. */
const LETTERS: Record<FileDiff["change"], [letter: string, tone: Tone]> = {
  added: ["A", "added"],
  removed: ["D", "removed"],
  modified: ["M", "modified"],
  touched: ["T", "dim"],
};

export const diff: Face<DiffOutcome> = {
  quiet: ({ comparison }) => comparison.files.filter(counts).map(({ path }) => printable(path)),
  text({ comparison, stat, hunks }, paint) {
    const { before, after, files, problems } = comparison;
    return [
      `From ${side(before)} to ${side(after)}:`,
      "",
      ...files.flatMap((file) => rows(file, stat, hunks, paint)),
      ...problemLines(problems),
      ...(files.length + problems.length === 0 ? [] : [""]),
      summary(comparison),
    ];
  },
  json({ comparison: { before, after, files, unchanged, problems } }) {
    return { before, after, files: files.map(fileJson), unchanged, problems };
  },
};

type Comparison = DiffOutcome["comparison"];

const side = ({ id, description }: Comparison["before"]): string =>
  id === null ? "the files now" : `${printable(id)}${description === null ? "" : ` (${printable(description)})`}`;

function rows(file: FileDiff, stat: boolean, hunks: boolean, paint: Paint): string[] {
  const [letter, tone] = LETTERS[file.change];
  const name = `${paint(tone, letter)} ${file.kind === "credential" ? "🔐 " : ""}${printable(file.name)}`;
  return stat ? [`${name} | ${statText(file, paint)}`] : [name, ...fileLines(file, paint, hunks)];
}

function summary({ files, unchanged, problems }: Comparison): string {
  const differing = files.filter(counts).length;
  if (differing === 0)
    return problems.length > 0
      ? `⚠️  Nothing differs in what could be compared: ${counted(unchanged)}`
      : `✅ Nothing differs: ${counted(unchanged)}`;
  const parts = (["modified", "added", "removed"] as const).flatMap((change) => {
    const tally = files.filter((file) => file.change === change).length;
    return tally === 0 ? [] : [`${tally} ${change}`];
  });
  const verb = differing === 1 ? "differs" : "differ";
  return `${counted(differing)} ${verb}: ${parts.join(", ")}; ${unchanged} unchanged`;
}
