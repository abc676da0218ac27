// Text in lines of so many columns. Pure. A word is never broken: a path or a command stays one piece, however narrow the window.

/** Columns that a text takes, its colours not counted. */
export const widthOf = (text: string): number => Bun.stringWidth(text);

/** A text in at most so many columns; what was cut off is an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let taken = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    taken += widthOf(segment);
    if (taken > width) break;
    kept += segment;
  }
  return width < 1 ? "" : `${kept.trimEnd()}…`;
}

/** Between two backticks stands a command, which is to be copied whole; between two spaces a word of no length, as in columns. */
const WORDS = /(?:`[^`]*`|[^ ])+|(?<= )(?= )/g;

/** A text in lines of at most `width` columns, broken at spaces; the first and the others have a beginning of their own. */
export function wrap(text: string, width: number, [first, others]: readonly [string, string] = ["", ""]): string[] {
  const lines: string[] = [];
  let line = first;
  for (const [index, word] of (text.match(WORDS) ?? []).entries()) {
    const longer = index === 0 ? line + word : `${line} ${word}`;
    if (index > 0 && widthOf(longer) > width) {
      lines.push(line);
      line = others + word;
    } else line = longer;
  }
  return [...lines, line];
}

/** The same of a line that has its own indentation. */
export function wrapLine(line: string, width: number, others: string): string[] {
  const text = line.trimStart();
  return wrap(text, width, [line.slice(0, line.length - text.length), others]);
}

/** Words of a shell: what stands in single quotes is of one. */
const SHELL_WORDS = /(?:'[^']*'|\\.|[^\s'\\])+/g;

/** A command in lines of at most `width` columns, each but the last with a backslash at its end: a shell reads them as one. */
export function pasted(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = command.match(SHELL_WORDS) ?? [];
  for (const [index, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    const room = width - (index === words.length - 1 ? 0 : 2);
    if (line.trim() !== "" && widthOf(longer) > room) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

/** A text behind its beginning, the further lines under it; in a narrow window a long beginning has a line of its own. */
export function hang(beginning: string, text: string, width: number): string[] {
  const begun = widthOf(beginning);
  if (begun > width / 2 && width < NARROW)
    return [beginning.trimEnd(), ...wrap(text, width - 2).map((line) => `  ${line}`)];
  return wrap(text, width, [beginning, " ".repeat(begun)]);
}

/** What a line's text stands behind: blanks, and a sign. */
const BEGINNING = /^\s*(?:[✓✅❌🔄📦🔐-]\s+|⚠️\s+)?/u;
/** Deeper stands what is inside a file, as it is there. */
const DEEP = 5;

/** A screen's lines in at most `width` columns, each under its own beginning. Commands to copy stay as they are. */
export function fitted(lines: readonly string[], width: number): string[] {
  let goesOn = false;
  return lines.flatMap((line) => {
    const plain = Bun.stripANSI(line);
    const isCommand = goesOn || /^ {3}(?:rollback|launchctl) /.test(plain);
    goesOn = isCommand && plain.endsWith(" \\");
    if (isCommand || widthOf(plain) <= width || plain.startsWith(" ".repeat(DEEP))) return [line];
    return wrapLine(line, width, " ".repeat(widthOf(BEGINNING.exec(plain)?.[0] ?? "")));
  });
}

type Rows = readonly (readonly [string, string])[];

/** The width of the names' column: that of the widest of them, if it is not too wide. */
export const columnFor = (rows: Rows): number =>
  Math.max(0, ...rows.map(([name]) => widthOf(name)).filter((columns) => columns <= WIDEST_NAME));
const WIDEST_NAME = 20;

/** Narrower than this, a name and what it means stand below each other. */
const NARROW = 60;

/** Names and what they mean, in two columns; a name that is too long for the first stands on a line of its own. */
export function table(rows: Rows, width: number, column = columnFor(rows)): string[] {
  return rows.flatMap(([name, text]) => {
    if (width < NARROW) return [`  ${name}`, ...hang("      ", text, width)];
    if (widthOf(name) > column) return [`  ${name}`, ...hang(" ".repeat(column + 4), text, width)];
    return hang(`  ${name}${" ".repeat(column - widthOf(name))}  `, text, width);
  });
}
