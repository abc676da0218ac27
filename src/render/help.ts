// The help pages, for a window of any width, and the same as JSON.
import type { CommandPage, HelpOutcome, MainPage, Topic } from "../outcome.ts";
import { EXIT } from "../rollback-error.ts";
import type { Paint } from "./colour.ts";
import type { Face, View } from "./face.ts";
import { columnFor, hang, table, widthOf, wrap } from "./wrap.ts";

/** Longer lines are hard to read, however wide the window. */
const WIDEST = 80;

export const help: Face<HelpOutcome> = {
  quiet: ({ page }) => {
    if ("main" in page) return page.main.groups.flatMap(({ cells }) => cells.map(({ label }) => label));
    return "command" in page ? [page.command.usage] : bodyOf(page.topic.body, WIDEST, plain);
  },
  text: ({ page }, paint, view) => pageText(page, paint, view),
  json: ({ page }) => {
    if ("command" in page) return commandJson(page.command);
    if ("topic" in page) return { topic: page.topic.name, about: page.topic.about, body: page.topic.body };
    const { version, flags, commands, topics } = page.main;
    return { version, flags, commands: commands.map(commandJson), topics, exit_codes: { ...EXIT } };
  },
};

const plain: Paint = (_tone, text) => text;

const commandJson = ({ exits, ...page }: CommandPage): Record<string, unknown> => ({ ...page, exit_codes: exits });

function pageText(page: HelpOutcome["page"], paint: Paint, view: View): string[] {
  const width = Math.min(WIDEST, view.columns());
  if ("main" in page) return mainText(page.main, width, paint);
  return "command" in page ? commandText(page.command, width, paint) : topicText(page.topic, width, paint);
}

const FLAGS_OF_ALL = "--root --config --snapshots --json --quiet --no-color -h";

function mainText({ groups, topics }: MainPage, width: number, paint: Paint): string[] {
  const more = `rollback help COMMAND, or one of these topics: ${topics.map(({ name }) => name).join(", ")}.`;
  const wide = wideGroups(groups, paint);
  return [
    ...wrap("rollback: snapshots and restores of LaunchAgents, configs and credentials", width).map((line) =>
      line.replace(/^rollback/, (name) => paint("bold", name)),
    ),
    ...hang("rollback [COMMAND] [WORDS] [FLAGS]   ", "without a command: how things are here", width),
    "",
    ...(wide.every((line) => widthOf(line) <= width) ? wide : narrowGroups(groups, width, paint)),
    "",
    ...hang("Flags of all: ", `${FLAGS_OF_ALL} -V`, width).map((line) => paint("dim", line)),
    ...hang("More: ", `${more} Begin with: rollback init --write`, width),
  ];
}

function narrowGroups(groups: MainPage["groups"], width: number, paint: Paint): string[] {
  return groups.flatMap(({ name, cells }) => [
    paint("bold", name.toUpperCase()),
    ...cells.flatMap(({ label, about }) => hang(`  ${label.padEnd(16)}`, about, width)),
  ]);
}

/** Two commands a line; each column as wide as its widest cell. */
function wideGroups(groups: MainPage["groups"], paint: Paint): string[] {
  const all = groups.flatMap(({ cells }) => cells.map((cell, index) => ({ ...cell, side: index % 2 })));
  const widest = (side: number, part: "label" | "about") =>
    Math.max(...all.filter((cell) => cell.side === side).map((cell) => widthOf(cell[part])));
  const widths = [0, 1].map((side) => ({ label: widest(side, "label") + 2, about: widest(side, "about") + 2 }));
  return groups.flatMap(({ name, cells }) =>
    cells.flatMap((_, at) => {
      if (at % 2 === 1) return [];
      const row = cells.slice(at, at + 2).map(({ label, about }, side) => {
        const { label: first = 0, about: second = 0 } = widths[side] ?? {};
        return label.padEnd(first) + about.padEnd(second);
      });
      const heading = at === 0 ? name.toUpperCase() : "";
      return [`${paint("bold", heading)}${" ".repeat(9 - heading.length)}${row.join("").trimEnd()}`];
    }),
  );
}

function commandText(page: CommandPage, width: number, paint: Paint): string[] {
  const { description, usage, words, flags, exits, example } = page;
  const sections = [...new Set(flags.map(({ section }) => section))].sort((a, b) =>
    a === null ? -1 : Number(b !== null),
  );
  const rowsOf = (section: string | null) =>
    flags.filter((flag) => flag.section === section).map((flag) => [labelOf(flag), flag.description] as const);
  const named = words.map(({ name, description: about }) => [name, about] as const);
  const column = columnFor([...named, ...sections.flatMap(rowsOf)]);
  return [
    ...wrap(/[.?!]$/.test(description) ? description : `${description}.`, width),
    "",
    ...hang("", usage, width).map((line) => paint("bold", line)),
    ...table(named, width, column),
    ...sections.flatMap((section) => [
      ...(section === null ? [] : [paint("bold", section)]),
      ...table(rowsOf(section), width, column),
    ]),
    "",
    ...hang("Flags of all: ", FLAGS_OF_ALL, width).map((line) => paint("dim", line)),
    paint("dim", "Exit codes:"),
    ...exits.flatMap(({ code, meaning }) => hang(`  ${code}  `, meaning, width)),
    "",
    `  ${paint("command", example)}`,
  ];
}

const labelOf = ({ name, short, value }: CommandPage["flags"][number]): string =>
  `${short === null ? "" : `${short}, `}${name}${value === null ? "" : ` ${value}`}`;

const topicText = ({ name, about, body }: Topic, width: number, paint: Paint): string[] => [
  `${paint("bold", name)}: ${about}`,
  ...bodyOf(body, width, paint),
];

const bodyOf = (body: Topic["body"], width: number, paint: Paint): string[] =>
  body.flatMap((block) => {
    if ("text" in block) return ["", ...wrap(block.text, width)];
    if ("rows" in block) return table(block.rows, width);
    return block.code.map((line) => `  ${paint("command", line)}`);
  });
