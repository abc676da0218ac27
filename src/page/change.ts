// One file's change as HTML: by key, by line, or by what little may be told. Pure; the secrets are out already.
import { type Both, type FileDiff, type KeyChange, keyText, meaning, WHY } from "../comparison.ts";
import { asHtml } from "./as-html.ts";

const LINES_SHOWN = 200;
/** An article with the file's name as its heading; `id` is what the matrix links to. */
export function changeHtml(diff: FileDiff, id: string): string {
  const { name, path, change, content, mode, link, size } = diff;
  const facts = [
    ...(mode === null ? [] : [`mode ${arrow(mode, (bits) => bits.toString(8).padStart(4, "0"))}`]),
    ...(link === null ? [] : [`link ${arrow(link, (target) => (target === null ? "none" : target))}`]),
    ...(size.before === null || size.after === null || size.before === size.after
      ? []
      : [arrow(size, (bytes) => `${bytes} bytes`)]),
  ];
  return `<article id="${id}" tabindex="-1"><h3>${asHtml(name)} <span class="${change}">${change === "modified" ? "changed" : change}</span></h3>
<p class="dim"><code>${asHtml(path)}</code>${facts.length === 0 ? "" : ` · ${facts.join(" · ")}`}</p>
${content === null ? "" : contentHtml(content)}</article>`;
}

const arrow = <T>({ before, after }: Both<T>, show: (value: T) => string): string =>
  `${asHtml(show(before))} → ${asHtml(show(after))}`;

function contentHtml(content: NonNullable<FileDiff["content"]>): string {
  if (content.type === "sizes") return `<p>${WHY[content.why]}`;
  if (content.type === "keys")
    return content.changes.length === 0
      ? "<p>only its formatting or comments changed"
      : `<ul class="keys">${content.changes.map((change) => `<li>${keyHtml(change)}`).join("")}</ul>`;
  const lines = content.hunks.flatMap(({ header, lines: inside }) => [header, ...inside]);
  const more = lines.length - LINES_SHOWN;
  const rest = more > 0 ? `\n<span class="dim">and ${more} more lines</span>` : "";
  return `<pre tabindex="0" aria-label="Lines that differ">${lines.slice(0, LINES_SHOWN).map(lineHtml).join("\n")}${rest}</pre>`;
}

function lineHtml(line: string): string {
  const sign = line[0];
  const text = asHtml(line);
  if (sign === "+") return `<ins>${text}</ins>`;
  if (sign === "-") return `<del>${text}</del>`;
  return sign === "@" ? `<span class="dim">${text}</span>` : text;
}

function keyHtml(one: KeyChange): string {
  const { path, change, before, after, hidden } = one;
  const told = meaning(one);
  if (told !== null) return asHtml(told);
  const key = `<code>${asHtml(keyText(path))}</code>`;
  if (hidden) return `${key}: ${change === "modified" ? "changed" : change}, not shown`;
  if (change === "added") return `${key}: <ins>${asHtml(after ?? "")}</ins>`;
  if (change === "removed") return `${key}: <del>${asHtml(before ?? "")}</del>`;
  return `${key}: <del>${asHtml(before ?? "")}</del> → <ins>${asHtml(after ?? "")}</ins>`;
}
