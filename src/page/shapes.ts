// The page's few shapes. What happened is told by shape, by whom it was kept by colour: nobody has to see colours. Pure.

import { asHtml } from "./as-html.ts";
import type { Change, Tile } from "./model.ts";

/** Drawn once, used by name. */
export const SYMBOLS = `<svg class="defs" aria-hidden="true" width="0" height="0"><defs>
<circle id="changed" r="4.5"/>
<path id="added" d="M0-5V5M-5 0H5"/>
<path id="removed" d="M-4-4 4 4M4-4-4 4"/>
<path id="ok" d="M3 8.5 6.5 12 13 4.5"/>
<path id="warning" d="M8 2 15 14H1ZM8 6.5V10M8 11.4V12.6"/>
<path id="critical" d="M5 1H11L15 5V11L11 15H5L1 11V5ZM8 4.5V9M8 10.8V12"/>
<path id="unknown" d="M3 8H13"/>
</defs></svg>`;

export const icon = (level: Tile["level"]): string =>
  `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><use href="#${level}"/></svg>`;

export const mark = (change: Change["change"]): string =>
  `<svg class="mark" viewBox="-7 -7 14 14" role="img" aria-label="${change}:"><use href="#${change}"/></svg>`;

/** A command to copy: the script makes a button of it, and without it a click marks it all. */
export const command = (words: string, places: string): string =>
  `<code class="cmd">${asHtml(places === "" ? words : `${words} ${places}`)}</code>`;
