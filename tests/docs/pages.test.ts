// README and docs: every link leads somewhere, every command and flag that stands in them is one, and the README stays short.
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { COMMANDS, OWN_WORDS } from "../../src/cli/commands.ts";

const top = join(import.meta.dir, "../..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...["docs", "docs/decisions"].flatMap((folder) =>
    readdirSync(join(top, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `${folder}/${name}`),
  ),
];
const textOf = (page: string) => readFileSync(join(top, page), "utf8");

/** The words of a heading's link, as GitHub makes them. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

describe("links", () => {
  for (const page of pages)
    test(page, () => {
      const dead = [...textOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].filter(
        ([, to = "", at]) => {
          const target = to === "" ? page : join(dirname(page), to);
          if (!existsSync(join(top, target))) return true;
          if (at === undefined) return false;
          return ![...textOf(target).matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchor(heading) === at);
        },
      );
      expect(dead.map(([link]) => link)).toEqual([]);
    });
});

/** What stands in a page as code: fenced blocks, and the spans in its prose. */
const codeOf = (page: string): string[] => {
  const text = textOf(page);
  const blocks = [...text.matchAll(/^```[a-z]*\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  const spans = [...text.replace(/^```.*?^```$/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
  return [...blocks, ...spans];
};

/** Every `rollback WORD … --flag` in it. */
const typed = pages
  .filter((page) => page !== "CHANGELOG.md" && !page.startsWith("docs/decisions"))
  .flatMap((page) =>
    codeOf(page).flatMap((code) =>
      [...code.matchAll(/(?:^|[$(&|] ?|; )rollback ([a-z]+)((?: [^\n|#;&]*)?)/gm)].map(([, word = "", rest = ""]) => ({
        page,
        word,
        flags: [
          ...rest
            .replace(/ -- .*/, "")
            .replace(/'[^']*'|"[^"]*"/g, "")
            .matchAll(/ (--[a-z-]+)/g),
        ].map(([, flag = ""]) => flag),
      })),
    ),
  );

const GLOBAL = [
  "--root",
  "--config",
  "--snapshots",
  "--json",
  "--quiet",
  "--no-color",
  "--help",
  "--version",
  "--preview",
];

test("every command that stands in a page is one, and knows its flags", async () => {
  const wrong: string[] = [];
  for (const { page, word, flags } of typed) {
    const entry = COMMANDS.get(word);
    if (entry === undefined) {
      if (!OWN_WORDS.has(word)) wrong.push(`${page}: rollback ${word}`);
      continue;
    }
    const { definition } = await entry.load();
    const known = [...GLOBAL, ...Object.keys(definition.args ?? {}).map((name) => `--${name}`)];
    for (const flag of flags) if (!known.includes(flag)) wrong.push(`${page}: rollback ${word} ${flag}`);
  }
  expect(wrong).toEqual([]);
  expect(typed.length).toBeGreaterThan(100);
});

test("the README has at most 170 lines, and the index of documents names each of them", () => {
  expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(170);
  const index = textOf("docs/README.md");
  for (const page of pages.filter((name) => /^docs\/[^/]+\.md$/.test(name) && name !== "docs/README.md"))
    expect(index).toContain(`(${page.replace("docs/", "")})`);
});
