// The transcripts' plain text, taken apart and put together again.
//
//   # A comment: what this session shows.
//   world: petesbrain              (or `bare`; see worlds.ts)
//   columns: 80                    (where the commands are to have a terminal of this width, not a pipe)
//
//   $ rollback create "one" |      a shell command; lines that begin with `> ` continue it
//   > cat
//   ✅ Snapshot created: [ID1]     its stdout, then
//   ! ⚠️  a warning                its stderr, line by line
//   [exit 3]                       where that is not 0
//
// Blank lines at the end of an output do not count, nor do blanks at the end of a line.

export interface Step {
  /** Comments and blank lines before the command, as they stand. */
  before: string[];
  command: string;
  /** The lines that follow it. */
  output: string[];
}

export interface Transcript {
  world: string;
  /** How wide the terminal is that its commands have; null where they have a pipe. */
  columns: number | null;
  steps: Step[];
  /** What stands after the last output. */
  after: string[];
}

const MARK = "world: ";
const TERMINAL = "columns: ";

export function parseTranscript(text: string): Transcript {
  const steps: Step[] = [];
  let world: string | undefined;
  let columns: number | null = null;
  let before: string[] = [];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const step = steps.at(-1);
    if (line.startsWith("$ ")) {
      steps.push({ before, command: line.slice(2), output: [] });
      before = [];
    } else if (step === undefined) {
      before.push(line);
      if (line.startsWith(MARK)) world = line.slice(MARK.length).trim();
      if (line.startsWith(TERMINAL)) columns = Number(line.slice(TERMINAL.length));
    } else if (line.startsWith("> ") && step.output.length === 0) step.command += `\n${line.slice(2)}`;
    else if (line.startsWith("# ")) before.push(line);
    else if (before.length > 0) before.push(line);
    else step.output.push(line.trimEnd());
  }
  if (world === undefined) throw new Error("no `world: NAME` before the first command");
  for (const [index, step] of steps.entries()) {
    const blanks = takeBlanks(step.output);
    const next = steps[index + 1];
    if (next === undefined) before.unshift(...blanks);
    else next.before.unshift(...blanks);
  }
  return { world, columns, steps, after: before };
}

function takeBlanks(lines: string[]): string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1] === "") end--;
  return lines.splice(end);
}

export function formatTranscript({ steps, after }: Transcript): string {
  const lines = steps.flatMap(({ before, command, output }) => [
    ...before,
    ...command.split("\n").map((line, index) => `${index === 0 ? "$" : ">"} ${line}`),
    ...output,
  ]);
  return `${[...lines, ...after].join("\n").trimEnd()}\n`;
}

/** What a command did, in the lines that a transcript shows. */
export function outputLines(ran: { exit: number | null; stdout: string; stderr: string }): string[] {
  const lines = (text: string) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
  const shown = [
    ...lines(ran.stdout),
    ...lines(ran.stderr).map((line) => `! ${line}`),
    ...(ran.exit === 0 ? [] : [`[exit ${ran.exit}]`]),
  ].map((line) => line.trimEnd());
  takeBlanks(shown);
  return shown;
}
