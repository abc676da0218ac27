// Help: it fits its window, names every command and flag, and suggests nothing that there is not.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { COMMANDS, GROUPS, SYNONYMS } from "../../src/cli/commands.ts";
import { allPages, allTopics, help } from "../../src/cli/pages.ts";
import type { Topic } from "../../src/outcome.ts";
import { help as face } from "../../src/render/help.ts";
import { columnFor, hang, table, wrap } from "../../src/render/wrap.ts";
import { grammar } from "../contract.ts";

const textOf = async (word: string | undefined, columns: number): Promise<string[]> =>
  face.text(await help(word, false), (_, text) => text, { isTerminal: () => true, columns: () => columns });
const pages = await allPages();
const topics = allTopics();
const words = [undefined, ...COMMANDS.keys(), ...topics.map(({ name }) => name)];

test("the main help fits a window of 80 columns and 24 lines, with the line that asked for it, and names every command", async () => {
  const lines = await textOf(undefined, 80);
  expect(lines.length).toBeLessThanOrEqual(23);
  const text = lines.join("\n");
  for (const name of COMMANDS.keys()) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  for (const { name } of topics) expect(text).toContain(name);
});

test.each([80, 60, 40])(
  "no page is wider than %d columns, but for a word or a command to copy that is",
  async (columns) => {
    for (const word of words)
      for (const line of await textOf(word, columns)) {
        const isCommand = /^ +(rollback|plists|configs|copies)/.test(line);
        const longest = Math.max(...line.split(" ").map((part) => part.length));
        if (!isCommand && longest + 6 <= columns) expect([line, line.length <= columns]).toEqual([line, true]);
      }
  },
);

test("wider windows do not make longer lines", async () =>
  expect(await textOf("pull", 300)).toEqual(await textOf("pull", 80)));

test("a command's page has each of its flags once, and its exit codes", async () => {
  for (const { name, flags, exits } of pages) {
    const text = (await textOf(name, 80)).join("\n");
    for (const flag of flags) expect(text.match(new RegExp(`^ +(-\\w, )?${flag.name}( |$)`, "gm"))).toHaveLength(1);
    for (const { code } of exits) expect(text).toContain(`\n  ${code}  `);
  }
});

test("flags stand below a heading only where they are flags of that command", async () => {
  for (const [name, { load }] of COMMANDS) {
    const own = pages.find((page) => page.name === name)?.flags.map((flag) => flag.name);
    for (const flag of Object.values((await load()).sections).flat()) expect(own).toContain(`--${flag}`);
  }
});

test("an example and a topic name commands and flags that there are", () => {
  const lines = [
    ...pages.map(({ example }) => example),
    ...topics.flatMap(({ body }) => body.flatMap(commandsIn)),
    ...[...SYNONYMS.values()].flatMap((name) => (name === null ? [] : [`rollback ${name}`])),
  ];
  expect(lines.length).toBeGreaterThan(pages.length);
  for (const line of lines) {
    const [, name = ""] = /^rollback(?: ([a-z]+))?/.exec(line) ?? ["", "none"];
    if (name === "") continue;
    const page = pages.find((candidate) => candidate.name === name);
    expect([line, page?.name ?? (name === "help" ? name : undefined)]).toEqual([line, name]);
    const known = [
      ...(page?.flags ?? []).map((flag) => flag.name),
      "--root",
      "--json",
      "--quiet",
      "--snapshots",
      "--config",
    ];
    for (const [flag] of line.split(" -- ")[0]?.matchAll(/(?<= )--[a-z-]+/g) ?? [])
      expect([line, known]).toEqual([line, expect.arrayContaining([flag])]);
  }
});

test("no text of the program names a document that the lone binary does not carry", () => {
  const src = join(import.meta.dir, "../../src");
  const naming = [...new Bun.Glob("**/*.ts").scanSync(src)].flatMap((path) =>
    readFileSync(join(src, path), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && /\bdocs\/\w|README/.test(line))
      .map((line) => `${path}: ${line}`),
  );
  expect(naming).toEqual([]);
});

/** Every `rollback …` of a topic: whole lines of code, and the first words of one within a text. */
function commandsIn(block: Topic["body"][number]): string[] {
  if ("code" in block) return block.code.filter((line) => line.startsWith("rollback"));
  const text = "text" in block ? block.text : block.rows.flat().join(" ");
  return [...text.matchAll(/rollback [a-z]+( [A-Z.a-z]+)?( --[a-z-]+)*/g)]
    .map(([line]) => line)
    .filter((line) => !/^rollback (binary|itself|look|is)/.test(line));
}

test("as JSON the grammar has one form: every command, flag and word of it", async () => {
  const whole = v.parse(v.strictObject(grammar), face.json(await help(undefined, true)));
  expect(whole.commands.map(({ name }) => name)).toEqual([...COMMANDS.keys()]);
  for (const one of whole.commands) {
    expect(GROUPS.map(String)).toContain(one.group);
    expect(face.json(await help(one.name, false))).toEqual(one);
    expect(one.preview).toBe(one.flags.some(({ short }) => short === "-n"));
    expect(one.exit_codes.map(({ code }) => code)).toContain(0);
  }
});

test("text is wrapped at words, under its own beginning; a word is never broken", () => {
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
  expect(wrap("a/very/long/path x", 5)).toEqual(["a/very/long/path", "x"]);
  expect(wrap("", 5)).toEqual([""]);
  expect(wrap("in  two   columns", 80)).toEqual(["in  two   columns"]);
  expect(wrap("see `rollback list --all`, then go on", 12)).toEqual(["see", "`rollback list --all`,", "then go on"]);
  expect(hang("ab: ", "one two three", 11)).toEqual(["ab: one two", "    three"]);
  expect(hang("name of it: ", "one two", 20)).toEqual(["name of it:", "  one two"]);
  expect(hang("1. ", "one two three four", 70)).toEqual(["1. one two three four"]);
  expect(
    table(
      [
        ["a", "x"],
        ["bcd", "y"],
      ],
      80,
    ),
  ).toEqual(["  a    x", "  bcd  y"]);
  expect(
    columnFor([
      ["a", ""],
      ["x".repeat(21), ""],
    ]),
  ).toBe(1);
});
