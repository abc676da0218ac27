// Warnings, progress and errors on stderr, as they happen. The only place that uses consola.
import { createConsola } from "consola/core";
import type { Notify, Progress } from "../model.ts";
import type { RollbackError } from "../rollback-error.ts";
import { age, printable } from "../text.ts";
import type { Paint } from "./colour.ts";
import { pace, type Watcher } from "./progress.ts";
import { cut, hang, pasted, widthOf } from "./wrap.ts";

const DANGLING_SHOWN = 3;

/** Where stderr goes, and whether a person watches. */
export interface Screen {
  write(text: string): void;
  /** Asked only once there is something to show: node:tty takes as long to load as a list takes to make. */
  isTerminal(): boolean;
  columns(): number;
  paint: Paint;
}

export interface Voice {
  notify: Notify;
  error(error: RollbackError): void;
  /** Wipes the progress line, if one is shown, and tells what was collected. */
  done(): void;
}

export interface Manner {
  /** Warnings are kept from people, and so is progress; errors are always told. */
  silent: boolean;
  /** Where nobody watches, progress is a line every half minute. */
  verbose: boolean;
}

/** `clock` gives ms that never go back. */
export function voice(screen: Screen, { silent, verbose }: Manner, clock = () => performance.now()): Voice {
  let shown = false;
  const wipe = () => {
    if (shown) screen.write("\r\u001b[K");
    shown = false;
  };
  const logger = createConsola({
    level: silent ? 0 : 3,
    // A repeated warning is about another file: none is to be folded into the one before.
    throttle: 0,
    throttleMin: Number.POSITIVE_INFINITY,
    reporters: [
      {
        log({ type, args }) {
          wipe();
          const [text = "", ...lines] = args.map(String);
          screen.write(`${(type === "error" ? [text, ...lines] : inLines(screen, "⚠️  ", text)).join("\n")}\n`);
        },
      },
    ],
  });
  const due = pace(clock());
  const watcher = (): Watcher => {
    if (screen.isTerminal()) return silent ? "nobody" : "person";
    return verbose ? "log" : "nobody";
  };
  const progress = (notice: Progress) => {
    const who = watcher();
    const line = due(notice, clock(), who);
    if (line === null) return;
    if (who === "log") screen.write(`${line}\n`);
    else screen.write(`\r\u001b[K${cut(line, screen.columns() - 1)}`);
    shown = who === "person";
  };
  const dangling: string[] = [];
  const hear: Notify = (notice) => {
    if (notice.type === "warning") logger.warn(printable(notice.message));
    else if (notice.type === "dangling") dangling.push(`${printable(notice.label)}: ${printable(notice.problem)}`);
    else progress(notice);
  };
  const tellDangling = () => {
    if (dangling.length === 0) return;
    const agents =
      dangling.length === 1
        ? "1 agent names a file that is missing"
        : `${dangling.length} agents name files that are missing`;
    logger.warn(`${agents} (rollback agents lists all): ${dangling.slice(0, DANGLING_SHOWN).join("; ")}`);
  };
  return {
    notify: hear,
    error: (error) => {
      const [first = "", ...more] = errorLines(screen, error);
      logger.error(first, ...more);
    },
    done: () => {
      wipe();
      tellDangling();
    },
  };
}

const WIDEST = 80;

/** On a terminal text is wrapped under its own beginning; what a script reads stays a line. */
const inLines = (screen: Screen, beginning: string, text: string): string[] =>
  screen.isTerminal() ? hang(beginning, text, widthOn(screen)) : [beginning + text];

const widthOn = (screen: Screen): number => Math.min(WIDEST, screen.columns());

/** What happened to which thing; then the next step, the commands to copy last. */
function errorLines(screen: Screen, error: RollbackError): string[] {
  const { headline, details, advice, commands, choices } = error;
  const indented = (line: string) => `   ${line}`;
  const first = choices.length === 0 ? headline : `${headline}. ${countOf(choices)}`;
  return [
    ...inLines(screen, "❌ ", printable(first)),
    ...details.flatMap((line) => inLines(screen, "     ", printable(line))),
    ...rowsOf(choices).map(indented),
    ...(advice === "" ? [] : inLines(screen, "   ", printable(advice))),
    ...commands
      .flatMap((command) =>
        screen.isTerminal() ? pasted(printable(command), widthOn(screen) - 3) : [printable(command)],
      )
      .map((line) => indented(screen.paint("command", line))),
  ];
}

const countOf = (choices: RollbackError["choices"]): string =>
  choices.length === 1 ? "The only one:" : `The newest ${COUNTED[choices.length] ?? choices.length}:`;
const COUNTED = ["", "", "two", "three", "four", "five"];

function rowsOf(choices: RollbackError["choices"]): string[] {
  const ages = choices.map(({ ageSeconds }) => (ageSeconds === null ? "" : age(ageSeconds)));
  const column = Math.max(0, ...ages.map((text) => text.length));
  return choices.map(({ id, description, category, mark }, index) => {
    const what = printable(description ?? "");
    const marked = mark === null ? what : `[${mark}] ${what}`;
    const end = category === null ? "" : ` (${printable(category)})`;
    const begin = `${id}  ${(ages[index] ?? "").padEnd(column)}  `;
    return cut(begin + cut(marked, WIDEST - 3 - widthOf(begin + end)) + end, WIDEST - 3).trimEnd();
  });
}
