// One file's change as a line of the timeline: what it means, or its keys, lines and facts. Pure; the secrets are out already.
import { type Both, type FileDiff, type KeyChange, keyText, meaning, WHY } from "../comparison.ts";
import { asHtml } from "./as-html.ts";
import type { Change } from "./model.ts";
import { mark } from "./shapes.ts";
import { counted } from "./words.ts";

const KEYS_SHOWN = 3;
const KEYS_FOLDED = 40;
const LINES_SHOWN = 40;
/** A value is told by its beginning. */
const VALUE_SHOWN = 120;

/** A list item; `id` is what the rest of the page links to, `name` the file's short name. */
export function changeHtml({ path, change, diff }: Change, name: string, id: string): string {
  const words = diff === null || change !== "changed" ? [] : [...contentWords(diff), ...factWords(diff)];
  const verb = change === "changed" ? "" : ` <span class="verb">${change}</span>`;
  const more = words.slice(KEYS_SHOWN);
  const folded = more.slice(0, KEYS_FOLDED);
  const rest = more.length > folded.length ? `<br>and ${more.length - folded.length} more` : "";
  const keys = `<details><summary>${counted(more.length, "more change")}</summary>${folded.join("<br>")}${rest}</details>`;
  const told = words.slice(0, KEYS_SHOWN).join('<span class="sep">; </span>');
  return `<li id="${id}">${mark(change)}<b title="${asHtml(path)}">${asHtml(name)}</b>${verb} ${told}${more.length === 0 ? "" : keys}${diff === null ? "" : linesHtml(diff)}</li>`;
}

/** The same in a few plain words, for a link that leads there: `03:00 → 03:30 daily`; empty where there is nothing to say in short. */
export function inShort({ change, diff }: Change): string {
  if (change !== "changed" || diff?.content?.type !== "keys") return change === "changed" ? "" : change;
  const [first] = diff.content.changes;
  if (first === undefined) return "";
  const told = first.words === null ? keyText(first.path) : first.words;
  return told.length > 80 ? `${told.slice(0, 79)}…` : told;
}

function contentWords({ content }: FileDiff): string[] {
  if (content === null) return [];
  if (content.type === "sizes") return [`<span class="w">${WHY[content.why]}</span>`];
  if (content.type === "lines") return [`<span class="w">+${content.added} −${content.removed} lines</span>`];
  if (content.changes.length === 0) return ['<span class="w">only its formatting or comments changed</span>'];
  return content.changes.map((change) => `<span class="w">${keyHtml(change)}</span>`);
}

/** What differs beside the content. */
function factWords({ mode, link }: FileDiff): string[] {
  return [
    ...(mode === null ? [] : [arrow("mode", mode, (bits) => bits.toString(8).padStart(4, "0"))]),
    ...(link === null ? [] : [arrow("link", link, (target) => (target === null ? "none" : target))]),
  ];
}

const arrow = <T>(what: string, { before, after }: Both<T>, show: (value: T) => string): string =>
  `<span class="w">${what} <del>${value(show(before))}</del> → <ins>${value(show(after))}</ins></span>`;

const value = (text: string): string =>
  asHtml(text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN - 1).toWellFormed()}…` : text);

function keyHtml(one: KeyChange): string {
  const { path, change, before, after, hidden } = one;
  const told = meaning(one);
  if (told !== null) return wordsHtml(one.words ?? told);
  const key = `<code>${value(keyText(path))}</code>`;
  if (hidden) return `${key} ${change === "modified" ? "changed" : change}, <em>not shown</em>`;
  if (change === "added") return `${key} <ins>+ ${value(after ?? "")}</ins>`;
  if (change === "removed") return `${key} <del>− ${value(before ?? "")}</del>`;
  return `${key} <del>${value(before ?? "")}</del> → <ins>${value(after ?? "")}</ins>`;
}

/** `03:00 → 03:30 daily` with its two ends told apart. */
function wordsHtml(words: string): string {
  const [, before, after = "", rest = ""] = /^(\S+) → (\S+)(.*)$/s.exec(words) ?? [];
  if (before === undefined) return value(words);
  return `<del>${value(before)}</del> → <ins>${value(after)}</ins>${value(rest)}`;
}

function linesHtml({ content }: FileDiff): string {
  if (content?.type !== "lines") return "";
  const lines = content.hunks.flatMap(({ header, lines: inside }) => [header, ...inside]);
  const more = lines.length - LINES_SHOWN;
  const rest = more > 0 ? `\n<i>and ${counted(more, "more line")}</i>` : "";
  const shown = lines.slice(0, LINES_SHOWN).map(lineHtml).join("\n");
  return `<details><summary>its lines</summary><pre tabindex="0" aria-label="Lines that differ">${shown}${rest}</pre></details>`;
}

function lineHtml(line: string): string {
  const text = value(line);
  if (line.startsWith("+")) return `<ins>${text}</ins>`;
  if (line.startsWith("-")) return `<del>${text}</del>`;
  return line.startsWith("@") ? `<i>${text}</i>` : text;
}
