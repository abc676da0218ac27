// The man pages, from the very definitions that help reads: rollback(1), and one for each command. As roff, in ASCII: mandoc and groff read it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allPages, allTopics, help } from "../src/cli/pages.ts";
import type { CommandPage, MainPage, Topic } from "../src/outcome.ts";
import type { BuildInfo } from "./info.ts";

/** Text that roff shows as it is: no escapes, no hyphen of print, no request at a line's beginning, no byte beyond ASCII. */
function words(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
  return escaped.replace(
    /[^\x20-\x7e\n]/gu,
    (char) => `\\[u${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}

const bold = (text: string): string => `\\fB${text}\\fR`;
/** A heading begins a paragraph by itself. */
const section = (name: string, inside: string[]): string[] =>
  inside.length === 0 ? [] : [`.SH ${name}`, ...(inside[0] === ".PP" ? inside.slice(1) : inside)];
const entry = (name: string, text: string): string[] => [".TP", bold(words(name)), words(text)];
const code = (lines: string[]): string[] => [".PP", ".nf", ".RS 4", ...lines.map(words), ".RE", ".fi"];

const title = (name: string, { version, builtAt }: BuildInfo): string =>
  `.TH ${words(name.toUpperCase())} 1 "${builtAt?.slice(0, 10) ?? ""}" "rollback ${version}" "rollback"`;

const flagName = ({ name, short, value }: CommandPage["flags"][number]): string =>
  `${short === null ? "" : `${short}, `}${name}${value === null ? "" : ` ${value}`}`;

function commandPage(page: CommandPage, info: BuildInfo): string {
  const { name, description, usage, words: given, flags, exits, example } = page;
  const headings = [...new Set(flags.map((flag) => flag.section))].sort(
    (a, b) => Number(a !== null) - Number(b !== null),
  );
  const options = headings.flatMap((heading) => [
    ...(heading === null ? [] : [`.SS ${words(heading)}`]),
    ...flags.filter((flag) => flag.section === heading).flatMap((flag) => entry(flagName(flag), flag.description)),
  ]);
  return lines([
    title(`rollback-${name}`, info),
    ...section("NAME", [`rollback\\-${name} \\- ${words(description)}`]),
    ...section("SYNOPSIS", [bold(words(usage))]),
    ...section(
      "WORDS",
      given.flatMap((word) => entry(word.name, word.description)),
    ),
    ...section("OPTIONS", options),
    ".PP",
    "The options of all commands stand in",
    `${bold("rollback")}(1).`,
    ...section(
      "EXIT STATUS",
      exits.flatMap(({ code: exit, meaning }) => entry(String(exit), meaning)),
    ),
    ...section("EXAMPLE", code([example])),
    ...section("SEE ALSO", [`${bold("rollback")}(1)`]),
  ]);
}

function mainPage({ flags, commands }: MainPage, topics: Topic[], info: BuildInfo): string {
  const groups = [...new Set(commands.map(({ group }) => group))];
  return lines([
    title("rollback", info),
    ...section("NAME", ["rollback \\- snapshots and restores of LaunchAgents, configs and credentials"]),
    ...section("SYNOPSIS", [bold("rollback [COMMAND] [WORDS] [FLAGS]")]),
    ...section("DESCRIPTION", [
      "Keeps snapshots of a Mac's LaunchAgents, configs and credentials, and puts them back: all of them or none.",
      "Without a command it shows how things are here.",
    ]),
    ...section(
      "COMMANDS",
      groups.flatMap((group) => [
        `.SS ${group[0]?.toUpperCase()}${group.slice(1)}`,
        ...commands.filter((page) => page.group === group).flatMap(({ name, description }) => entry(name, description)),
      ]),
    ),
    ...section(
      "OPTIONS OF ALL COMMANDS",
      flags.flatMap((flag) => entry(flagName(flag), flag.description)),
    ),
    ...topics.flatMap(({ name, about, body }) =>
      section(name.toUpperCase().replaceAll("-", " "), [words(about), ...bodyOf(body)]),
    ),
    ...section("SEE ALSO", [commands.map(({ name }) => `${bold(`rollback\\-${name}`)}(1)`).join(",\n")]),
  ]);
}

const bodyOf = (body: Topic["body"]): string[] =>
  body.flatMap((block) => {
    if ("text" in block) return [".PP", words(block.text)];
    if ("rows" in block) return block.rows.flatMap(([name, text]) => entry(name, text));
    return code(block.code);
  });

const lines = (parts: string[]): string => `${parts.join("\n")}\n`;

/** Every page by its name in a man folder: `man1/rollback.1`. */
export async function manPages(info: BuildInfo): Promise<Record<string, string>> {
  const { page } = await help(undefined, true);
  if (!("main" in page)) throw new Error("help without a word is the main page");
  const commands = await allPages();
  return {
    "man1/rollback.1": mainPage(page.main, allTopics(), info),
    ...Object.fromEntries(commands.map((one) => [`man1/rollback-${one.name}.1`, commandPage(one, info)])),
  };
}

/** Writes them into `folder`, in place of those that are there. */
export async function writeManPages(folder: string, info: BuildInfo): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "man1"), { recursive: true });
  for (const [name, text] of Object.entries(await manPages(info))) writeFileSync(join(folder, name), text);
}

const BLOCK = 512;
const MTIME = { at: 136, length: 12 };
const SUM = { at: 148, length: 8 };

/** All of them as one tar, whose bytes depend on the pages alone. */
export async function manArchive(info: BuildInfo): Promise<Uint8Array> {
  const bytes = await new Bun.Archive(await manPages(info)).bytes();
  // ustar, POSIX.1-1988: a header's block, then as many as the size that it tells (octal, at 124) takes; two of zeros end it.
  for (let at = 0; bytes[at] !== 0; ) {
    const header = bytes.subarray(at, at + BLOCK);
    header.set(Buffer.from("0".padStart(MTIME.length - 1, "0")), MTIME.at);
    header.fill(0x20, SUM.at, SUM.at + SUM.length);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `), SUM.at);
    const size = Number.parseInt(Buffer.from(header.subarray(124, 135)).toString("latin1"), 8);
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return bytes;
}
