// One page to look at: the answer, what changed lately, and the patterns behind it. HTML that needs no network; its small script is a
// convenience, and all can be read without it. Pure.
import { CryptoHasher } from "bun";
import { answerHtml, beginHtml, footerHtml, type Suspect, verdict } from "./answer.ts";
import { asHtml } from "./as-html.ts";
import { calendarHtml } from "./calendar.ts";
import { inShort } from "./change.ts";
import { filesHtml } from "./files.ts";
import { hoursHtml } from "./hours.ts";
import type { Page } from "./model.ts";
import { dayOf, momentOf } from "./moment.ts";
import { coloursOf } from "./palette.ts";
import { restlessHtml } from "./restless.ts";
import { SCRIPT } from "./script.ts";
import { SYMBOLS } from "./shapes.ts";
import { shortNames } from "./short-names.ts";
import { STYLE } from "./style.ts";
import { type Timeline, timeline } from "./timeline.ts";

const hashOf = (text: string): string => `'sha256-${new CryptoHasher("sha256").update(text).digest("base64")}'`;
/** All that could load or run is off, but this style and this script, whatever a name or a description holds. */
const policy = (): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

/** The whole document; ends in a newline. */
export function renderPage(page: Page): string {
  const { header, main, sections } = contentOf(page);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${verdict(page).title} · rollback of ${asHtml(page.root)}</title>
<style>${STYLE}</style>
<body data-made="${page.madeAt.utc}">
${SYMBOLS}
<a class="skip" href="#main">Skip to what changed</a>
${header}
${navHtml(sections)}
<main id="main" tabindex="-1">
${main}
</main>
${footerHtml(page)}
<p class="toast" role="status" hidden></p>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function contentOf(page: Page): { header: string; main: string; sections: [string, string][] } {
  const agents = page.agents.map(({ path, name }) => ({ path, name, kind: "plist" as const }));
  const names = shortNames(distinct([...page.files, ...agents]));
  const hours = hoursHtml(page, names);
  if (page.snapshots.length === 0)
    return { header: answerHtml(page, () => null), main: `${beginHtml(page)}\n${hours}`, sections: [] };
  const colours = coloursOf(page.snapshots);
  const { html: changes, hrefOf } = timeline(page, colours, names);
  const restless = restlessHtml(page, names, hrefOf);
  const main = `${changes}
<div class="patterns">
<div>${calendarHtml(page, hrefOf)}
${restless}</div>
${hours}
</div>
${filesHtml(page, colours, names, hrefOf)}`;
  const sections: [string, string][] = [
    ["changes", "Changes"],
    ["calendar", "Calendar"],
    ...(restless === "" ? [] : [["restless", "Restless"] satisfies [string, string]]),
    ...(hours === "" ? [] : [["hours", "Hours"] satisfies [string, string]]),
    ["files", "Files"],
  ];
  return { header: answerHtml(page, suspectIn(page, hrefOf)), main, sections };
}

const distinct = (files: Page["files"]): Page["files"] => [...new Map(files.map((file) => [file.path, file])).values()];

/** The last change of a file that is in trouble. */
function suspectIn({ snapshots, madeAt }: Page, hrefOf: Timeline["hrefOf"]): Suspect {
  return (path) => {
    for (const { id, changes } of snapshots.toReversed()) {
      const index = changes.findIndex((change) => change.path === path);
      const change = changes[index];
      const href = change === undefined ? null : hrefOf(id, index);
      if (change === undefined || href === null) continue;
      const told = inShort(change);
      const day = dayOf(momentOf(id), momentOf(madeAt.id));
      return { href, words: told === "" ? day : `${day}: ${told}` };
    }
    return null;
  };
}

function navHtml(sections: [string, string][]): string {
  if (sections.length === 0) return "";
  const links = sections.map(([id, name]) => `<a href="#${id}">${name}</a>`).join("");
  return `<nav aria-label="On this page"><div class="wrap">
${links}
<label class="search" hidden><span class="sr">Find a file, a description or an id</span><input type="search" placeholder="Find a file or a word" autocomplete="off" spellcheck="false"></label>
</div></nav>`;
}
